//! Seeds of NATS nkeys: `S`, the type, 56 signs of base32 with a CRC-16 at their end.

use std::ops::Range;

use super::matcher::{Hit, Matcher};
use crate::engine::candidate::Text;
use crate::model::Confidence;

/// Seeds in a text that speaks of nkeys, or that carry the right checksum. Public keys are none.
#[derive(Debug)]
pub(super) struct Nkey;

const LENGTH: usize = 58;

impl Matcher for Nkey {
    fn name(&self) -> &'static str {
        "nkey"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let bytes = text.bytes;
        let mut start = window.start;
        while start < window.end
            && let Some(text) = bytes.get(start..start + LENGTH)
        {
            // Of so many in a row one is the last: most bytes before another are never looked at.
            if let Some(other) = text.iter().rposition(|byte| !is_base32(*byte)) {
                start += other + 1;
                continue;
            }
            let rest = &bytes[start + LENGTH..];
            let more = rest.iter().take_while(|byte| is_base32(**byte)).count();
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let before = start.checked_sub(1).map_or(b' ', |at| bytes[at]);
            let ends = more == 0 && !rest.first().copied().is_some_and(word);
            if ends && !before.is_ascii_alphanumeric() {
                found.extend(seed(bytes, start));
            }
            start += LENGTH + more;
        }
    }
}

fn is_base32(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

fn seed(bytes: &[u8], start: usize) -> Option<Hit> {
    let text = &bytes[start..start + LENGTH];
    if text[0] != b'S' || !b"ACNOUX".contains(&text[1]) {
        return None;
    }
    let plain = base32(text);
    let (body, checksum) = plain.split_at(plain.len() - 2);
    let whole = checksum == crc16(body).to_le_bytes();
    let mut hit = Hit::new("nats-nkey-seed", start..start + LENGTH, start..start + LENGTH);
    // A seed that was mistyped or made up still looks like one.
    hit.confidence = Some(if whole { Confidence::High } else { Confidence::Medium });
    Some(hit)
}

/// Bytes of base32 without padding; bits that fill no byte are left out.
fn base32(text: &[u8]) -> Vec<u8> {
    let (mut bits, mut held, mut plain) = (0_u32, 0, Vec::with_capacity(text.len() * 5 / 8));
    for byte in text {
        let value = if byte.is_ascii_digit() { byte - b'2' + 26 } else { byte - b'A' };
        bits = (bits << 5 | u32::from(value)) & 0xfff;
        held += 5;
        if held >= 8 {
            held -= 8;
            plain.push((bits >> held) as u8);
        }
    }
    plain
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::crc16;

    #[test]
    fn the_checksum_is_that_of_the_published_vector() {
        // The check value of CRC-16/XMODEM.
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }
}
