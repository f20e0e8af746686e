//! One span, one finding: of candidates whose secrets overlap, one wins and names the others.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::candidate::Candidate;
use crate::model::SignatureSet;

/// A candidate that won its span.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The winner.
    pub candidate: Candidate,
    /// The signatures of those that lost to it, by index, sorted, each once.
    pub also: Vec<u32>,
}

/// Leaves one candidate of those that overlap: the higher rank wins, then the proven one, then a
/// provider's over a generic one, then the longer secret, then the id, then the first.
///
/// Positions may be of any base as long as all share it. Sorted by position. O(n log n).
#[must_use]
pub fn resolve(candidates: Vec<Candidate>, set: &SignatureSet) -> Vec<Claimed> {
    // What takes no bytes is about the file, and shares none with anything.
    let (about_files, mut ordered): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|candidate| candidate.secret.is_empty());
    ordered.sort_by_cached_key(|candidate| {
        let signature = &set.signatures[candidate.signature as usize];
        let generic = signature.provider.eq_ignore_ascii_case("generic");
        let secret = &candidate.secret;
        (
            Reverse(signature.rank),
            !candidate.proven,
            generic,
            Reverse(secret.len()),
            signature.id.clone(),
            (secret.start, secret.end, candidate.range.start, candidate.range.end),
        )
    });
    let mut kept: BTreeMap<usize, Claimed> = BTreeMap::new();
    for candidate in ordered {
        let secret = &candidate.secret;
        // Kept spans share no byte, so the last that begins before this one's end is the one to ask.
        let before = kept.range_mut(..secret.end.max(secret.start + 1)).next_back();
        match before {
            Some((_, winner)) if winner.candidate.secret.end > secret.start => {
                if winner.candidate.signature != candidate.signature {
                    winner.also.push(candidate.signature);
                }
            }
            _ => {
                kept.insert(secret.start, Claimed { candidate, also: Vec::new() });
            }
        }
    }
    let alone = about_files.into_iter().map(|candidate| Claimed { candidate, also: Vec::new() });
    let mut claimed: Vec<Claimed> = alone.chain(kept.into_values()).collect();
    for winner in &mut claimed {
        winner.also.sort_unstable();
        winner.also.dedup();
    }
    claimed
}

#[cfg(test)]
mod tests;
