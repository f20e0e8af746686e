//! Classes of bytes and long runs of them, 64 bytes a step: bit `i` of a mask stands for byte `i`.

use std::ops::{ControlFlow, Range};

use super::simd;
pub use super::simd::BLOCK;

/// Blocks whose masks are made in one go.
const BATCH: usize = 32;

/// A set of ASCII bytes.
pub struct Class {
    /// By low half of a byte: bit `h` says whether the byte with the high half `h` is a member.
    halves: [u8; 16],
    members: [bool; 256],
}

impl Class {
    /// The class of the bytes that stand in `members`, which are ASCII.
    #[must_use]
    ///
    /// # Panics
    /// Where they are not.
    pub const fn new(members: &[u8]) -> Self {
        let mut class = Self { halves: [0; 16], members: [false; 256] };
        let mut at = 0;
        while at < members.len() {
            let byte = members[at];
            assert!(byte < 0x80, "members are ASCII");
            class.halves[(byte & 15) as usize] |= 1 << (byte >> 4);
            class.members[byte as usize] = true;
            at += 1;
        }
        class
    }

    /// Whether a byte is a member.
    #[inline]
    #[must_use]
    pub const fn has(&self, byte: u8) -> bool {
        self.members[byte as usize]
    }

    /// Where the members that go on at `from` end.
    pub(super) fn end(&self, text: &[u8], from: usize) -> usize {
        let rest = &text[from..];
        from + rest.iter().position(|byte| !self.has(*byte)).unwrap_or(rest.len())
    }
}

/// The bytes of ordinary text.
pub(super) static PRINTABLE: Class = printable();

/// The class [`PRINTABLE`].
pub(super) const fn printable() -> Class {
    let mut members = [b'\n'; 0x7F - 0x20 + 2];
    let mut byte = 0x20;
    while byte < 0x7F {
        members[byte - 0x20] = byte as u8;
        byte += 1;
    }
    members[0x7F - 0x20] = b'\t';
    members[0x7F - 0x20 + 1] = b'\r';
    Class::new(&members)
}

/// The masks of as many blocks as both slices hold, by class. 10 GB/s with AVX2, 2 GB/s without.
pub(super) fn masks<const N: usize>(
    classes: [&Class; N],
    blocks: &[[u8; BLOCK]],
    masks: &mut [[u64; N]],
) {
    if !simd::masks(classes.map(|class| &class.halves), blocks, masks) {
        for (block, masks) in blocks.iter().zip(masks) {
            *masks = classes.map(|class| one_by_one(class, block));
        }
    }
}

fn one_by_one(class: &Class, block: &[u8; BLOCK]) -> u64 {
    block.iter().rev().fold(0, |mask, byte| mask << 1 | u64::from(class.has(*byte)))
}

/// Calls `each` with the masks of every block of a text, in order, and where the block begins, until it
/// breaks. Behind the text it goes on as if `pad` followed; the last block may lie wholly behind it.
pub fn visit<const N: usize>(
    text: &[u8],
    classes: [&Class; N],
    pad: u8,
    mut each: impl FnMut(usize, Masks<'_, N>) -> ControlFlow<()>,
) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut last = [[pad; BLOCK]; 2];
    last[0][..rest.len()].copy_from_slice(rest);
    let mut made = [[0; N]; BATCH + 1];
    let mut base = 0;
    let mut batch = |blocks: &[[u8; BLOCK]], next: &[u8; BLOCK]| {
        masks(classes, blocks, &mut made);
        masks(classes, std::slice::from_ref(next), &mut made[blocks.len()..]);
        for pair in made[..=blocks.len()].windows(2) {
            let [own, next] = pair else { unreachable!("windows of two hold two") };
            each(base, Masks { own, next })?;
            base += BLOCK;
        }
        ControlFlow::Continue(())
    };
    for (index, chunk) in blocks.chunks(BATCH).enumerate() {
        let next = blocks.get((index + 1) * BATCH).unwrap_or(&last[0]);
        if batch(chunk, next).is_break() {
            return;
        }
    }
    // What it says does not matter: there is no block behind.
    let _: ControlFlow<()> = batch(&last[..1], &last[1]);
}

