//! Offline proofs: checksums, embedded structure, and the facts that a credential carries.
//!
//! To add one: a file with a [`Proof`], a row in [`PROOFS`], and `proofs = ["name"]` in a signature.
//! A proof whose rule is certain drops what fails it; one that is only likely lowers the confidence.

mod azure;
mod cask;
mod crc;
mod encodings;
mod gitlab;
mod marvin;
mod proof;
#[cfg(test)]
mod tests;

pub use proof::{Outcome, Proof};

/// Every proof, by its name in signature files.
pub const PROOFS: &[&dyn Proof] = &[
    &crc::ATLASSIAN,
    &crc::CLOUDFLARE,
    &crc::CONFLUENT,
    &crc::GITHUB,
    &crc::GRAFANA,
    &crc::ZUPLO,
    &azure::EntraSecret,
    &azure::Identifiable,
    &cask::Cask,
    &gitlab::Routable,
];

/// The proof of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Proof> {
    PROOFS.iter().copied().find(|proof| proof.name() == name)
}
