//! The names of reasons, as sentences.

/// Why a candidate was dropped: the name that filters, proofs and rules use, and what it means.
const REASONS: &[(&str, &str)] = &[
    ("allow-listed-path", "lock files and source maps are full of such values"),
    ("armour-body", "it is a line of an armoured block, which is judged as a whole"),
    ("checksum", "its checksum is wrong, so nobody was ever given it"),
    ("digest", "it has the length of a digest or a commit, and stands where those stand"),
    ("known-example", "the provider's documentation prints it"),
    (
        "look-alike",
        "it looks like something else: an address, a path, a date, a hash, a public key",
    ),
    ("low-entropy", "its signs repeat too much for the random value that it should be"),
    ("mail-address", "the name before it is the host of a mail address, not that of a key"),
    ("no-digit", "it holds no digit, which a random value of its length does"),
    ("no-partner", "what must stand near it does not"),
    ("noise", "control bytes stand around it, and a name so short stands among such by chance"),
    ("ordinary-text", "by name, place and looks next to nothing like it is a credential"),
    (
        "placeholder",
        "it stands for a secret and is none: a template, a reference, a word like `changeme`",
    ),
    ("rule-allowlist", "an allowlist of the imported rule takes it out"),
    ("rule-filter", "a filter of the imported rule takes it out"),
    ("rule-prefilter", "a prefilter of the imported rule file leaves this text out"),
    ("structure", "what it says inside is not what such a credential says"),
    ("token-efficiency", "it tokenises like language, says the imported rule"),
    ("too-regular", "it repeats, counts or runs along the keyboard"),
];

/// What a reason means; nothing for one that is its own sentence.
pub(super) fn meaning(reason: &str) -> Option<&'static str> {
    REASONS.iter().find(|(name, _)| *name == reason).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::{REASONS, meaning};
    use crate::engine::filters::FILTERS;

    #[test]
    fn every_filter_has_a_meaning_and_names_are_in_order() {
        for filter in FILTERS {
            assert!(meaning(filter.reason()).is_some(), "{}", filter.reason());
        }
        assert!(REASONS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
