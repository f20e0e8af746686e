//! What the tests of all proofs share.

use std::ops::Range;

use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::{BlobPath, Confidence, Facts};

/// Asks a proof about a value that stands alone.
pub(super) fn check(proof: &dyn Proof, value: &[u8]) -> Outcome {
    check_in(proof, value, 0..value.len())
}

/// Asks a proof about a value inside a text.
pub(super) fn check_in(proof: &dyn Proof, bytes: &[u8], secret: Range<usize>) -> Outcome {
    let path = BlobPath::new("a");
    let text = Text { bytes, path: &path, decoded: false };
    let candidate = Candidate {
        signature: 0,
        range: secret.clone(),
        secret,
        value: None,
        confidence: Confidence::Medium,
        facts: Facts::new(),
        proven: false,
    };
    proof.check(&candidate, &text)
}

/// Whether the outcome leaves no doubt.
pub(super) fn certain(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Holds { certain: true, .. })
}
