//! Proofs: no bytes make one panic, and what one has sealed it does not drop.

use leakspan::engine::proofs::{Outcome, PROOFS, Proof};
use leakspan::engine::{Candidate, Text};
use leakspan::model::{BlobPath, Confidence, Facts};

use super::input::Input;

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (start, length) = (input.below(512), input.below(512));
    let bytes = input.rest();
    let start = start.min(bytes.len());
    let secret = start..(start + length).min(bytes.len());
    let path = BlobPath::new("a");
    let outcome = |bytes: &[u8], secret: std::ops::Range<usize>, proof: &dyn Proof| {
        let text = Text { bytes, path: &path, decoded: false };
        proof.check(
            &Candidate {
                signature: 0,
                range: secret.clone(),
                secret,
                value: None,
                confidence: Confidence::Medium,
                facts: Facts::new(),
                proven: false,
            },
            &text,
        )
    };
    for proof in PROOFS {
        outcome(bytes, secret.clone(), *proof);
        if let Some(sealed) = proof.seal(&bytes[secret.clone()]) {
            let again = outcome(&sealed, 0..sealed.len(), *proof);
            assert!(!matches!(again, Outcome::Fails(_)), "{}", proof.name());
        }
    }
}
