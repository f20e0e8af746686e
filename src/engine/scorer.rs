//! How sure a generic finding is: small trees over what its name, its place and its text say.
//!
//! The tables of ordinary text and the trees are made by `scorer/make_tables.py` and `scorer/train.py`.

mod features;
mod reasons;
mod trees;

use super::candidate::{Candidate, Score, Text};
use crate::model::Confidence;

#[cfg(test)]
mod tests;

use features::features;
pub use features::words;
pub(super) use features::{KINDS, is_known_word};

/// The least score of each confidence, the highest first. Below all of them next to nothing is a secret.
pub const LEVELS: [(Confidence, f32); 3] =
    [(Confidence::High, 0.85), (Confidence::Medium, 0.4), (Confidence::Low, 0.05)];

/// How sure a candidate of one of [`KINDS`] is, or `None` where it is ordinary text.
pub(super) fn confidence(candidate: &Candidate, kind: &str, text: &Text<'_>) -> Option<Confidence> {
    let score = trees::probability(&features(candidate, kind, text));
    LEVELS.iter().find(|(_, least)| score >= *least).map(|(level, _)| *level)
}

/// The score of a candidate of one of [`KINDS`], with its reasons in words that quote nothing of it.
pub(super) fn explain(candidate: &Candidate, kind: &str, text: &Text<'_>) -> Score {
    let features = features(candidate, kind, text);
    let (raised_by, lowered_by) = reasons::strongest(&features, &trees::contributions(&features));
    Score { value: trees::probability(&features), raised_by, lowered_by }
}

/// Whether words of ordinary code make up a value, apart from a few digits: someone's weak password, or a
/// sample of documentation. Nothing but its place tells which.
pub(super) fn is_words(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let (covered, _) = features::cover(value);
    value.len() < 40
        && digits <= 4
        && letters > 0
        && (covered >= 0.8 || (digits == 0 && letters <= 6))
}
