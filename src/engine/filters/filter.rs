//! What a filter must be able to do.

use crate::engine::candidate::{Candidate, Text};
use crate::model::{Matcher, Signature};

/// Drops candidates for one reason.
pub trait Filter: Sync {
    /// The reason, as `explain` prints it: `placeholder`, `too-regular`, …
    fn reason(&self) -> &'static str;

    /// Whether it judges by looks alone: a candidate that is proven skips it.
    fn on_looks(&self) -> bool {
        true
    }

    /// Whether the candidate is no secret. Pure: depends on its arguments alone.
    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool;
}

/// The bytes of a value that are its own: what every value of its kind begins and ends with says nothing.
pub(super) fn own<'v>(value: &'v [u8], signature: &Signature) -> &'v [u8] {
    let (opening, closing) = signature.fixed;
    let end = value.len().saturating_sub(closing as usize);
    value.get(opening as usize..end).unwrap_or(value)
}

/// Whether a signature takes any value that a name or a place promises: its looks decide then.
pub(super) fn is_generic(signature: &Signature) -> bool {
    matches!(&signature.matcher, Matcher::Named(name) if matches!(&**name, "assignment" | "command-line" | "call-login" | "named-value" | "basic-login" | "weak-password"))
}
