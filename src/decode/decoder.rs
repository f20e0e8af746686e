//! What an encoding must be able to do.

use std::ops::Range;

/// Finds and undoes one encoding.
pub trait Decoder: Sync {
    /// The name in `decoded`: `base64`, `hex`, …
    fn name(&self) -> &'static str;

    /// Pushes every decoded stretch of `text` that is worth scanning. Linear in `text`; what it
    /// pushes is never longer, in all, than `text` (times a constant that the decoder states).
    fn decode(&self, text: &[u8], found: &mut Vec<Decoded>);
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

/// How a position in decoded bytes maps back to the encoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Map {
    /// `starts[i]..starts[i + 1]` of the text encodes byte `i`; one entry more than bytes.
    Bytes(Vec<u32>),
}

impl Decoded {
    /// The encoded range of a range of decoded bytes.
    ///
    /// # Panics
    /// If the range does not lie in `bytes`.
    #[must_use]
    pub fn encoded(&self, decoded: Range<usize>) -> Range<usize> {
        match &self.map {
            Map::Bytes(starts) => starts[decoded.start] as usize..starts[decoded.end] as usize,
        }
    }
}
