//! Values on the line behind their name: `- name: DB_PASSWORD` then `value: x`, `<name>…</name>` then
//! `<value>…`, `<key>…</key>` then `<string>…`, `password:` or `password =` then the string.

use std::ops::Range;

use super::matcher::{Hit, Matcher};
use super::names;
use super::style::{Style, style};
use super::values::{self, Value, skip_blanks};
use crate::engine::candidate::Text;

/// A name that promises a credential and ends its line, and the value on the next one.
#[derive(Debug)]
pub(super) struct NamedValue;

/// Parts of names that matter here, lower case; each is a keyword of the signature.
const NAMES: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"secret",
    b"api_key",
    b"apikey",
    b"_token",
    b"auth_key",
];
/// What the second line says before the value, lower case.
const BEFORE: &[&[u8]] = &[
    b"value: ",
    b"value:",
    b"\"value\": ",
    b"\"value\":",
    b"'value': ",
    b"value = ",
    b"value=",
    b"<value>",
    b"<string>",
    b"stringvalue: ",
    b"defaultvalue: ",
    b"default: ",
    b"default = ",
];

impl Matcher for NamedValue {
    fn name(&self) -> &'static str {
        "named-value"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        for at in window {
            let rest = &text.bytes[at..];
            let name = NAMES.iter().find(|name| {
                rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            });
            found.extend(name.and_then(|name| next_line(text, at, at + name.len())));
        }
    }
}

/// The value on the line behind the one that the name at `at` ends.
fn next_line(text: &Text<'_>, at: usize, end: usize) -> Option<Hit> {
    let bytes = text.bytes;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let start = at
        - bytes[at.saturating_sub(names::LONGEST)..at]
            .iter()
            .rev()
            .take_while(|b| is_name(b))
            .count();
    let end = end + bytes[end..].iter().take(names::LONGEST).take_while(|b| is_name(b)).count();
    let limit = bytes.len().min(end + 24);
    let line = memchr::memchr(b'\n', &bytes[end..limit])? + end;
    let closing = bytes[end..line].trim_ascii();
    let next = line
        + 1
        + bytes[line + 1..].iter().take(80).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let named = names::read(&bytes[start..end]).filter(|named| named.strong)?;
    let value = match closing {
        // The name stands as a value; its own value is named by the next line.
        b"" | b"\"" | b"'" | b"\"," | b"'," | b"," | b"</name>" | b"</key>" | b"</Name>" => {
            pair(text, next)?
        }
        b":" | b"=" | b":=" | b"=>" | b"\":" | b"':" | b"\": (" | b"= (" | b"=(" | b"= \\"
        | b"(" => quoted(bytes, next)?,
        b": |" | b": >-" | b": >" | b": |-" => block(bytes, line, start, next)?,
        _ => return None,
    };
    let least = if named.promise == names::Promise::Password { 4 } else { 8 };
    (value.secret.len() >= least).then(|| {
        let mut hit = Hit::new("named-value", start..value.secret.end, value.secret);
        hit.value = value.plain;
        hit
    })
}

/// What stands behind `value:` and the like.
fn pair(text: &Text<'_>, at: usize) -> Option<Value> {
    let rest = &text.bytes[at..];
    let before = BEFORE.iter().find(|before| {
        rest.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before))
    })?;
    let place = skip_blanks(text.bytes, at + before.len());
    if before.ends_with(b">") {
        return values::element(text.bytes, place);
    }
    let value = values::read(text.bytes, place)?;
    let config = matches!(style(text.path), Style::Config | Style::Other);
    (value.quoted || (config && ends_line(text.bytes, value.secret.end))).then_some(value)
}

fn quoted(bytes: &[u8], at: usize) -> Option<Value> {
    values::read(bytes, at).filter(|value| value.quoted && value.secret.start <= at + 3)
}

/// One line of a YAML block, indented deeper than its name, that is one word.
fn block(bytes: &[u8], line: usize, name: usize, at: usize) -> Option<Value> {
    let begin = memchr::memrchr(b'\n', &bytes[..name]).map_or(0, |end| end + 1);
    let deeper = at - line - 1 > bytes[begin..name].iter().take_while(|b| **b == b' ').count();
    let value = values::bare(bytes, at).filter(|_| deeper)?;
    ends_line(bytes, value.secret.end).then_some(value)
}

fn ends_line(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(skip_blanks(bytes, at)), None | Some(b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::super::matcher::Matcher;
    use super::NamedValue;
    use crate::engine::candidate::Text;
    use crate::model::BlobPath;

    /// What stands for `~` in the texts below: so none of them looks like a leak.
    const VALUE: &str = "kT9vXq2L";

    fn secrets(text: &str) -> Vec<String> {
        let text = &text.replace('~', VALUE);
        let path = BlobPath::new("deploy.yaml");
        let seen = Text { bytes: text.as_bytes(), path: &path, decoded: false };
        let mut found = Vec::new();
        NamedValue.find(&seen, 0..text.len(), &mut found);
        found.into_iter().map(|hit| text[hit.secret].to_owned()).collect()
    }

    #[test]
    fn the_value_may_stand_on_the_next_line() {
        for text in [
            "- name: DB_PASSWORD\n  value: ~\n",
            "- name: \"DB_PASSWORD\"\n  value: \"~\"\n",
            "{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"~\"\n}",
            "<name>fs.db.password</name>\r\n<value>~</value>",
            "<key>dbPassword</key>\n\t<string>~</string>",
            "password =\n    \"~\"",
            "password: >-\n  ~\n",
            "variable \"db_password\" \n default = \"~\"",
        ] {
            assert_eq!(secrets(text), [VALUE], "{text}");
        }
    }

    #[test]
    fn references_and_other_keys_are_no_values() {
        for text in [
            "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: x\n",
            "password:\n  min_length: 8\n",
            "the password\nvalue of it",
            "password: |\n  one of\n  many lines",
        ] {
            assert!(secrets(text).is_empty(), "{text}");
        }
    }
}
