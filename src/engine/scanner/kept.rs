//! Candidates that stay, cut loose from their window, and how they become findings.

use std::collections::BTreeMap;
use std::ops::Range;

use super::options::Options;
use super::places::Place;
use super::set::Prepared;
use crate::engine::candidate::{Candidate, Dropped};
use crate::engine::matchers::REACH;
use crate::engine::overlap;
use crate::engine::pairs;
use crate::engine::rules;
use crate::model::{Blob, Excerpt, Finding, Nearby, SecretBytes, Span, Suppression, Verdict};

/// What is remembered of a candidate beside itself.
pub(super) struct Kept {
    /// Positions are those of the raw blob; the value is its own.
    pub(super) candidate: Candidate,
    pub(super) decoded: Vec<String>,
    /// Where the match begins.
    pub(super) matched: Place,
    pub(super) start: Place,
    pub(super) end: Place,
    /// The excerpt, and where it begins in the text whose lines are reported, counted over all windows.
    pub(super) excerpt: Vec<u8>,
    pub(super) excerpt_at: u64,
    pub(super) cut: (bool, bool),
    /// The text around the secret, where it was asked for.
    pub(super) nearby: Option<Nearby>,
    /// The secret in that text.
    pub(super) shown: Range<u64>,
    pub(super) marker: Option<&'static str>,
}

type Key = (u32, usize, usize);

fn key(candidate: &Candidate) -> Key {
    (candidate.signature, candidate.secret.start, candidate.secret.end)
}

/// Pairs, overlaps, and findings in order of position and signature.
pub(super) fn findings(
    kept: Vec<Kept>,
    prepared: &Prepared,
    options: &Options,
    blob: &Blob,
    dropped: &mut Vec<Dropped>,
) -> Vec<Finding> {
    if kept.is_empty() {
        return Vec::new();
    }
    let set = &prepared.set;
    let mut hidden: Vec<Range<u64>> = kept.iter().map(|kept| kept.shown.clone()).collect();
    hidden.sort_by_key(|range| (range.start, range.end));
    let mut details = BTreeMap::new();
    let mut candidates = Vec::with_capacity(kept.len());
    for mut kept in kept {
        let candidate = std::mem::replace(&mut kept.candidate, empty());
        details.entry(key(&candidate)).or_insert_with(|| {
            candidates.push(candidate);
            kept
        });
    }
    let place_of = |candidate: &Candidate| {
        details.get(&key(candidate)).map_or((0, 0), |kept| (kept.matched.line, kept.matched.column))
    };
    let alone = rules::resolve(&mut candidates, set, place_of);
    let value_of = |candidate: &Candidate| candidate.value.clone().unwrap_or_default();
    let lonely = pairs::resolve(&mut candidates, set, value_of);
    for lonely in lonely.into_iter().chain(alone) {
        if let Some(kept) = details.get(&key(&lonely)).filter(|_| options.explain) {
            dropped.push(Dropped {
                signature: set.signatures[lonely.signature as usize].id.clone().into_owned(),
                span: Span::new(lonely.secret.start as u64, lonely.secret.end as u64),
                line: kept.start.line,
                reason: "no-partner",
            });
        }
    }
    let claimed = overlap::resolve(candidates, set);
    let made = claimed.into_iter().filter_map(|claimed| {
        let kept = details.remove(&key(&claimed.candidate))?;
        Some(finding(claimed, kept, &hidden, prepared, blob))
    });
    made.collect()
}

fn empty() -> Candidate {
    Candidate {
        signature: 0,
        range: 0..0,
        secret: 0..0,
        value: None,
        confidence: crate::model::Confidence::Low,
        facts: crate::model::Facts::new(),
        proven: false,
    }
}

fn finding(
    claimed: overlap::Claimed,
    kept: Kept,
    hidden: &[Range<u64>],
    prepared: &Prepared,
    blob: &Blob,
) -> Finding {
    let overlap::Claimed { candidate, also } = claimed;
    let text = |index: u32| prepared.set.signatures[index as usize].id.clone().into_owned();
    let signature = &prepared.set.signatures[candidate.signature as usize];
    let mut signatures = vec![text(candidate.signature)];
    signatures.extend(also.into_iter().map(text));
    Finding {
        signature: signature.id.clone().into_owned(),
        signatures,
        provider: signature.provider.clone().into_owned(),
        title: signature.title.clone().into_owned(),
        kind: signature.kind.clone().into_owned(),
        severity: signature.severity,
        confidence: candidate.confidence,
        revoke: signature.revoke.clone().map(std::borrow::Cow::into_owned),
        path: blob.path.clone(),
        origin: blob.origin.clone(),
        line: kept.start.line,
        column: kept.start.column,
        end_line: kept.end.line,
        end_column: kept.end.column + 1,
        span: Span::new(candidate.secret.start as u64, candidate.secret.end as u64),
        secret: SecretBytes::new(candidate.value.unwrap_or_default()),
        fingerprint: None,
        decoded: kept.decoded,
        facts: candidate.facts,
        excerpt: Excerpt {
            hidden: hidden_in(hidden, kept.excerpt_at, kept.excerpt.len()),
            line: SecretBytes::new(kept.excerpt),
            cut: kept.cut,
        },
        nearby: kept.nearby,
        suppression: kept.marker.map(|marker| Suppression::Inline(marker.to_owned())),
        expired: None,
        verdict: Verdict::not_checked(),
        sightings: 1,
        history: None,
    }
}

/// The parts of an excerpt that are secrets, of all kept candidates.
fn hidden_in(hidden: &[Range<u64>], at: u64, length: usize) -> Vec<Range<usize>> {
    let end = at + length as u64;
    // No secret is longer than what a matcher reaches: farther ones need not be looked at.
    let from = hidden.partition_point(|range| range.start + 2 * (REACH as u64) < at);
    let until = hidden.partition_point(|range| range.start < end);
    let touching = hidden[from..until].iter().filter(|range| range.end > at);
    let place = |position: u64| position.clamp(at, end).saturating_sub(at) as usize;
    let mut ranges: Vec<_> = touching.map(|range| place(range.start)..place(range.end)).collect();
    ranges.dedup();
    ranges
}