/// The masks of one block and of the one behind it, by class.
pub struct Masks<'m, const N: usize> {
    own: &'m [u64; N],
    next: &'m [u64; N],
}

impl<const N: usize> Masks<'_, N> {
    /// Which bytes are of the class.
    #[inline]
    #[must_use]
    pub fn own(&self, class: usize) -> u64 {
        self.own[class]
    }

    /// Which bytes of the block and of the one behind it are of the class.
    #[inline]
    #[must_use]
    pub fn both(&self, class: usize) -> u128 {
        u128::from(self.own[class]) | u128::from(self.next[class]) << u64::BITS
    }

    /// Behind which bytes one of the class stands at a distance of 1 to 63.
    #[inline]
    #[must_use]
    pub fn ahead(&self, class: usize, distance: u32) -> u64 {
        self.own[class] >> distance | self.next[class] << (u64::BITS - distance)
    }
}

/// Calls `each` with all maximal runs of at least `shortest` bytes of a class, in order.
///
/// NUL is not of the class. `each` returns up to where the text is done with: runs that begin before are left out. `shortest` is
/// 2 to 64. 10 GB/s with AVX2 where long runs are rare.
pub fn runs(
    text: &[u8],
    class: &Class,
    shortest: usize,
    mut each: impl FnMut(Range<usize>) -> usize,
) {
    debug_assert!(!class.has(0));
    let mut done = 0;
    let mut give = |run: Range<usize>| {
        if run.start >= done {
            done = each(run);
        }
    };
    let mut runs = Runs::new(shortest);
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut batch = [[0]; BATCH];
    for (index, blocks) in blocks.chunks(BATCH).enumerate() {
        masks([class], blocks, &mut batch);
        for (step, [mask]) in batch[..blocks.len()].iter().enumerate() {
            runs.block((index * BATCH + step) * BLOCK, *mask, &mut give);
        }
    }
    // NULs behind the text end its last run.
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    runs.block(blocks.len() * BLOCK, one_by_one(class, &last), &mut give);
}

/// Finds maximal runs in masks that come block by block.
pub(super) struct Runs {
    shortest: usize,
    /// Where the run that reaches the end of the block before began.
    open: usize,
}

impl Runs {
    /// For runs of at least `shortest` bytes, 2 to 64.
    pub(super) fn new(shortest: usize) -> Self {
        debug_assert!((2..=BLOCK).contains(&shortest));
        Self { shortest, open: 0 }
    }

    /// Calls `give` with the runs that end in the next block. A zero ends the last one.
    #[inline]
    pub(super) fn block(&mut self, base: usize, mask: u64, give: &mut impl FnMut(Range<usize>)) {
        let head = mask.trailing_ones();
        if head == u64::BITS {
            return;
        }
        let end = base + head as usize;
        if end - self.open >= self.shortest {
            give(self.open..end);
        }
        let may = match self.shortest {
            ..15 => true,
            15..31 => has_lane(mask, u64::MAX / 0xFF),
            31.. => has_lane(mask, u64::MAX / 0xFFFF),
        };
        let mut starts = if may { starts_of(mask, self.shortest) & u64::MAX << head } else { 0 };
        while starts != 0 {
            let start = starts.trailing_zeros();
            let end = start + (mask >> start).trailing_ones();
            if end == u64::BITS {
                break;
            }
            give(base + start as usize..base + end as usize);
            starts &= u64::MAX << end;
        }
        self.open = base + BLOCK - mask.leading_ones() as usize;
    }
}

