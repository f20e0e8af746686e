//! Base64 in both alphabets, with and without padding, on one line or wrapped, in data URIs.

use std::ops::Range;

use super::blocks::{self, BLOCK, Class};
use super::decoder::{Decoded, Decoder};
use super::map::Map;
use super::survey::{self, Survey};
use super::texts;
use super::wrapped;

/// Finds base64 of text. What it pushes is at most 1.5 times the text: where both alphabets are
/// mixed in one run, both readings are tried.
pub(super) struct Base64;

/// 16 bytes without their padding.
const SHORTEST: usize = 22;
/// Characters of a sample that decides whether, and with which phase, a run is text.
const SAMPLE: usize = 32;
/// Tools wrap at this or more. A shorter run is judged by itself, unless text begins in it.
const WRAPPED: usize = 40;
/// From this length on bytes that are no text are searched for text inside.
const LONG: usize = 256;

const NONE: u8 = 0xFF;

/// The six bits of each character, both alphabets at once.
static VALUES: [u8; 256] = {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        table[letters[value] as usize] = value as u8;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

impl Decoder for Base64 {
    fn name(&self) -> &'static str {
        "base64"
    }

    fn decode(&self, text: &[u8], survey: &Survey, found: &mut Vec<Decoded>) {
        // The characters of both alphabets are those of runs.
        let alphabet = survey::token();
        let mut done = 0;
        for first in survey.runs.iter().filter(|run| run.len() >= SHORTEST) {
            if first.start < done {
                continue;
            }
            let ascii = phase(&text[first.clone()]).is_some();
            if !ascii && first.len() < WRAPPED {
                continue;
            }
            if !wrapped::goes_on(text, first.end, alphabet) {
                if ascii || first.len() >= LONG {
                    stretch(text, std::slice::from_ref(first), found);
                }
                continue;
            }
            let lines = wrapped::lines(text, first.clone(), alphabet);
            together_or_each(text, &lines, found);
            done = lines.last().map_or(first.end, |last| last.end);
        }
    }

    fn may_wake(&self, _: &[u8], survey: &Survey, changes: &[Range<usize>]) -> bool {
        wrapped::near_changes(&survey.runs, SHORTEST, changes)
    }
}

/// Decodes lines as one stretch, or each for itself where that gives more text: lines may only happen
/// to follow one another, and then their groups of four begin anew.
fn together_or_each(text: &[u8], lines: &[Range<usize>], found: &mut Vec<Decoded>) {
    let before = found.len();
    stretch(text, lines, found);
    let same_phase = lines.iter().rev().skip(1).all(|line| line.len().is_multiple_of(4));
    if same_phase {
        return;
    }
    let mut each = Vec::new();
    for line in lines.iter().filter(|line| line.len() >= SHORTEST) {
        stretch(text, std::slice::from_ref(line), &mut each);
    }
    let size = |found: &[Decoded]| found.iter().map(|decoded| decoded.bytes.len()).sum::<usize>();
    if size(&each) > size(&found[before..]) {
        found.truncate(before);
        found.append(&mut each);
    }
}

/// Decodes lines that belong together, in one alphabet or, where they are mixed, in each.
fn stretch(text: &[u8], lines: &[Range<usize>], found: &mut Vec<Decoded>) {
    let has = |pair: [u8; 2]| {
        lines.iter().any(|line| memchr::memchr2(pair[0], pair[1], &text[line.clone()]).is_some())
    };
    if !(has(*b"-_") && has(*b"+/")) {
        return decode(text, lines, found);
    }
    for (foreign, own) in [(*b"-_", *b"+/"), (*b"+/", *b"-_")] {
        for line in lines {
            for part in parts(text, line, foreign) {
                // A part with neither is the same in both readings: it is taken in the first.
                let mine = memchr::memchr2(own[0], own[1], &text[part.clone()]).is_some();
                if part.len() >= SHORTEST && (mine || foreign == *b"-_") {
                    decode(text, std::slice::from_ref(&part), found);
                }
            }
        }
    }
}

fn parts(
    text: &[u8],
    line: &Range<usize>,
    between: [u8; 2],
) -> impl Iterator<Item = Range<usize>> + use<> {
    let cuts: Vec<usize> = memchr::memchr2_iter(between[0], between[1], &text[line.clone()])
        .map(|cut| line.start + cut)
        .chain([line.end])
        .collect();
    let mut start = line.start;
    cuts.into_iter().map(move |cut| {
        let part = start..cut;
        start = cut + 1;
        part
    })
}

