//! Secrets in the names of files and folders.
//!
//! A name is scanned as a short text of its own. What is found has the origin `path`: its line is 1, and its
//! columns and bytes count in the name. No report shows the name with the secret in it.

use std::sync::Arc;

use crate::engine::{self, Scanner, Thread};
use crate::model::{
    Blob, BlobPath, Confidence, Content, Finding, Origin, OriginKind, Report, SecretBytes,
};
use crate::signatures;
use crate::text::Scrubber;

/// No credential that stands for itself is shorter.
const SHORTEST: usize = 16;
/// The fewest bytes of a secret that are taken out of a name.
const PIECE: usize = 8;

/// Whether a name has a stretch that a credential could be: most have none, and are not scanned.
pub(super) fn may_hold(name: &[u8]) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    name.len() >= SHORTEST && name.split(|byte| !part(byte)).any(|part| part.len() >= SHORTEST)
}

/// What stands in the name of a blob. Values that only a name beside them makes a secret, and what an
/// encoding hides, are left alone: names are full of words, hashes and ids.
pub(super) fn look(thread: &mut Thread<'_>, path: &BlobPath, origin: &Origin) -> Vec<Finding> {
    let origin = Arc::new(Origin { kind: OriginKind::Path, ..origin.clone() });
    let blob = Blob { path: path.clone(), origin };
    let found = thread.scan(&blob, Content::Bytes(path.as_bytes()));
    let tells =
        |finding: &Finding| finding.decoded.is_empty() && finding.confidence >= Confidence::Medium;
    found.findings.into_iter().filter(tells).collect()
}

/// The name up to the end of the part that holds the secret: what lies below it is called so too. `ends` are
/// the bytes that end a part.
pub(super) fn cut(finding: &mut Finding, ends: &[u8]) {
    let name = finding.path.as_bytes();
    let end = usize::try_from(finding.span.end).map_or(name.len(), |end| end.min(name.len()));
    if let Some(at) = name[end..].iter().position(|byte| ends.contains(byte)) {
        finding.path = BlobPath::new(&name[..end + at]);
    }
}

/// Cuts what a change brought in, and lets every name be told once; the findings are in order and stay so.
pub(super) fn join(findings: &mut Vec<Finding>) {
    if findings.iter().all(|finding| finding.origin.kind != OriginKind::Path) {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| finding.origin.kind == OriginKind::Path) {
        cut(finding, b"/");
    }
    // What gates stays: it comes before what does not.
    let order = |a: &Finding, b: &Finding| {
        a.order().cmp(&b.order()).then(a.suppression.is_some().cmp(&b.suppression.is_some()))
    };
    findings.sort_by(order);
    findings.dedup_by(|b, a| a.origin.kind == OriginKind::Path && a.order() == b.order());
}

/// Takes the secrets that stand in names out of every text of a report.
pub(super) fn veil(report: &mut Report, secrets: &[SecretBytes], scanner: &Scanner) {
    let mut thread = scanner.thread();
    for text in &mut report.summary.notes {
        *text = masked_by(&mut thread, text);
    }
    for problem in &mut report.problems {
        problem.detail = masked_by(&mut thread, &problem.detail);
    }
    if secrets.is_empty() {
        return;
    }
    let veil = Veil::new(secrets);
    for finding in report.findings.iter_mut().chain(&mut report.suppressed) {
        veil.path(&mut finding.path);
        if let Some(history) = &mut finding.history {
            Arc::make_mut(history).paths_mut().for_each(|path| veil.path(path));
        }
    }
    report.problems.iter_mut().for_each(|problem| veil.path(&mut problem.path));
    report.problems.sort();
    report.problems.dedup();
    for findings in [&mut report.findings, &mut report.suppressed] {
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
    }
}

struct Veil<'s> {
    secrets: &'s [SecretBytes],
    scrubbers: Vec<Scrubber>,
}

impl<'s> Veil<'s> {
    fn new(secrets: &'s [SecretBytes]) -> Self {
        let scrubbers = secrets.iter().map(|secret| Scrubber::new(secret.reveal())).collect();
        Self { secrets, scrubbers }
    }

    fn path(&self, path: &mut BlobPath) {
        for (secret, scrubber) in self.secrets.iter().zip(&self.scrubbers) {
            if memchr::memmem::find(path.as_bytes(), secret.reveal()).is_some() {
                *path = BlobPath::new(scrubber.clean(&path.display(), PIECE));
            }
        }
    }
}

/// A text about a failure, without the secrets in the names that it quotes.
#[must_use]
pub fn masked(text: &str) -> String {
    if !may_hold(text.as_bytes()) {
        return text.to_owned();
    }
    let scanner = Scanner::new(Arc::new(signatures::builtin()), engine::Options::default());
    masked_by(&mut scanner.thread(), text)
}

fn masked_by(thread: &mut Thread<'_>, text: &str) -> String {
    if !may_hold(text.as_bytes()) {
        return text.to_owned();
    }
    let found = look(thread, &BlobPath::new(text), &Origin::of(OriginKind::Path));
    found.iter().fold(text.to_owned(), |text, finding| {
        Scrubber::new(finding.secret.reveal()).clean(&text, PIECE)
    })
}

#[cfg(test)]
mod tests {
    use super::may_hold;

    #[test]
    fn most_names_are_not_scanned() {
        for name in ["src/main.rs", "docs/how to do it.md", "node_modules/left-pad/index.js"] {
            assert!(!may_hold(name.as_bytes()), "{name}");
        }
        assert!(may_hold(b"backup-0123456789abcdef.txt"));
    }
}
