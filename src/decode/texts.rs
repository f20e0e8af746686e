//! Which decoded bytes are text, and so worth a scan.

use std::ops::Range;

use super::blocks::{PRINTABLE, runs};
use super::decoder::Decoded;
use super::map::Map;
use super::utf16;

/// The shortest decoded stretch that can hold a secret.
pub(super) const SHORTEST: usize = 12;
/// The shortest text inside of bytes that are none. 20 printable bytes in a row come up by chance
/// once in 10^9 random bytes.
const SHORTEST_INSIDE: usize = 20;

/// Whether these few bytes look like the start of a text.
pub(super) fn looks_like_text(sample: &[u8]) -> bool {
    let printable = printable(sample);
    printable * 10 >= sample.len() * 8 || is_unicode(sample)
}

/// Pushes what of decoded bytes is text: all of them, or the runs of text inside.
pub(super) fn push(bytes: Vec<u8>, map: Map, found: &mut Vec<Decoded>) {
    if bytes.len() < SHORTEST {
        return;
    }
    // Of few random bytes many may be printable by chance; of many, 37 % are.
    let share = if bytes.len() < 64 { 85 } else { 70 };
    if printable(&bytes) * 100 >= bytes.len() * share || is_unicode(&bytes) {
        found.push(Decoded::new(bytes, map));
        return;
    }
    runs(&bytes, &PRINTABLE, SHORTEST_INSIDE, |run| {
        let end = run.end;
        found.push(Decoded::new(bytes[run.clone()].to_vec(), map.slice(run)));
        end
    });
}

fn printable(bytes: &[u8]) -> usize {
    // Comparisons, not the table: these become vector instructions.
    let is_text = |byte: u8| {
        (0x20..0x7F).contains(&byte) | (byte == b'\n') | (byte == b'\t') | (byte == b'\r')
    };
    let count = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(is_text(*byte))).sum::<u8>();
    bytes.chunks(255).map(|chunk| usize::from(count(chunk))).sum()
}

/// Text in another script: UTF-8 that may be cut at both ends, or UTF-16.
fn is_unicode(bytes: &[u8]) -> bool {
    let start = bytes.iter().take(3).take_while(|byte| (0x80..0xC0).contains(*byte)).count();
    let whole: Range<usize> = match std::str::from_utf8(&bytes[start..]) {
        Ok(_) => start..bytes.len(),
        Err(error) if error.error_len().is_none() => start..start + error.valid_up_to(),
        Err(_) => return utf16::detect(bytes).is_some(),
    };
    let text = &bytes[whole];
    let controls = text.iter().filter(|byte| **byte < 0x80 && !PRINTABLE.has(**byte));
    if controls.count() * 20 <= text.len() && !text.is_empty() {
        return true;
    }
    utf16::detect(bytes).is_some()
}
