//! Takes a secret out of text that tells about it.

use std::collections::HashSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Bytes of a secret in a row that no report shows.
const WINDOW: usize = 8;
/// The shortest secret of plain words that is looked for as a whole: a shorter one is a word, as folders and
/// people are called (`infoblox`), and without it a report would not say where to look.
const WORDS: usize = 12;
/// Bytes of a secret that are looked for in other forms; keys are longer, and their start is enough.
const LOOKED_FOR: usize = 4096;

/// Finds pieces of one secret in other text: plain, reversed, as hex, base64 and percent escapes.
///
/// A report masks a secret where it was found. It may also stand in the path, in an author's name or
/// next to itself in another encoding, and a report shows those too.
pub struct Scrubber {
    windows: HashSet<[u8; WINDOW]>,
    /// A secret of plain words: a piece of it says nothing, the whole does.
    words: Option<Zeroizing<Vec<u8>>>,
}

impl Scrubber {
    /// Prepares to find a secret: linear in its length, a few dozen bytes a byte.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let secret = &secret[..secret.len().min(LOOKED_FOR)];
        let mut windows = HashSet::new();
        for form in forms(secret) {
            windows.extend(form.array_windows().filter(|window| telling(window)).copied());
        }
        let words = secret.len() >= WORDS && !secret.array_windows().any(telling);
        Self { windows, words: words.then(|| Zeroizing::new(secret.to_vec())) }
    }

    /// The text, with `…` for every run of at least `least` bytes (8 or more) that are the secret's.
    #[must_use]
    pub fn clean(&self, text: &str, least: usize) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut at = 0;
        for run in self.runs(text.as_bytes()) {
            // Characters that a run cuts in two go with it.
            let start = text.floor_char_boundary(run.start).max(at);
            let end = text.ceil_char_boundary(run.end);
            if run.len() >= least && start < end {
                clean.push_str(&text[at..start]);
                clean.push('…');
                at = end;
            }
        }
        clean.push_str(&text[at..]);
        clean
    }

    /// Where bytes of the secret stand, in order, touching ones joined.
    fn runs(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = text
            .array_windows::<WINDOW>()
            .enumerate()
            .filter(|(_, window)| self.windows.contains(*window))
            .map(|(at, _)| at..at + WINDOW)
            .collect();
        if let Some(words) = &self.words {
            let whole = memchr::memmem::find_iter(text, words.as_slice());
            found.extend(whole.map(|at| at..at + words.len()));
            found.sort_by_key(|run| run.start);
        }
        let mut runs: Vec<Range<usize>> = Vec::new();
        for run in found {
            match runs.last_mut() {
                Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
                _ => runs.push(run),
            }
        }
        runs
    }
}

/// Whether eight bytes look like a piece of a key and not like a word: `postgres`, `-----END`.
fn telling(window: &[u8; WINDOW]) -> bool {
    let any = |is: fn(&u8) -> bool| window.iter().any(is);
    any(u8::is_ascii_digit) || (any(u8::is_ascii_lowercase) && any(u8::is_ascii_uppercase))
}

/// The secret as it may stand elsewhere.
fn forms(secret: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let reversed: Vec<u8> = secret.iter().rev().copied().collect();
    let hex = |upper: bool| {
        let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        let pair = |byte: &u8| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
        secret.iter().flat_map(pair).collect::<Vec<u8>>()
    };
    let percent = secret.iter().flat_map(|byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            vec![*byte]
        } else {
            format!("%{byte:02X}").into_bytes()
        }
    });
    let mut forms = vec![secret.to_vec(), reversed, hex(false), hex(true), percent.collect()];
    // Base64 of a longer text holds the secret at one of three alignments.
    for shift in 0..secret.len().min(3) {
        forms.push(STANDARD_NO_PAD.encode(&secret[shift..]).into_bytes());
        forms.push(URL_SAFE_NO_PAD.encode(&secret[shift..]).into_bytes());
    }
    forms.into_iter().map(Zeroizing::new).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Scrubber, forms};

    #[test]
    fn words_that_a_secret_shares_with_a_path_stay() {
        // leakspan:allow made up, no secret
        let scrubber = Scrubber::new(b"postgres://admin:s3cr3tPassw0rd@db/main");
        assert_eq!(scrubber.clean("postgres/admin.sql", 8), "postgres/admin.sql");
        assert_eq!(scrubber.clean("x/s3cr3tPassw0rd@db.txt", 8), "x/….txt");
    }

    #[test]
    fn a_secret_of_plain_words_goes_as_a_whole() {
        let scrubber = Scrubber::new(b"correct-horse-battery");
        assert_eq!(scrubber.clean("a correct-horse-battery b", 8), "a … b");
        assert_eq!(scrubber.clean("correct-horse", 8), "correct-horse");
        assert_eq!(Scrubber::new(b"infoblox").clean("a/infoblox/b", 8), "a/infoblox/b");
    }

    #[test]
    fn a_run_takes_characters_that_it_cuts() {
        assert_eq!(Scrubber::new("1234567\u{e9}".as_bytes()).clean("é1234567éé", 8), "é…é");
    }

    proptest! {
        #[test]
        fn no_form_of_a_secret_is_left(secret in "[0-9A-Za-z+/=]{20,60}", before in ".{0,9}", shift in 0_usize..3) {
            let scrubber = Scrubber::new(secret.as_bytes());
            let mut texts: Vec<Vec<u8>> = forms(secret.as_bytes()).iter().map(|f| f.to_vec()).collect();
            texts.push(secret.as_bytes()[shift..].to_vec());
            for text in texts {
                let text = String::from_utf8(text).unwrap();
                let clean = scrubber.clean(&format!("{before} {text} end"), 8);
                for window in text.as_bytes().windows(8).filter(|w| w.iter().any(u8::is_ascii_digit)) {
                    let window = std::str::from_utf8(window).unwrap();
                    prop_assert!(!clean.contains(window), "{} in {}", window, clean);
                }
            }
        }
    }
}
