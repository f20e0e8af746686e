//! Values that standards and vendors print in their documentation.

use sha2::{Digest, Sha256};

use super::filter::Filter;
use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops values that a signature lists as known, by their SHA-256.
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
        let digest: [u8; 32] = Sha256::digest(candidate.value(text)).into();
        signature.known.contains(&digest)
    }
}
