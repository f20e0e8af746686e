//! Short names of secrets in bytes that are no text: among a billion of random ones some spell `pw=`.

use super::filter::{Filter, is_generic};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops values that only a short name promises, where control bytes stand around them.
pub(super) struct Noise;

/// Bytes of name and sign that chance does not write: 1 in 256^7 positions, and fewer with a value behind.
const TELLING: usize = 8;
/// How far around a candidate control bytes count. All of 64 random bytes are free of them once in 500 times.
const AROUND: usize = 32;

impl Filter for Noise {
    fn reason(&self) -> &'static str {
        "noise"
    }

    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        let (range, secret) = (&candidate.range, &candidate.secret);
        if !is_generic(signature) || range.len().saturating_sub(secret.len()) >= TELLING {
            return false;
        }
        let end = text.bytes.len().min(range.end + AROUND);
        text.bytes[range.start.saturating_sub(AROUND)..end].iter().any(|byte| is_control(*byte))
    }
}

/// Control bytes that no text file holds. Programs hold NUL between their texts, logs of terminals bells,
/// backspaces and escapes: those say nothing.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0x01..=0x06 | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F)
}

#[cfg(test)]
mod tests {
    use super::is_control;

    #[test]
    fn bytes_of_texts_logs_and_programs_are_no_controls() {
        for byte in b"\0\t\r\n\x07\x08\x0b\x0c\x1b aZ~\xe9\xff" {
            assert!(!is_control(*byte), "{byte:#x}");
        }
        assert!((0..=0x7f).filter(|byte| is_control(*byte)).count() == 24);
    }
}
