//! Long runs of bytes of one class, found without looking at most bytes.

use std::ops::Range;

/// A set of bytes, as a table.
pub(super) type Class = [bool; 256];

/// The bytes of ordinary text.
pub(super) static PRINTABLE: Class = {
    let mut table = [false; 256];
    let mut byte = 0x20;
    while byte < 0x7F {
        table[byte] = true;
        byte += 1;
    }
    table[b'\t' as usize] = true;
    table[b'\n' as usize] = true;
    table[b'\r' as usize] = true;
    table
};

/// The class of the bytes that stand in `members`.
pub(super) const fn class(members: &[u8]) -> Class {
    let mut table = [false; 256];
    let mut at = 0;
    while at < members.len() {
        table[members[at] as usize] = true;
        at += 1;
    }
    table
}

/// All maximal runs of at least `shortest` bytes of a class, in order.
///
/// Looks at the last byte of a possible run first, as Boyer and Moore do: where the class is rare in
/// the text, most bytes are never read.
pub(super) struct Runs<'a> {
    text: &'a [u8],
    class: &'static Class,
    shortest: usize,
    /// A run may start here: the byte before is not of the class.
    at: usize,
}

impl<'a> Runs<'a> {
    pub(super) fn new(text: &'a [u8], class: &'static Class, shortest: usize) -> Self {
        Self { text, class, shortest, at: 0 }
    }

    /// Goes on after `end`, which may be further than the last run.
    pub(super) fn skip_to(&mut self, end: usize) {
        self.at = self.at.max(end);
    }
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let probe = self.at + self.shortest - 1;
            if !self.class[usize::from(*self.text.get(probe)?)] {
                self.at = probe + 1;
                continue;
            }
            let window = &self.text[self.at..probe];
            if let Some(gap) = window.iter().rposition(|byte| !self.class[usize::from(*byte)]) {
                self.at += gap + 1;
                continue;
            }
            let start = self.at;
            let end = run_end(self.text, probe, self.class);
            self.at = end + 1;
            return Some(start..end);
        }
    }
}

/// Where the run of a class that goes on at `from` ends.
pub(super) fn run_end(text: &[u8], from: usize, class: &Class) -> usize {
    let rest = &text[from..];
    from + rest.iter().position(|byte| !class[usize::from(*byte)]).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::{Class, Runs, class};

    static LETTERS: Class = class(b"abc");

    #[test]
    fn only_long_runs_are_given_and_whole() {
        let runs = |text: &'static str| -> Vec<_> {
            Runs::new(text.as_bytes(), &LETTERS, 3).map(|run| &text[run]).collect()
        };
        assert_eq!(runs("abc ab cabc.a.bb ccc"), ["abc", "cabc", "ccc"]);
        assert!(runs("").is_empty() && runs("ab").is_empty() && runs("ab ab ab").is_empty());
        assert_eq!(runs("aaaa"), ["aaaa"]);
    }
}
