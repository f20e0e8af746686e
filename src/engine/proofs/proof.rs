//! What a proof must be able to do.

use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// What a proof says of a candidate.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It holds: `certain` where a checksum or a parsed structure leaves no doubt.
    Holds {
        /// Whether filters on looks are to be skipped.
        certain: bool,
        /// What was read.
        facts: Facts,
    },
    /// It fails, and the algorithm is certain: no finding, dropped for this reason.
    Fails(&'static str),
    /// It fails, but the algorithm is only likely: lower confidence.
    Doubt,
    /// It does not apply to this form.
    Silent,
}

/// Checks one thing offline.
pub trait Proof: Sync {
    /// The name in signature files.
    fn name(&self) -> &'static str;

    /// Judges the value of a candidate; may look at the text around it (a host name beside a key).
    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome;

    /// A value that this proof accepts, made from a sample that has the right shape: checksum digits
    /// are put right. `None` where any value of the shape will do. Used by `${…}` templates of samples.
    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>>;
}
