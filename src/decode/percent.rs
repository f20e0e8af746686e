//! Percent escapes of URLs and forms.

use std::ops::Range;

use super::decoder::{Decoded, Decoder};
use super::hex::nibble;
use super::spliced::{Escape, Splicer};
use super::survey::Survey;

/// Undoes `%XX` in the token around it. What it pushes is at most the text.
pub(super) struct Percent;

const SPLICER: Splicer = Splicer { marker: b'%', parse, ends };

impl Decoder for Percent {
    fn name(&self) -> &'static str {
        "percent"
    }

    fn decode(&self, text: &[u8], _: &Survey, found: &mut Vec<Decoded>) {
        SPLICER.decode(text, found);
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

fn ends(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}
