//! Where one of some short texts may begin, 64 bytes a step: the Teddy algorithm of Hyperscan (Wang et al.,
//! NSDI 2019), with eight buckets a set. It looks up the halves of six bytes, or, on machines with a look-up of
//! six bits, a hash of each of five pairs of bytes: half the work, and sharper.

use std::cell::Cell;
use std::ops::Range;

use super::simd::{self, BATCH, BLOCK};
use crate::model::{BUCKET_BYTES, BUCKET_PAIRS, Buckets, PairBuckets, pair_code};

/// Bytes that a block has to see behind its end.
const BEHIND: usize = 8;

/// So many places are worth handing on.
const ENOUGH: usize = 256;

/// Most places that are handed on at once, and a block of room behind them.
const QUEUE: usize = ENOUGH + (BATCH + 1) * BLOCK;

/// The tables of the same texts for one kind of machine and for the other.
#[derive(Clone, Copy, Debug)]
pub struct Sets<'t> {
    /// By the halves of bytes.
    pub halves: &'t [Buckets],
    /// By pairs of bytes.
    pub pairs: &'t [PairBuckets],
}

/// One set of each kind, of words in lower case, ASCII: for a few that are known beforehand.
#[must_use]
pub const fn sets(words: [&[&str]; 8]) -> ([Buckets; 1], [PairBuckets; 1]) {
    let mut halves = [[[0; 16]; 2]; BUCKET_BYTES];
    let mut pairs = [[0; 64]; BUCKET_PAIRS];
    let mut bucket = 0;
    while bucket < 8 {
        let mut index = 0;
        while index < words[bucket].len() {
            let word = words[bucket][index].as_bytes();
            add(&mut halves, word, 1 << bucket);
            add_pairs(&mut pairs, word, 1 << bucket);
            index += 1;
        }
        bucket += 1;
    }
    ([halves], [pairs])
}

const fn add_pairs(tables: &mut PairBuckets, word: &[u8], bit: u8) {
    let mut place = 0;
    while place < BUCKET_PAIRS {
        if place + 1 < word.len() {
            tables[place][pair_code(word[place], word[place + 1]) as usize] |= bit;
        } else {
            // Behind a shorter word anything may stand.
            let mut code = 0;
            while code < 64 {
                tables[place][code] |= bit;
                code += 1;
            }
        }
        place += 1;
    }
}

const fn add(tables: &mut Buckets, word: &[u8], bit: u8) {
    let mut place = 0;
    while place < BUCKET_BYTES {
        let [low, high] = &mut tables[place];
        if place < word.len() {
            let (lower, upper) = (word[place], word[place].to_ascii_uppercase());
            low[(lower & 15) as usize] |= bit;
            high[(lower >> 4) as usize] |= bit;
            low[(upper & 15) as usize] |= bit;
            high[(upper >> 4) as usize] |= bit;
        } else {
            // Behind a shorter word anything may stand.
            let mut half = 0;
            while half < 16 {
                low[half] |= bit;
                high[half] |= bit;
                half += 1;
            }
        }
        place += 1;
    }
}

/// Memory of a search, of which each thread keeps one: to clear it costs more than to search a small file.
struct Room {
    made: [u64; BATCH],
    codes: simd::Codes,
    queue: [u32; QUEUE],
}

impl Room {
    const fn new() -> Self {
        Self { made: [0; BATCH], codes: simd::Codes::new(), queue: [0; QUEUE] }
    }
}

thread_local! {
    static ROOM: Cell<Option<Box<Room>>> = const { Cell::new(None) };
}

/// Calls `each` with the places in `ranges` at which a literal of one of the buckets may begin, in order, some
/// at a time, a few thousand at most; it may write over them. Behind its end the text goes on with NULs.
///
/// For each set of buckets 4 GB/s with AVX2, 15 with AVX-512VBMI. The text is shorter than 4 GiB.
pub fn find(
    sets: Sets<'_>,
    text: &[u8],
    ranges: &[Range<usize>],
    mut each: impl FnMut(&mut [u32]),
) {
    let mut room = ROOM.take().unwrap_or_else(|| Box::new(Room::new()));
    let Room { made, codes, queue } = &mut *room;
    let mut count = 0;
    let mut add = |text: &[u8], base: usize, end: usize, blocks: usize| {
        let made = &mut made[..blocks];
        places(sets, text, codes, made);
        cut(made, end - base);
        count += simd::spread(base, made, &mut queue[count..]);
        if count >= ENOUGH {
            each(&mut queue[..count]);
            count = 0;
        }
    };
    for range in ranges {
        let end = range.end.min(text.len());
        let mut base = range.start;
        // Each block needs the first bytes of the next.
        while base < end && text.len() - base >= BLOCK + BEHIND {
            let wanted = (end - base).div_ceil(BLOCK);
            let blocks = ((text.len() - base - BEHIND) / BLOCK).min(BATCH).min(wanted);
            add(&text[base..], base, end, blocks);
            base += blocks * BLOCK;
        }
        if base < end {
            let rest = &text[base..];
            let mut last = [0; 3 * BLOCK];
            last[..rest.len()].copy_from_slice(rest);
            add(&last, base, end, 2);
        }
    }
    each(&mut queue[..count]);
    ROOM.set(Some(room));
}

