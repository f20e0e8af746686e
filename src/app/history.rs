//! Findings of a whole history: one a secret, with who brought it in and when it stood where.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::collect::Gathered;
use crate::git::{Made, Moved, Named, Provenance, Told};
use crate::model::{
    BlobPath, Finding, History, Move, Origin, OriginKind, Problem, Reach, Reason, Sighting,
    Sightings,
};
use crate::sources::{Ignores, Source};

/// What is asked of a history.
#[derive(Clone, Copy)]
pub(super) struct Ask<'i> {
    /// Paths that are left out.
    pub(super) ignores: Option<&'i Ignores>,
    /// In seconds.
    pub(super) now: i64,
    /// Whether every place is told.
    pub(super) sightings: Sightings,
}

/// Folds the findings of one source of history, which stand behind `from`, and tells where they come from.
///
/// Does nothing for other sources: their findings name no object.
pub(super) fn settle(source: &dyn Source, gathered: &mut Gathered, from: usize, ask: Ask<'_>) {
    let (told, others): (Vec<_>, Vec<_>) =
        gathered.findings.split_off(from).into_iter().partition(|f| f.origin.object.is_some());
    gathered.findings.extend(others);
    let mut secrets: BTreeMap<Vec<u8>, Vec<Finding>> = BTreeMap::new();
    for finding in told {
        secrets.entry(finding.secret.reveal().to_vec()).or_default().push(finding);
    }
    let secrets: Vec<Vec<Finding>> = secrets.into_values().collect();
    let objects: Vec<Vec<String>> = secrets.iter().map(|places| objects(places)).collect();
    let told = source.trace(&objects, ask.now, ask.sightings);
    for ((sightings, objects), told) in secrets.into_iter().zip(&objects).zip(told) {
        let sightings = sightings.into_iter().map(|finding| {
            let object = finding.origin.object.clone().unwrap_or_default();
            let at = objects.binary_search(&object).ok();
            let origin = at.and_then(|at| told.places.get(at)).cloned();
            (finding, origin)
        });
        let sightings = sightings.filter_map(|(finding, origin)| Some((finding, origin?)));
        let (kept, left_out): (Vec<_>, Vec<_>) = sightings.partition(|(_, origin)| {
            !ask.ignores.is_some_and(|ignores| {
                origin.paths.iter().all(|path| ignores.leaves_out(path.as_bytes()))
            })
        });
        for path in left_out.into_iter().filter_map(|(_, origin)| origin.paths.into_iter().next()) {
            let words = "named by .leakspanignore";
            gathered.problems.push(Problem::new(path, Reason::ExcludedByUser, words));
        }
        gathered.findings.extend(fold(kept, &told, ask.sightings));
    }
}

