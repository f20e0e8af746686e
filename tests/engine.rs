//! The engine against its oracles: every regex alone over the whole text, the same text in windows, the
//! same blobs on many threads.

mod blob;
mod prefilter;
mod tree;
mod versions;

use std::collections::BTreeSet;
use std::sync::Arc;

use leakspan::engine::{Found, Options, Scanner, Text, Thread};
use leakspan::model::{
    Blob, BlobPath, Content, Matcher, Origin, OriginKind, Signature, SignatureSet,
};
use leakspan::signatures::{self, samples};
use proptest::prelude::*;

fn set() -> Arc<SignatureSet> {
    Arc::new(signatures::builtin())
}

fn blob(path: &str) -> Blob {
    Blob { path: BlobPath::new(path), origin: Arc::new(Origin::of(OriginKind::File)) }
}

/// Every sample of every built-in signature, filled, one a line.
fn planted() -> Vec<String> {
    let mut lines = Vec::new();
    for sample in signatures::builtin_samples() {
        for (number, template) in sample.accept.iter().chain(&sample.reject).enumerate() {
            lines.push(samples::render(template, samples::seed(&sample.id, number, 0)).unwrap());
        }
    }
    lines
}

/// Files of this repository, and one with every sample in it.
fn texts() -> Vec<Vec<u8>> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = vec![planted().join("\n").into_bytes(), Vec::new()];
    // The many small files of the signatures make one.
    for entry in std::fs::read_dir(root.join("signatures")).unwrap().flatten() {
        texts[1].extend(std::fs::read(entry.path()).unwrap());
    }
    let folders = ["src/engine", "src/signatures", "src/model", "benches", ""];
    for folder in folders {
        for entry in std::fs::read_dir(root.join(folder)).unwrap().flatten() {
            if entry.path().is_file() {
                texts.push(std::fs::read(entry.path()).unwrap());
            }
        }
    }
    texts
}

type Raw = BTreeSet<(String, usize, usize)>;

/// The regexes of a set, each to be run alone over whole texts.
struct Oracle {
    regexes: Vec<(Signature, regex::bytes::Regex)>,
}

impl Oracle {
    fn of(set: &SignatureSet) -> Self {
        let regexes = set.signatures.iter().filter_map(|signature| {
            let Matcher::Pattern(pattern) = &signature.matcher else { return None };
            let regex = regex::bytes::RegexBuilder::new(pattern).unicode(false).build().unwrap();
            Some((signature.clone(), regex))
        });
        Self { regexes: regexes.collect() }
    }

    fn matches(&self, text: &[u8]) -> Raw {
        let mut raw = Raw::new();
        for (signature, regex) in &self.regexes {
            for captures in regex.captures_iter(text) {
                let secret = captures.name("secret").unwrap_or_else(|| captures.get(0).unwrap());
                if counts(signature, secret.as_bytes()) {
                    raw.insert((signature.id.to_string(), secret.start(), secret.end()));
                }
            }
        }
        raw
    }
}

/// Whether a match is one: the prefilter knows which signatures want a digit.
fn counts(signature: &Signature, secret: &[u8]) -> bool {
    !signature.require_digit || secret.iter().any(u8::is_ascii_digit)
}

/// What prefilter and windows give of the same signatures.
fn by_prefilter(set: &SignatureSet, thread: &mut Thread<'_>, text: &[u8]) -> Raw {
    let path = BlobPath::new("a.txt");
    let mut raw = Raw::new();
    for candidate in thread.candidates(&Text { bytes: text, path: &path, decoded: false }) {
        let signature = &set.signatures[candidate.signature as usize];
        if let Matcher::Pattern(_) = signature.matcher
            && counts(signature, &text[candidate.secret.clone()])
        {
            raw.insert((signature.id.to_string(), candidate.secret.start, candidate.secret.end));
        }
    }
    raw
}

#[test]
fn prefilter_and_windows_find_what_every_regex_alone_finds() {
    let set = set();
    let oracle = Oracle::of(&set);
    let scanner = Scanner::new(set.clone(), Options::default());
    let mut thread = scanner.thread();
    let mut count = 0;
    for text in texts() {
        let raw = by_prefilter(&set, &mut thread, &text);
        assert_eq!(raw, oracle.matches(&text));
        count += raw.len();
    }
    assert!(count >= 50, "the samples are found: {count}");
}

