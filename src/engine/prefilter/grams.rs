//! The hashed 4-gram filter: one multiplication and one bit test a byte, about 1.5 GB/s whatever the
//! number of literals.
//!
//! Positions whose gram hits the first bitmap go branch-free into a small queue (always stored, kept
//! by advancing); the few in it pass a second, independent bitmap and then the exact table, and are
//! compared with the literal. `signatures/tables.rs` describes the tables.

use std::ops::Range;

use super::hit::{Hit, Prefilter};
use crate::model::PrefilterTables;

/// Bytes of a bitmap: 2^18 bits.
const BITMAP: usize = 1 << 15;
/// Bytes of the four words before the bitmaps.
const HEAD: usize = 16;
/// Positions that are looked at before the queue is emptied.
const BLOCK: usize = 1024;
/// Bit 5 of each byte: folds letters to lower case, and some signs into others, which the comparison
/// with the literal puts right.
const FOLD: u32 = 0x2020_2020;

/// The filter, with its queue: one a thread.
pub struct Grams<'t> {
    tables: &'t PrefilterTables,
    view: Option<View<'t>>,
    queue: Box<[u32; BLOCK]>,
}

/// The tables, cut to their parts.
#[derive(Clone, Copy)]
struct View<'t> {
    first: u32,
    second: u32,
    exact: u32,
    log2: u32,
    first_bits: &'t [u8; BITMAP],
    second_bits: &'t [u8; BITMAP],
    buckets: &'t [u8],
    entries: &'t [u8],
}

impl<'t> View<'t> {
    /// `None` for tables without a literal.
    fn new(grams: &'t [u8]) -> Option<Self> {
        let word = |at: usize| grams.get(at..).and_then(word_at);
        let (first_bits, rest) = grams.get(HEAD..)?.split_first_chunk()?;
        let (second_bits, rest) = rest.split_first_chunk()?;
        let log2 = word(12)?;
        let (buckets, entries) = rest.split_at_checked(((1 << log2) + 1) * 4)?;
        let [first, second, exact] = [word(0)?, word(4)?, word(8)?];
        Some(Self { first, second, exact, log2, first_bits, second_bits, buckets, entries })
    }

    /// The entries of a gram and of those that share its bucket.
    fn entries(&self, gram: u32) -> impl Iterator<Item = u32> + use<'t> {
        let bucket = (gram.wrapping_mul(self.exact) >> (32 - self.log2)) as usize;
        let bound = |at: usize| self.buckets.get(at * 4..).and_then(word_at).unwrap_or(0) as usize;
        let entries = self.entries.get(bound(bucket) * 4..bound(bucket + 1) * 4);
        entries.unwrap_or_default().chunks_exact(4).filter_map(word_at)
    }
}

fn word_at(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|word| u32::from_le_bytes(*word))
}

#[inline]
fn hit(bits: &[u8; BITMAP], gram: u32, multiplier: u32) -> usize {
    let hash = gram.wrapping_mul(multiplier) >> 14;
    usize::from(bits[(hash >> 3) as usize] >> (hash & 7) & 1)
}

impl<'t> Grams<'t> {
    /// Takes the tables as they are: no work.
    #[must_use]
    pub fn new(tables: &'t PrefilterTables) -> Self {
        Self { tables, view: View::new(&tables.grams), queue: Box::new([0; BLOCK]) }
    }

    /// Looks up a gram that hit the first bitmap.
    fn look_up(&self, view: &View<'t>, gram: u32, at: usize, look: &Look<'_>, hits: &mut Vec<Hit>) {
        if hit(view.second_bits, gram, view.second) == 0 {
            return;
        }
        for entry in view.entries(gram) {
            let (literal, place) = (entry >> 4, (entry & 15) as usize);
            let Some(start) = at.checked_sub(place).filter(|at| look.range.contains(at)) else {
                continue;
            };
            let bytes = &self.tables.literals[literal as usize].bytes;
            let stands = look.text.get(start..start + bytes.len());
            if stands.is_some_and(|text| text.eq_ignore_ascii_case(bytes)) {
                hits.push(Hit { at: start as u32, literal });
            }
        }
    }
}

/// What is looked at.
struct Look<'a> {
    text: &'a [u8],
    range: Range<usize>,
}

impl Prefilter for Grams<'_> {
    fn find(&mut self, text: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        let Some(view) = self.view else { return };
        // A gram stands up to 11 bytes behind its literal's start.
        let end = text.len().min(range.end.saturating_add(12));
        let look = Look { text, range };
        let whole = end.min(text.len().saturating_sub(3));
        let mut at = look.range.start;
        while at < whole {
            let stop = whole.min(at + BLOCK);
            let count = fill(&mut self.queue, view.first_bits, view.first, &text[at..stop + 3]);
            for index in 0..count {
                let place = at + self.queue[index] as usize;
                if let Some(gram) = word_at(&text[place..]) {
                    self.look_up(&view, gram | FOLD, place, &look, hits);
                }
            }
            at = stop;
        }
        // The last three bytes, as if zeros followed: literals of three bytes can begin there.
        for place in at..end {
            let mut bytes = [0; 4];
            let rest = &text[place..text.len().min(place + 4)];
            bytes[..rest.len()].copy_from_slice(rest);
            let gram = u32::from_le_bytes(bytes) | FOLD;
            if hit(view.first_bits, gram, view.first) != 0 {
                self.look_up(&view, gram, place, &look, hits);
            }
        }
    }
}

/// Queues the positions in `bytes` whose gram hits the bitmap. At most [`BLOCK`] positions.
fn fill(queue: &mut [u32; BLOCK], bits: &[u8; BITMAP], multiplier: u32, bytes: &[u8]) -> usize {
    let mut count = 0_usize;
    let (mut at, mut rest) = (0_u32, bytes);
    // Eight bytes hold the grams of five positions.
    while let Some(eight) = rest.first_chunk::<8>() {
        let eight = u64::from_le_bytes(*eight) | u64::from(FOLD) << 32 | u64::from(FOLD);
        for step in 0..5 {
            queue[count & (BLOCK - 1)] = at.wrapping_add(step);
            count = count.wrapping_add(hit(bits, (eight >> (8 * step)) as u32, multiplier));
        }
        at = at.wrapping_add(5);
        rest = &rest[5..];
    }
    for window in rest.windows(4) {
        let gram = word_at(window).unwrap_or(0) | FOLD;
        queue[count & (BLOCK - 1)] = at;
        count = count.wrapping_add(hit(bits, gram, multiplier));
        at = at.wrapping_add(1);
    }
    count
}
