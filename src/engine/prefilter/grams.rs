//! The hashed 4-gram filter: one multiplication and one bit test a byte, whatever the number of literals,
//! and only where a literal can lead to a match.
//!
//! Literals stand in lanes ([`Lane`]): those of nearly all signatures are looked for near long runs of
//! token characters alone. Positions whose gram hits the first table go
//! branch-free into a small queue (always stored, kept by advancing); the few in it pass a second,
//! independent table and then the exact one, and are compared with the literal.
//! `signatures/tables.rs` describes the tables.

use std::ops::Range;

use super::hit::{Hit, Prefilter};
use super::regions::Regions;
use crate::decode::Survey;
use crate::decode::teddy::{self, Sets};
use crate::model::{Lane, LaneTable, PrefilterTables};

/// Bytes of the first table: 2^17 bits.
const FIRST: usize = 1 << 14;
/// Bytes of the second table: 2^18 bits.
const SECOND: usize = 1 << 15;
/// Bytes of the four words before the tables.
const HEAD: usize = 16;
/// Positions that are looked at before the queue is emptied.
const BLOCK: usize = 1024;
/// Bit 5 of each byte: folds letters to lower case, and some signs into others, which the comparison
/// with the literal puts right.
const FOLD: u32 = 0x2020_2020;
/// A gram begins at most this far behind its literal's start.
const PLACES: usize = 12;

/// The filter, with its queue: one a thread.
pub struct Grams<'t> {
    tables: &'t PrefilterTables,
    lanes: Vec<(Lane, View<'t>, Sets<'t>)>,
    /// The first bytes of each literal.
    heads: Vec<Head>,
    queue: Box<[u32; BLOCK]>,
    /// The regions of one text.
    regions: Regions,
}

/// Up to eight bytes, in lower case, and which bits of a word they are.
#[derive(Clone, Copy)]
struct Head {
    bytes: u64,
    mask: u64,
}

impl Head {
    const LENGTH: usize = 8;

    fn of(literal: &[u8]) -> Self {
        let first = &literal[..literal.len().min(Self::LENGTH)];
        let word = |byte: fn(u8) -> u8| {
            first.iter().rev().fold(0, |word, each| word << 8 | u64::from(byte(*each)))
        };
        Self { bytes: word(|byte| byte.to_ascii_lowercase()), mask: word(|_| 0xFF) }
    }

    /// Whether a literal, of which this is the head, stands at the start of a text, in whatever case.
    #[inline]
    fn begins(self, literal: &[u8], text: &[u8]) -> bool {
        let Some(first) = text.first_chunk() else {
            return text
                .get(..literal.len())
                .is_some_and(|text| text.eq_ignore_ascii_case(literal));
        };
        if lower(u64::from_le_bytes(*first)) & self.mask != self.bytes {
            return false;
        }
        let (rest, text) = (literal.get(Self::LENGTH..), text.get(Self::LENGTH..literal.len()));
        rest.is_none_or(|rest| text.is_some_and(|text| text.eq_ignore_ascii_case(rest)))
    }
}

/// Eight bytes in lower case, all at once.
const fn lower(bytes: u64) -> u64 {
    const EACH: u64 = u64::MAX / 0xFF;
    const TOP: u64 = EACH << 7;
    let low = bytes & !TOP;
    // The top bit of each: at least `A`, above `Z`.
    let from_a = low + EACH * (0x80 - b'A' as u64);
    let above_z = low + EACH * (0x7F - b'Z' as u64);
    let upper = (from_a ^ above_z) & !bytes & TOP;
    bytes | upper >> 2
}

/// The tables, cut to their parts.
#[derive(Clone, Copy)]
struct View<'t> {
    first: u32,
    second: u32,
    exact: u32,
    log2: u32,
    first_bits: &'t [u8; FIRST],
    second_bits: &'t [u8; SECOND],
    buckets: &'t [u8],
    entries: &'t [u8],
}

impl<'t> View<'t> {
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

    #[inline]
    fn may_be(&self, gram: u32) -> bool {
        let hash = gram.wrapping_mul(self.second) >> 14;
        self.second_bits[(hash >> 3) as usize] >> (hash & 7) & 1 != 0
    }
}

fn word_at(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|word| u32::from_le_bytes(*word))
}

/// 1 for a gram that hits the first table, else 0.
#[inline]
fn hit(table: &[u8; FIRST], gram: u32, multiplier: u32) -> usize {
    let hash = gram.wrapping_mul(multiplier) >> 15;
    usize::from(table[(hash >> 3) as usize] >> (hash & 7) & 1)
}

impl<'t> Grams<'t> {
    /// Takes the tables as they are: microseconds.
    #[must_use]
    pub fn new(tables: &'t PrefilterTables) -> Self {
        let lanes = tables.lanes.iter();
        let lanes = lanes.filter_map(|LaneTable { lane, grams, buckets, pairs }| {
            Some((*lane, View::new(grams)?, Sets { halves: buckets, pairs }))
        });
        Self {
            tables,
            lanes: lanes.collect(),
            heads: tables.literals.iter().map(|literal| Head::of(&literal.bytes)).collect(),
            queue: Box::new([0; BLOCK]),
            regions: Regions::default(),
        }
    }
}

