//! Where candidates stand: line, column, the excerpt of the line, the comment that covers it.

use std::ops::Range;

use super::layer::Layer;
use crate::model::{Nearby, SecretBytes};

/// Most bytes of a line that an excerpt shows.
const EXCERPT: usize = 400;
/// Of a longer line, so many bytes before the secret.
const LEAD: usize = 120;
/// How far from a secret a comment is looked for.
const COMMENT: usize = 4096;

/// Line and byte column, both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// Counts lines from window to window, in the text whose lines are reported.
#[derive(Debug, Default)]
pub(super) struct Counter {
    /// Newlines before the body of the window at hand.
    before: u64,
    /// Where, in the raw bytes of the blob, the line begins in which that body begins.
    line_start: u64,
    /// The last place that was asked for: offset in the text, newlines before it, start of its line.
    last: Option<(usize, u64, u64)>,
}

/// The window at hand, for the counter.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    /// The text whose lines count.
    pub(super) layer: &'a Layer<'a>,
    /// Where its body begins and ends.
    pub(super) body: (usize, usize),
    /// Where the raw window begins in the blob.
    pub(super) base: u64,
}

impl Lines<'_> {
    fn raw(&self, at: usize) -> u64 {
        self.base + self.layer.raw(at..at).start as u64
    }
}

impl Counter {
    /// Line and column of a position. Costs the bytes between it and the last one that was asked for.
    pub(super) fn place(&mut self, lines: &Lines<'_>, at: usize) -> Place {
        let text = lines.layer.text;
        let first = (lines.body.0, self.before, self.line_start);
        let (from, count, start) = self.last.unwrap_or(first);
        let between = &text[from.min(at)..from.max(at)];
        let passed = newlines(between);
        let (count, start) = if passed == 0 {
            (count, start)
        } else if at > from {
            let newline = memchr::memrchr(b'\n', between).unwrap_or(0);
            (count + passed, lines.raw(from + newline + 1))
        } else {
            let newline = memchr::memrchr(b'\n', &text[..at]);
            let start = newline.map_or(lines.base, |newline| lines.raw(newline + 1));
            (count.saturating_sub(passed), start)
        };
        self.last = Some((at, count, start));
        Place { line: count + 1, column: lines.raw(at).saturating_sub(start) + 1 }
    }

    /// Goes on to the next window.
    pub(super) fn advance(&mut self, lines: &Lines<'_>) {
        let body = &lines.layer.text[lines.body.0..lines.body.1];
        self.before += newlines(body);
        if let Some(newline) = memchr::memrchr(b'\n', body) {
            self.line_start = lines.raw(lines.body.0 + newline + 1);
        }
        self.last = None;
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) range: Range<usize>,
    /// Whether the line goes on before it, behind it.
    pub(super) cut: (bool, bool),
}

/// The line of a secret, or the stretch of it around the secret's start.
pub(super) fn excerpt(text: &[u8], secret: &Range<usize>) -> Shown {
    let back = &text[secret.start.saturating_sub(EXCERPT)..secret.start];
    let newline = memchr::memrchr(b'\n', back);
    let start = secret.start - back.len() + newline.map_or(0, |newline| newline + 1);
    let at_start = newline.is_some() || start == 0;
    let ahead = &text[secret.start..text.len().min(secret.start + EXCERPT)];
    let end = secret.start + memchr::memchr(b'\n', ahead).unwrap_or(ahead.len());
    let at_end = end - secret.start < ahead.len() || end == text.len();
    if at_start && at_end && end - start <= EXCERPT {
        return Shown { range: start..end, cut: (false, false) };
    }
    let first = start.max(secret.start.saturating_sub(LEAD));
    let last = end.min(first + EXCERPT);
    let cut = (first > start || !at_start, last < end || !at_end);
    Shown { range: first..last, cut }
}

/// So many bytes on each side of a secret.
pub(super) fn nearby(text: &[u8], secret: &Range<usize>, reach: usize) -> Nearby {
    let start = secret.start.saturating_sub(reach);
    let end = text.len().min(secret.end + reach);
    let text = SecretBytes::new(text[start..end].to_vec());
    Nearby { text, secret: secret.start - start..secret.end - start }
}

/// The line before and the line of a secret (to its end), as far as comments are looked for.
pub(super) fn neighbourhood<'t>(text: &'t [u8], secret: &Range<usize>) -> (&'t [u8], &'t [u8]) {
    let floor = secret.start.saturating_sub(COMMENT);
    let newline = memchr::memrchr(b'\n', &text[floor..secret.start]).map(|at| floor + at);
    let ceiling = text.len().min(secret.end + COMMENT);
    let end =
        memchr::memchr(b'\n', &text[secret.end..ceiling]).map_or(ceiling, |at| secret.end + at);
    let Some(newline) = newline else { return (&[], &text[floor..end]) };
    let floor = newline.saturating_sub(COMMENT);
    let start = memchr::memrchr(b'\n', &text[floor..newline]).map_or(floor, |at| floor + at + 1);
    (&text[start..newline], &text[newline + 1..end])
}

#[cfg(test)]
mod tests {
    use super::{excerpt, neighbourhood};

    #[test]
    fn a_short_line_is_shown_whole() {
        let text = b"one\ntwo SECRET three\nfour";
        let shown = excerpt(text, &(8..14));
        assert_eq!(&text[shown.range], b"two SECRET three");
        assert_eq!(shown.cut, (false, false));
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let text = [vec![b'a'; 1000], b"SECRET".to_vec(), vec![b'b'; 1000]].concat();
        let shown = excerpt(&text, &(1000..1006));
        assert_eq!(shown.range, 880..1280);
        assert_eq!(shown.cut, (true, true));
    }

    #[test]
    fn comments_are_looked_for_on_two_lines() {
        let text = b"zero\none\nSECRET two\nthree";
        assert_eq!(neighbourhood(text, &(9..15)), (b"one".as_slice(), b"SECRET two".as_slice()));
        assert_eq!(neighbourhood(text, &(0..4)).0, b"");
    }
}
