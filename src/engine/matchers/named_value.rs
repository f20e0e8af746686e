//! Values behind their name without an operator of its own: named by the next word or line (`- name: DB_PASSWORD`
//! then `value: x`, `<add key="ApiKey" value="x"/>`, `<key>…</key>` then `<string>…`, `variable "password" {`
//! then `default = "x"`), or right behind it (`storePassword "x"`, `ENV DB_PASSWORD x`, `requirepass x`).

use std::ops::Range;

use super::matcher::{Hit, Matcher};
use super::names::{self, Promise};
use super::style::{Style, style};
use super::values::{self, Value, line_start, skip_blanks};
use super::words::Words;
use crate::engine::candidate::Text;

/// A name that promises a credential, and what stands behind it.
#[derive(Debug)]
pub(super) struct NamedValue;

/// Parts of names that matter here, lower case; each is a keyword of the signature.
static NAMES: Words = Words::new(&[
    b"password",
    b"passwd",
    b"passphrase",
    b"secret",
    b"api_key",
    b"apikey",
    b"api-key",
    b"_pass",
    b"_token",
    b"auth_key",
    b"authorization",
    b"token\"",
    b"token'",
]);
/// What names the value, lower case.
static BEFORE: Words = Words::new(&[
    b"value: ",
    b"value:",
    b"\"value\": ",
    b"\"value\":",
    b"'value': ",
    b"'value' => ",
    b"value = ",
    b"value=",
    b"<value>",
    b"<string>",
    b"stringvalue: ",
    b"defaultvalue: ",
    b"default: ",
    b"default = ",
    b"default=",
]);
/// Settings that are a name, a blank and a bare password, lower case; each is a keyword. Where they begin
/// their line they are no prose.
static SETTINGS: Words = Words::new(&[
    b"requirepass ",
    b"masterauth ",
    b"rocommunity ",
    b"rwcommunity ",
    b"snmp-server community ",
    b"insecure-password ",
]);
/// What begins a line of a name, a blank and a value without quotes.
const SETS: &[&[u8]] = &[b"ENV ", b"set -x ", b"set -gx ", b"set -Ux ", b"setenv "];
/// What begins a line of a router's settings, whose passwords follow the number of their form.
const ROUTER: &[&[u8]] = &[b"enable ", b"username ", b"password ", b"neighbor ", b"standby "];
/// What stands before a name that a quoted value follows, where it does not begin its line.
const OPENS: &[&[u8]] = &[
    b"{",
    b";",
    b"(",
    b":",
    b"#define",
    b"setq",
    b"proxy_set_header",
    b"add_header",
    b"export",
    b"set",
    b"Header",
];
/// How many lines of a block are read for its `default`.
const BLOCK_LINES: usize = 6;

impl Matcher for NamedValue {
    fn name(&self) -> &'static str {
        "named-value"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        for at in window {
            let rest = &text.bytes[at..];
            if let Some(name) = NAMES.at(rest) {
                let letters =
                    name.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |it| it + 1);
                let hit = behind_name(text, at, at + letters);
                // Of a name with two such words once.
                let told = |hit: &Hit| found.last().is_none_or(|last| last.range != hit.range);
                found.extend(hit.filter(told));
            } else if let Some(word) = SETTINGS.at(rest) {
                found.extend(setting(text.bytes, at, at + word.len()));
            }
        }
    }
}

/// The value behind the name of which a part stands there.
fn behind_name(text: &Text<'_>, at: usize, end: usize) -> Option<Hit> {
    let bytes = text.bytes;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let before = bytes[at.saturating_sub(names::LONGEST)..at].iter().rev();
    let start = at - before.take_while(|byte| is_name(byte)).count();
    let rest = bytes[end..].iter().take(names::LONGEST);
    let end = end + rest.take_while(|byte| is_name(byte)).count();
    let name = start..end;
    // Of a longer text in quotes the name is only a word.
    let quote = bytes.get(end).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let whole = |quote| matches!(bytes.get(start.wrapping_sub(1)), Some(byte) if *byte == quote || b"/:-".contains(byte));
    if quote.is_some_and(|quote| !whole(quote)) {
        return None;
    }
    let limit = bytes.len().min(end + 24);
    let line = memchr::memchr(b'\n', &bytes[end..limit]).map(|length| end + length);
    let value = line
        .and_then(|line| next_line(text, &name, line))
        .or_else(|| same_line(text, &name, quote.is_some()))?;
    let named = names::read(&bytes[name]).filter(|named| named.strong)?;
    let least = if named.promise == Promise::Password { 4 } else { 8 };
    (value.secret.len() >= least).then(|| {
        let mut hit = Hit::new("named-value", start..value.secret.end, value.secret);
        hit.value = value.plain;
        hit
    })
}

