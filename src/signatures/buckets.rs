//! Tables of the vector filters: literals in buckets, each bucket with what it may have at each place.
//!
//! Shared with the build script by `#[path]`. The engine's `Teddy` reads the tables.

use super::frequency;
use crate::model::{BUCKET_BYTES, BUCKET_PAIRS, Buckets, PairBuckets, pair_code};

/// How often each literal is given the choice of another bucket.
const ROUNDS: usize = 4;

/// The tables for some literals: by place and half of a byte, the buckets that may have it there.
///
/// Literals that are alike share a bucket: what a bucket lets through of ordinary source stays small.
/// About a microsecond a literal and bucket.
pub(super) fn build(literals: &[&[u8]]) -> Vec<Buckets> {
    assign::<Halves, BUCKET_BYTES>(literals).chunks(8).map(halves_tables).collect()
}

/// The same, by pairs of bytes.
pub(super) fn build_pairs(literals: &[&[u8]]) -> Vec<PairBuckets> {
    assign::<Codes, BUCKET_PAIRS>(literals).chunks(8).map(pair_tables).collect()
}

/// What may stand at one place of a bucket's literals, as sharp as the filter's look-up tells it.
trait Place: Copy + Default {
    /// Literals of one set of eight buckets: with more, buckets let too much through.
    const TOGETHER: usize;
    /// Anything.
    const ANY: Self;
    /// How often each thing that is looked up stands in ordinary source.
    type Shares;

    fn shares() -> Self::Shares;
    /// Lets through what a literal has at a place; whether it has something there.
    fn add(&mut self, literal: &[u8], place: usize) -> bool;
    fn passes(self, shares: &Self::Shares) -> f64;
}

/// The halves of bytes, a bit each.
#[derive(Clone, Copy, Default)]
struct Halves {
    low: u16,
    high: u16,
}

impl Place for Halves {
    const TOGETHER: usize = 80;
    const ANY: Self = Self { low: u16::MAX, high: u16::MAX };
    type Shares = [f64; 256];

    fn shares() -> [f64; 256] {
        std::array::from_fn(|byte| frequency::share(&[byte as u8]))
    }

    fn add(&mut self, literal: &[u8], place: usize) -> bool {
        let Some(byte) = literal.get(place) else { return false };
        for byte in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
            self.low |= 1 << (byte & 15);
            self.high |= 1 << (byte >> 4);
        }
        true
    }

    fn passes(self, shares: &[f64; 256]) -> f64 {
        let bits = |mask: u16| (0..16).filter(move |half| mask >> half & 1 != 0);
        let bytes = bits(self.high).flat_map(|high| bits(self.low).map(move |low| high << 4 | low));
        bytes.map(|byte: usize| shares[byte]).sum()
    }
}

fn halves_tables(buckets: &[Bucket<Halves, BUCKET_BYTES>]) -> Buckets {
    let mut tables = Buckets::default();
    for (index, bucket) in buckets.iter().enumerate() {
        let bit = |halves: u16, half: usize| u8::from(halves >> half & 1 != 0) << index;
        for ([low, high], place) in tables.iter_mut().zip(&bucket.places) {
            for (half, (low, high)) in low.iter_mut().zip(high).enumerate() {
                *low |= bit(place.low, half);
                *high |= bit(place.high, half);
            }
        }
    }
    tables
}

/// The codes of pairs, a bit each.
#[derive(Clone, Copy, Default)]
struct Codes(u64);

impl Place for Codes {
    const TOGETHER: usize = 140;
    const ANY: Self = Self(u64::MAX);
    type Shares = [f64; 64];

    fn shares() -> [f64; 64] {
        let mut shares = [0.0; 64];
        let lower = |byte: &u8| !byte.is_ascii_uppercase();
        for first in (0..128).filter(lower) {
            for second in (0..128).filter(lower) {
                shares[usize::from(pair_code(first, second))] += frequency::share(&[first, second]);
            }
        }
        shares
    }

    fn add(&mut self, literal: &[u8], place: usize) -> bool {
        let Some([first, second]) = literal.get(place..place + 2) else { return false };
        self.0 |= 1 << pair_code(*first, *second);
        true
    }

