//! Credentials of several parts: a key beside its id, a token beside its account.

use super::candidate::Candidate;
use crate::model::{Confidence, Facts, SignatureSet};

/// Looks for the partners that signatures name, and returns the candidates that lack a required one.
///
/// The nearest partner within the distance counts. A pair that is whole is surer by one step on both
/// sides. Each learns the other's public part: its facts, and its value where the partner is an
/// identifier (`…-id`, `…-sid`), never where it is a secret. `value_of` reads the value of a candidate.
/// Positions may be of any base as long as all share it. O(n log n).
pub fn resolve(
    candidates: &mut Vec<Candidate>,
    set: &SignatureSet,
    value_of: impl Fn(&Candidate) -> Vec<u8>,
) -> Vec<Candidate> {
    if !candidates
        .iter()
        .any(|candidate| set.signatures[candidate.signature as usize].pair.is_some())
    {
        return Vec::new();
    }
    candidates.sort_by_key(|candidate| (candidate.secret.start, candidate.secret.end));
    let mut missing = vec![false; candidates.len()];
    let mut pairs = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let Some(pair) = &set.signatures[candidate.signature as usize].pair else { continue };
        match nearest(candidates, index, set, &pair.with, pair.within as usize) {
            Some(partner) => pairs.push((index, partner)),
            None => missing[index] = pair.required && !candidate.proven,
        }
    }
    // Read before any is told, or a part would hear its own words back.
    let both = pairs.iter().flat_map(|(own, other)| [(*own, *other), (*other, *own)]);
    let told: Vec<_> =
        both.map(|(own, other)| (own, public_part(&candidates[other], set, &value_of))).collect();
    let mut raised = vec![false; candidates.len()];
    for (own, facts) in told {
        for (name, fact) in facts {
            candidates[own].facts.entry(name).or_insert(fact);
        }
        if !std::mem::replace(&mut raised[own], true) {
            candidates[own].confidence = above(candidates[own].confidence);
        }
    }
    let mut kept = Vec::with_capacity(candidates.len());
    let mut dropped = Vec::new();
    for (candidate, missing) in std::mem::take(candidates).into_iter().zip(missing) {
        if missing { dropped.push(candidate) } else { kept.push(candidate) }
    }
    *candidates = kept;
    dropped
}

/// The most candidates between a part and its partner that are looked at.
const NEIGHBOURS: usize = 64;

/// The nearest candidate of the signature `with` within `within` bytes, by index; the earlier of two.
fn nearest(
    candidates: &[Candidate],
    index: usize,
    set: &SignatureSet,
    with: &str,
    within: usize,
) -> Option<usize> {
    let own = &candidates[index].secret;
    let is_partner =
        |other: &usize| set.signatures[candidates[*other].signature as usize].id == with;
    let gap = |other: usize| {
        let other = &candidates[other].secret;
        other.start.saturating_sub(own.end).max(own.start.saturating_sub(other.end))
    };
    let before = (0..index).rev().take(NEIGHBOURS).find(is_partner);
    let after = (index + 1..candidates.len()).take(NEIGHBOURS).find(is_partner);
    before
        .into_iter()
        .chain(after)
        .filter(|other| gap(*other) <= within)
        .min_by_key(|other| gap(*other))
}

/// What a partner may be told: facts, and the value of an identifier.
fn public_part(
    partner: &Candidate,
    set: &SignatureSet,
    value_of: &impl Fn(&Candidate) -> Vec<u8>,
) -> Facts {
    let id = set.signatures[partner.signature as usize].id.clone().into_owned();
    let mut facts = partner.facts.clone();
    if id.ends_with("-id") || id.ends_with("-sid") {
        let value = String::from_utf8_lossy(&value_of(partner)).into_owned();
        facts.insert(id.clone(), value.into());
    }
    facts.insert("pair".to_owned(), id.into());
    facts
}

fn above(confidence: Confidence) -> Confidence {
    if confidence == Confidence::Low { Confidence::Medium } else { Confidence::High }
}

#[cfg(test)]
mod tests;
