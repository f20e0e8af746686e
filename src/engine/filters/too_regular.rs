//! Values with a pattern that no random value has: repeats, sequences, keyboard rows.

use super::filter::{Filter, own};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops values that repeat themselves or count.
pub(super) struct TooRegular;

/// Rows of keyboards and of the hexadecimal alphabet, as people type them.
const ROWS: &[&[u8]] =
    &[b"qwertyuiop", b"asdfghjkl", b"zxcvbnm", b"0123456789abcdef", b"1q2w3e4r5t6y"];

impl Filter for TooRegular {
    fn reason(&self) -> &'static str {
        "too-regular"
    }

    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        is_regular(own(candidate.value(text), signature))
    }
}

/// Whether a value of four bytes or more repeats itself or counts.
pub(in crate::engine) fn is_regular(value: &[u8]) -> bool {
    if value.len() < 4 || value.len() > 1024 {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    few_signs(&lower) || repeats(&lower) || counts(&lower)
}

/// Whether very few different bytes make up the value.
fn few_signs(value: &[u8]) -> bool {
    let mut seen = [false; 256];
    value.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    let different = seen.iter().filter(|is| **is).count();
    different
        <= match value.len() {
            0..8 => 1,
            8..16 => 3,
            16..32 => 5,
            _ => 6,
        }
}

/// Whether a period of at most half of the value makes it up, or one byte a large part of it. Six in a row
/// are chance in a long value: 13 random digits have them once in ten thousand.
fn repeats(value: &[u8]) -> bool {
    let periodic = |period: usize| value[period..].iter().zip(value).all(|(a, b)| a == b);
    if (1..=(value.len() / 2).min(20)).any(periodic) && value.len() >= 6 {
        return true;
    }
    let mut run = 0;
    let mut longest = 0;
    for two in value.windows(2) {
        run = if two[0] == two[1] { run + 1 } else { 0 };
        longest = longest.max(run + 1);
    }
    longest >= 8
        || (longest >= 6 && longest * 4 >= value.len())
        || (longest >= 4 && longest * 2 >= value.len())
}

/// Whether steps of one (`abcd`, `4321`) or steps along a row make up most of the value.
fn counts(value: &[u8]) -> bool {
    let step = |two: &[u8]| {
        let apart = i16::from(two[1]) - i16::from(two[0]);
        let along = ROWS.iter().any(|row| row.windows(2).any(|key| key == two));
        (two[0].is_ascii_alphanumeric() && matches!(apart, 1 | -1)) || along
    };
    let steps = value.windows(2).filter(|two| step(two)).count();
    value.len() >= 6 && steps * 10 >= (value.len() - 1) * 6
}

#[cfg(test)]
mod tests {
    use super::is_regular;

    #[test]
    fn repeats_and_sequences_are_regular_and_random_values_are_not() {
        for value in [
            "aaaaaaaa",
            "abcabcabc",
            "12345678",
            "abcdefghij",
            "qwertyuiop",
            "0123456789abcdef0123456789abcdef",
            "00000000-1",
        ] {
            assert!(is_regular(value.as_bytes()), "{value}");
        }
        for value in ["kT9vXq2LmZ", "f3a91c07be62d845", "correcthorse", "pass"] {
            assert!(!is_regular(value.as_bytes()), "{value}");
        }
    }
}
