use std::borrow::Cow;
use std::ops::Range;

use proptest::prelude::*;

use super::{Candidate, SignatureSet, resolve};
use crate::model::{Confidence, Facts, Matcher, PrefilterTables, Severity, Signature};

fn signature(id: &'static str, provider: &'static str, rank: i32) -> Signature {
    let text = Cow::Borrowed;
    Signature {
        id: text(id),
        provider: text(provider),
        file: text("test"),
        title: text("a test"),
        severity: Severity::High,
        confidence: Confidence::Medium,
        kind: text("api-key"),
        matcher: Matcher::Named(text("assignment")),
        keywords: Cow::Borrowed(&[]),
        window: Default::default(),
        min_entropy: 0.0,
        fixed: (0, 0),
        require_digit: false,
        proofs: Cow::Borrowed(&[]),
        pair: None,
        known: Cow::Borrowed(&[]),
        rank,
        revoke: None,
        docs: None,
        probe: None,
    }
}

fn set() -> SignatureSet {
    let signatures = vec![
        signature("generic-a", "Generic", 0),
        signature("one", "One", 0),
        signature("two", "Two", 5),
    ];
    SignatureSet { signatures: signatures.into(), tables: PrefilterTables::default() }
}

fn candidate(signature: u32, secret: Range<usize>, proven: bool) -> Candidate {
    let confidence = Confidence::Medium;
    Candidate {
        signature,
        range: secret.clone(),
        secret,
        value: None,
        confidence,
        facts: Facts::new(),
        proven,
    }
}

#[test]
fn a_provider_wins_over_a_generic_name_and_names_the_loser() {
    let claimed = resolve(vec![candidate(0, 0..40, false), candidate(1, 5..20, false)], &set());
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].candidate.signature, claimed[0].also.as_slice()), (1, &[0][..]));
}

#[test]
fn rank_comes_before_proof_and_proof_before_length() {
    let claimed = resolve(vec![candidate(1, 0..40, true), candidate(2, 5..20, false)], &set());
    assert_eq!(claimed[0].candidate.signature, 2);
    let claimed = resolve(vec![candidate(0, 0..10, true), candidate(1, 0..40, false)], &set());
    assert_eq!(claimed[0].candidate.signature, 0);
}

#[test]
fn spans_that_only_touch_are_both_kept() {
    assert_eq!(
        resolve(vec![candidate(1, 0..5, false), candidate(1, 5..9, false)], &set()).len(),
        2
    );
}

proptest! {
    #[test]
    fn winners_share_no_byte_and_the_order_of_arrival_does_not_matter(
        spans in prop::collection::vec((0_u32..3, 0_usize..60, 1_usize..20, any::<bool>()), 0..20),
    ) {
        let all: Vec<_> =
            spans.iter().map(|(s, at, len, proven)| candidate(*s, *at..at + len, *proven)).collect();
        let backwards: Vec<_> = all.iter().rev().cloned().collect();
        let (a, b) = (resolve(all, &set()), resolve(backwards, &set()));
        for two in a.windows(2) {
            prop_assert!(two[0].candidate.secret.end <= two[1].candidate.secret.start);
        }
        let shown = |claimed: &[super::Claimed]| -> Vec<_> {
            claimed.iter().map(|c| (c.candidate.signature, c.candidate.secret.clone(), c.also.clone())).collect()
        };
        prop_assert_eq!(shown(&a), shown(&b));
    }
}
