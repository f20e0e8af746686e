//! Text with escapes in it, undone together with the text around them.

use std::ops::Range;

use super::blocks::{Class, PRINTABLE};
use super::decoder::Decoded;
use super::map::Map;
use super::marks::MARKERS;
use super::survey::Survey;
use super::texts;

/// How far the text around an escape is taken along, so that a secret with one escape in it is whole.
const REACH: usize = 256;

/// No escape is longer, nor a stretch that is too short to be decoded longer than so many of them.
const CLOSE: usize = 24;
const SHORT: usize = CLOSE * texts::SHORTEST;

/// What ends the stretch around the escapes of most families.
pub(super) static LINE_END: Class = Class::new(b"\n");

/// One escape.
pub(super) struct Escape {
    /// Bytes that it takes in the text.
    pub(super) length: usize,
    /// What it means, in UTF-8, in the first `count` bytes.
    pub(super) bytes: [u8; 4],
    /// How many bytes it means.
    pub(super) count: usize,
    /// Whether it makes the text around worth decoding.
    pub(super) telling: bool,
}

impl Escape {
    /// An escape that means a byte.
    pub(super) fn byte(length: usize, byte: u8) -> Self {
        Self { length, bytes: [byte, 0, 0, 0], count: 1, telling: is_text(byte) }
    }

    /// An escape that means a character. Only ASCII is telling: no token is written in other letters.
    pub(super) fn char(length: usize, char: char) -> Self {
        let mut bytes = [0; 4];
        let count = char.encode_utf8(&mut bytes).len();
        let telling = char.is_ascii() && is_text(char as u8);
        // An escape shorter than its meaning would let the output outgrow the text.
        Self { length, bytes, count: count.min(length), telling }
    }

    /// The same, not worth decoding for its own sake.
    pub(super) fn quiet(self) -> Self {
        Self { telling: false, ..self }
    }
}

fn is_text(byte: u8) -> bool {
    PRINTABLE.has(byte)
}

/// One family of escapes.
pub(super) struct Splicer {
    /// The byte that each escape begins with.
    pub(super) marker: u8,
    /// Reads the escape at the start of the bytes.
    pub(super) parse: fn(&[u8]) -> Option<Escape>,
    /// The bytes that end the stretch around an escape.
    pub(super) ends: &'static Class,
}

impl Splicer {
    /// Pushes every stretch around telling escapes, undone. Stretches are disjoint, so what is
    /// pushed is never longer than the text.
    pub(super) fn decode(&self, text: &[u8], survey: &Survey, found: &mut Vec<Decoded>) {
        debug_assert!(MARKERS.contains(&self.marker));
        let mut at = 0;
        let mut done = 0;
        for place in &survey.marks(text).escapes {
            let place = *place as usize;
            if text[place] != self.marker || place < at {
                continue;
            }
            match (self.parse)(&text[place..]) {
                None => at = place + 1,
                Some(escape) if !escape.telling => at = place + escape.length,
                Some(_) => {
                    done = self.stretch(text, done, place, found);
                    at = done;
                }
            }
        }
    }

    /// Whether an escape that tells may stand near a change. Elsewhere all stands as before: a stretch that was
    /// too short was so within [`SHORT`] bytes of its escape, and a marker belongs to another escape before it
    /// only where that begins closer than [`CLOSE`].
    pub(super) fn may_wake(&self, text: &[u8], changes: &[Range<usize>]) -> bool {
        let mut searched = 0;
        changes.iter().any(|change| {
            let start = change.start.saturating_sub(SHORT).max(searched);
            let mut end = text.len().min(change.end + SHORT).max(start);
            while end < text.len()
                && let Some(last) = memchr::memrchr(self.marker, &text[end.max(CLOSE) - CLOSE..end])
            {
                end = text.len().min(end.max(CLOSE) + last + 1);
            }
            searched = end;
            memchr::memchr_iter(self.marker, &text[start..end])
                .any(|at| (self.parse)(&text[start + at..]).is_some_and(|escape| escape.telling))
        })
    }

    /// Decodes the stretch around the escape at `place`, not before `done`; returns its end.
    fn stretch(&self, text: &[u8], done: usize, place: usize, found: &mut Vec<Decoded>) -> usize {
        let floor = done.max(place.saturating_sub(REACH));
        let before = text[floor..place].iter().rposition(|byte| self.ends.has(*byte));
        let mut at = before.map_or(floor, |end| floor + end + 1);
        let mut last = place;
        let mut bytes = Vec::new();
        let mut map = Map::default();
        while at < text.len() {
            let near = &text[at..text.len().min(last + REACH).max(at)];
            let other = |byte: &u8| *byte == self.marker || self.ends.has(*byte);
            let plain = near.iter().position(other).unwrap_or(near.len());
            bytes.extend_from_slice(&near[..plain]);
            map.push_plain(at, plain);
            at += plain;
            let Some(byte) = text.get(at).copied() else { break };
            if byte == self.marker
                && let Some(escape) = (self.parse)(&text[at..])
            {
                bytes.extend_from_slice(&escape.bytes[..escape.count]);
                (0..escape.count).for_each(|_| map.push_unit(at, escape.length));
                at += escape.length;
                last = at;
                continue;
            }
            if at > place && (self.ends.has(byte) || at - last >= REACH) {
                break;
            }
            bytes.push(byte);
            map.push_unit(at, 1);
            at += 1;
        }
        if bytes.len() >= texts::SHORTEST {
            found.push(Decoded::new(bytes, map));
        }
        at
    }
}
