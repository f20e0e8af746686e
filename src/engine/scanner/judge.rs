//! Proofs and filters: whether a candidate stays, and how sure it is.

use crate::engine::candidate::{Candidate, Text};
use crate::engine::filters;
use crate::engine::proofs::{self, Outcome};
use crate::model::{Confidence, Signature};
use crate::text::entropy;

/// Runs the proofs, then what is asked of the looks. An error is the reason to drop it.
pub(super) fn judge(
    candidate: &mut Candidate,
    signature: &Signature,
    text: &Text<'_>,
) -> Result<(), &'static str> {
    for name in signature.proofs.iter() {
        // A proof that does not exist proves nothing; `faults` tells of it when a set is loaded.
        let Some(proof) = proofs::named(name) else { continue };
        match proof.check(candidate, text) {
            Outcome::Holds { certain, facts } => {
                candidate.proven |= certain;
                candidate.facts.extend(facts);
            }
            Outcome::Fails(reason) => return Err(reason),
            Outcome::Doubt => candidate.confidence = below(candidate.confidence),
            Outcome::Silent => {}
        }
    }
    if !candidate.proven {
        let value = candidate.value(text);
        if signature.require_digit && !value.iter().any(u8::is_ascii_digit) {
            return Err("no-digit");
        }
        if signature.min_entropy > 0.0 && entropy(value) < signature.min_entropy {
            return Err("low-entropy");
        }
    }
    filters::judge(candidate, signature, text).map_or(Ok(()), Err)
}

fn below(confidence: Confidence) -> Confidence {
    if confidence == Confidence::High { Confidence::Medium } else { Confidence::Low }
}
