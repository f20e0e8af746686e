//! The two short forms of a pattern, and the one place where they are expanded: `token`, a value that
//! stands by itself, and `context` with `value`, for types that have no literal of their own: a name
//! that holds a context word, then a value.
//!
//! Shared with the build script by `#[path]`.

use super::literals;
use regex_syntax::hir::{Class, Hir, HirKind};

/// More of the name after the context word, words apart included: `DD_API_KEY_PROD`, `Datadog API key`.
const REST_OF_NAME: &str = r"[\w.-]{0,20}(?:[ \t][\w.-]{1,12}){0,2}";
/// What closes the name: `"`, `']`, `)`, an escaped quote.
const CLOSERS: &str = r#"[\\"'`\]).]{0,4}"#;
/// The value stands under a key of its own, as in the `env` lists of container manifests.
const VALUE_KEY: &str = r#"(?:,?\s{1,40}["']?(?i:value)["']?)?"#;
/// What stands between name and value. A lone space is enough where the name has none (`ENV NAME value`).
const OPERATOR: &str = r"[ \t]{0,8}(?:=>|:=|[=:,(>?]|[ \t])";
/// Quotes, brackets and spaces before the value.
const OPENERS: &str = r#"[\s\\"'`=({\[>]{0,12}"#;
/// What a value of the sort is not followed by. The dot is allowed: sentences end.
const END: &str = r"(?:[^\w+/=-]|$)";

/// Makes the pattern of a token that stands by itself: after no word character, or after an escaped line
/// break in a string (`\\n` and the token at once); before no word character, nor any other character
/// that the token's own last class has.
pub(super) fn token(token: &str) -> Result<String, literals::Error> {
    let ends = last_bytes(&literals::parse(token)?);
    let signs: String = ends.iter().filter(|byte| !word(**byte)).map(|b| hex(*b)).collect();
    let end = if signs.is_empty() { r"\b".to_owned() } else { format!(r"(?:[^\w{signs}]|$)") };
    Ok(format!(r"(?:\b|\\[nrt])(?<secret>{token}){end}"))
}

fn hex(byte: u8) -> String {
    format!(r"\x{byte:02x}")
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The bytes that a match can end with.
fn last_bytes(hir: &Hir) -> Vec<u8> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Vec::new(),
        HirKind::Literal(literal) => literal.0.last().copied().into_iter().collect(),
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect()
        }
        HirKind::Class(Class::Unicode(_)) => Vec::new(),
        HirKind::Repetition(repetition) => last_bytes(&repetition.sub),
        HirKind::Capture(capture) => last_bytes(&capture.sub),
        HirKind::Alternation(branches) => branches.iter().flat_map(last_bytes).collect(),
        HirKind::Concat(parts) => {
            let mut ends = Vec::new();
            for part in parts.iter().rev() {
                ends.append(&mut last_bytes(part));
                if part.properties().minimum_len() != Some(0) {
                    break;
                }
            }
            ends
        }
    }
}

/// The value of a pattern that [`token`] made.
pub(super) fn token_of(pattern: &str) -> Option<&str> {
    let rest = pattern.strip_prefix(r"(?:\b|\\[nrt])(?<secret>")?;
    let class = || rest.rfind(r"(?:[^\w").filter(|_| rest.ends_with("]|$)"));
    let end = rest.strip_suffix(r"\b").map(str::len).or_else(class)?;
    rest[..end].strip_suffix(')')
}

/// The words, as a pattern, and the value of a pattern that [`pattern`] made.
pub(super) fn words_and_value(made: &str) -> Option<(&str, &str)> {
    let between = format!("){REST_OF_NAME}{CLOSERS}{VALUE_KEY}{OPERATOR}{OPENERS}(?<secret>");
    let (words, value) = made.strip_prefix("(?i:")?.split_once(&*between)?;
    Some((words, value.strip_suffix(END)?.strip_suffix(')')?))
}

