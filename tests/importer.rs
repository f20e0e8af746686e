//! Rule files of other scanners: what they find here, what is refused, what is told.

mod betterleaks;
mod command;
mod gitleaks;
mod malformed;
mod takeover;

use std::path::Path;
use std::sync::Arc;

use leakspan::engine::{self, Scanner};
use leakspan::model::{
    Blob, BlobPath, Commit, Content, Origin, OriginKind, PrefilterTables, SignatureSet,
};
use leakspan::signatures::{Opened, Options, open};

/// Letters and digits from a seed, as random as a secret: no two neighbours are the same.
pub(crate) fn value(seed: u64, length: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut made = String::new();
    while made.len() < length {
        // xorshift64*, Vigna 2016.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let drawn = (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % 36;
        let next = char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[drawn as usize]);
        if !made.ends_with(next) {
            made.push(next);
        }
    }
    made
}

/// The signatures of a rule file alone, without ours.
pub(crate) fn opened(file: &Path) -> Result<Opened, String> {
    let none = SignatureSet { signatures: Vec::new().into(), tables: PrefilterTables::default() };
    let options = Options { files: vec![file.to_owned()], ..Options::default() };
    open(none, &options).map_err(|error| error.to_string())
}

/// The signatures of a text.
pub(crate) fn of_text(name: &str, text: &str) -> Result<Opened, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    let shown = format!("{}/", folder.path().display());
    opened(&file).map_err(|error| error.replace(&shown, ""))
}

/// What is found in a text: id, line and secret, in order. Suppressed findings are left out.
pub(crate) fn found(set: &SignatureSet, path: &str, text: &str) -> Vec<(String, u64, String)> {
    found_at(set, path, text, Origin::of(OriginKind::File))
}

pub(crate) fn found_at(
    set: &SignatureSet,
    path: &str,
    text: &str,
    origin: Origin,
) -> Vec<(String, u64, String)> {
    let scanner = Scanner::new(Arc::new(set.clone()), engine::Options::default());
    assert_eq!(scanner.faults(), [""; 0]);
    let blob = Blob { path: BlobPath::new(path), origin: Arc::new(origin) };
    let found = scanner.thread().scan(&blob, Content::Bytes(text.as_bytes()));
    assert!(found.problems.iter().all(|it| !it.reason.incomplete()), "{:?}", found.problems);
    let counting = found.findings.into_iter().filter(|it| it.suppression.is_none());
    let told = counting.map(|it| {
        (it.signature, it.line, String::from_utf8_lossy(it.secret.reveal()).into_owned())
    });
    told.collect()
}

/// As a commit records it.
pub(crate) fn commit(id: &str, email: &str) -> Origin {
    let (author, date) = ("An Author".to_owned(), "2024-05-01T12:00:00+00:00".to_owned());
    let commit = Commit { id: id.to_owned(), author, email: email.to_owned(), date };
    Origin { commit: Some(commit), ..Origin::of(OriginKind::Commit) }
}

/// A finding, to be expected.
pub(crate) fn hit(id: &str, line: u64, secret: &str) -> (String, u64, String) {
    (id.to_owned(), line, secret.to_owned())
}