impl Prefilter for Grams<'_> {
    fn find(&mut self, text: &[u8], survey: &Survey, range: Range<usize>, hits: &mut Vec<Hit>) {
        let Self { tables, lanes, heads, queue, regions } = self;
        let mut look = Look { tables, heads, text, range: range.clone(), hits };
        regions.take(text, &survey.runs, &range);
        for (lane, view, sets) in lanes {
            match lane {
                Lane::TokenStart => {
                    let before =
                        |end: usize| survey.starts.partition_point(|at| (*at as usize) < end);
                    let first = before(range.start);
                    for starts in survey.starts[first..before(range.end).max(first)].chunks(BLOCK) {
                        let places = &mut queue[..starts.len()];
                        places.copy_from_slice(starts);
                        look.likely(view, places);
                    }
                }
                Lane::Named => {
                    let regions = regions.named.iter();
                    regions.for_each(|region| look.region(view, region.clone(), queue));
                }
                Lane::NearRun => look.wide(view, *sets, &regions.near_run),
                Lane::Anywhere => look.wide(view, *sets, std::slice::from_ref(&range)),
            }
        }
    }
}

/// A look at one text.
struct Look<'a, 't> {
    tables: &'t PrefilterTables,
    heads: &'a [Head],
    text: &'a [u8],
    /// Where literals may begin.
    range: Range<usize>,
    hits: &'a mut Vec<Hit>,
}

impl Look<'_, '_> {
    /// Finds the literals that begin in a region, which lies in the range.
    fn region(&mut self, view: &View<'_>, region: Range<usize>, queue: &mut [u32; BLOCK]) {
        let end = self.text.len().min(region.end.saturating_add(PLACES));
        let whole = end.min(self.text.len().saturating_sub(3));
        let mut at = region.start;
        while at < whole {
            let stop = whole.min(at + BLOCK);
            let grams = &self.text[at..stop + 3];
            let count = fill(queue, view.first_bits, view.first, grams);
            for place in &queue[..count] {
                self.gram_at(view, at + *place as usize);
            }
            at = stop;
        }
        for place in at..end {
            self.gram_at(view, place);
        }
    }

    /// Finds the literals that begin in some regions, by their buckets first.
    fn wide(&mut self, view: &View<'_>, sets: Sets<'_>, regions: &[Range<usize>]) {
        teddy::find(sets, self.text, regions, |places| self.likely(view, places));
    }

    /// Looks up the grams at some places, of those that the first table has. Writes over the places.
    fn likely(&mut self, view: &View<'_>, places: &mut [u32]) {
        let mut count = 0;
        for from in 0..places.len() {
            let at = places[from];
            let gram = word_at(&self.text[at as usize..]);
            places[count] = at;
            // What ends the text is looked up in any case.
            count += gram.map_or(1, |gram| hit(view.first_bits, gram | FOLD, view.first));
        }
        places[..count].iter().for_each(|at| self.gram_at(view, *at as usize));
    }

    /// Looks up the gram at a place that the first table has, or that ends the text.
    fn gram_at(&mut self, view: &View<'_>, at: usize) {
        // Behind the text, as if zeros followed: literals of three bytes can begin there.
        let gram = word_at(&self.text[at..]).unwrap_or_else(|| {
            self.text[at..].iter().rev().fold(0, |gram, byte| gram << 8 | u32::from(*byte))
        }) | FOLD;
        if !view.may_be(gram) {
            return;
        }
        for entry in view.entries(gram) {
            let (literal, place) = (entry >> 4, (entry & 15) as usize);
            let Some(start) = at.checked_sub(place).filter(|at| self.range.contains(at)) else {
                continue;
            };
            let bytes = &self.tables.literals[literal as usize].bytes;
            if self.heads[literal as usize].begins(bytes, &self.text[start..]) {
                self.hits.push(Hit { at: start as u32, literal });
            }
        }
    }
}

/// Queues the positions in `bytes` whose gram hits the table. At most [`BLOCK`] positions.
fn fill(queue: &mut [u32; BLOCK], table: &[u8; FIRST], multiplier: u32, bytes: &[u8]) -> usize {
    let mut count = 0_usize;
    let (mut at, mut rest) = (0_u32, bytes);
    // Eight bytes hold the grams of five positions.
    while let Some(eight) = rest.first_chunk::<8>() {
        let eight = u64::from_le_bytes(*eight) | u64::from(FOLD) << 32 | u64::from(FOLD);
        for step in 0..5 {
            queue[count & (BLOCK - 1)] = at.wrapping_add(step);
            count = count.wrapping_add(hit(table, (eight >> (8 * step)) as u32, multiplier));
        }
        at = at.wrapping_add(5);
        rest = &rest[5..];
    }
    for window in rest.windows(4) {
        let gram = word_at(window).unwrap_or(0) | FOLD;
        queue[count & (BLOCK - 1)] = at;
        count = count.wrapping_add(hit(table, gram, multiplier));
        at = at.wrapping_add(1);
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Head;

    proptest! {
        #[test]
        fn a_literal_stands_where_its_bytes_do(
            literal in "[a-c@`\\[{_~-]{1,12}", text in "[a-cA-C@`\\[{_~-]{0,12}", same: bool, upper: bool,
        ) {
            let mut text = if same { literal.clone() + &text } else { text };
            if upper {
                text = text.to_ascii_uppercase();
            }
            let (literal, text) = (literal.as_bytes(), text.as_bytes());
            let wanted = text.get(..literal.len()).is_some_and(|text| text.eq_ignore_ascii_case(literal));
            prop_assert_eq!(Head::of(literal).begins(literal, text), wanted);
        }
    }
}
