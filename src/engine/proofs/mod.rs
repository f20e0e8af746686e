//! Offline proofs: checksums, embedded structure, and the facts that a credential carries.
//!
//! To add one: a file with a [`Proof`], a row in [`PROOFS`], and `proofs = ["name"]` in a signature.

mod proof;

pub use proof::{Outcome, Proof};

/// Every proof, by its name in signature files.
pub const PROOFS: &[&dyn Proof] = &[];

/// The proof of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Proof> {
    PROOFS.iter().copied().find(|proof| proof.name() == name)
}