/// The value on the line behind the one that the name ends.
fn next_line(text: &Text<'_>, name: &Range<usize>, line: usize) -> Option<Value> {
    let bytes = text.bytes;
    let closing = bytes[name.end..line].trim_ascii();
    let next = indented(bytes, line + 1);
    match closing {
        // The name stands as a value; its own value is named by the next line.
        b"" | b"\"" | b"'" | b"\"," | b"'," | b"," | b"</name>" | b"</key>" | b"</Name>" => {
            pair(text, next)
        }
        b":" | b"=" | b":=" | b"=>" | b"\":" | b"':" | b"\": (" | b"= (" | b"=(" | b"= \\"
        | b"(" => quoted(bytes, next),
        b": |" | b": >-" | b": >" | b": |-" => block(bytes, line, name.start, next),
        b"\" {" => (0..BLOCK_LINES)
            .scan(line, |line, _| {
                let next = indented(bytes, *line + 1);
                *line = next + memchr::memchr(b'\n', &bytes[next..bytes.len().min(next + 400)])?;
                Some(next)
            })
            .take_while(|next| bytes.get(*next) != Some(&b'}'))
            .find(|next| bytes[*next..].starts_with(b"default"))
            .and_then(|next| {
                let rest = bytes[next + b"default".len()..].trim_ascii_start();
                let sign = bytes.len() - rest.len();
                rest.starts_with(b"=").then(|| quoted(bytes, skip_blanks(bytes, sign + 1)))?
            }),
        _ => None,
    }
}

/// The value on the line of the name.
fn same_line(text: &Text<'_>, name: &Range<usize>, closed: bool) -> Option<Value> {
    let bytes = text.bytes;
    let end = name.end + usize::from(closed);
    let comma = usize::from(closed && bytes.get(end) == Some(&b','));
    let next = skip_blanks(bytes, end + comma);
    if closed {
        let brace = usize::from(bytes.get(next) == Some(&b'{'));
        let value = pair(text, skip_blanks(bytes, next + brace));
        return value.and_then(|value| without_scheme(bytes, value));
    }
    if next == end {
        return None;
    }
    let line = line_start(bytes, name.start);
    let before = bytes[line..name.start].trim_ascii();
    if matches!(bytes.get(next), Some(b'"' | b'\'')) {
        let opens = before.is_empty() || OPENS.iter().any(|word| before.ends_with(word));
        return quoted(bytes, next)
            .filter(|_| opens)
            .and_then(|value| without_scheme(bytes, value));
    }
    let begins = |words: &[&[u8]]| words.iter().any(|word| bytes[line..].starts_with(word));
    if begins(SETS) && before.len() < 8 {
        return values::bare(bytes, next).filter(|value| ends_line(bytes, value.secret.end));
    }
    // 0: as it is; 7: in a form that can be read back.
    let form = matches!(bytes.get(next..next + 2), Some(b"0 " | b"7 "));
    let indented = indented(bytes, line);
    let router = ROUTER.iter().any(|word| bytes[indented..].starts_with(word));
    (form && router).then(|| values::bare(bytes, next + 2))?
}

/// `Bearer x` in quotes: the value is what follows the scheme.
fn without_scheme(bytes: &[u8], mut value: Value) -> Option<Value> {
    let text = &bytes[value.secret.clone()];
    let scheme = text.iter().position(|byte| *byte == b' ').unwrap_or(0);
    if [&b"bearer"[..], b"token"].iter().any(|word| text[..scheme].eq_ignore_ascii_case(word)) {
        value.secret.start += scheme + 1;
    }
    Some(value)
}

/// The password behind a setting's name.
fn setting(bytes: &[u8], at: usize, end: usize) -> Option<Hit> {
    let line = line_start(bytes, at);
    let alone = bytes[line..at].trim_ascii().is_empty();
    // A user of HAProxy stands before its password.
    if !alone && !bytes[indented(bytes, line)..at].starts_with(b"user ") {
        return None;
    }
    let value = values::bare(bytes, skip_blanks(bytes, end))
        .or_else(|| quoted(bytes, skip_blanks(bytes, end)))?;
    (value.secret.len() >= 4).then(|| Hit::new("named-value", at..value.secret.end, value.secret))
}

/// The place behind the blanks that begin a line.
fn indented(bytes: &[u8], line: usize) -> usize {
    let rest = &bytes[line.min(bytes.len())..];
    line + rest.iter().take(80).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// What stands behind `value:` and the like.
fn pair(text: &Text<'_>, at: usize) -> Option<Value> {
    let before = BEFORE.at(&text.bytes[at..])?;
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
    let begin = line_start(bytes, name);
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
            "variable \"db_password\" {\n  type = string\n  default = \"~\"\n}",
            "variable \"db_password\" { default = \"~\" }",
            "<add key=\"ApiKey\" value=\"~\" />",
            "<property name=\"password\" value=\"~\"/>",
            "{\"key\": \"auth_token\", \"value\": \"~\"}",
            "parser.add_argument('--password', default='~')",
            "  storePassword '~'",
            "credentials { username 'ann'; password '~' }",
            "#define WIFI_PASSWORD \"~\"",
            "(setq api-key \"~\")",
            "proxy_set_header Authorization \"Bearer ~\";",
            "ENV DB_PASSWORD ~",
            "set -gx API_KEY ~",
            "requirepass ~",
            "  user ann insecure-password ~",
            "snmp-server community ~ RO",
            "enable password 0 ~",
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
            "name: 'User & Password',\n value: '~'",
            "throw new Error('Invalid password \"~\"')",
            "the password 7 ~",
            "an ENV PASSWORD ~",
            "variable \"db_password\" {\n}\nx {\n  default = \"~\"\n}",
            "set requirepass ~",
        ] {
            assert!(secrets(text).is_empty(), "{text}");
        }
    }
}
