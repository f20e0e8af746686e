//! Hex digits: in one run, wrapped, or as a list of bytes (`de ad`, `DE:AD`, `0xde, 0xad`).

use std::ops::Range;

use super::blocks::{Class, runs};
use super::decoder::{Decoded, Decoder};
use super::map::Map;
use super::marks::{LIST, SHORTEST_LIST};
use super::survey::Survey;
use super::texts;
use super::wrapped;

/// Finds hex of text, of at least 16 bytes. What it pushes is at most half of the text.
pub(super) struct Hex;

const SHORTEST: usize = 32;
const SAMPLE: usize = 48;
const LONG: usize = 256;

static DIGITS: Class = Class::new(b"0123456789abcdefABCDEF");

impl Decoder for Hex {
    fn name(&self) -> &'static str {
        "hex"
    }

    fn decode(&self, text: &[u8], survey: &Survey, found: &mut Vec<Decoded>) {
        let mut done = 0;
        for run in survey.runs.iter().filter(|run| run.len() >= SHORTEST) {
            // Digits are a part of what runs consist of.
            while let Some(first) = next_digits(text, run.start.max(done)..run.end) {
                done = lines_from(text, first, found);
            }
        }
        for run in &survey.marks(text).lists {
            list(text, run.clone(), found);
        }
    }

    fn may_wake(&self, text: &[u8], survey: &Survey, changes: &[Range<usize>]) -> bool {
        let mut searched = 0;
        wrapped::near_changes(&survey.runs, SHORTEST, changes)
            || changes.iter().any(|change| {
                let before = text[searched.min(change.start)..change.start].iter().rev();
                let before = before.take_while(|byte| LIST.has(**byte)).count();
                let start = change.start - before;
                let end = LIST.end(text, change.end.max(searched));
                searched = end;
                let mut any = false;
                runs(&text[start..end], &LIST, SHORTEST_LIST, |run| {
                    any = true;
                    run.end
                });
                any
            })
    }
}

/// The first maximal run of [`SHORTEST`] or more digits that begins in `range`, which ends where digits end.
fn next_digits(text: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let mut start = range.start;
    // Of so many in a row one is that byte: most others are never looked at.
    while start + SHORTEST <= range.end {
        let shortest = &text[start..start + SHORTEST];
        match shortest.iter().rposition(|byte| !DIGITS.has(*byte)) {
            Some(other) => start += other + 1,
            None => return Some(start..DIGITS.end(&text[..range.end], start)),
        }
    }
    None
}

/// Decodes the lines of digits that begin with a run; returns where they end.
fn lines_from(text: &[u8], first: Range<usize>, found: &mut Vec<Decoded>) -> usize {
    let end = first.end;
    if !wrapped::goes_on(text, end, &DIGITS) {
        solid(text, &[first], found);
        return end;
    }
    let lines = wrapped::lines(text, first, &DIGITS);
    let before = found.len();
    solid(text, &lines, found);
    if lines.len() > 1 && found.len() == before {
        for line in lines.iter().filter(|line| line.len() >= SHORTEST) {
            solid(text, std::slice::from_ref(line), found);
        }
    }
    lines.last().map_or(end, |last| last.end)
}

/// Decodes digits that stand side by side.
fn solid(text: &[u8], lines: &[Range<usize>], found: &mut Vec<Decoded>) {
    let joined: Vec<u8>;
    let digits = if let [line] = lines {
        &text[line.clone()]
    } else {
        joined = lines.iter().flat_map(|line| &text[line.clone()]).copied().collect();
        &joined
    };
    let phase = match phase(digits) {
        Some(phase) => phase,
        None if digits.len() >= LONG => 0,
        None => return,
    };
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    undo(&digits[phase..], &mut bytes);
    let mut map = Map::new(2, 1);
    let mut skip = phase;
    for line in lines {
        map.push_run(line.start + skip..line.end);
        skip = 0;
    }
    texts::push(bytes, map, found);
}

/// Whether pairs begin at the first digit or at the second, as a window's cut may have it.
fn phase(digits: &[u8]) -> Option<usize> {
    let places = (digits.len() / SAMPLE).clamp(1, 8);
    (0..places).find_map(|place| {
        let sample = &digits[digits.len() / places / 2 * 2 * place..];
        (0..2).find(|phase| is_text(&sample[*phase..sample.len().min(phase + SAMPLE)]))
    })
}

/// Whether the pairs of a sample mean text.
fn is_text(sample: &[u8]) -> bool {
    let pairs = sample.chunks_exact(2);
    let count = pairs.len();
    // Of letters, digits and signs the first nibble is 2 to 7. Other scripts have ASCII in between.
    let ascii = pairs.clone().map(|pair| u8::from(pair[0].wrapping_sub(b'2') < 6)).sum::<u8>();
    if usize::from(ascii) * 2 < count {
        return false;
    }
    let mut bytes = [0; SAMPLE / 2];
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
    }
    count >= texts::SHORTEST && texts::looks_like_text(&bytes[..count])
}

fn undo(digits: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend(digits.chunks_exact(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])));
}

/// Decodes the lists of bytes in a run of digits and separators.
fn list(text: &[u8], run: Range<usize>, found: &mut Vec<Decoded>) {
    let mut bytes = Vec::new();
    let mut map = Map::default();
    let mut at = run.start;
    while at < run.end {
        let end = at + text[at..run.end].iter().position(is_separator).unwrap_or(run.end - at);
        if end == at {
            // Most runs are what a line is indented with.
            at = text[at..run.end]
                .iter()
                .position(|byte| !is_separator(byte))
                .map_or(run.end, |skip| at + skip);
            continue;
        }
        if let Some(byte) = item(&text[at..end]) {
            bytes.push(byte);
            map.push_unit(at, end - at);
        } else {
            finish(&mut bytes, &mut map, found);
        }
        at = end;
    }
    finish(&mut bytes, &mut map, found);
}

fn finish(bytes: &mut Vec<u8>, map: &mut Map, found: &mut Vec<Decoded>) {
    if bytes.len() >= SHORTEST / 2 {
        texts::push(std::mem::take(bytes), std::mem::take(map), found);
    }
    bytes.clear();
    map.clear();
}

fn is_separator(byte: &u8) -> bool {
    matches!(byte, b' ' | b',' | b':' | b'-' | b'\r' | b'\n' | b'\t')
}

/// `de`, `0xde` or `0xd`.
fn item(item: &[u8]) -> Option<u8> {
    let digits = match item {
        [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => rest,
        [_, _] => item,
        _ => return None,
    };
    let all = digits.iter().all(u8::is_ascii_hexdigit);
    (digits.len() <= 2 && all)
        .then(|| digits.iter().fold(0, |byte, digit| byte << 4 | nibble(*digit)))
}

/// The value of a hex digit; of another byte, something.
pub(super) fn nibble(digit: u8) -> u8 {
    // The low four bits of `a` and `A` are 1; bit 6 tells letters from digits.
    (digit & 0x0F) + (digit >> 6) * 9
}