/// Makes the pattern: context words in either case, `value` as it stands.
///
/// Words are taken literally. The match is at most about 150 bytes longer than the value.
pub(super) fn pattern(words: &[String], value: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| regex_syntax::escape(word)).collect();
    let words = words.join("|");
    format!(
        "(?i:{words}){REST_OF_NAME}{CLOSERS}{VALUE_KEY}{OPERATOR}{OPENERS}(?<secret>{value}){END}"
    )
}

#[cfg(test)]
mod tests {
    fn found(text: &str) -> Option<String> {
        let pattern = super::pattern(&["acme_key".into(), "acmekey".into()], "[0-9a-f]{8}");
        let regex = regex_automata::meta::Regex::new(&pattern).unwrap();
        let mut captures = regex.create_captures();
        regex.captures(text, &mut captures);
        captures.get_group_by_name("secret").map(|span| text[span].to_owned())
    }

    #[test]
    fn value_is_found_in_the_syntaxes_of_configuration() {
        for text in [
            "ACME_KEY=0123abcd",
            "export MY_ACME_KEY_PROD='0123abcd'\n",
            "\"acmeKey\": \"0123abcd\",",
            "config[\"acme_key\"] = \"0123abcd\"",
            "{:acme_key=>\"0123abcd\"}",
            "acme_key := `0123abcd`",
            "<acmeKey>0123abcd</acmeKey>",
            "setAcmeKey(\"0123abcd\")",
            "ENV ACME_KEY 0123abcd",
            "--acmekey 0123abcd",
            "{\\\"acme_key\\\":\\\"0123abcd\\\"}",
            "- name: ACME_KEY\n  value: \"0123abcd\"",
            "{\"name\": \"ACME_KEY\", \"value\": \"0123abcd\"}",
            "https://acme.example/?acmekey=0123abcd&x=1",
        ] {
            assert_eq!(found(text).as_deref(), Some("0123abcd"), "{text}");
        }
    }

    #[test]
    fn token_stands_by_itself() {
        let found = |token: &str, text: &str| {
            let pattern = super::token(token).unwrap();
            let regex = regex_automata::meta::Regex::new(&pattern).unwrap();
            let mut captures = regex.create_captures();
            regex.captures(text, &mut captures);
            captures.get_group_by_name("secret").map(|span| text[span].to_owned())
        };
        for text in ["ab_12", "k=ab_12;", "\"ab_12\"", "x\\nab_12\\n", "//u:ab_12@h", "ab_12."] {
            assert_eq!(found("ab_[0-9]{2}", text).as_deref(), Some("ab_12"), "{text}");
        }
        for text in ["xab_12", "ab_123", "ab_12_", "nab_12"] {
            assert_eq!(found("ab_[0-9]{2}", text), None, "{text}");
        }
        assert_eq!(found("ab_[0-9-]{2}", "ab_12-"), None);
        assert_eq!(found("ab_[0-9]{2}(?:-[a-z])?", "ab_12-").as_deref(), Some("ab_12"));
        assert_eq!(found("ab_[0-9-]{2}", "'ab_1-'").as_deref(), Some("ab_1-"));
    }

    #[test]
    fn what_is_put_together_can_be_taken_apart() {
        let made = super::pattern(&["acme_key".into(), "acme.key".into()], "(?:a|b){8}");
        assert_eq!(super::words_and_value(&made), Some((r"acme_key|acme\.key", "(?:a|b){8}")));
        for token in ["ab_[0-9]{2}", "ab_[0-9-]{2}", "(?:ab|cd)_[0-9a-z.]{2,9}={0,2}"] {
            let made = super::token(token).unwrap();
            assert_eq!(super::token_of(&made), Some(token));
            assert_eq!(super::words_and_value(&made), None);
        }
        assert_eq!(super::token_of(&made), None);
    }

    #[test]
    fn longer_values_and_distant_ones_are_not_taken() {
        for text in [
            "acme_key=0123abcd9",
            "acme_key=0123abcd-0000",
            "acme_key is described in the manual, see 0123abcd",
            "acme_key 0123ABCD",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
