//! The value behind an operator: quoted in one of many ways, wrapped, or bare.

use std::ops::Range;

use memchr::{memchr, memchr3, memmem};

/// The longest value that is read, in bytes; a longer one is data, not a credential.
pub(super) const LONGEST: usize = 512;
/// The most blanks between an operator and its value: aligned columns.
const BLANKS: usize = 40;

/// A value and how it stands there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The bytes between the quotes, or the bare bytes.
    pub(super) secret: Range<usize>,
    /// Whether quotes stand around it.
    pub(super) quoted: bool,
    /// The secret with its escapes undone, where it has any.
    pub(super) plain: Option<Vec<u8>>,
}

/// The place behind blanks (never behind a line's end).
pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at.min(bytes.len())..];
    let blanks = rest.iter().take(BLANKS).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    at + blanks
}

/// How far back the start of a line is looked for.
const LONGEST_LINE: usize = 600;

/// Where the line of a place begins; in a longer one a place before it, with something between.
pub(super) fn line_start(bytes: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(LONGEST_LINE);
    memchr::memrchr(b'\n', &bytes[from..at]).map_or(from, |end| from + end + 1)
}

/// Reads the value at `at`, behind blanks and wrappers such as `[]byte(`, `new X(`, `b"`.
pub(super) fn read(bytes: &[u8], at: usize) -> Option<Value> {
    let start = skip_blanks(bytes, at);
    let inner = unwrap(bytes, start);
    quoted(bytes, inner).or_else(|| if inner == start { bare(bytes, start) } else { None })
}

/// The place of the quote behind a wrapper, or `at` where there is none.
///
/// A word of one or two letters directly before a quote is a string prefix; a word before a bracket is
/// a call or a type; brackets may nest.
fn unwrap(bytes: &[u8], at: usize) -> usize {
    let end = bytes.len().min(at + 48);
    let (mut place, mut word, mut opened) = (at, at, false);
    while place < end {
        match bytes[place] {
            b'"' | b'\'' | b'`' | b'\\' | b'&' => {
                return if place - word <= 2 { place } else { at };
            }
            byte if byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'.' | b'@' | b'$' | b':') => {}
            b'(' => (word, opened) = (place + 1, true),
            // A list; behind a word it is an index into something.
            b'[' if place == word => (word, opened) = (place + 1, true),
            b']' | b'%' => word = place + 1,
            b' ' if opened || &bytes[at..place] == b"new" => word = place + 1,
            _ => return at,
        }
        place += 1;
    }
    at
}

/// Reads a quoted value whose opening quote stands at `at`.
fn quoted(bytes: &[u8], at: usize) -> Option<Value> {
    let rest = &bytes[at.min(bytes.len())..];
    let line = &rest[..rest.len().min(LONGEST + 16)];
    let (open, close): (usize, &[u8]) = match *line.first()? {
        b'"' if line.starts_with(b"\"\"\"") => (3, b"\"\"\""),
        b'\'' if line.starts_with(b"'''") => (3, b"'''"),
        b'"' => (1, b"\""),
        b'\'' => (1, b"'"),
        b'`' => (1, b"`"),
        b'\\' if line.starts_with(b"\\\\\\\"") => (4, b"\\\\\\\""),
        b'\\' if line.starts_with(b"\\\"") => (2, b"\\\""),
        b'\\' if line.starts_with(b"\\'") => (2, b"\\'"),
        b'&' if line.starts_with(b"&quot;") => (6, b"&quot;"),
        b'&' if line.starts_with(b"&#34;") => (5, b"&#34;"),
        _ => return None,
    };
    let body = &line[open..];
    let (length, escaped) = if close.len() == 1 {
        plain_end(body, close[0])?
    } else {
        (memmem::find(body, close)?, false)
    };
    if memchr(b'\n', &body[..length]).is_some() || length > LONGEST {
        return None;
    }
    let secret = at + open..at + open + length;
    let plain = escaped.then(|| unescape(&bytes[secret.clone()]));
    Some(Value { secret, quoted: true, plain })
}

/// The length up to the closing quote on the same line, and whether a backslash stands before it.
fn plain_end(body: &[u8], quote: u8) -> Option<(usize, bool)> {
    let mut at = 0;
    let mut escaped = false;
    loop {
        let rest = body.get(at..)?;
        let found = memchr3(quote, b'\n', b'\\', rest)?;
        match rest[found] {
            b'\n' => return None,
            b'\\' => {
                escaped = true;
                at += found + 2;
            }
            _ => return Some((at + found, escaped)),
        }
    }
}

