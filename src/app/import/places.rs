//! Which secrets the entries of other scanners mean: a scan finds them.

use std::path::Path;

use sha1::{Digest, Sha1};

use super::formats::Known;
use crate::app::options::{Options, Suppress, Target};
use crate::app::scan::scan;
use crate::app::stop::Stop;
use crate::model::{Confidence, Finding, SecretBytes, Severity};

/// A file, and what is told of it.
pub(super) type Told<T> = (String, T);

/// What the entries mean.
pub(super) struct Meant {
    /// The secrets, each once.
    pub(super) secrets: Vec<Told<SecretBytes>>,
    /// A sentence for each entry that means none.
    pub(super) unknown: Vec<Told<String>>,
}

/// Scans the working tree, and the history where an entry names a commit.
pub(super) fn find(
    known: &[(&str, &Known)],
    root: &Path,
    options: &Options,
) -> anyhow::Result<Meant> {
    let asks = |commits: bool| {
        known.iter().any(|(_, known)| match known {
            Known::Literal(_) => false,
            Known::Sha1(..) => !commits,
            Known::Place { commit, .. } => commit.is_some() == commits,
        })
    };
    let tree = if asks(false) {
        findings(Target::Paths(vec![root.to_owned()]), options)?
    } else {
        Vec::new()
    };
    let history = if asks(true) {
        findings(Target::History(vec![root.to_owned()], None), options)?
    } else {
        Vec::new()
    };
    let mut meant: Vec<Told<SecretBytes>> = Vec::new();
    let mut unknown = Vec::new();
    for (name, known) in known {
        let secrets: Vec<SecretBytes> = match known {
            Known::Literal(secret) => vec![secret.clone()],
            Known::Sha1(hash, _) => {
                tree.iter().filter(|it| sha1(it) == *hash).map(secret_of).collect()
            }
            Known::Place { commit: None, path, line } => {
                tree.iter().filter(|it| stands_at(it, path, *line)).map(secret_of).collect()
            }
            Known::Place { commit: Some(id), path, line } => {
                let of_commit =
                    |it: &&Finding| it.origin.commit.as_ref().is_some_and(|it| it.id == *id);
                let there = history.iter().filter(of_commit);
                there.filter(|it| stands_at(it, path, *line)).map(secret_of).collect()
            }
        };
        if secrets.is_empty() {
            unknown.push(((*name).to_owned(), sentence(known)));
        }
        for secret in secrets {
            if !meant.iter().any(|(_, known)| *known == secret) {
                meant.push(((*name).to_owned(), secret));
            }
        }
    }
    Ok(Meant { secrets: meant, unknown })
}

fn findings(target: Target, options: &Options) -> anyhow::Result<Vec<Finding>> {
    let options = Options {
        target,
        min_severity: Severity::Low,
        min_confidence: Confidence::Low,
        suppress: Suppress { inline: false, ..Suppress::default() },
        ..options.clone()
    };
    let report = scan(&options, &Stop::after(options.timeout))?;
    Ok(report.findings.into_iter().chain(report.suppressed).collect())
}

fn secret_of(finding: &Finding) -> SecretBytes {
    finding.secret.clone()
}

fn stands_at(finding: &Finding, path: &str, line: u64) -> bool {
    finding.path.display() == path && (finding.line..=finding.end_line).contains(&line)
}

fn sha1(finding: &Finding) -> String {
    let digest = Sha1::digest(finding.secret.reveal());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why nothing is suppressed for an entry: what no signature finds needs no suppression.
fn sentence(known: &Known) -> String {
    match known {
        Known::Literal(_) => String::new(),
        Known::Sha1(_, path) => {
            format!("a secret of {path} that is not found there: nothing to suppress")
        }
        Known::Place { commit: None, path, line } => {
            format!("{path}:{line}: nothing is found there: nothing to suppress")
        }
        Known::Place { commit: Some(id), path, line } => {
            let short = id.get(..12).unwrap_or(id);
            format!("{path}:{line} in {short}: nothing is first found there: nothing to suppress")
        }
    }
}
