//! Values that stand for a secret and are none: templates, references, words such as `changeme`.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use memchr::memmem;

use super::filter::{Filter, is_generic, own};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops placeholders, template expressions and references to a secret store.
pub(super) struct Placeholder;

/// Words of placeholders, lower case.
const WORDS: &[&str] = &[
    "example",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "change_this",
    "change-this",
    "changethis",
    "placeholder",
    "redacted",
    "replace_me",
    "replace-me",
    "replaceme",
    "replace_with",
    "replace-with",
    "replacewith",
    "insert_",
    "insert-",
    "your_",
    "your-",
    "yourpass",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "yourapi",
    "your.",
    "xxxx",
    "xxxxxx",
    "****",
    "...",
    "____",
    "----",
    "_here",
    "-here",
    "goes here",
    "todo",
    "fixme",
    "dummy",
    "notreal",
    "not-real",
    "not_real",
    "fake",
    "supersecret",
    "super_secret",
    "super-secret",
    "topsecret",
    "mysecret",
    "my_secret",
    "my-secret",
    "mypassword",
    "my_password",
    "my-password",
    "mytoken",
    "my_token",
    "my-token",
    "myapikey",
    "my_api_key",
    "my-api-key",
    "mykey",
    "somesecret",
    "some_secret",
    "some-secret",
    "sometoken",
    "some_token",
    "some-token",
    "somepassword",
    "secret_key",
    "secret-key",
    "secretkey",
    "api_key",
    "api-key",
    "apikey",
    "access_token",
    "access-token",
    "accesstoken",
    "foobar",
    "lorem",
    "masked",
    "sanitized",
    "obfuscated",
    "omitted",
    "\u{2022}\u{2022}",
    "<secret",
    "[secret",
];

/// Parts of expressions that fetch a secret from elsewhere, lower case.
const LOOKUPS: &[&str] = &[
    "process.env",
    "os.environ",
    "getenv",
    "import.meta",
    "system.env",
    "env.",
    "env:",
    "env[",
    "var.",
    "vars.",
    "secrets.",
    "secretsmanager",
    "vault:",
    "vault.",
    "!vault",
    "op://",
    "sm://",
    "ssm:",
    "ssm.",
    "ref+",
    "enc[",
    "kms:",
    "keyvault",
    "arn:",
    "azurekeyvault",
    "file:",
    "file(",
    "lookup(",
    "config.",
    "config[",
    "settings.",
    "params.",
    "props.",
    "args.",
    "options.",
    "self.",
    "this.",
    "credentials(",
    "secret(",
    "parameters(",
    "cipher{",
    "{cipher}",
    "{vault}",
    "resolve:",
    "$ansible_",
];

impl Filter for Placeholder {
    fn reason(&self) -> &'static str {
        "placeholder"
    }

    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        let value = candidate.value(text).to_ascii_lowercase();
        if value.starts_with(b"-----begin") {
            return false;
        }
        static AUTOMATA: OnceLock<[AhoCorasick; 2]> = OnceLock::new();
        let [words, lookups] = AUTOMATA.get_or_init(|| {
            [WORDS, LOOKUPS].map(|list| AhoCorasick::new(list).expect("a short list of words"))
        });
        let generic = is_generic(signature);
        // The word may be the prefix that every value of its kind has, as `my_token_`.
        let value = own(&value, signature);
        // In a long value short words stand by chance: only its beginning is asked.
        let beginning = if value.len() > 96 { &value[..32] } else { value };
        is_template(value)
            || words
                .find_overlapping_iter(beginning)
                .any(|word| generic || is_meant(value, &word.range()))
            || (generic && lookups.is_match(value))
    }
}

/// Whether a word in a generated value is there on purpose. One of up to five letters stands in one of ten
/// thousand by chance, so it must stand at an end, or apart.
fn is_meant(value: &[u8], word: &Range<usize>) -> bool {
    let apart = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let letters = value[word.clone()].iter().all(u8::is_ascii_alphanumeric);
    !letters
        || word.len() > 5
        || apart(word.start.checked_sub(1).and_then(|before| value.get(before)))
        || apart(value.get(word.end))
}

/// Whether the value is or holds an expression of a template language or of a format string.
pub(in crate::engine) fn is_template(value: &[u8]) -> bool {
    let holds = |part: &str| memmem::find(value, part.as_bytes()).is_some();
    if ["${", "{{", "}}", "$(", "#{", "<%", "%>", "[[", "@{", "$[["].iter().any(|part| holds(part))
    {
        return true;
    }
    let enclosed =
        |open: u8, close: u8| value.first() == Some(&open) && value.last() == Some(&close);
    // An object, or a value with braces around it as some tools encrypt, is no template.
    let in_braces = enclosed(b'{', b'}') && value.len() < 40 && !holds("\"");
    if enclosed(b'<', b'>') || enclosed(b'%', b'%') || in_braces || enclosed(b'[', b']') {
        return true;
    }
    let word =
        |rest: &[u8]| rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte));
    if enclosed(b'_', b'_') && word(value) {
        return true;
    }
    if let Some(rest) = value.strip_prefix(b"$") {
        return rest.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') && word(rest);
    }
    is_format(value)
}

/// Whether a format string's gap is most of the value: `%s`, `%(name)s`, `{}`, `{0}`, `{name}`.
fn is_format(value: &[u8]) -> bool {
    if memmem::find(value, b"%(").is_some() || memmem::find(value, b"{}").is_some() {
        return true;
    }
    if value.len() <= 12
        && value.windows(2).any(|two| two[0] == b'%' && b"sdvqx@".contains(&two[1]))
    {
        return true;
    }
    let open = memchr::memchr(b'{', value);
    let gap = open.and_then(|open| {
        memchr::memchr(b'}', &value[open..]).map(|close| &value[open + 1..open + close])
    });
    gap.is_some_and(|gap| {
        gap.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.:".contains(byte))
    })
}

#[cfg(test)]
mod tests {
    use super::{is_meant, is_template};

    #[test]
    fn short_words_count_at_the_ends_of_a_value_and_apart() {
        for (value, word, meant) in [
            ("a3todo9", 2..6, false),
            ("todo9a3", 0..4, true),
            ("9a3todo", 3..7, true),
            ("9a-todo9", 3..7, true),
            ("9achangeme9", 2..10, true),
            ("9a....9", 2..5, true),
        ] {
            assert_eq!(is_meant(value.as_bytes(), &word), meant, "{value}");
        }
    }

    #[test]
    fn templates_of_many_languages_are_told_from_values() {
        for value in [
            "${DB}", "{{ x }}", "$(cat x)", "<token>", "%PASS%", "$PASS", "%(pw)s", "a-%s", "{0}",
            "__KEY__",
        ] {
            assert!(is_template(value.as_bytes()), "{value}");
        }
        for value in ["p$ssw0rd", "a{b-c", "50%off!now-then-some", "$1a-b!"] {
            assert!(!is_template(value.as_bytes()), "{value}");
        }
    }
}
