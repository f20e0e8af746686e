//! Writes what `train.py` learns from; see the card, `README.md`.

use std::fmt::Write as _;
use std::path::Path;

use super::{KINDS, features};
use crate::engine::candidate::{Candidate, Text};
use crate::engine::filters::FILTERS;
use crate::engine::matchers::MATCHERS;
use crate::model::{BlobPath, Matcher, SignatureSet};

/// Every candidate that the scorer would be asked about, one a line: path, first and last line, place,
/// signature, value, features. Reads the folder `LEAKSPAN_SCORER_IN`, writes the file `LEAKSPAN_SCORER_OUT`.
#[test]
#[ignore = "makes the training table, from a folder that is no part of the repository"]
fn export() {
    let variable = |name| std::env::var(name).expect("the environment names folder and file");
    let set = crate::signatures::builtin();
    let mut table = String::new();
    let root = variable("LEAKSPAN_SCORER_IN");
    let mut folders = vec![Path::new(&root).to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let kind = entry.file_type().expect("a file or folder");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && entry.metadata().is_ok_and(|it| it.len() < 4_000_000) {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    for path in files {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        if bytes.iter().take(4096).any(|byte| *byte == 0) {
            continue;
        }
        let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
        let blob = BlobPath::new(name.as_bytes());
        rows(&Text { bytes: &bytes, path: &blob, decoded: false }, &name, &set, &mut table);
    }
    std::fs::write(variable("LEAKSPAN_SCORER_OUT"), table).expect("the file can be written");
}

fn rows(text: &Text<'_>, name: &str, set: &SignatureSet, table: &mut String) {
    for matcher in MATCHERS.iter().filter(|matcher| KINDS.contains(&matcher.name())) {
        let mut found = Vec::new();
        matcher.find(text, 0..text.bytes.len(), &mut found);
        for hit in found {
            let Some(place) = set.signatures.iter().position(|it| it.id == hit.signature) else {
                continue;
            };
            let signature = &set.signatures[place];
            let Matcher::Named(kind) = &signature.matcher else { continue };
            let candidate = Candidate {
                signature: place as u32,
                range: hit.range,
                secret: hit.secret,
                value: hit.value,
                confidence: signature.confidence,
                facts: hit.facts,
                proven: false,
            };
            if FILTERS.iter().any(|filter| filter.drops(&candidate, signature, text)) {
                continue;
            }
            let line =
                |at: usize| text.bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            let value =
                String::from_utf8_lossy(candidate.value(text)).replace(['\t', '\n', '\r'], " ");
            let features = features(&candidate, kind, text).map(|it| it.to_string()).join(" ");
            let secret = &candidate.secret;
            let (first, last) = (line(secret.start), line(secret.end));
            writeln!(
                table,
                "{name}\t{first}\t{last}\t{}\t{}\t{value}\t{features}",
                secret.start, signature.id
            )
            .expect("a string takes everything");
        }
    }
}
