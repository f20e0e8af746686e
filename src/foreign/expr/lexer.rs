//! From source to tokens.

use super::error::Error;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Word(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// Longer ones before the ones that they begin with.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "**", "..", "(", ")", "[", "]", "{", "}", ",",
    ";", ":", "?", ".", "+", "-", "*", "/", "%", "^", "<", ">", "!", "=", "#", "|",
];

/// All tokens, each with the byte that it begins at.
pub(super) fn tokens(source: &str) -> Result<Vec<(usize, Token)>, Error> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = source[at..].chars().next() {
        let rest = &source[at..];
        let begin = at;
        if next.is_whitespace() {
            at += next.len_utf8();
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(comment) = rest.strip_prefix("/*") {
            at += 2 + comment.find("*/").map_or(comment.len(), |end| end + 2);
        } else if next.is_ascii_digit() {
            let (length, number) = number(rest);
            at += length;
            let number = number.ok_or_else(|| Error::new(source, begin, "this is no number"))?;
            found.push((begin, Token::Number(number)));
        } else if let Some((quote, raw)) = opening(rest) {
            let body = at + quote.len() + usize::from(raw && quote != "`");
            let (length, text) = quoted(&source[body..], quote, raw || quote == "`")
                .ok_or_else(|| Error::new(source, begin, "the text has no end"))?;
            at = body + length;
            found.push((begin, Token::Text(text)));
        } else if next.is_alphabetic() || next == '_' || next == '$' {
            let word = |c: char| !(c.is_alphanumeric() || c == '_' || c == '$');
            at += rest.find(word).unwrap_or(rest.len());
            found.push((begin, Token::Word(source[begin..at].to_owned())));
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| Error::new(source, begin, "this sign is not known"))?;
            at += sign.len();
            found.push((begin, Token::Sign(sign)));
        }
    }
    Ok(found)
}

fn number(rest: &str) -> (usize, Option<f64>) {
    if let Some(hex) = rest.strip_prefix("0x") {
        let length = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
        return (length + 2, u64::from_str_radix(&hex[..length], 16).ok().map(|n| n as f64));
    }
    let mut length = rest.find(|c: char| !(c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
    let behind = rest.as_bytes().get(length..).unwrap_or_default();
    if behind.first() == Some(&b'.') && behind.get(1).is_some_and(u8::is_ascii_digit) {
        let more = rest[length + 1..].find(|c: char| !c.is_ascii_digit());
        length = more.map_or(rest.len(), |more| length + 1 + more);
    }
    (length, rest[..length].replace('_', "").parse().ok())
}

/// The quote that a text begins with, and whether it is `r"…"`.
fn opening(rest: &str) -> Option<(&'static str, bool)> {
    let raw = rest.starts_with("r\"") || rest.starts_with("r'");
    let rest = if raw { &rest[1..] } else { rest };
    ["\"", "'", "`"].into_iter().find(|quote| rest.starts_with(*quote)).map(|quote| (quote, raw))
}

/// The text up to its closing quote, and the bytes that it takes with it.
fn quoted(rest: &str, quote: &str, raw: bool) -> Option<(usize, String)> {
    if raw {
        let end = rest.find(quote)?;
        return Some((end + 1, rest[..end].to_owned()));
    }
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        if rest[at..].starts_with(quote) {
            return Some((at + 1, text));
        }
        if c != '\\' {
            text.push(c);
            continue;
        }
        let (at, escaped) = chars.next()?;
        let mut code = |digits: usize| {
            let code = rest.get(at + 1..at + 1 + digits)?;
            let code = u32::from_str_radix(code, 16).ok().and_then(char::from_u32)?;
            chars.nth(digits - 1)?;
            Some(code)
        };
        let meant = match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'v' => '\x0b',
            '0' => '\0',
            'x' => code(2)?,
            'u' => code(4)?,
            'U' => code(8)?,
            '\\' | '"' | '\'' | '`' | '?' => escaped,
            // `\d` in a pattern that should have been quoted raw.
            other => {
                text.push('\\');
                other
            }
        };
        text.push(meant);
    }
    None
}
