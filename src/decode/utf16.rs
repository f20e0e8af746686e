//! UTF-16 and UTF-32: whole files, and strings inside of other bytes.

use std::ops::ControlFlow;

use super::blocks::{self, Class, PRINTABLE};
use super::decoder::{Decoded, Decoder};
use super::map::Map;
use super::survey::Survey;

/// How much of a file [`detect`] looks at.
const HEAD: usize = 512;
/// The shortest string in other bytes that is worth a scan, in characters.
const SHORTEST: usize = 12;

/// Width and order of the code units of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endian {
    /// UTF-16, low byte first.
    Little,
    /// UTF-16, high byte first.
    Big,
    /// UTF-32, low byte first.
    Little32,
    /// UTF-32, high byte first.
    Big32,
}

impl Endian {
    /// Bytes of a code unit: 2 or 4. Cut chunks at multiples of it, counted from the file's start.
    #[must_use]
    pub fn unit(self) -> usize {
        match self {
            Self::Little | Self::Big => 2,
            Self::Little32 | Self::Big32 => 4,
        }
    }

    fn code(self, unit: &[u8]) -> u32 {
        match (self, unit) {
            (Self::Little, &[a, b]) => u32::from(u16::from_le_bytes([a, b])),
            (Self::Big, &[a, b]) => u32::from(u16::from_be_bytes([a, b])),
            (Self::Little32, &[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
            (_, &[a, b, c, d]) => u32::from_be_bytes([a, b, c, d]),
            _ => u32::from(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// The encoding of a text that begins with `head`, by its byte order mark or by NULs in every other
/// byte of the first 512; `None` for every other text, and for UTF-16 without a mark and with few
/// ASCII characters.
#[must_use]
pub fn detect(head: &[u8]) -> Option<Endian> {
    match head {
        [0xFF, 0xFE, 0, 0, ..] if head.len() > 4 => return Some(Endian::Little32),
        [0, 0, 0xFE, 0xFF, ..] => return Some(Endian::Big32),
        [0xFF, 0xFE, ..] => return Some(Endian::Little),
        [0xFE, 0xFF, ..] => return Some(Endian::Big),
        _ => {}
    }
    let head = &head[..head.len().min(HEAD)];
    memchr::memchr(0, head)?;
    [Endian::Little, Endian::Big, Endian::Little32, Endian::Big32].into_iter().find(|endian| {
        let units = head.len() / endian.unit();
        let ascii = head
            .chunks_exact(endian.unit())
            .filter(|unit| u8::try_from(endian.code(unit)).is_ok_and(is_text))
            .count();
        units >= 4 && ascii * 10 >= units * 7
    })
}

/// Appends `chunk` in UTF-8 to `out`, and to `map` where each byte of it stands in `chunk`.
///
/// Give an empty `out` and `map` for each chunk, and chunks cut at multiples of [`Endian::unit`].
/// A byte order mark is left out, half a surrogate pair becomes U+FFFD, odd bytes at the end are left
/// out. `out` grows by at most 1.5 times the chunk.
pub fn transcode(chunk: &[u8], endian: Endian, out: &mut Vec<u8>, map: &mut Map) {
    let unit = endian.unit();
    let mut at = 0;
    while let Some(bytes) = chunk.get(at..at + unit) {
        let code = endian.code(bytes);
        if code < 0x80 {
            out.push(code as u8);
            map.push_unit(at, unit);
            at += unit;
            continue;
        }
        let low = chunk.get(at + 2..at + 4).filter(|_| unit == 2).map(|low| endian.code(low));
        let (char, size) = character(code, low, unit);
        if char != '\u{FEFF}' {
            let mut bytes = [0; 4];
            for byte in char.encode_utf8(&mut bytes).bytes() {
                out.push(byte);
                map.push_unit(at, size);
            }
        }
        at += size;
    }
}

/// The character of a code unit and, for a surrogate, the unit after it; and the bytes that it took.
fn character(code: u32, low: Option<u32>, unit: usize) -> (char, usize) {
    if let Some(char) = char::from_u32(code) {
        return (char, unit);
    }
    let pair = low
        .filter(|_| code <= 0xFFFF)
        .and_then(|low| char::decode_utf16([code as u16, u16::try_from(low).ok()?]).next()?.ok());
    pair.map_or((char::REPLACEMENT_CHARACTER, unit), |char| (char, 4))
}

/// Finds UTF-16 strings of ASCII text inside of other bytes: resources of programs, registry
/// exports, base64 of a PowerShell command. What it pushes is at most half of the text.
pub(super) struct Utf16;

impl Decoder for Utf16 {
    fn name(&self) -> &'static str {
        "utf16"
    }

    fn decode(&self, text: &[u8], _: &Survey, found: &mut Vec<Decoded>) {
        // Text without NULs costs one fast search.
        let Some(nul) = memchr::memchr(0, text) else { return };
        let from = nul.saturating_sub(1);
        let mut done = 0;
        blocks::visit(&text[from..], CLASSES.each_ref(), NEITHER, |base, masks| {
            let (char, nul) = (masks.both(0), masks.both(1));
            let mut places = eight(char & nul >> 1) | eight(nul & char >> 1);
            while places != 0 {
                let start = from + base + places.trailing_zeros() as usize;
                places &= places - 1;
                if start < done {
                    continue;
                }
                let little = text[start] != 0;
                let pairs = text[start..].chunks_exact(2).take_while(|pair| {
                    let (char, zero) = if little { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
                    zero == 0 && is_text(char)
                });
                let count = pairs.count();
                if count >= SHORTEST {
                    found.push(string(text, start, count, usize::from(!little)));
                }
                done = start + count * 2;
            }
            ControlFlow::Continue(())
        });
    }
}

/// The bytes of text, and NUL.
static CLASSES: [Class; 2] = [blocks::printable(), Class::new(b"\0")];
/// A byte that is neither.
const NEITHER: u8 = 1;

/// Where, in the first 64 bytes, eight pairs in a row begin, given where pairs do.
fn eight(pairs: u128) -> u64 {
    [2, 4, 8].iter().fold(pairs, |pairs, step| pairs & pairs >> step) as u64
}

fn string(text: &[u8], start: usize, count: usize, low: usize) -> Decoded {
    let mut map = Map::default();
    let places = (0..count).map(|index| start + index * 2);
    places.clone().for_each(|place| map.push_unit(place, 2));
    Decoded::new(places.map(|place| text[place + low]).collect(), map)
}

fn is_text(byte: u8) -> bool {
    PRINTABLE.has(byte)
}