/// Undoes the escapes that keep a byte as it is; others (`\n`, `\u0041`) stay.
fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let kept = rest
            .peek()
            .is_some_and(|next| matches!(next, b'"' | b'\'' | b'\\' | b'/' | b'`' | b'$'));
        match (byte, kept) {
            (b'\\', true) => plain.extend(rest.next()),
            _ => plain.push(byte),
        }
    }
    plain
}

/// Reads a value without quotes: up to a blank or a sign that no bare value holds.
pub(super) fn bare(bytes: &[u8], at: usize) -> Option<Value> {
    let rest = &bytes[at.min(bytes.len())..];
    let stops = |byte: u8| {
        matches!(byte, 0..=b' ' | b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'&')
            || matches!(byte, b'(' | b')' | b'{' | b'}' | b'[' | b']' | b'\\' | b'|')
    };
    // `a=b=c` is a list of pairs; `=` ends a value only as padding of base64.
    let pads = |place: usize| rest.get(place + 1).is_none_or(|next| *next == b'=' || stops(*next));
    let ends = |place: usize| stops(rest[place]) || (rest[place] == b'=' && !pads(place));
    let length = (0..rest.len().min(LONGEST + 1)).find(|place| ends(*place));
    let length = length.unwrap_or(rest.len());
    if length == 0 || length > LONGEST {
        return None;
    }
    // What opens a bracket or a string is an expression; what `=` ends is a name.
    if matches!(rest.get(length), Some(b'(' | b'[' | b'{' | b'<' | b'`' | b'=')) {
        return None;
    }
    let value = &rest[..length];
    let trimmed =
        value.iter().rposition(|byte| !matches!(byte, b'.' | b':')).map_or(0, |last| last + 1);
    (trimmed > 0).then(|| Value { secret: at..at + trimmed, quoted: false, plain: None })
}

/// Reads what stands at `at` up to the backtick that closes the one before `start`, without a blank.
pub(super) fn code_span(bytes: &[u8], start: usize, at: usize) -> Option<Value> {
    let opened = start.checked_sub(1).is_some_and(|before| bytes[before] == b'`');
    let at = skip_blanks(bytes, at);
    let rest = &bytes[at.min(bytes.len())..bytes.len().min(at + LONGEST)];
    let length = rest.iter().position(|byte| matches!(byte, 0..=b' ' | b'`'))?;
    (opened && length > 0 && rest[length] == b'`').then(|| Value {
        secret: at..at + length,
        quoted: true,
        plain: None,
    })
}

/// Reads the text of an XML element, closed on the same line by `</`.
pub(super) fn element(bytes: &[u8], at: usize) -> Option<Value> {
    let rest = &bytes[at..bytes.len().min(at + LONGEST)];
    let length = memchr3(b'<', b'\n', b'>', rest)?;
    (length > 0 && rest[length..].starts_with(b"</")).then(|| Value {
        secret: at..at + length,
        quoted: true,
        plain: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{element, read};

    fn secret(text: &str) -> Option<&str> {
        read(text.as_bytes(), 0).map(|value| &text[value.secret])
    }

    #[test]
    fn quotes_and_wrappers_of_many_languages_are_undone() {
        for text in [
            r#" "s3cr3t x""#,
            " 's3cr3t x'",
            "`s3cr3t x`",
            r#"\"s3cr3t x\""#,
            "&quot;s3cr3t x&quot;",
            r#"[]byte("s3cr3t x")"#,
            // leakspan:allow made up, no secret
            r#"new Secret("s3cr3t x")"#,
            r#"b"s3cr3t x""#,
            r#"["s3cr3t x"]"#,
            r#""""s3cr3t x""""#,
            r#"String::from("s3cr3t x")"#,
            r#"SecretString.of( "s3cr3t x" )"#,
        ] {
            assert_eq!(secret(text), Some("s3cr3t x"), "{text}");
        }
    }

    #[test]
    fn a_value_stands_on_one_line() {
        assert_eq!(secret("\"abc\n\""), None);
        assert_eq!(secret("\nabc"), None);
    }

    #[test]
    fn bare_values_end_at_a_blank_and_calls_are_none() {
        assert_eq!(secret("abc def"), Some("abc"));
        // leakspan:allow made up, no secret
        assert_eq!(secret("YWJjZA==&x=1"), Some("YWJjZA=="));
        assert_eq!(secret("getenv(x)"), None);
        assert_eq!(secret("prompt for a \"x\""), Some("prompt"));
    }

    #[test]
    fn escapes_are_undone_in_the_value() {
        let value = read(br#""a\"b\\c""#, 0).expect("is a value");
        assert_eq!(value.plain.as_deref(), Some(&br#"a"b\c"#[..]));
    }

    #[test]
    fn elements_close_on_their_line() {
        assert_eq!(element(b"abc</x>", 0).map(|value| value.secret), Some(0..3));
        assert_eq!(element(b"abc<b>", 0), None);
    }
}
