//! How well a value packs into the tokens of a language model: language does, random text does not.
//!
//! Token efficiency is characters a token, over the vocabulary `cl100k_base`. Random text has about 2, words
//! have 4 and more.

use std::collections::BTreeSet;
use std::sync::OnceLock;

/// From here on a value counts as language.
const LANGUAGE: f64 = 2.5;
/// The same for a short value in which a short word stands.
const SHORT_LANGUAGE: f64 = 2.1;
/// Shorter values hold few tokens: one word more or less decides.
const SHORT: usize = 12;
/// Line ends in values shorter than this are an accident of the match.
const JOINED: usize = 20;

/// Characters a token; 0 for no characters.
pub(super) fn ratio(text: &str) -> f64 {
    let tokens = count(text);
    if tokens == 0 { 0.0 } else { text.chars().count() as f64 / tokens as f64 }
}

fn count(text: &str) -> usize {
    tiktoken_rs::cl100k_base_singleton().encode_ordinary(text).len()
}

/// Whether a value is language rather than a secret: it holds a word of five letters or more, or packs too
/// well.
pub(super) fn fails(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let text = if text.len() < JOINED { text.replace(['\n', '\r'], "") } else { text.into_owned() };
    let lower = text.to_ascii_lowercase();
    if holds_word(&lower, 5) {
        return true;
    }
    let short = text.chars().count() < SHORT && holds_word(&lower, 4);
    ratio(&text) >= if short { SHORT_LANGUAGE } else { LANGUAGE }
}

/// Whether a word of at least so many letters stands anywhere in a text.
fn holds_word(text: &str, least: usize) -> bool {
    static WORDS: OnceLock<BTreeSet<&str>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        include_str!("../scorer/words.txt").lines().filter(|word| word.len() >= 4).collect()
    });
    let longest = 20;
    (0..text.len()).any(|from| {
        (from + least..=(from + longest).min(text.len()))
            .any(|to| text.get(from..to).is_some_and(|part| words.contains(part)))
    })
}

#[cfg(test)]
mod tests {
    use super::{fails, ratio};

    #[test]
    fn language_packs_better_than_random_text() {
        assert!(ratio("configuration of the management service") > 4.0);
        assert!(ratio("q8Zx7vKp2mRw9tYb") < 2.5);
        assert!(fails(b"my-management-value"));
        assert!(!fails(b"q8Zx7vKp2mRw9tYb"));
        assert!(ratio("").abs() < f64::EPSILON);
    }
}
