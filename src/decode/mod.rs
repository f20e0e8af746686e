//! Encodings that hide a secret, undone with spans that map back to the raw bytes.
//!
//! To add one: a file with a [`Decoder`], and a row in [`DECODERS`].

mod decoder;

pub use decoder::{Decoded, Decoder, Map};

/// Every encoding, in the order in which they are tried.
pub const DECODERS: &[&dyn Decoder] = &[];
