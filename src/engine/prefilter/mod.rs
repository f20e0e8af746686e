//! The prefilter: finds the literals that lead to candidates, in one pass over the text.
//!
//! All implementations find the same: every place at which a literal of the tables stands, in either
//! case. [`Grams`] is the one that scans use; [`Automaton`] is the reference that it is held against.

mod automaton;
mod grams;
mod hit;
mod regions;

pub use automaton::Automaton;
pub use grams::Grams;
pub use hit::{Hit, Prefilter};

use crate::model::{Anchor, PrefilterTables};

/// Whether what must stand beside the literal stands there.
#[must_use]
#[inline]
pub fn fits(tables: &PrefilterTables, anchor: &Anchor, hit: Hit, text: &[u8]) -> bool {
    let at = hit.at as usize;
    let end = at + tables.literals[hit.literal as usize].bytes.len();
    if anchor.boundary && at > 0 && is_word(text[at - 1]) {
        return false;
    }
    // Whether a byte is in the case that it must have, which most that do not fit are not.
    let in_case = |(place, byte): (usize, &u8)| {
        (anchor.upper >> place & 1 == 0 || byte.is_ascii_uppercase())
            && (anchor.lower >> place & 1 == 0 || byte.is_ascii_lowercase())
    };
    if anchor.upper | anchor.lower != 0 && !text[at..end].iter().take(16).enumerate().all(in_case) {
        return false;
    }
    let run = usize::from(anchor.run);
    text.get(end..end + run).is_some_and(|run| run.iter().all(|byte| is_token(*byte)))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_token(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}
