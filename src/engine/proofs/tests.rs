//! What the tests of all proofs share, and what holds for every row of the table.

use std::ops::Range;

use proptest::prelude::*;

use super::*;
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

#[test]
fn names_are_kebab_case_and_unique() {
    for (row, proof) in PROOFS.iter().enumerate() {
        let name = proof.name();
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
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
