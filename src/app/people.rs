//! Secrets in the names and addresses of people: what one finding shows of a commit may be another's secret.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Commit, Finding, History, Report, SecretBytes};
use crate::text::Scrubber;

/// The fewest bytes of a secret that are taken out of a name.
const PIECE: usize = 8;

/// Takes every secret that the run has found out of every author and committer that the report names.
pub(super) fn veil(report: &mut Report, spoken: &BTreeSet<SecretBytes>) {
    let mut people = BTreeSet::new();
    each(report, &mut |text| {
        people.insert(text.clone());
    });
    if people.is_empty() {
        return;
    }
    let own =
        report.findings.iter().chain(&report.suppressed).map(|finding| finding.secret.clone());
    let secrets: BTreeSet<SecretBytes> = own.chain(spoken.iter().cloned()).collect();
    let mut masked: BTreeMap<String, String> = BTreeMap::new();
    for text in people {
        // Few people are called like a key: only then is it taken apart.
        let hidden = secrets.iter().filter(|it| {
            !it.is_empty() && memchr::memmem::find(text.as_bytes(), it.reveal()).is_some()
        });
        let clean = hidden.fold(text.clone(), |clean, secret| {
            Scrubber::new(secret.reveal()).clean(&clean, PIECE)
        });
        if clean != text {
            masked.insert(text, clean);
        }
    }
    if !masked.is_empty() {
        each(report, &mut |text| {
            if let Some(clean) = masked.get(text) {
                text.clone_from(clean);
            }
        });
    }
}

/// Shows every name and address.
fn each(report: &mut Report, see: &mut dyn FnMut(&mut String)) {
    for finding in report.findings.iter_mut().chain(&mut report.suppressed) {
        of_finding(finding, see);
    }
}

fn of_finding(finding: &mut Finding, see: &mut dyn FnMut(&mut String)) {
    if finding.origin.commit.is_some() {
        of_commits(Arc::make_mut(&mut finding.origin).commit.iter_mut(), see);
    }
    if let Some(history) = &mut finding.history {
        let history: &mut History = Arc::make_mut(history);
        see(&mut history.committer);
        see(&mut history.committer_email);
        of_commits(history.commits_mut(), see);
    }
}

fn of_commits<'c>(commits: impl Iterator<Item = &'c mut Commit>, see: &mut dyn FnMut(&mut String)) {
    for commit in commits {
        see(&mut commit.author);
        see(&mut commit.email);
    }
}
