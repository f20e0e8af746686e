//! What a hand-written matcher must be able to do.

use std::ops::Range;

use crate::engine::candidate::Text;

/// Finds candidates without a regex.
pub trait Matcher: Sync {
    /// The name in signature files.
    fn name(&self) -> &'static str;

    /// Pushes the match and the secret inside it for each candidate that begins in `window`.
    ///
    /// Where the signature names `keywords`, windows are merged stretches around them; else the one
    /// window is the whole text. May look at all of `text` (bounded by a constant around the window).
    /// Linear in the window.
    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>);
}

/// What a matcher found. Ranges count from the start of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The whole match.
    pub range: Range<usize>,
    /// The secret inside it.
    pub secret: Range<usize>,
    /// The value, where it differs from the bytes of `secret`.
    pub value: Option<Vec<u8>>,
}
