//! Line and column of a byte.

/// Where lines begin in a piece of text; built once, asked by binary search.
///
/// A line ends behind its `\n`; `\r` is an ordinary byte.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Reads the text once: `O(n)`, one word of memory a line.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|at| at + 1));
        Self { starts }
    }

    /// Line and byte column of an offset, both from 1.
    #[must_use]
    pub fn position(&self, offset: usize) -> (u64, u64) {
        let line = self.starts.partition_point(|start| *start <= offset);
        (line as u64, (offset - self.starts[line - 1]) as u64 + 1)
    }

    /// The byte range of a line (from 1), without its `\n`, in the text that it was built from.
    #[must_use]
    pub fn line(&self, line: u64, text: &[u8]) -> std::ops::Range<usize> {
        let index = line as usize - 1;
        let start = self.starts[index];
        let end = self.starts.get(index + 1).map_or(text.len(), |next| next - 1);
        start..end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::LineIndex;

    #[test]
    fn a_line_is_given_without_its_newline() {
        let text = b"one\r\n\nthree";
        let index = LineIndex::new(text);
        let lines: Vec<_> = (1..=3).map(|line| &text[index.line(line, text)]).collect();
        assert_eq!(lines, [b"one\r".as_slice(), b"", b"three"]);
    }

    proptest! {
        #[test]
        fn positions_are_those_of_counting_newlines(text in "[ab\r\n]{0,80}", at in 0_usize..80) {
            let at = at.min(text.len());
            let before = &text[..at];
            let line = before.matches('\n').count() as u64 + 1;
            let column = (at - before.rfind('\n').map_or(0, |newline| newline + 1)) as u64 + 1;
            prop_assert_eq!(LineIndex::new(text.as_bytes()).position(at), (line, column));
        }
    }
}
