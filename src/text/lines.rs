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
