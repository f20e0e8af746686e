//! From literals to the tables of the prefilter. Deterministic: the same literals give the same bytes.
//!
//! Shared with the build script by `#[path]`; it takes `crate::model` for the types of
//! `model/prefilter.rs`, which the build script re-exports under that name.
//!
//! # Layout of `grams`
//! Little-endian; a gram is four bytes, each with bit 5 set, read as a little-endian `u32`.
//! ```text
//! 0   multiplier of the first hash      u32, odd
//! 4   multiplier of the second hash     u32, odd
//! 8   multiplier of the exact table     u32, odd
//! 12  log2 of the number of its buckets u32
//! 16  first table                       2^17 bits: bit (gram * multiplier) >> 15
//!     second table                      2^18 bits: bit (gram * multiplier) >> 14
//!     buckets                           (2^log2 + 1) u32: entries[bucket[h]..bucket[h + 1]]
//!     entries                           u32: literal << 4 | place of the gram in the literal
//! ```
//! A literal of three bytes stands under the 128 grams that it can begin.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use super::buckets;
use super::frequency;
use super::literals::LiteralWindow;
use crate::model::{Anchor, Lane, LaneTable, Literal, PrefilterTables};

/// Bits of an index into the first table: it is read for each byte, and has to stay in the nearest cache
/// beside the text.
const FIRST_BITS: u32 = 17;
/// Bits of an index into the second table.
const SECOND_BITS: u32 = 18;
/// Multipliers that are tried for the first hash.
const TRIALS: usize = 24;
/// The fullest that the first table may be: beyond it speed falls off a cliff.
const FULLEST: f64 = 0.2;

/// Why the tables cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Too many literals for the hash tables.
    #[error(
        "{grams} grams are more than the prefilter has room for ({most}): use fewer signatures, or longer literals"
    )]
    Full {
        /// How many there are.
        grams: usize,
        /// How many there may be.
        most: usize,
    },
}

/// Makes the tables for signatures (by index) and their literals.
///
/// About 20 microseconds a signature.
///
/// # Errors
/// Where the hash tables would be too full to be fast.
pub fn build(signatures: &[(u32, Vec<LiteralWindow>)]) -> Result<PrefilterTables, Error> {
    let mut wanted: BTreeMap<&[u8], (Lane, Vec<Anchor>)> = BTreeMap::new();
    for (signature, windows) in signatures {
        for window in windows {
            let (lane, anchors) = wanted.entry(&window.bytes).or_insert((window.lane, Vec::new()));
            *lane = lane.join(window.lane);
            anchors.push(anchor(*signature, window));
        }
    }
    let mut literals = Vec::with_capacity(wanted.len());
    let mut anchors = Vec::new();
    let mut by_lane: BTreeMap<Lane, Vec<Gram>> = BTreeMap::new();
    for (bytes, (lane, mut group)) in wanted {
        push_grams(literals.len() as u32, bytes, lane, by_lane.entry(lane).or_default());
        group.sort_by_key(|anchor| anchor.signature);
        literals.push(Literal {
            bytes: Cow::Owned(bytes.to_vec()),
            first: anchors.len() as u32,
            count: group.len() as u32,
        });
        anchors.append(&mut group);
    }
    let table = |(lane, grams): (Lane, Vec<Gram>)| {
        let wide = if is_wide(lane) { literals_of(&literals, &grams) } else { Vec::new() };
        Ok(LaneTable {
            lane,
            buckets: Cow::Owned(buckets::build(&wide)),
            pairs: Cow::Owned(buckets::build_pairs(&wide)),
            grams: Cow::Owned(table(grams)?),
        })
    };
    let lanes = by_lane.into_iter().map(table).collect::<Result<Vec<_>, _>>()?;
    Ok(PrefilterTables {
        literals: Cow::Owned(literals),
        anchors: Cow::Owned(anchors),
        lanes: Cow::Owned(lanes),
    })
}

