//! Filters: each drops candidates for one named reason.
//!
//! To add one: a file with a [`Filter`] and a row in [`FILTERS`].

mod armour_body;
mod digest;
mod filter;
mod known_example;
mod listed_path;
pub(in crate::engine) mod look_alike;
mod mail_address;
mod noise;
mod placeholder;
mod too_regular;

pub use filter::Filter;

use super::candidate::{Candidate, Text};
use super::scorer;
use crate::model::{Confidence, Matcher, Signature};

/// The reason of a candidate whose score is that of ordinary text.
pub(super) const ORDINARY_TEXT: &str = "ordinary-text";

/// Every filter, cheapest first.
pub const FILTERS: &[&dyn Filter] = &[
    &listed_path::ListedPath,
    &noise::Noise,
    &mail_address::MailAddress,
    &look_alike::LookAlike,
    &too_regular::TooRegular,
    &placeholder::Placeholder,
    &digest::Digest,
    &armour_body::ArmourBody,
    &known_example::KnownExample,
];

/// Judges a candidate: the reason why it is no finding, or `None` for one that stays.
///
/// A proven candidate skips filters on looks. Moves the confidence of one that stays where its value is
/// all that there is to go by.
#[must_use]
pub fn judge(
    candidate: &mut Candidate,
    signature: &Signature,
    text: &Text<'_>,
) -> Option<&'static str> {
    let asked = |filter: &&&dyn Filter| !(candidate.proven && filter.on_looks());
    let dropping =
        FILTERS.iter().filter(asked).find(|filter| filter.drops(candidate, signature, text));
    if let Some(filter) = dropping {
        return Some(filter.reason());
    }
    let Matcher::Named(matcher) = &signature.matcher else { return None };
    match &**matcher {
        kind if scorer::KINDS.contains(&kind) => match scorer::confidence(candidate, kind, text) {
            Some(confidence) => candidate.confidence = confidence,
            None => return Some(ORDINARY_TEXT),
        },
        "pem" | "nkey" | "jwk" | "weak-password" => {}
        _ if scorer::is_words(candidate.value(text)) => candidate.confidence = Confidence::Low,
        _ => {}
    }
    None
}
