//! Values that standards and vendors print in their documentation.

use sha2::{Digest, Sha256};

use super::filter::Filter;
use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops values that a signature lists as known.
///
/// An entry of 64 hex digits is the SHA-256 of a value: so no file of ours holds the value itself.
pub(super) struct KnownExample;

impl Filter for KnownExample {
    fn reason(&self) -> &'static str {
        "known-example"
    }

    fn on_looks(&self) -> bool {
        false
    }

    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        if signature.known.is_empty() {
            return false;
        }
        let value = candidate.value(text);
        let digest: String =
            Sha256::digest(value).iter().map(|byte| format!("{byte:02x}")).collect();
        signature.known.iter().any(|known| known.as_bytes() == value || **known == *digest)
    }
}
