//! How often a short byte string stands in ordinary source text, estimated from trigrams.
//!
//! Shared with the build script by `#[path]`: imports nothing of the crate. The counts were made by
//! `benches/support/frequency.py`, which describes the file.

/// Classes that bytes are folded to.
const CLASSES: usize = 40;
/// The class of digits: ten bytes that share one count.
const DIGITS: usize = 26;
/// The class of all bytes that have no class of their own.
const REST: usize = 39;
/// Bytes that the class [`REST`] stands for in text: about so many are in use.
const REST_BYTES: f64 = 20.0;
/// The signs that have a class of their own, in the order of their classes.
const SIGNS: &[u8; 12] = b"_-. \n/\"'=:(,";

static COUNTS: &[u8] = include_bytes!("frequency.bin");

fn class(byte: u8) -> usize {
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => usize::from(letter - b'a'),
        b'0'..=b'9' => DIGITS,
        sign => SIGNS.iter().position(|s| *s == sign).map_or(REST, |at| DIGITS + 1 + at),
    }
}

/// Shares of all trigrams and bigrams of classes, unpacked once.
struct Shares {
    three: Vec<f64>,
    two: Vec<f64>,
    one: Vec<f64>,
}

static SHARES: std::sync::LazyLock<Shares> = std::sync::LazyLock::new(|| {
    let packed = &COUNTS[..CLASSES.pow(3)];
    let powers: Vec<f64> = (0..=255).map(|n: u32| (-f64::from(n) / 8.0).exp2()).collect();
    let three: Vec<f64> = packed.iter().map(|n| powers[usize::from(*n)]).collect();
    let two: Vec<f64> = three.chunks(CLASSES).map(|row| row.iter().sum()).collect();
    let one = two.chunks(CLASSES).map(|row| row.iter().sum()).collect();
    Shares { three, two, one }
});

/// The share of the bytes of source text at which this string begins, whatever its case; at
/// most 1. A Markov chain over classes: it counts words too low, by a factor of ten
/// at worst, which is good enough for a gate.
#[must_use]
pub(super) fn share(text: &[u8]) -> f64 {
    let shares = &*SHARES;
    let mut estimate = 1.0;
    let (mut before, mut last) = (None, None);
    for byte in text {
        let at = class(*byte);
        estimate *= match (before, last) {
            (Some(a), Some(b)) => {
                let pair: usize = a * CLASSES + b;
                shares.three[pair * CLASSES + at] / shares.two[pair]
            }
            (None, Some(b)) => shares.two[b * CLASSES + at] / shares.one[b],
            _ => shares.one[at],
        };
        match at {
            DIGITS => estimate /= 10.0,
            REST => estimate /= REST_BYTES,
            _ => {}
        }
        (before, last) = (last, Some(at));
    }
    estimate
}

/// The most frequent 4-grams of source text, each byte with bit 5 set, and the share of each.
pub(super) fn common_grams() -> impl Iterator<Item = ([u8; 4], f64)> {
    COUNTS[CLASSES.pow(3)..].chunks_exact(5).map(|record| {
        let gram = [record[0], record[1], record[2], record[3]];
        (gram, (-f64::from(record[4]) / 8.0).exp2())
    })
}

#[cfg(test)]
mod tests {
    use super::{common_grams, share};

    #[test]
    fn ordinary_words_are_frequent_and_prefixes_of_tokens_are_not() {
        assert!(share(b"the ") > 1e-4, "{}", share(b"the "));
        assert!(share(b"xoxb-") < 1e-6, "{}", share(b"xoxb-"));
        assert!(share(b"the") > share(b"ghp"));
    }

    #[test]
    fn spaces_lead_the_common_grams() {
        let (gram, share) = common_grams().next().unwrap();
        assert_eq!(&gram, b"    ");
        assert!(share > 0.01);
    }
}