/// Whether a lane's literals are looked for in much of a text: then at all but few places by buckets alone.
fn is_wide(lane: Lane) -> bool {
    matches!(lane, Lane::NearRun | Lane::Anywhere)
}

fn literals_of<'l>(literals: &'l [Literal], grams: &[Gram]) -> Vec<&'l [u8]> {
    let mut wanted: Vec<&[u8]> =
        grams.iter().map(|gram| &*literals[(gram.entry >> 4) as usize].bytes).collect();
    wanted.dedup();
    wanted
}

fn anchor(signature: u32, window: &LiteralWindow) -> Anchor {
    let LiteralWindow { before, after, upper, lower, run, boundary, lane, .. } = *window;
    Anchor { signature, before, after, upper, lower, run, boundary, lane }
}

/// Tables as Rust source for a `static`, for the build script. The lanes' names must be in scope. `grams` is the expression of a lane's
/// bytes (an `include_bytes!` of the file that they were written to).
#[must_use]
pub fn rust_source(tables: &PrefilterTables, grams: impl Fn(Lane) -> String) -> String {
    let mut out = String::from("crate::model::PrefilterTables {\n");
    out.push_str("literals: std::borrow::Cow::Borrowed(&[\n");
    for literal in tables.literals.iter() {
        let bytes = literal.bytes.escape_ascii();
        let Literal { first, count, .. } = literal;
        write!(out, "crate::model::Literal {{ bytes: std::borrow::Cow::Borrowed(b\"{bytes}\"), ")
            .and_then(|()| writeln!(out, "first: {first}, count: {count} }},"))
            .expect("a String takes everything");
    }
    out.push_str("]),\nanchors: std::borrow::Cow::Borrowed(&[\n");
    for anchor in tables.anchors.iter() {
        writeln!(out, "crate::model::{anchor:?},").expect("a String takes everything");
    }
    out.push_str("]),\nlanes: std::borrow::Cow::Borrowed(&[\n");
    for LaneTable { lane, buckets, pairs, .. } in tables.lanes.iter() {
        let grams = grams(*lane);
        write!(out, "crate::model::LaneTable {{ lane: {lane:?}, ")
            .and_then(|()| writeln!(out, "grams: std::borrow::Cow::Borrowed({grams}),"))
            .and_then(|()| writeln!(out, "buckets: std::borrow::Cow::Borrowed(&{buckets:?}),"))
            .and_then(|()| writeln!(out, "pairs: std::borrow::Cow::Borrowed(&{pairs:?}) }},"))
            .expect("a String takes everything");
    }
    out.push_str("]),\n}");
    out
}

/// A gram and the entry that it leads to.
struct Gram {
    key: u32,
    entry: u32,
}

/// The filter of the grams of one lane.
fn table(mut all: Vec<Gram>) -> Result<Vec<u8>, Error> {
    let most = ((1 << FIRST_BITS) as f64 * FULLEST) as usize;
    if all.len() > most {
        return Err(Error::Full { grams: all.len(), most });
    }
    let mut trials = Multipliers(0x9E37_79B9_7F4A_7C15);
    let first = (0..TRIALS)
        .map(|_| trials.next_odd())
        .map(|multiplier| (false_hits(&bits(&all, multiplier, FIRST_BITS), multiplier), multiplier))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(1, |best| best.1);
    let second = trials.next_odd();
    let third = trials.next_odd();
    let log2 = (all.len() as u32).next_power_of_two().trailing_zeros().clamp(8, 16);
    let mut table = Vec::new();
    for word in [first, second, third, log2] {
        table.extend_from_slice(&word.to_le_bytes());
    }
    table.extend_from_slice(&bits(&all, first, FIRST_BITS));
    table.extend_from_slice(&bits(&all, second, SECOND_BITS));
    exact_table(&mut all, third, log2, &mut table);
    Ok(table)
}

