//! The operators that may stand between a name and a value, 64 bytes a step.
//!
//! Written so that the compiler makes vector code of it: one plain loop of byte comparisons without a
//! branch, then eight flags at a time folded into bits by a multiplication.

use std::ops::Range;

/// Bytes a step.
const BLOCK: usize = 64;
/// A block and the two bytes behind it, which decide on its last ones.
const SEEN: usize = BLOCK + 2;

/// Whether a value may follow an operator, given the two bytes behind it. No branches: see above.
#[inline(always)]
fn may_assign(byte: u8, next: u8, after: u8) -> bool {
    let line_goes_on = (next != b'\n') & (next != b'\r');
    let next_blank = (next == b' ') | (next == b'\t');
    let assigns = ((byte == b'=') | (byte == b':')) & (next != b'=') & line_goes_on;
    let scope = (byte == b':') & (next == b':');
    let quoted = is_quote(next) | (next_blank & is_quote(after));
    let argument = ((byte == b'(') | (byte == b',')) & quoted;
    let element = (byte == b'>') & (next != b'<') & line_goes_on & !next_blank;
    (assigns & !scope) | argument | element
}

#[inline(always)]
fn is_quote(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\'') | (byte == b'`') | (byte == b'\\')
}

/// Calls `visit` with the place in `bytes` of each operator in `window`, in order.
pub(super) fn visit(bytes: &[u8], window: Range<usize>, mut visit: impl FnMut(usize)) {
    let mut base = window.start;
    let mut each = |base: usize, seen: &[u8; SEEN]| {
        let mut bits = flags(seen);
        while bits != 0 {
            let at = base + bits.trailing_zeros() as usize;
            if at >= window.end {
                return;
            }
            visit(at);
            bits &= bits - 1;
        }
    };
    while base < window.end {
        if let Some(seen) = bytes[base..].first_chunk() {
            each(base, seen);
        } else {
            let mut seen = [b'\n'; SEEN];
            let rest = &bytes[base..];
            seen[..rest.len()].copy_from_slice(rest);
            each(base, &seen);
        }
        base += BLOCK;
    }
}

/// One bit for each of the first [`BLOCK`] bytes.
fn flags(seen: &[u8; SEEN]) -> u64 {
    let mut flags = [0_u8; BLOCK];
    for index in 0..BLOCK {
        flags[index] = u8::from(may_assign(seen[index], seen[index + 1], seen[index + 2]));
    }
    let (eights, _) = flags.as_chunks::<8>();
    let mut bits = 0;
    for (index, eight) in eights.iter().enumerate() {
        // Each flag is 0 or 1: the product gathers the eight of them in its top byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (index * 8);
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{may_assign, visit};

    proptest! {
        #[test]
        fn operators_of_a_window_are_visited_in_order(
            text in "[=:><(,\"' \na]{0,300}", start in 0_usize..300, length in 0_usize..300,
        ) {
            let bytes = text.as_bytes();
            let start = start.min(bytes.len());
            let end = (start + length).min(bytes.len());
            let mut seen = Vec::new();
            visit(bytes, start..end, |at| seen.push(at));
            let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
            let wanted: Vec<usize> =
                (start..end).filter(|at| may_assign(byte(*at), byte(at + 1), byte(at + 2))).collect();
            prop_assert_eq!(seen, wanted);
        }
    }
}