/// Writes down where bytes stand, given the masks of blocks that follow one another.
pub(super) struct Places<'p> {
    all: &'p mut Vec<u32>,
    /// Masks that are not written yet.
    waiting: [u64; BATCH],
    /// Blocks so far.
    count: usize,
}

impl<'p> Places<'p> {
    /// Appends to `all`.
    pub(super) fn new(all: &'p mut Vec<u32>) -> Self {
        Self { all, waiting: [0; BATCH], count: 0 }
    }

    /// Adds those of the next block.
    #[inline]
    pub(super) fn push(&mut self, mask: u64) {
        self.waiting[self.count % BATCH] = mask;
        self.count += 1;
        if self.count.is_multiple_of(BATCH) {
            self.write(BATCH);
        }
    }

    /// Writes the rest.
    pub(super) fn finish(mut self) {
        self.write(self.count % BATCH);
    }

    /// Writes those of the last blocks.
    fn write(&mut self, blocks: usize) {
        let waiting = &self.waiting[..blocks];
        let more = waiting.iter().map(|mask| mask.count_ones() as usize).sum::<usize>();
        if more > 0 {
            let before = self.all.len();
            self.all.resize(before + more + BLOCK, 0);
            simd::spread((self.count - blocks) * BLOCK, waiting, &mut self.all[before..]);
            self.all.truncate(before + more);
        }
    }
}

/// Whether all bits of a lane are ones, given the lowest bits of the lanes. Each 15 ones in a row hold a lane
/// of eight, each 31 one of sixteen.
fn has_lane(mask: u64, lowest: u64) -> bool {
    // The lowest lane of zeros of the opposite borrows (Lamport 1975).
    (!mask).wrapping_sub(lowest) & mask & lowest.rotate_right(1) != 0
}

/// The bits at which `count` ones in a row begin.
fn starts_of(mask: u64, count: usize) -> u64 {
    let mut starts = mask;
    let mut known = 1;
    while known < count {
        let step = known.min(count - known);
        starts &= starts >> step;
        known += step;
    }
    starts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Class, masks, one_by_one, runs};

    static LETTERS: Class = Class::new(b"ab");
    static ODD: Class = Class::new(b"\x00\x01\x7f09:@AZ[`az{~ \t");

    fn found(text: &[u8], shortest: usize) -> Vec<std::ops::Range<usize>> {
        let mut found = Vec::new();
        runs(text, &LETTERS, shortest, |run| {
            found.push(run);
            0
        });
        found
    }

    proptest! {
        #[test]
        fn masks_are_what_single_bytes_say(text in proptest::collection::vec(any::<u8>(), 256)) {
            let (blocks, _) = text.as_chunks();
            let mut made = [[0; 2]; 4];
            masks([&ODD, &LETTERS], blocks, &mut made);
            let wanted = blocks.iter().map(|block| [one_by_one(&ODD, block), one_by_one(&LETTERS, block)]);
            prop_assert_eq!(made.to_vec(), wanted.collect::<Vec<_>>());
        }

        #[test]
        fn only_long_runs_are_given_and_whole(
            lengths in proptest::collection::vec((0_usize..150, 1_usize..80), 0..8),
            shortest in 2_usize..=64,
        ) {
            let mut text = Vec::new();
            let mut wanted = Vec::new();
            for (run, gap) in lengths {
                if run >= shortest {
                    wanted.push(text.len()..text.len() + run);
                }
                text.resize(text.len() + run, b'a');
                text.resize(text.len() + gap, b'.');
            }
            // The last run reaches the end of the text.
            wanted.push(text.len()..text.len() + shortest);
            text.resize(text.len() + shortest, b'b');
            prop_assert_eq!(found(&text, shortest), wanted);
        }
    }

    #[test]
    fn what_is_done_with_is_left_out() {
        let mut found = Vec::new();
        runs(b"aaa.aaa.aaa", &LETTERS, 3, |run| {
            found.push(run.start);
            run.end + 2
        });
        assert_eq!(found, [0, 8]);
    }
}
