//! Percent escapes of URLs and forms.

use std::ops::Range;

use super::blocks::Class;
use super::decoder::{Decoded, Decoder};
use super::hex::nibble;
use super::spliced::{Escape, Splicer};
use super::survey::Survey;

/// Undoes `%XX` in the token around it. What it pushes is at most the text.
pub(super) struct Percent;

const SPLICER: Splicer = Splicer { marker: b'%', parse, ends: &ENDS };

/// Control bytes, blanks, quotes and angles.
static ENDS: Class = {
    const SIGNS: &[u8] = b"\"'`<>";
    let mut ends = [0; b' ' as usize + 1 + SIGNS.len()];
    let mut at = 0;
    while at < ends.len() {
        ends[at] = if at <= b' ' as usize { at as u8 } else { SIGNS[at - b' ' as usize - 1] };
        at += 1;
    }
    Class::new(&ends)
};

impl Decoder for Percent {
    fn name(&self) -> &'static str {
        "percent"
    }

    fn decode(&self, text: &[u8], survey: &Survey, found: &mut Vec<Decoded>) {
        SPLICER.decode(text, survey, found);
    }

    fn may_wake(&self, text: &[u8], _: &Survey, changes: &[Range<usize>]) -> bool {
        SPLICER.may_wake(text, changes)
    }
}

fn parse(text: &[u8]) -> Option<Escape> {
    match text {
        [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            Some(Escape::byte(3, nibble(*high) << 4 | nibble(*low)))
        }
        _ => None,
    }
}
