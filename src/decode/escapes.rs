//! The escapes of string literals: `\uXXXX`, `\u{…}`, `\UXXXXXXXX`, `\xXX`, `\ooo`, `\/`.

use std::ops::Range;

use super::decoder::{Decoded, Decoder};
use super::spliced::{Escape, LINE_END, Splicer};
use super::survey::Survey;

/// Undoes escapes of JavaScript, JSON, Python, Java and C in the line around them. What it pushes is
/// at most the text.
///
/// Only escapes of ASCII text start it; `\n` and `\"` are undone where they stand next to one.
pub(super) struct Escapes;

const SPLICER: Splicer = Splicer { marker: b'\\', parse, ends: &LINE_END };

impl Decoder for Escapes {
    fn name(&self) -> &'static str {
        "escapes"
    }

    fn decode(&self, text: &[u8], survey: &Survey, found: &mut Vec<Decoded>) {
        SPLICER.decode(text, survey, found);
    }

    fn may_wake(&self, text: &[u8], _: &Survey, changes: &[Range<usize>]) -> bool {
        SPLICER.may_wake(text, changes)
    }
}

fn parse(text: &[u8]) -> Option<Escape> {
    let (kind, rest) = (*text.get(1)?, text.get(2..)?);
    match kind {
        b'x' => Some(Escape::byte(4, u8::try_from(number(rest, 2, 16)?).ok()?)),
        b'u' => unicode(rest),
        b'U' => Some(Escape::char(10, char::from_u32(number(rest, 8, 16)?)?)),
        b'0'..=b'3' => Some(Escape::byte(4, u8::try_from(number(&text[1..], 3, 8)?).ok()?)),
        b'/' => Some(Escape::byte(2, b'/')),
        // A string in a string: its own escapes come to light when this backslash goes.
        b'\\' => {
            let escape = Escape::byte(2, b'\\');
            Some(if matches!(rest, [b'u' | b'x', ..]) { escape } else { escape.quiet() })
        }
        b'"' | b'\'' => Some(Escape::byte(2, kind).quiet()),
        b'n' => Some(Escape::byte(2, b'\n').quiet()),
        b'r' => Some(Escape::byte(2, b'\r').quiet()),
        b't' => Some(Escape::byte(2, b'\t').quiet()),
        _ => None,
    }
}

/// What follows `\u`: `{…}`, four digits, or two halves of a surrogate pair.
fn unicode(rest: &[u8]) -> Option<Escape> {
    if let [b'{', digits @ ..] = rest {
        let count = digits.iter().take(7).position(|byte| *byte == b'}')?;
        return Some(Escape::char(count + 4, char::from_u32(number(digits, count, 16)?)?));
    }
    // Java allows any number of u's.
    let more = rest.iter().take(8).take_while(|byte| **byte == b'u').count();
    let (length, rest) = (6 + more, &rest[more..]);
    let first = number(rest, 4, 16)?;
    if let Some(char) = char::from_u32(first) {
        return Some(Escape::char(length, char));
    }
    let low = rest[4..].strip_prefix(br"\u").and_then(|rest| number(rest, 4, 16))?;
    let pair = char::decode_utf16([first as u16, low as u16]).next()?.ok()?;
    Some(Escape::char(length + 6, pair))
}

/// The number that the first `count` digits spell.
fn number(text: &[u8], count: usize, radix: u32) -> Option<u32> {
    let digits = text.get(..count).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u32, |number, digit| {
        number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?)
    })
}
