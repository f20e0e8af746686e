//! Encodings that hide a secret, undone with spans that map back to the raw bytes.
//!
//! Text goes in, with a [`Survey`] of it; [`Decoded`] stretches come out, each with a [`Map`]; the engine scans and decodes
//! them again, to its depth. Only stretches that turn out to be text are given. Whole files in
//! UTF-16 or UTF-32 go through [`utf16::detect`] and [`utf16::transcode`] first.
//!
//! To add one: a file with a [`Decoder`], and a row in [`DECODERS`].

mod base64;
pub mod blocks;
mod decoder;
mod entities;
mod escapes;
mod hex;
mod map;
mod marks;
mod percent;
mod simd;
mod spliced;
pub mod survey;
pub mod teddy;
mod texts;
pub mod utf16;
mod wrapped;

#[cfg(test)]
mod tests;

pub use decoder::{Decoded, Decoder};
pub use map::Map;
pub use survey::Survey;

/// Every encoding, in the order in which they are tried.
pub const DECODERS: &[&dyn Decoder] = &[
    &base64::Base64,
    &hex::Hex,
    &percent::Percent,
    &escapes::Escapes,
    &entities::Entities,
    &utf16::Utf16,
];
