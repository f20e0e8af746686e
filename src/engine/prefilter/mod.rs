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
    let run = usize::from(anchor.run);
    if !text.get(end..end + run).is_some_and(|run| run.iter().all(|byte| is_token(*byte))) {
        return false;
    }
    let (mut upper, mut lower) = (0_u16, 0_u16);
    for (place, byte) in text[at..end].iter().enumerate() {
        upper |= u16::from(byte.is_ascii_uppercase()) << place;
        lower |= u16::from(byte.is_ascii_lowercase()) << place;
    }
    anchor.upper & !upper == 0 && anchor.lower & !lower == 0
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_token(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}
