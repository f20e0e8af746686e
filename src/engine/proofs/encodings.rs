//! Small encodings that proofs share, and noise for sealed samples.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// Digits, then capitals, then small letters: the order of base62 numbers.
pub(super) const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Issuers pad or not, and some leave bits in the last character: a reader accepts all of it.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes base64 of either alphabet, padded or not.
pub(super) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let url = text.iter().any(|byte| matches!(byte, b'-' | b'_'));
    if url { URL_SAFE.decode(text).ok() } else { STANDARD.decode(text).ok() }
}

/// Encodes with the standard alphabet and padding.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Encodes with the URL alphabet, without padding.
pub(super) fn to_base64url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Writes `number` in the base of `alphabet`, most significant digit first, filled up on the left with
/// the zero digit to `width`.
pub(super) fn to_base(mut number: u64, alphabet: &[u8], width: usize) -> Vec<u8> {
    let base = alphabet.len() as u64;
    let mut digits = Vec::with_capacity(width);
    while number > 0 {
        digits.push(alphabet[(number % base) as usize]);
        number /= base;
    }
    digits.resize(digits.len().max(width), alphabet[0]);
    digits.reverse();
    digits
}

/// Reads an ASCII number in `radix` (2 to 36).
pub(super) fn number(text: &[u8], radix: u32) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(text).ok()?, radix).ok()
}

/// Whether `text` is `count` decimal digits.
pub(super) fn all_digits(text: &[u8], count: std::ops::RangeInclusive<usize>) -> bool {
    count.contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
}

/// Undoes `%XX`; what is no escape stays.
pub(super) fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        match escape.and_then(|digits| number(digits, 16)) {
            Some(code) if byte == b'%' => {
                decoded.push(code as u8);
                rest = &after[2..];
            }
            _ => {
                decoded.push(byte);
                rest = after;
            }
        }
    }
    decoded
}

/// A moment in seconds since 1970 as RFC 3339 text; `None` outside of the calendar.
pub(super) fn moment(seconds: i64) -> Option<Value> {
    jiff::Timestamp::from_second(seconds).ok().map(|moment| moment.to_string().into())
}

/// Adds a fact, cut to a length that a report can carry; empty text is no fact.
pub(super) fn note(facts: &mut Facts, name: &str, text: &[u8]) {
    const MOST_CHARS: usize = 200;
    let text: String = String::from_utf8_lossy(text).chars().take(MOST_CHARS).collect();
    if !text.is_empty() {
        facts.insert(name.to_owned(), text.into());
    }
}

/// How far around a candidate a proof may look. The windows of big files overlap by at least this much,
/// or a fact would depend on where a window ends.
pub const REACH: usize = 2048;

/// The text within [`REACH`] of a candidate, the candidate included.
pub(super) fn nearby<'a>(candidate: &Candidate, text: &Text<'a>) -> &'a [u8] {
    let start = candidate.range.start.saturating_sub(REACH);
    let end = candidate.range.end.saturating_add(REACH).min(text.bytes.len());
    &text.bytes[start..end]
}

/// Bytes that look random and depend on a sample alone: sealed samples are the same on every run.
pub(super) struct Noise {
    state: [u8; 32],
    used: usize,
}

impl Noise {
    /// Noise that is seeded with a sample.
    pub(super) fn of(sample: &[u8]) -> Self {
        Self { state: Sha256::digest(sample).into(), used: 0 }
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> u8 {
        if self.used == self.state.len() {
            self.state = Sha256::digest(self.state).into();
            self.used = 0;
        }
        self.used += 1;
        self.state[self.used - 1]
    }

    /// The next `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }

    /// The next `count` characters of an alphabet.
    pub(super) fn text(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count)
            .map(|_| char::from(alphabet[usize::from(self.byte()) % alphabet.len()]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_both_alphabets_with_and_without_padding() {
        for text in ["+/8=", "+/8", "-_8=", "-_8", "-_9"] {
            assert_eq!(from_base64(text.as_bytes()), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(from_base64(b"a b"), None);
    }

    #[test]
    fn numbers_are_filled_up_on_the_left() {
        assert_eq!(to_base(61, BASE62, 3), b"00z");
        assert_eq!(to_base(0, BASE62, 2), b"00");
        assert_eq!(to_base(62, BASE62, 0), b"10");
    }

    #[test]
    fn only_whole_percent_escapes_are_undone() {
        assert_eq!(percent_decoded(b"a%3Ab%zz%4"), b"a:b%zz%4");
    }

    #[test]
    fn noise_depends_on_the_sample_alone() {
        assert_eq!(Noise::of(b"a").bytes(100), Noise::of(b"a").bytes(100));
        assert_ne!(Noise::of(b"a").bytes(100), Noise::of(b"b").bytes(100));
    }
}
