use std::borrow::Cow;
use std::ops::Range;

use super::{Candidate, SignatureSet, resolve};
use crate::model::{Confidence, Facts, Matcher, Pair, PrefilterTables, Severity, Signature};

fn signature(id: &'static str, pair: Option<Pair>) -> Signature {
    let text = Cow::Borrowed;
    Signature {
        id: text(id),
        provider: text("Acme"),
        file: text("acme"),
        title: text("a test"),
        severity: Severity::High,
        confidence: Confidence::Medium,
        kind: text("api-key"),
        matcher: Matcher::Pattern(text("x")),
        keywords: Cow::Borrowed(&[]),
        window: Default::default(),
        min_entropy: 0.0,
        fixed: (0, 0),
        require_digit: false,
        proofs: Cow::Borrowed(&[]),
        pair,
        known: Cow::Borrowed(&[]),
        rank: 0,
        revoke: None,
        docs: None,
        probe: None,
    }
}

fn set(required: bool) -> SignatureSet {
    let pair = Pair { with: Cow::Borrowed("acme-key-id"), within: 100, required };
    let signatures = vec![signature("acme-key-id", None), signature("acme-secret", Some(pair))];
    SignatureSet { signatures: signatures.into(), tables: PrefilterTables::default() }
}

fn candidate(signature: u32, secret: Range<usize>) -> Candidate {
    let confidence = Confidence::Medium;
    Candidate {
        signature,
        range: secret.clone(),
        secret,
        value: None,
        confidence,
        facts: Facts::new(),
        proven: false,
    }
}

fn value_of(candidate: &Candidate) -> Vec<u8> {
    format!("at {}", candidate.secret.start).into_bytes()
}

#[test]
fn a_secret_without_its_required_partner_is_dropped() {
    let mut candidates = vec![candidate(1, 0..10), candidate(0, 111..120)];
    let dropped = resolve(&mut candidates, &set(true), value_of);
    assert_eq!((candidates.len(), dropped.len()), (1, 1));
    let mut candidates = vec![candidate(1, 0..10)];
    assert!(resolve(&mut candidates, &set(false), value_of).is_empty());
    assert_eq!(candidates[0].confidence, Confidence::Medium);
}

#[test]
fn the_nearest_partner_raises_both_and_only_the_id_is_told() {
    let mut candidates = vec![candidate(0, 0..10), candidate(1, 50..60), candidate(0, 70..80)];
    assert!(resolve(&mut candidates, &set(true), value_of).is_empty());
    assert_eq!(candidates[1].confidence, Confidence::High);
    assert_eq!(candidates[1].facts["acme-key-id"], "at 70");
    assert_eq!(candidates[2].confidence, Confidence::High);
    assert_eq!(candidates[2].facts["pair"], "acme-secret");
    assert!(
        !candidates[2].facts.contains_key("acme-secret"),
        "the secret itself is told to nobody"
    );
    assert_eq!(candidates[0].confidence, Confidence::Medium);
}
