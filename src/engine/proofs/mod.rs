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
mod key;
mod marvin;
mod mnemonic;
mod openssh;
mod pgp;
mod private_key;
mod proof;
mod public_parts;
mod putty;
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
    &coins::Bech32,
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
    &mnemonic::SeedPhrase,
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
    &putty::KeyFile,
    &registries::Macaroon,
    &registries::Reference,
    &supabase::Supabase,
];

/// The proof of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Proof> {
    PROOFS.iter().copied().find(|proof| proof.name() == name)
}

#[cfg(test)]
mod table {
    use proptest::prelude::*;

    use super::tests::{check, check_in};
    use super::*;

    #[test]
    fn names_are_kebab_case_and_unique() {
        for (row, proof) in PROOFS.iter().enumerate() {
            let name = proof.name();
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(PROOFS[row + 1..].iter().all(|other| other.name() != name), "{name} twice");
            assert!(named(name).is_some());
        }
        assert!(named("no-such-proof").is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_proof_panic(
            before in proptest::collection::vec(any::<u8>(), 0..40),
            value in proptest::collection::vec(any::<u8>(), 0..200),
            after in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let bytes = [&before[..], &value, &after].concat();
            for proof in PROOFS {
                check_in(*proof, &bytes, before.len()..before.len() + value.len());
                proof.seal(&value);
            }
        }

        #[test]
        fn no_text_of_a_known_beginning_makes_a_proof_panic(
            prefix in prop::sample::select(vec![
                "ghp_", "glsa_", "ATATT3xFfGF0", "cfut_", "cflt", "zpka_", "glpat-", "AKIA", "ABSK",
                "eyJ", "pypi-", "sntrys_", "snyk_uat.", "glc_", "ops_", "xoxb-", "SG.", "sb_secret_",
                "-----BEGIN RSA PRIVATE KEY-----\n", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n",
                "-----BEGIN OPENSSH PRIVATE KEY-----\n", "sv=", "AGE-SECRET-KEY-1", "xprv", "5",
            ]),
            body in "[A-Za-z0-9+/=._~:&{}\\\\\n-]{0,120}",
        ) {
            let value = [prefix, &body].concat();
            for proof in PROOFS {
                check(*proof, value.as_bytes());
                if let Some(sealed) = proof.seal(value.as_bytes()) {
                    let outcome = check(*proof, &sealed);
                    prop_assert!(!matches!(outcome, Outcome::Fails(_)), "{}", proof.name());
                }
            }
        }
    }
}
