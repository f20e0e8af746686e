//! One blob: places, encodings, comments, limits, errors.

use std::sync::Arc;

use leakspan::engine::{Found, Options, Scanner};
use leakspan::model::{Blob, BlobPath, Content, Origin, OriginKind, Reason, Suppression};

fn blob(name: &str) -> Blob {
    Blob { path: BlobPath::new(name), origin: Arc::new(Origin::of(OriginKind::File)) }
}

fn scanner(options: Options) -> Scanner {
    Scanner::new(Arc::new(leakspan::signatures::builtin()), options)
}

fn scan(text: &[u8]) -> Found {
    scanner(Options::default()).thread().scan(&blob("a.env"), Content::Bytes(text))
}

/// A value of the shape of a live key of Stripe, the same for the same number.
fn key(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let alphabet = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let tail: String = (0..24)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(alphabet[(state >> 33) as usize % alphabet.len()])
        })
        .collect();
    ["sk", "live", &tail].join("_")
}

#[test]
fn a_secret_is_found_with_its_place_and_excerpt() {
    let key = key(1);
    let found = scan(format!("one\ntwo\nkey = \"{key}\"\n").as_bytes());
    let [finding] = &found.findings[..] else { panic!("{found:?}") };
    assert_eq!(finding.signature, "stripe-secret-key");
    assert_eq!((finding.line, finding.column), (3, 8));
    assert_eq!((finding.end_line, finding.end_column), (3, 8 + key.len() as u64));
    assert_eq!(finding.secret.reveal(), key.as_bytes());
    assert_eq!(finding.excerpt.hidden, [7..7 + key.len()]);
    assert!(found.problems.is_empty());
}

#[test]
fn utf16_is_reported_at_its_raw_place() {
    let key = key(2);
    let text = format!("\u{feff}one\nkey: {key}\n");
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = scan(&bytes);
    let [finding] = &found.findings[..] else { panic!("{found:?}") };
    assert_eq!((finding.line, finding.column), (2, 11));
    assert_eq!(finding.end_column - finding.column, 2 * key.len() as u64);
    assert_eq!(finding.decoded, ["utf16"]);
    assert_eq!(finding.span.start, 2 + 8 + 10);
}

#[test]
fn encodings_are_undone_one_inside_the_other() {
    use base64::Engine;
    let standard = base64::engine::general_purpose::STANDARD;
    let key = key(3);
    let once = standard.encode(format!("password and {key} text"));
    let twice = standard.encode(format!("data: {once}"));
    let text = format!("a: 1\nb: {twice}\n");
    let found = scan(text.as_bytes());
    let finding = found.findings.iter().find(|f| f.secret.reveal() == key.as_bytes());
    let finding = finding.unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(finding.decoded, ["base64", "base64"]);
    assert_eq!(finding.line, 2);
    let span = finding.span.start as usize..finding.span.end as usize;
    assert!(twice.contains(&text[span]));
}

#[test]
fn comments_suppress_and_are_named() {
    let (one, two) = (key(4), key(5));
    let text =
        format!("a={one} # leakspan:allow test\nb={two} # leakspan:allow stripe-restricted-key\n");
    let found = scan(text.as_bytes());
    assert_eq!(found.findings.len(), 2);
    let want = Some(Suppression::Inline("leakspan:allow".to_owned()));
    assert_eq!(found.findings[0].suppression, want);
    let options = Options { inline: false, ..Options::default() };
    let found = scanner(options).thread().scan(&blob("a"), Content::Bytes(text.as_bytes()));
    assert!(found.findings.iter().all(|finding| finding.suppression.is_none()));
}

#[test]
fn too_many_findings_are_a_problem() {
    let text: String = (0..9).map(|n| format!("{}\n", key(n))).collect();
    let options = Options { max_findings: 3, ..Options::default() };
    let found = scanner(options).thread().scan(&blob("a"), Content::Bytes(text.as_bytes()));
    assert_eq!(found.findings.iter().map(|f| f.line).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(found.problems[0].reason, Reason::FindingLimit);
}

#[test]
fn a_read_error_keeps_what_was_found_before_it() {
    struct Broken(Vec<u8>);
    impl std::io::Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::ErrorKind::PermissionDenied.into());
            }
            buffer[..self.0.len()].copy_from_slice(&self.0);
            Ok(std::mem::take(&mut self.0).len())
        }
    }
    let mut reader = Broken(key(7).into_bytes());
    let found = scanner(Options::default()).thread().scan(&blob("a"), Content::Stream(&mut reader));
    assert_eq!(found.findings.len(), 1);
    assert_eq!(found.problems[0].reason, Reason::IoError);
}

#[test]
fn a_binary_without_text_is_told_and_one_with_text_is_scanned() {
    let found = scan(&[0; 5000]);
    assert_eq!(found.problems[0].reason, Reason::BinaryWithoutText);
    let found = scan(&[&[0; 50], key(8).as_bytes(), &[0; 50]].concat());
    assert_eq!((found.findings.len(), found.problems.len()), (1, 0), "{found:?}");
}

#[test]
fn built_in_signatures_have_no_fault() {
    assert_eq!(scanner(Options::default()).faults(), Vec::<String>::new());
}
