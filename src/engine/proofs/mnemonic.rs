//! Seed phrases of wallets (BIP 39): words of a list, whose last bits are a checksum of the others.

use bip39::{Error, Language, Mnemonic};

use super::encodings::Noise;
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// The English words; a word of another language leaves a doubt.
pub(super) struct SeedPhrase;

impl Proof for SeedPhrase {
    fn name(&self) -> &'static str {
        "bip39"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let Ok(phrase) = std::str::from_utf8(candidate.value(text)) else { return Outcome::Silent };
        match Mnemonic::parse_in_normalized(Language::English, phrase) {
            Ok(phrase) => {
                let words = Facts::from_iter([("words".to_owned(), phrase.word_count().into())]);
                Outcome::Holds { certain: true, facts: words }
            }
            Err(Error::InvalidChecksum) => Outcome::Fails("checksum"),
            Err(Error::BadWordCount(_)) => Outcome::Silent,
            Err(_) => Outcome::Doubt,
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let words = sample.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
        let entropy = Noise::of(sample).bytes(words / 3 * 4);
        let phrase = Mnemonic::from_entropy_in(Language::English, &entropy).ok()?;
        Some(phrase.words().collect::<Vec<_>>().join(" ").into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{certain, check};
    use super::*;

    /// The first vectors of the standard are one word over and over and another one that holds the checksum.
    #[test]
    fn published_vectors_hold() {
        for (word, times, last) in [
            ("abandon", 11, "about"),
            ("zoo", 11, "wrong"),
            ("letter advice cage absurd amount doctor acoustic avoid", 2, "letter always"),
            ("abandon", 23, "art"),
            ("zoo", 23, "vote"),
        ] {
            let phrase = format!("{}{last}", format!("{word} ").repeat(times));
            assert!(certain(&check(&SeedPhrase, phrase.as_bytes())), "{phrase}");
        }
    }

    #[test]
    fn a_changed_word_fails_and_a_foreign_one_is_a_doubt() {
        let sealed = SeedPhrase.seal(b"a b c d e f g h i j k l").expect("twelve words");
        assert!(certain(&check(&SeedPhrase, &sealed)));
        let phrase = String::from_utf8(sealed).expect("words");
        let rest = phrase.split_once(' ').expect("twelve words").1;
        let others = ["abandon", "zoo", "letter", "advice"].map(|word| format!("{word} {rest}"));
        let outcomes = others.map(|other| check(&SeedPhrase, other.as_bytes()));
        // One of sixteen holds by chance.
        assert!(outcomes.iter().filter(|it| **it == Outcome::Fails("checksum")).count() >= 2);
        let foreign = format!("abaisser {rest}");
        assert_eq!(check(&SeedPhrase, foreign.as_bytes()), Outcome::Doubt);
        assert_eq!(check(&SeedPhrase, b"zoo zoo"), Outcome::Silent);
    }
}