fn decode(text: &[u8], lines: &[Range<usize>], found: &mut Vec<Decoded>) {
    let length: usize = lines.iter().map(Range::len).sum();
    let joined: Vec<u8>;
    let chars = if let [line] = lines {
        &text[line.clone()]
    } else {
        joined = lines.iter().flat_map(|line| &text[line.clone()]).copied().collect();
        &joined
    };
    let phase = match phase(chars) {
        Some(phase) => phase,
        None if length >= LONG => 0,
        None => return,
    };
    let mut bytes = Vec::with_capacity((length - phase) * 3 / 4 + 3);
    undo(&chars[phase..], &mut bytes);
    let mut map = Map::new(4, 3);
    let mut skip = phase;
    for line in lines {
        let cut = skip.min(line.len());
        skip -= cut;
        map.push_run(line.start + cut..line.end);
    }
    texts::push(bytes, map, found);
}

/// The number of characters to leave out so that the rest is text; `None` when none of four is.
///
/// A run that a window cuts, or that a word stands before (`key-…`, `/path/…`), has its groups of
/// four elsewhere than at its start.
fn phase(chars: &[u8]) -> Option<usize> {
    // A short run is sampled at its middle too: its head may be a word that stands before it.
    let places = (chars.len() / 24).clamp(1, 8);
    (0..places).find_map(|place| {
        let sample = &chars[chars.len() / places / 4 * 4 * place..];
        let ascii = ascii_groups(&sample[..sample.len().min(SAMPLE + 3)]);
        (0..4).find(|phase| is_text(sample, *phase, ascii))
    })
}

/// Whether the groups of four that begin at `phase` of a sample mean text. `ascii` as of the sample.
fn is_text(sample: &[u8], phase: usize, ascii: u64) -> bool {
    let chars = &sample[phase.min(sample.len())..sample.len().min(phase + SAMPLE)];
    let groups = (ascii >> phase & 0x1111_1111).count_ones() as usize;
    // Text in other scripts has ASCII in between; names and hashes fail here, one in twenty excepted.
    if groups * 2 < chars.len() / 4 {
        return false;
    }
    let mut bytes = [0; SAMPLE / 4 * 3];
    let length = undo_into(chars, &mut bytes);
    length >= texts::SHORTEST && texts::looks_like_text(&bytes[..length])
}

/// The characters whose six bits hold the top bit of the first, the second, the third byte of a group, where
/// they are the first, the second, the third character of it: bits 5, 3 and 1.
static TOPS: [Class; 3] = [with_bit(5), with_bit(3), with_bit(1)];

const fn with_bit(bit: u8) -> Class {
    // Half of either alphabet, and `-` and `_` beside `+` and `/`.
    let mut members = [0; 34];
    let (mut count, mut byte) = (0, 0);
    while byte < 128 {
        let value = VALUES[byte];
        if value != NONE && value >> bit & 1 != 0 {
            members[count] = byte as u8;
            count += 1;
        }
        byte += 1;
    }
    Class::new(&members)
}

/// Bit `i` says that the four characters from `i` on mean three bytes of ASCII. At most [`BLOCK`] characters.
fn ascii_groups(chars: &[u8]) -> u64 {
    let mut block = [[0; BLOCK]];
    block[0][..chars.len()].copy_from_slice(chars);
    let mut made = [[0; 3]];
    blocks::masks(TOPS.each_ref(), &block, &mut made);
    let [[first, second, third]] = made;
    let known = (1_u64 << chars.len().saturating_sub(3)) - 1;
    !(first | second >> 1 | third >> 2) & known
}

/// Appends the bytes that characters of either alphabet mean; an odd character at the end is left out.
fn undo(chars: &[u8], bytes: &mut Vec<u8>) {
    let before = bytes.len();
    bytes.resize(before + chars.len() / 4 * 3 + 2, 0);
    let length = undo_into(chars, &mut bytes[before..]);
    bytes.truncate(before + length);
}

/// Writes the bytes that characters mean; returns how many. `bytes` has room for them.
fn undo_into(chars: &[u8], bytes: &mut [u8]) -> usize {
    let value = |char: u8| u32::from(VALUES[usize::from(char)]);
    let groups = chars.chunks_exact(4);
    let rest = groups.remainder();
    let mut length = groups.len() * 3;
    for (group, bytes) in groups.zip(bytes.as_chunks_mut::<3>().0) {
        let bits = value(group[0]) << 18 | value(group[1]) << 12 | value(group[2]) << 6;
        let [_, a, b, c] = (bits | value(group[3])).to_be_bytes();
        *bytes = [a, b, c];
    }
    let bits = rest.iter().fold(0, |bits, char| bits << 6 | value(*char));
    let tail: &[u8] = match rest.len() {
        2 => &[(bits >> 4) as u8],
        3 => &[(bits >> 10) as u8, (bits >> 2) as u8],
        _ => &[],
    };
    bytes[length..length + tail.len()].copy_from_slice(tail);
    length += tail.len();
    length
}
