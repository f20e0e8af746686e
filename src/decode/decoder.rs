//! What an encoding must be able to do.

use std::ops::Range;

use super::map::Map;
use super::survey::Survey;

/// Finds and undoes one encoding.
pub trait Decoder: Sync {
    /// The name in `decoded`: `base64`, `hex`, …
    fn name(&self) -> &'static str;

    /// Pushes every decoded stretch of `text` that is worth scanning. Linear in `text`; what it
    /// pushes is never longer, in all, than `text` (times a constant that the decoder states).
    ///
    /// `text` is a window of at most 4 GiB, and may be cut anywhere; `survey` is of it.
    fn decode(&self, text: &[u8], survey: &Survey, found: &mut Vec<Decoded>);

    /// Whether changes of a text in which nothing was found may bring something to be found; false only where
    /// they certainly do not. Costs the bytes around the changes, which come in order.
    fn may_wake(&self, text: &[u8], survey: &Survey, changes: &[Range<usize>]) -> bool {
        let _ = (text, survey, changes);
        true
    }
}

/// A stretch that was decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The encoded bytes, in the text that was given.
    pub span: Range<usize>,
    /// What they mean.
    pub bytes: Vec<u8>,
    /// How positions in `bytes` map back.
    pub map: Map,
}

impl Decoded {
    /// A stretch whose span is what its map says of all its bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>, map: Map) -> Self {
        Self { span: map.encoded(0..bytes.len()), bytes, map }
    }

    /// The encoded range of a range of decoded bytes. Logarithmic in the number of lines or escapes.
    ///
    /// # Panics
    /// If the range does not lie in `bytes`.
    #[must_use]
    pub fn encoded(&self, decoded: Range<usize>) -> Range<usize> {
        assert!(decoded.end <= self.bytes.len(), "the range lies in the decoded bytes");
        self.map.encoded(decoded)
    }
}
