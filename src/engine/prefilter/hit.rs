//! What a prefilter finds, and must be able to do.

use std::ops::Range;

use crate::decode::Survey;

/// A literal that stands in the text, in whatever case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where its first byte stands.
    pub at: u32,
    /// Index into the tables' literals.
    pub literal: u32,
}

/// Finds literals.
pub trait Prefilter {
    /// Pushes a hit for each literal that begins in `range` and stands wholly in `text`, in any order.
    ///
    /// Linear in the range. Texts are windows of less than 4 GiB; `survey` is of the text.
    fn find(&mut self, text: &[u8], survey: &Survey, range: Range<usize>, hits: &mut Vec<Hit>);
}
