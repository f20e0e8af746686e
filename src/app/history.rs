//! Findings of a whole history: one a secret, with who brought it in and when it stood where.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::collect::Gathered;
use crate::git::{Made, Provenance, Told};
use crate::model::{BlobPath, Finding, History, Origin, OriginKind, Problem, Reach, Reason};
use crate::sources::{Ignores, Source};

/// Folds the findings of one source of history, which stand behind `from`, and tells where they come from.
///
/// Does nothing for other sources: their findings name no object. `now` is in seconds.
pub(super) fn settle(
    source: &dyn Source,
    gathered: &mut Gathered,
    from: usize,
    ignores: Option<&Ignores>,
    now: i64,
) {
    let (told, others): (Vec<_>, Vec<_>) =
        gathered.findings.split_off(from).into_iter().partition(|f| f.origin.object.is_some());
    gathered.findings.extend(others);
    let mut secrets: BTreeMap<Vec<u8>, Vec<Finding>> = BTreeMap::new();
    for finding in told {
        secrets.entry(finding.secret.reveal().to_vec()).or_default().push(finding);
    }
    let secrets: Vec<Vec<Finding>> = secrets.into_values().collect();
    let objects: Vec<Vec<String>> = secrets.iter().map(|places| objects(places)).collect();
    let told = source.trace(&objects, now);
    for ((sightings, objects), told) in secrets.into_iter().zip(&objects).zip(told) {
        let sightings = sightings.into_iter().map(|finding| {
            let object = finding.origin.object.clone().unwrap_or_default();
            let at = objects.binary_search(&object).ok();
            let origin = at.and_then(|at| told.places.get(at)).cloned();
            (finding, origin)
        });
        let sightings = sightings.filter_map(|(finding, origin)| Some((finding, origin?)));
        let (kept, left_out): (Vec<_>, Vec<_>) = sightings.partition(|(_, origin)| {
            !ignores.is_some_and(|ignores| {
                origin.paths.iter().all(|path| ignores.leaves_out(path.as_bytes()))
            })
        });
        for path in left_out.into_iter().filter_map(|(_, origin)| origin.paths.into_iter().next()) {
            let words = "named by .leakspanignore";
            gathered.problems.push(Problem::new(path, Reason::ExcludedByUser, words));
        }
        gathered.findings.extend(fold(kept, &told));
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
fn fold(mut sightings: Vec<(Finding, Provenance)>, told: &Told) -> Option<Finding> {
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
    let (mut finding, origin) = sightings.into_iter().next()?;
    finding.sightings = count;
    finding.path = renamed(&finding, &origin);
    finding.origin = Arc::new(Origin {
        commit: origin.made.as_ref().map(|made| made.commit.clone()),
        in_head: (!in_names).then_some(told.in_head),
        ..finding.origin.as_ref().clone()
    });
    let mut history = history(origin, reach, told);
    if in_names {
        history.windows.clear();
    }
    finding.history = Some(Arc::new(history));
    Some(finding)
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
    History { reach, committer, committer_email, committed, clock, paths, windows }
}

/// The first path in the commit that brought it in, instead of the one that the blob was scanned under.
/// The words of commits and tags keep their names.
fn renamed(finding: &Finding, origin: &Provenance) -> BlobPath {
    let path = &finding.path;
    let Some(first) = origin.paths.first() else { return path.clone() };
    match finding.origin.kind {
        OriginKind::Message | OriginKind::Tag => path.clone(),
        OriginKind::Path => {
            let secret = finding.secret.reveal();
            let named = |path: &&BlobPath| memchr::memmem::find(path.as_bytes(), secret).is_some();
            origin.paths.iter().find(named).unwrap_or(path).clone()
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
