//! Words of a list that begin at a place, in either case.

/// A list of words, lower case, two bytes or more each.
pub(super) struct Words {
    words: &'static [&'static [u8]],
    /// The first two bytes of each, folded to five bits: most places are passed over by this alone.
    starts: [u64; 16],
}

impl Words {
    /// The list, made ready.
    pub(super) const fn new(words: &'static [&'static [u8]]) -> Self {
        let mut starts = [0; 16];
        let mut at = 0;
        while at < words.len() {
            let place = place(words[at][0], words[at][1]);
            starts[place >> 6] |= 1 << (place & 63);
            at += 1;
        }
        Self { words, starts }
    }

    /// The first word of the list that the text begins with.
    pub(super) fn at(&self, text: &[u8]) -> Option<&'static [u8]> {
        let [first, second, ..] = *text else { return None };
        let place = place(first, second);
        if self.starts[place >> 6] >> (place & 63) & 1 == 0 {
            return None;
        }
        self.words.iter().copied().find(|word| {
            text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        })
    }
}

const fn place(first: u8, second: u8) -> usize {
    ((first & 31) as usize) << 5 | (second & 31) as usize
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn a_word_is_found_in_either_case_and_the_first_one_wins() {
        static WORDS: Words = Words::new(&[b"_pass", b"password", b"pa"]);
        for (text, found) in [
            ("PassWord1", Some("password")),
            ("pass", Some("pa")),
            ("_PASSWORD", Some("_pass")),
            ("\x10assword", None),
            ("p", None),
            ("", None),
        ] {
            assert_eq!(WORDS.at(text.as_bytes()), found.map(str::as_bytes), "{text}");
        }
    }
}