    fn passes(self, shares: &[f64; 64]) -> f64 {
        (0..64).filter(|code| self.0 >> code & 1 != 0).map(|code| shares[code]).sum()
    }
}

fn pair_tables(buckets: &[Bucket<Codes, BUCKET_PAIRS>]) -> PairBuckets {
    let mut tables = [[0; 64]; BUCKET_PAIRS];
    for (index, bucket) in buckets.iter().enumerate() {
        for (table, Codes(codes)) in tables.iter_mut().zip(bucket.places) {
            for (code, bits) in table.iter_mut().enumerate() {
                *bits |= u8::from(codes >> code & 1 != 0) << index;
            }
        }
    }
    tables
}

/// Literals that share a bit.
#[derive(Clone, Copy)]
struct Bucket<P, const N: usize> {
    places: [P; N],
    /// The share of the places of ordinary source that it lets through.
    passes: f64,
}

impl<P: Place, const N: usize> Bucket<P, N> {
    fn of(literals: &[&[u8]], shares: &P::Shares) -> Self {
        let none = Self { places: [P::default(); N], passes: 0.0 };
        literals.iter().fold(none, |bucket, literal| bucket.with(literal, shares))
    }

    fn with(mut self, literal: &[u8], shares: &P::Shares) -> Self {
        for (index, place) in self.places.iter_mut().enumerate() {
            // Behind a shorter literal anything may stand.
            if !place.add(literal, index) {
                *place = P::ANY;
            }
        }
        self.passes = self.places.iter().map(|place| place.passes(shares).min(1.0)).product();
        self
    }
}

/// Gives each literal a bucket.
fn assign<P: Place, const N: usize>(literals: &[&[u8]]) -> Vec<Bucket<P, N>> {
    let shares = P::shares();
    let mut members = vec![Vec::new(); literals.len().div_ceil(P::TOGETHER) * 8];
    let mut buckets = vec![Bucket::<P, N>::of(&[], &shares); members.len()];
    // What passes most comes first: it does not spoil a bucket that others are in.
    let alone = |literal: &[u8]| Bucket::<P, N>::of(&[literal], &shares).passes;
    let mut ordered: Vec<(f64, &[u8])> =
        literals.iter().map(|literal| (alone(literal), *literal)).collect();
    ordered.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    for _ in 0..ROUNDS {
        for (_, literal) in &ordered {
            if let Some(old) = members.iter().position(|members| members.contains(literal)) {
                members[old].retain(|member| member != literal);
                buckets[old] = Bucket::of(&members[old], &shares);
            }
            let grown = buckets.iter().map(|bucket| {
                let with = bucket.with(literal, &shares);
                (with.passes - bucket.passes, with)
            });
            let best = grown.enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0));
            if let Some((index, (_, with))) = best {
                buckets[index] = with;
                members[index].push(*literal);
            }
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::{Codes, Place, build, build_pairs};
    use crate::model::pair_code;

    #[test]
    fn each_literal_has_a_bucket_in_either_case() {
        let words: Vec<String> = (0..400).map(|n| format!("w{n}ord-{n}")).collect();
        let mut literals: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
        literals.extend([&b"7q~"[..], b"pw"]);
        let (halves, pairs) = (build(&literals), build_pairs(&literals));
        assert_eq!(halves.len(), literals.len().div_ceil(80));
        assert_eq!(pairs.len(), literals.len().div_ceil(Codes::TOGETHER));
        for literal in literals {
            for text in [literal.to_ascii_uppercase(), literal.to_ascii_lowercase()] {
                let by_halves = halves.iter().any(|tables| {
                    let bytes = text.iter().zip(tables);
                    let left = bytes.fold(u8::MAX, |left, (byte, [low, high])| {
                        left & low[usize::from(byte & 15)] & high[usize::from(byte >> 4)]
                    });
                    left != 0
                });
                let by_pairs = pairs.iter().any(|tables| {
                    let codes = text.windows(2).map(|pair| pair_code(pair[0], pair[1]));
                    let left = codes
                        .zip(tables)
                        .fold(u8::MAX, |left, (code, table)| left & table[usize::from(code)]);
                    left != 0
                });
                assert!(by_halves && by_pairs, "{}", text.escape_ascii());
            }
        }
    }
}
