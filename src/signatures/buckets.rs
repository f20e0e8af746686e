//! Tables of the vector filter: literals in buckets, each bucket with what it may have at each place.
//!
//! Shared with the build script by `#[path]`. The engine's `Teddy` reads the tables.

use super::frequency;
use crate::model::{BUCKET_BYTES, Buckets};

/// Literals of one set of eight buckets: with more, buckets let too much through.
const TOGETHER: usize = 80;
/// How often each literal is given the choice of another bucket.
const ROUNDS: usize = 4;

/// The tables for some literals: by place and half of a byte, the buckets that may have it there.
///
/// Literals that are alike share a bucket: what a bucket lets through of ordinary source stays small.
/// About a microsecond a literal and bucket.
pub(super) fn build(literals: &[&[u8]]) -> Vec<Buckets> {
    let shares = Shares::new();
    let mut members = vec![Vec::new(); literals.len().div_ceil(TOGETHER) * 8];
    let mut buckets = vec![Bucket::default(); members.len()];
    // What passes most comes first: it does not spoil a bucket that others are in.
    let mut ordered: Vec<(f64, &[u8])> =
        literals.iter().map(|literal| (Bucket::of(&[literal], &shares).passes, *literal)).collect();
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
    buckets.chunks(8).map(tables).collect()
}

fn tables(buckets: &[Bucket]) -> Buckets {
    let mut tables = [[[0; 16]; 2]; BUCKET_BYTES];
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

/// The shares of bytes in ordinary source, by their halves.
struct Shares([[f64; 16]; 16]);

impl Shares {
    fn new() -> Self {
        let share = |high: usize, low: usize| frequency::share(&[(high << 4 | low) as u8]);
        Self(std::array::from_fn(|high| std::array::from_fn(|low| share(high, low))))
    }
}

/// The halves of bytes that may stand at one place, a bit each.
#[derive(Clone, Copy, Default)]
struct Place {
    low: u16,
    high: u16,
}

impl Place {
    fn passes(self, shares: &Shares) -> f64 {
        let bits = |mask: u16| (0..16).filter(move |half| mask >> half & 1 != 0);
        bits(self.high).map(|high| bits(self.low).map(|low| shares.0[high][low]).sum::<f64>()).sum()
    }
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    places: [Place; BUCKET_BYTES],
    /// The share of the places of ordinary source that it lets through.
    passes: f64,
}

impl Bucket {
    fn of(literals: &[&[u8]], shares: &Shares) -> Self {
        literals.iter().fold(Self::default(), |bucket, literal| bucket.with(literal, shares))
    }

    fn with(mut self, literal: &[u8], shares: &Shares) -> Self {
        for (index, place) in self.places.iter_mut().enumerate() {
            match literal.get(index) {
                Some(byte) => {
                    for byte in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
                        place.low |= 1 << (byte & 15);
                        place.high |= 1 << (byte >> 4);
                    }
                }
                // Behind a shorter literal anything may stand.
                None => *place = Place { low: u16::MAX, high: u16::MAX },
            }
        }
        self.passes = self.places.iter().map(|place| place.passes(shares).min(1.0)).product();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::build;

    #[test]
    fn each_literal_has_a_bucket_in_either_case() {
        let words: Vec<String> = (0..400).map(|n| format!("w{n}ord-{n}")).collect();
        let mut literals: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
        literals.push(b"7q~");
        let tables = build(&literals);
        assert_eq!(tables.len(), literals.len().div_ceil(80));
        for literal in literals {
            for text in [literal.to_ascii_uppercase(), literal.to_ascii_lowercase()] {
                let passes = tables.iter().any(|tables| {
                    let buckets =
                        text.iter().zip(tables).fold(u8::MAX, |buckets, (byte, [low, high])| {
                            buckets & low[usize::from(byte & 15)] & high[usize::from(byte >> 4)]
                        });
                    buckets != 0
                });
                assert!(passes, "{}", text.escape_ascii());
            }
        }
    }
}