/// The objects of some findings, each once, in order.
fn objects(findings: &[Finding]) -> Vec<String> {
    let mut ids: Vec<_> = findings.iter().filter_map(|f| f.origin.object.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// One finding of all sightings of a secret: the first of those that nothing suppresses, else the first.
fn fold(
    mut sightings: Vec<(Finding, Provenance)>,
    told: &Told,
    asked: Sightings,
) -> Option<Finding> {
    sightings.sort_by(|(a, from), (b, of)| {
        let order = |finding: &Finding, origin: &Provenance| {
            (finding.suppression.is_some(), origin.rank, origin.reach)
        };
        let (one, other) = (order(a, from), order(b, of));
        one.cmp(&other)
            .then_with(|| from.paths.cmp(&of.paths))
            .then_with(|| a.order().cmp(&b.order()))
    });
    let count = sightings.len() as u64;
    let reach = sightings.iter().map(|(_, origin)| origin.reach).min()?;
    // Of a name it is not known when it stood in `HEAD`: the same content may have had another one.
    let in_names = sightings.iter().all(|(it, _)| it.origin.kind == OriginKind::Path);
    let listed = (asked == Sightings::Listed).then(|| listed(&sightings));
    let (mut finding, origin) = sightings.into_iter().next()?;
    finding.sightings = count;
    finding.path = renamed(&finding, &origin);
    finding.origin = Arc::new(Origin {
        commit: origin.made.as_ref().map(|made| made.commit.clone()),
        in_head: (!in_names).then_some(told.in_head),
        ..finding.origin.as_ref().clone()
    });
    let member = member(&finding);
    let within = |path: &BlobPath| member.map_or_else(|| path.clone(), |name| path.member(name));
    let mut history = history(origin, reach, told);
    if in_names {
        history.windows.clear();
    } else if let Some(moves) = &told.moves {
        let step = |it: &Moved| Move { path: within(&it.path), commit: it.commit.clone() };
        history.moves = moves.iter().map(step).collect();
        let last = history.moves.last().map(|step| &step.path);
        history.last_path = Some(last.unwrap_or(&finding.path).clone());
    }
    history.sightings = listed;
    finding.history = Some(Arc::new(history));
    Some(finding)
}

/// Every place of a secret: each object that holds it, under each of its paths.
fn listed(sightings: &[(Finding, Provenance)]) -> Vec<Sighting> {
    let mut all = Vec::new();
    for (finding, origin) in sightings {
        let commit = origin.made.as_ref().map(|made| made.commit.clone());
        let one = Sighting {
            path: renamed(finding, origin),
            kind: finding.origin.kind,
            object: finding.origin.object.clone().unwrap_or_default(),
            line: finding.line,
            column: finding.column,
            commit,
            reach: origin.reach,
            suppressed: finding.suppression.is_some(),
        };
        let named = |named: &Named| {
            let path = match (one.kind, member(finding)) {
                (OriginKind::Path, _) if !holds(&named.path, finding) => return None,
                (_, Some(name)) => named.path.member(name),
                _ => named.path.clone(),
            };
            let commit = Some(named.commit.clone());
            Some(Sighting { path, commit, reach: named.reach, ..one.clone() })
        };
        let before = all.len();
        all.extend(origin.names.iter().filter_map(named));
        if all.len() == before {
            all.push(one);
        }
    }
    all
}

/// What an archive calls the member that a finding stands in.
fn member(finding: &Finding) -> Option<&[u8]> {
    let path = finding.path.as_bytes();
    let at = memchr::memchr(b'!', path).filter(|_| finding.origin.kind == OriginKind::Archive)?;
    Some(&path[at + 1..])
}

/// Whether a secret stands in a name.
fn holds(path: &BlobPath, finding: &Finding) -> bool {
    memchr::memmem::find(path.as_bytes(), finding.secret.reveal()).is_some()
}

fn history(origin: Provenance, reach: Reach, told: &Told) -> History {
    let Provenance { made, paths, .. } = origin;
    let clock = made.as_ref().map(|made| made.clock);
    let (committer, committer_email, committed) = match made {
        Some(Made { committer, committer_email, committed, .. }) => {
            (committer, committer_email, committed)
        }
        None => Default::default(),
    };
    let windows = told.windows.clone();
    let (moves, last_path, sightings) = (Vec::new(), None, None);
    History {
        reach,
        committer,
        committer_email,
        committed,
        clock,
        paths,
        windows,
        moves,
        last_path,
        sightings,
    }
}

/// The first path in the commit that brought it in, instead of the one that the blob was scanned under.
/// The words of commits and tags keep their names.
fn renamed(finding: &Finding, origin: &Provenance) -> BlobPath {
    let path = &finding.path;
    let Some(first) = origin.paths.first() else { return path.clone() };
    match finding.origin.kind {
        OriginKind::Message | OriginKind::Tag => path.clone(),
        OriginKind::Path => {
            origin.paths.iter().find(|path| holds(path, finding)).unwrap_or(path).clone()
        }
        OriginKind::Archive => {
            let whole = path.as_bytes();
            let inside = |outer: &&BlobPath| {
                whole.strip_prefix(outer.as_bytes()).is_some_and(|rest| rest.starts_with(b"!"))
            };
            match (origin.paths.iter().find(inside), memchr::memchr(b'!', whole)) {
                (None, Some(at)) => first.member(&whole[at + 1..]),
                _ => path.clone(),
            }
        }
        _ => first.clone(),
    }
}
