//! Deltas: an object as copies out of another one and bytes of its own.

use std::ops::Range;

use crate::model::Copied;

/// Why a delta cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not hold together, or not with this base.
    Corrupt,
    /// The object would have this many bytes, more than may be made.
    TooLarge(u64),
}

/// The sizes that a delta names: of its base and of what it makes, and where its instructions begin.
pub(super) fn sizes(delta: &[u8]) -> Option<(u64, u64, usize)> {
    let mut at = 0;
    let base = size(delta, &mut at)?;
    let made = size(delta, &mut at)?;
    Some((base, made, at))
}

fn size(delta: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = *delta.get(*at)?;
        *at += 1;
        let bits = u64::from(byte & 0x7f);
        value |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Makes an object of a base and a delta, and tells what it copies, in order. `made` and `copies` are
/// cleared first; `made` never grows past `most`.
pub(super) fn apply(
    base: &[u8],
    delta: &[u8],
    made: &mut Vec<u8>,
    copies: &mut Vec<Copied>,
    most: u64,
) -> Result<(), Fault> {
    made.clear();
    copies.clear();
    let (base_size, size, mut at) = sizes(delta).ok_or(Fault::Corrupt)?;
    if base_size != base.len() as u64 {
        return Err(Fault::Corrupt);
    }
    if size > most {
        return Err(Fault::TooLarge(size));
    }
    let size = size as usize;
    made.reserve_exact(size);
    while let Some(&command) = delta.get(at) {
        at += 1;
        let piece = if command & 0x80 != 0 {
            let range = copied(command, delta, &mut at);
            let piece = range.clone().and_then(|range| base.get(range));
            if let (Some(range), Some(_)) = (range, piece) {
                Copied::push(copies, range, made.len());
            }
            piece
        } else {
            let piece = delta.get(at..at + usize::from(command)).filter(|_| command != 0);
            at += usize::from(command);
            piece
        };
        let piece = piece.filter(|piece| made.len() + piece.len() <= size);
        made.extend_from_slice(piece.ok_or(Fault::Corrupt)?);
    }
    if made.len() == size { Ok(()) } else { Err(Fault::Corrupt) }
}

/// The part of the base that a copy instruction names.
#[inline]
fn copied(command: u8, delta: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let mut number = |flags: u8, bytes: u32| {
        let mut value = 0_usize;
        for place in (0..bytes).filter(|place| flags & 1 << place != 0) {
            value |= usize::from(*delta.get(*at)?) << (8 * place);
            *at += 1;
        }
        Some(value)
    };
    let offset = number(command & 0xf, 4)?;
    let length = number(command >> 4 & 7, 3)?;
    let length = if length == 0 { 0x1_0000 } else { length };
    Some(offset..offset.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(base: &[u8], delta: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut made = b"from before".to_vec();
        apply(base, delta, &mut made, &mut Vec::new(), 1 << 20).map(|()| made)
    }

    #[test]
    fn copies_are_told_and_joined_where_they_go_on() {
        // Copy 2 from 0, copy 1 from 2, insert "x", copy 2 from 3.
        let delta = [5, 6, 0x90, 2, 0x91, 2, 1, 1, b'x', 0x91, 3, 2];
        let (mut made, mut copies) = (Vec::new(), Vec::new());
        apply(b"abcde", &delta, &mut made, &mut copies, 100).unwrap();
        assert_eq!(made, b"abcxde");
        let copied = |from, to, length| Copied { from, to, length };
        assert_eq!(copies, [copied(0, 0, 3), copied(3, 4, 2)]);
    }

    #[test]
    fn copies_and_inserts_are_joined() {
        // Base of 5, result of 7: copy 3 from 2, insert "xy", copy 2 from 0.
        let delta = [5, 7, 0x91, 2, 3, 2, b'x', b'y', 0x90, 2];
        assert_eq!(applied(b"abcde", &delta), Ok(b"cdexyab".to_vec()));
    }

    #[test]
    fn what_does_not_hold_together_is_corrupt() {
        for (why, delta) in [
            ("another base", &[4, 1, 1, b'x'][..]),
            ("copy past the end", &[5, 3, 0x91, 3, 3]),
            ("the reserved instruction", &[5, 1, 0]),
            ("more than promised", &[5, 1, 2, b'x', b'y']),
            ("less than promised", &[5, 2, 1, b'x']),
            ("cut in an insert", &[5, 3, 3, b'x']),
            ("cut in a copy", &[5, 3, 0x91]),
            ("no sizes", &[0x80]),
            ("a size past 64 bits", &[0xff; 12]),
        ] {
            assert_eq!(applied(b"abcde", delta), Err(Fault::Corrupt), "{why}");
        }
    }

    #[test]
    fn a_size_beyond_the_cap_costs_nothing() {
        let delta = [5, 0x80, 0x80, 0x80, 0x80, 0x80, 1];
        assert_eq!(applied(b"abcde", &delta), Err(Fault::TooLarge(1 << 35)));
    }

    #[test]
    fn a_copy_without_a_length_is_64_kib() {
        let base = vec![7; 1 << 16];
        let delta = [0x80, 0x80, 4, 0x80, 0x80, 4, 0x80];
        assert_eq!(applied(&base, &delta), Ok(base.clone()));
    }
}
