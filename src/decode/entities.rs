//! Character references of HTML and XML.

use std::ops::Range;

use super::decoder::{Decoded, Decoder};
use super::spliced::{Escape, LINE_END, Splicer};
use super::survey::Survey;

/// Undoes `&quot;`, `&#34;`, `&#x22;` and their like in the line around them. What it pushes is at
/// most the text.
pub(super) struct Entities;

const SPLICER: Splicer = Splicer { marker: b'&', parse, ends: &LINE_END };

/// The references that XML knows, and the ones that stand in for spaces and line ends.
const NAMED: &[(&[u8], u8)] = &[
    (b"&quot;", b'"'),
    (b"&apos;", b'\''),
    (b"&amp;", b'&'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&nbsp;", b' '),
    (b"&plus;", b'+'),
    (b"&equals;", b'='),
    (b"&sol;", b'/'),
    (b"&colon;", b':'),
];

/// Bytes of the longest of them.
const LONGEST: usize = 8;

impl Decoder for Entities {
    fn name(&self) -> &'static str {
        "entities"
    }

    fn decode(&self, text: &[u8], survey: &Survey, found: &mut Vec<Decoded>) {
        SPLICER.decode(text, survey, found);
    }

    fn may_wake(&self, text: &[u8], _: &Survey, changes: &[Range<usize>]) -> bool {
        SPLICER.may_wake(text, changes)
    }
}

fn parse(text: &[u8]) -> Option<Escape> {
    if let [b'&', b'#', rest @ ..] = text {
        let end = rest.iter().take(9).position(|byte| *byte == b';')?;
        let number = std::str::from_utf8(&rest[..end]).ok()?;
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return Some(Escape::char(end + 3, char::from_u32(code)?));
    }
    // Most ampersands are operators.
    text.get(1).filter(|byte| byte.is_ascii_lowercase())?;
    text.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let (name, byte) = NAMED.iter().find(|(name, _)| text.starts_with(name))?;
    Some(Escape::byte(name.len(), *byte))
}