/// Clears the bits of all but the first places.
fn cut(made: &mut [u64], count: usize) {
    if let Some(places) = made.get_mut(count / BLOCK) {
        *places &= (1 << (count % BLOCK)) - 1;
        made[count / BLOCK + 1..].fill(0);
    }
}

/// The places in as many blocks as `made` has room for, given as bits. `text` has [`BEHIND`] bytes more.
fn places(sets: Sets<'_>, text: &[u8], codes: &mut simd::Codes, made: &mut [u64]) {
    let Sets { halves: buckets, pairs } = sets;
    if !simd::paired(pairs, text, codes, made) && !simd::places(buckets, text, made) {
        for (index, places) in made.iter_mut().enumerate() {
            let seen = &text[index * BLOCK..][..BLOCK + BUCKET_BYTES - 1];
            *places = buckets.iter().fold(0, |places, buckets| places | one_by_one(buckets, seen));
        }
    }
}

fn one_by_one(buckets: &Buckets, seen: &[u8]) -> u64 {
    seen.windows(BUCKET_BYTES).rev().fold(0, |places, bytes| {
        let left = bytes.iter().zip(buckets).fold(u8::MAX, |left, (byte, [low, high])| {
            left & low[usize::from(byte & 15)] & high[usize::from(byte >> 4)]
        });
        places << 1 | u64::from(left != 0)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, Sets, find, one_by_one, sets};
    use crate::decode::simd;
    use crate::model::{Buckets, PairBuckets, pair_code};

    const TEXTS: [&str; 7] = ["ab.", "key-", "\"auth_", "://hooks", "_mmk", "7q~", "x-y"];
    const BOTH: ([Buckets; 1], [PairBuckets; 1]) = sets([
        &["ab.", "7q~"],
        &["key-"],
        &["\"auth_"],
        &["://hooks"],
        &["_mmk"],
        &["x-y"],
        &[],
        &[],
    ]);
    const SETS: Sets<'_> = Sets { halves: &BOTH.0, pairs: &BOTH.1 };

    /// The buckets that five pairs share, one place after the other.
    fn pairs_one_by_one(tables: &PairBuckets, seen: &[u8]) -> u64 {
        (0..BLOCK).rev().fold(0, |places, at| {
            let left = tables.iter().enumerate().fold(u8::MAX, |left, (place, table)| {
                let code = pair_code(seen[at + place], seen[at + place + 1]);
                left & table[usize::from(code)]
            });
            places << 1 | u64::from(left != 0)
        })
    }

    proptest! {
        #[test]
        fn every_text_is_found_at_every_place(
            noise in proptest::collection::vec(any::<u8>(), 0..300), which in 0..TEXTS.len(), upper: bool,
        ) {
            let mut text = noise.clone();
            let planted = TEXTS[which];
            text.extend(planted.bytes().map(|byte| if upper { byte.to_ascii_uppercase() } else { byte }));
            text.extend_from_slice(&noise[noise.len() / 2..]);
            let mut places = Vec::new();
            find(SETS, &text, std::slice::from_ref(&(0..text.len())), |some| places.extend_from_slice(some));
            let from = text.len() / 3;
            let to = text.len() - from;
            let mut part = Vec::new();
            find(SETS, &text, std::slice::from_ref(&(from..to)), |some| part.extend_from_slice(some));
            let inside = places.iter().filter(|at| (from..to).contains(&(**at as usize)));
            prop_assert!(part.iter().eq(inside), "{part:?} of {places:?}");
            prop_assert!(places.contains(&(noise.len() as u32)), "{places:?}");
            prop_assert!(places.is_sorted_by(|a, b| a < b) && places.iter().all(|at| (*at as usize) < text.len()));
        }

        #[test]
        fn the_ones_of_masks_are_written_in_order(
            masks in proptest::collection::vec(prop_oneof![Just(0), any::<u64>(), Just(u64::MAX)], 0..5),
            sparse: u64, base in 0_usize..1000,
        ) {
            let masks: Vec<u64> = masks.iter().map(|mask| mask & sparse.rotate_left(7)).chain(masks.iter().copied()).collect();
            let wanted: Vec<u32> = (0..masks.len() * BLOCK)
                .filter(|at| masks[at / BLOCK] >> (at % BLOCK) & 1 != 0)
                .map(|at| (base + at) as u32)
                .collect();
            for spread in [simd::spread, simd::spread_one_by_one] {
                let mut places = vec![0; wanted.len() + BLOCK];
                let count = spread(base, &masks, &mut places);
                prop_assert_eq!(&places[..count], &wanted[..]);
            }
        }

        #[test]
        fn vectors_say_what_single_bytes_say(text in proptest::collection::vec(
            proptest::sample::select(b"aAbB.k-\"://h_m7q~\xff\x00".to_vec()), 200)) {
            let mut made = [0; 3];
            if simd::places(SETS.halves, &text, &mut made) {
                let wanted = [0, 64, 128].map(|at| one_by_one(&BOTH.0[0], &text[at..at + 69]));
                prop_assert_eq!(made, wanted);
            }
            if simd::paired(SETS.pairs, &text, &mut simd::Codes::new(), &mut made) {
                let wanted = [0, 64, 128].map(|at| pairs_one_by_one(&BOTH.1[0], &text[at..at + 72]));
                prop_assert_eq!(made, wanted);
            }
        }
    }
}
