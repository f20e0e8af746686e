//! How positions in decoded bytes map back to the encoded text.

use std::ops::Range;

/// Maps decoded positions to encoded ones, in pieces that advance evenly.
///
/// Between bytes and text stand *units*: characters of base64 (four for three bytes), pairs of hex
/// digits, whole escapes, code units. A megabyte of base64 on one line is one piece, so a map costs
/// 12 bytes a line, or an escape, instead of four a byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// This many units stand for `bytes_a_group` bytes.
    units_a_group: u32,
    bytes_a_group: u32,
    /// Decoded bytes before the first that this map speaks of.
    skipped: u32,
    /// Units so far, the skipped ones included.
    units: u32,
    pieces: Vec<Piece>,
}

/// Units that stand at equal distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// Number of the first unit.
    unit: u32,
    /// Where it begins in the text.
    at: u32,
    /// From one unit to the next.
    stride: u16,
    /// Length of a unit in the text.
    size: u16,
}

impl Default for Map {
    fn default() -> Self {
        Self::new(1, 1)
    }
}

impl Map {
    /// An empty map in which `units` units encode `bytes` bytes.
    #[must_use]
    pub(super) fn new(units: u32, bytes: u32) -> Self {
        Self {
            units_a_group: units,
            bytes_a_group: bytes,
            skipped: 0,
            units: 0,
            pieces: Vec::new(),
        }
    }

    /// Adds a run of one-byte units that stand side by side.
    pub(super) fn push_run(&mut self, run: Range<usize>) {
        if run.is_empty() {
            return;
        }
        self.pieces.push(Piece { unit: self.units, at: narrow(run.start), stride: 1, size: 1 });
        self.units += narrow(run.len());
    }

    /// Adds one unit of `size` bytes at `at`. Joins the last piece where it goes on evenly.
    pub(super) fn push_unit(&mut self, at: usize, size: usize) {
        let (at, size) = (narrow(at), u16::try_from(size).unwrap_or(u16::MAX));
        let unit = self.units;
        self.units += 1;
        if let Some(last) = self.pieces.last_mut().filter(|last| last.size == size) {
            let count = unit - last.unit;
            let distance = at.wrapping_sub(last.at);
            if count == 1 && distance <= u32::from(u16::MAX) {
                last.stride = distance as u16;
                return;
            }
            if u64::from(distance) == u64::from(count) * u64::from(last.stride) {
                return;
            }
        }
        self.pieces.push(Piece { unit, at, stride: size, size });
    }

    /// Adds `count` units of one byte that stand side by side, as one by one.
    pub(super) fn push_plain(&mut self, at: usize, count: usize) {
        let few = count.min(3);
        (at..at + few).for_each(|at| self.push_unit(at, 1));
        // By now the last piece goes on evenly.
        self.units += narrow(count - few);
    }

    /// Forgets all units, keeps the memory.
    pub fn clear(&mut self) {
        self.pieces.clear();
        self.units = 0;
        self.skipped = 0;
    }

    /// The map of a part of the decoded bytes.
    pub(super) fn slice(&self, decoded: Range<usize>) -> Self {
        let units = self.units_of(&decoded);
        let first = self.piece_of(units.start);
        let end = self.pieces.partition_point(|piece| u64::from(piece.unit) < units.end);
        Self {
            units_a_group: self.units_a_group,
            bytes_a_group: self.bytes_a_group,
            skipped: self.skipped + narrow(decoded.start),
            units: self.units,
            pieces: self.pieces[first..end.max(first)].to_vec(),
        }
    }

    /// The encoded range of a range of decoded bytes. An empty range gives an empty range.
    #[must_use]
    pub fn encoded(&self, decoded: Range<usize>) -> Range<usize> {
        if self.pieces.is_empty() {
            return 0..0;
        }
        let units = self.units_of(&decoded);
        let start = self.place(units.start).start;
        if decoded.is_empty() {
            return start..start;
        }
        start..self.place(units.end - 1).end.max(start)
    }

    fn units_of(&self, decoded: &Range<usize>) -> Range<u64> {
        let (units, bytes) = (u64::from(self.units_a_group), u64::from(self.bytes_a_group));
        let start = decoded.start as u64 + u64::from(self.skipped);
        let end = decoded.end as u64 + u64::from(self.skipped);
        start * units / bytes..(end * units).div_ceil(bytes)
    }

    fn piece_of(&self, unit: u64) -> usize {
        self.pieces.partition_point(|piece| u64::from(piece.unit) <= unit).saturating_sub(1)
    }

    /// Where a unit stands; the place after the last one for a unit that is not there.
    fn place(&self, unit: u64) -> Range<usize> {
        let piece = self.pieces[self.piece_of(unit)];
        let past = unit.saturating_sub(u64::from(piece.unit));
        let start = u64::from(piece.at) + past * u64::from(piece.stride);
        start as usize..(start + u64::from(piece.size)) as usize
    }
}

/// Windows are far below 4 GiB; beyond that a position sticks to the end instead of wrapping.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Map;

    #[test]
    fn three_bytes_stand_in_four_characters_of_a_broken_line() {
        let mut map = Map::new(4, 3);
        map.push_run(10..15);
        map.push_run(20..23);
        assert_eq!(map.encoded(0..1), 10..12);
        assert_eq!(map.encoded(1..3), 11..14);
        assert_eq!(map.encoded(3..6), 14..23);
        assert_eq!(map.slice(4..6).encoded(0..1), map.encoded(4..5));
    }

    #[test]
    fn plain_units_are_what_single_ones_are() {
        for before in
            [vec![], vec![(0, 1)], vec![(0, 1), (3, 1)], vec![(0, 1), (4, 1), (8, 1)], vec![(0, 4)]]
        {
            for count in 0..9 {
                let (mut plain, mut single) = (Map::default(), Map::default());
                for (at, size) in &before {
                    plain.push_unit(*at, *size);
                    single.push_unit(*at, *size);
                }
                plain.push_plain(12, count);
                (12..12 + count).for_each(|at| single.push_unit(at, 1));
                plain.push_unit(40, 6);
                single.push_unit(40, 6);
                assert_eq!(plain, single);
            }
        }
    }

    #[test]
    fn units_of_mixed_size_keep_their_places() {
        let mut map = Map::default();
        let units = [(0, 1), (1, 1), (2, 4), (6, 4), (10, 4), (14, 6), (14, 6), (20, 1), (21, 1)];
        for (at, size) in units {
            map.push_unit(at, size);
        }
        for (index, (at, size)) in units.into_iter().enumerate() {
            assert_eq!(map.encoded(index..index + 1), at..at + size);
        }
        assert_eq!(map.encoded(0..9), 0..22);
    }
}