/// All that a report says of what was found, secrets as hashes would be: by their bytes.
fn told(found: &Found) -> Vec<String> {
    let findings = found.findings.iter().map(|finding| {
        let line = finding.excerpt.line.reveal().escape_ascii();
        format!("{finding:?} {} {line}", finding.secret.reveal().escape_ascii())
    });
    findings.chain(found.problems.iter().map(|problem| format!("{problem:?}"))).collect()
}

fn scan(scanner: &Scanner, text: &[u8]) -> Vec<String> {
    told(&scanner.thread().scan(&blob("a.env"), Content::Bytes(text)))
}

/// Text with samples between stretches of filler.
fn with_samples(pieces: &[(usize, usize)], filler: &[u8]) -> Vec<u8> {
    let planted = planted();
    let mut text = Vec::new();
    for (sample, gap) in pieces {
        text.extend(filler.iter().cycle().take(*gap));
        text.push(b'\n');
        text.extend_from_slice(planted[sample % planted.len()].as_bytes());
        text.push(if gap % 3 == 0 { b' ' } else { b'\n' });
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn windows_find_what_the_whole_finds(
        pieces in proptest::collection::vec((0_usize..500, 0_usize..3000), 1..12),
        window in 4096_usize..9000,
        filler in prop::sample::select(vec!["lorem ipsum dolor\n", "aGVsbG8gd29ybGQh", "\0\0\u{1}", "x = 1; "]),
    ) {
        let text = with_samples(&pieces, filler.as_bytes());
        let whole = scan(&Scanner::new(set(), Options::default()), &text);
        let options = Options { window, ..Options::default() };
        let scanner = Scanner::new(set(), options);
        prop_assert_eq!(&scan(&scanner, &text), &whole);
        let mut reader = text.as_slice();
        let streamed = scanner.thread().scan(&blob("a.env"), Content::Stream(&mut reader));
        prop_assert_eq!(told(&streamed), whole);
    }

    #[test]
    fn utf16_in_windows_is_utf16_in_one(
        pieces in proptest::collection::vec((0_usize..500, 0_usize..1500), 1..8),
        window in 4096_usize..6000,
    ) {
        let text = with_samples(&pieces, b"plain words\n");
        let text = String::from_utf8_lossy(&text);
        let bytes: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let whole = scan(&Scanner::new(set(), Options::default()), &bytes);
        let options = Options { window, ..Options::default() };
        prop_assert_eq!(scan(&Scanner::new(set(), options), &bytes), whole);
    }
}

#[test]
fn a_secret_is_found_at_every_offset_around_the_border_of_windows() {
    let options = Options { window: 4096, ..Options::default() };
    let scanner = Scanner::new(set(), options);
    let sample = planted().into_iter().find(|line| line.contains("ghp_")).unwrap();
    let alone = scan(&scanner, format!("{}\n", ".".repeat(10) + &sample).as_bytes()).len();
    let mut thread = scanner.thread();
    for border in [4096, 8192] {
        for offset in border - 64..border + 64 {
            let filler = vec![b'\n'; offset];
            let text = [filler.as_slice(), sample.as_bytes(), &[b'\n'; 9000]].concat();
            let found = thread.scan(&blob("a"), Content::Bytes(&text));
            assert_eq!(found.findings.len(), alone, "at {offset}");
            assert!(found.findings.iter().all(|f| f.line == offset as u64 + 1));
        }
    }
}

#[test]
fn eight_threads_find_what_one_finds() {
    let scanner = Scanner::new(set(), Options::default());
    let texts = texts();
    let one: Vec<_> = texts.iter().map(|text| scan(&scanner, text)).collect();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|offset| {
                let (scanner, texts) = (&scanner, &texts);
                scope.spawn(move || {
                    let mut thread = scanner.thread();
                    let order = (0..texts.len()).map(|at| (at + offset * 7) % texts.len());
                    let mut found: Vec<_> = order
                        .map(|at| {
                            (at, told(&thread.scan(&blob("a.env"), Content::Bytes(&texts[at]))))
                        })
                        .collect();
                    found.sort();
                    found.into_iter().map(|(_, told)| told).collect::<Vec<_>>()
                })
            })
            .collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), one);
        }
    });
}
