//! The engine: what it finds lies inside of the bytes, and does not depend on how they arrive.

use std::io::Read;
use std::sync::{Arc, LazyLock};

use leakspan::engine::{Found, Options, Scanner};
use leakspan::model::{Blob, BlobPath, Content, Origin, OriginKind, Reason};
use leakspan::signatures::{builtin, samples};

use super::input::Input;

static WHOLE: LazyLock<Scanner> = LazyLock::new(|| scanner(1 << 20));
static WINDOWED: LazyLock<Scanner> = LazyLock::new(|| scanner(4096));

fn scanner(window: usize) -> Scanner {
    Scanner::new(Arc::new(builtin()), Options { window, ..Options::default() })
}

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    // So many lines before the text: it ends up on the border of two windows, or not.
    let lines = input.below(400);
    let step = 1 + input.below(5000);
    let template = String::from_utf8_lossy(input.rest()).into_owned();
    // Corpora hold templates of tokens, never tokens.
    let text = samples::render(&template, 1).unwrap_or(template);
    let bytes = ["some words a line\n".repeat(lines).as_bytes(), text.as_bytes()].concat();
    let whole = scan(&WHOLE, Content::Bytes(&bytes));
    let windowed = scan(&WINDOWED, Content::Stream(&mut Slow { bytes: &bytes, step }));
    assert_eq!(places(&whole), places(&windowed), "whole and in windows");
    for finding in &whole.findings {
        assert!(finding.span.start < finding.span.end && finding.span.end <= bytes.len() as u64);
        assert!(finding.line >= 1 && finding.column >= 1 && finding.end_line >= finding.line);
        let line = finding.excerpt.line.len();
        assert!(finding.excerpt.hidden.iter().all(|range| range.end <= line));
    }
}

fn scan(scanner: &Scanner, content: Content<'_>) -> Found {
    let origin = Arc::new(Origin::of(OriginKind::File));
    let found = scanner.thread().scan(&Blob { path: BlobPath::new("a"), origin }, content);
    let broken = found.problems.iter().find(|problem| problem.reason == Reason::WorkerError);
    assert_eq!(broken, None);
    found
}

/// All that a report says of a finding's place and kind.
fn places(found: &Found) -> Vec<String> {
    found
        .findings
        .iter()
        .map(|finding| {
            let kind = (&finding.signature, &finding.decoded, &finding.facts, finding.confidence);
            format!("{kind:?} {:?} {}:{}", finding.span, finding.line, finding.column)
        })
        .collect()
}

/// Gives a few bytes a read.
struct Slow<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.step.min(buffer.len()).min(self.bytes.len());
        buffer[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes = &self.bytes[length..];
        Ok(length)
    }
}
