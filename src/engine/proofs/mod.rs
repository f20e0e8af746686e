//! Offline proofs: checksums, embedded structure, and the facts that a credential carries.
//!
//! To add one: a file with a [`Proof`], a row in [`PROOFS`], and `proofs = ["name"]` in a signature.
//! A proof whose rule is certain drops what fails it; one that is only likely lowers the confidence.

mod armour;
mod aws;
mod azure;
mod azure_sas;
mod cask;
mod coins;
mod crc;
mod der;
mod embedded;
mod encodings;
mod gitlab;
mod jwt;
mod marvin;
mod openssh;
mod pgp;
mod private_key;
mod proof;
mod public_parts;
mod registries;
mod supabase;
#[cfg(test)]
mod tests;

pub use encodings::REACH;
pub use proof::{Outcome, Proof};

/// Every proof, by its name in signature files.
pub const PROOFS: &[&dyn Proof] = &[
    &aws::Account,
    &aws::Bedrock,
    &azure::EntraSecret,
    &azure::Identifiable,
    &azure_sas::Sas,
    &cask::Cask,
    &coins::Age,
    &coins::Base58Check,
    &crc::ATLASSIAN,
    &crc::CLOUDFLARE,
    &crc::CONFLUENT,
    &crc::GITHUB,
    &crc::GRAFANA,
    &crc::ZUPLO,
    &embedded::GRAFANA_CLOUD,
    &embedded::GRAFANA_LEGACY,
    &embedded::ONEPASSWORD,
    &embedded::SENTRY,
    &embedded::SNYK,
    &gitlab::Routable,
    &jwt::Jwt,
    &private_key::PrivateKey,
    &public_parts::DATABRICKS,
    &public_parts::DOPPLER,
    &public_parts::Discord,
    &public_parts::GCP,
    &public_parts::MAILCHIMP,
    &public_parts::SENDGRID,
    &public_parts::SLACK,
    &public_parts::STRIPE,
    &public_parts::TELEGRAM,
    &public_parts::TERRAFORM,
    &public_parts::TWILIO,
    &public_parts::VAULT,
    &registries::Macaroon,
    &registries::Reference,
    &supabase::Supabase,
];

/// The proof of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Proof> {
    PROOFS.iter().copied().find(|proof| proof.name() == name)
}