/// The exact table: buckets by hash, then the entries of each.
fn exact_table(all: &mut [Gram], multiplier: u32, log2: u32, bytes: &mut Vec<u8>) {
    let bucket = |gram: &Gram| gram.key.wrapping_mul(multiplier) >> (32 - log2);
    all.sort_by_key(|gram| (bucket(gram), gram.key, gram.entry));
    let mut at = 0;
    for hash in 0..=(1_u32 << log2) {
        at += all[at..].iter().take_while(|gram| bucket(gram) < hash).count();
        bytes.extend_from_slice(&(at as u32).to_le_bytes());
    }
    for gram in all.iter() {
        bytes.extend_from_slice(&gram.entry.to_le_bytes());
    }
}

/// The grams that a literal is looked up by: the first four bytes where another filter comes first, else
/// the rarest four; for three bytes, every fourth.
fn push_grams(literal: u32, bytes: &[u8], lane: Lane, all: &mut Vec<Gram>) {
    let entry = |place: usize| literal << 4 | place as u32;
    if bytes.len() < 4 {
        let mut key = [0x20_u8; 4];
        for (to, byte) in key.iter_mut().zip(bytes) {
            *to = byte | 0x20;
        }
        let free = bytes.len().min(3);
        for last in (0..=255_u8).filter(|byte| byte & 0x20 != 0) {
            key[free] = last;
            all.push(Gram { key: u32::from_le_bytes(key), entry: entry(0) });
        }
        return;
    }
    let share = |at: usize| frequency::share(&bytes[at..at + 4]);
    let last = if lane == Lane::Named { bytes.len() - 4 } else { 0 };
    let best = (0..=last).min_by(|a, b| share(*a).total_cmp(&share(*b))).unwrap_or(0);
    let gram: [u8; 4] = std::array::from_fn(|i| bytes[best + i] | 0x20);
    all.push(Gram { key: u32::from_le_bytes(gram), entry: entry(best) });
}

/// A table of so many bits of hash, with the grams' bits set.
fn bits(all: &[Gram], multiplier: u32, width: u32) -> Vec<u8> {
    let mut bits = vec![0_u8; (1 << width) / 8];
    for gram in all {
        let hash = gram.key.wrapping_mul(multiplier) >> (32 - width);
        bits[hash as usize / 8] |= 1 << (hash % 8);
    }
    bits
}

/// The share of source text whose grams hit the first table, of the most common grams alone.
fn false_hits(bits: &[u8], multiplier: u32) -> f64 {
    frequency::common_grams()
        .filter(|(gram, _)| {
            let hash = u32::from_le_bytes(*gram).wrapping_mul(multiplier) >> (32 - FIRST_BITS);
            bits[hash as usize / 8] >> (hash % 8) & 1 != 0
        })
        .map(|(_, share)| share)
        .sum()
}

/// A fixed sequence of odd numbers (splitmix64, Steele et al. 2014), so that tables never change by
/// themselves.
struct Multipliers(u64);

impl Multipliers {
    fn next_odd(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z >> 32) as u32 | 1
    }
}

#[cfg(test)]
mod tests {
    use super::{build, rust_source};
    use crate::signatures::literals::of_pattern;

    #[test]
    fn literals_are_distinct_and_sorted_and_anchors_grouped() {
        let first = of_pattern("(?:qzab|xjcd)[0-9]{9}", false).unwrap();
        let second = of_pattern("xjcd_[a-z]{9}|xjcd[A-F]{9}", false).unwrap();
        let tables = build(&[(0, first), (1, second)]).unwrap();
        assert!(tables.literals.is_sorted_by(|a, b| a.bytes < b.bytes));
        let count: u32 = tables.literals.iter().map(|literal| literal.count).sum();
        assert_eq!(count as usize, tables.anchors.len());
        let again = rust_source(&tables, |lane| format!("GRAMS_{lane:?}"));
        assert!(again.contains("b\"qzab\""), "{again}");
    }

    #[test]
    fn no_signature_needs_no_table() {
        assert!(build(&[]).unwrap().lanes.is_empty());
    }
}
