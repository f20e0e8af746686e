//! The pattern of types that have no literal of their own: a name that holds a context word, then a
//! value. The one place where that sugar is expanded.
//!
//! Shared with the build script by `#[path]`.

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
