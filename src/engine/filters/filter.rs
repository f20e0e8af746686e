//! What a filter must be able to do.

use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops candidates for one reason.
pub trait Filter: Sync {
    /// The reason, as `explain` prints it: `placeholder`, `too-regular`, …
    fn reason(&self) -> &'static str;

    /// Whether the candidate is no secret. Pure: depends on its arguments alone.
    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool;
}
