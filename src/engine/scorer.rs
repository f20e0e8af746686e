//! How sure a generic finding is: small trees over what its name, its place and its text say.
//!
//! The tables of ordinary text and the trees are made by `scorer/make_tables.py` and `scorer/train.py`.

mod features;
mod trees;

use super::candidate::{Candidate, Text};
use crate::model::Confidence;

#[cfg(test)]
mod tests;

use features::features;
pub use features::words;
pub(super) use features::{KINDS, is_known_word};

/// Scores from here on are medium, and high.
const LEVELS: (f32, f32) = (0.4, 0.85);
/// Below this next to nothing is a secret.
const NEVER: f32 = 0.05;

/// How sure a candidate of one of [`KINDS`] is, or `None` where it is ordinary text.
pub(super) fn confidence(candidate: &Candidate, kind: &str, text: &Text<'_>) -> Option<Confidence> {
    let score = trees::probability(&features(candidate, kind, text));
    match score {
        score if score >= LEVELS.1 => Some(Confidence::High),
        score if score >= LEVELS.0 => Some(Confidence::Medium),
        score if score >= NEVER => Some(Confidence::Low),
        _ => None,
    }
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
