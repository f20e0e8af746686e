//! Private JSON Web Keys: `kty` beside `d` (RSA, EC, OKP) or `k` (symmetric). RFC 7517.
//!
//! In JSON, and as object literals of programming languages, where names have no quotes or single ones.

use std::ops::Range;

use memchr::{memchr, memmem, memrchr};

use super::matcher::{Hit, Matcher};
use super::values::skip_blanks;
use crate::engine::candidate::Text;

/// The private member of a key.
#[derive(Debug)]
pub(super) struct Jwk;

const ANCHOR: &[u8] = b"kty";
/// The longest key that is read: RSA of 8,192 bits with all its members.
const LONGEST: usize = 8 * 1024;
/// The shortest private member.
const SHORTEST: usize = 16;

impl Matcher for Jwk {
    fn name(&self) -> &'static str {
        "jwk"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let bytes = text.bytes;
        let reach = bytes.len().min(window.end + ANCHOR.len() - 1);
        let mut floor = 0;
        for at in memmem::find_iter(&bytes[window.start..reach], ANCHOR) {
            let at = window.start + at;
            let word = |place: Option<&u8>| place.is_some_and(|byte| byte.is_ascii_alphanumeric());
            if at < floor || word(bytes[..at].last()) || word(bytes.get(at + ANCHOR.len())) {
                continue;
            }
            // Not back over an earlier key: so no byte is read more than twice.
            let from = at.saturating_sub(LONGEST).max(floor);
            let start = memrchr(b'{', &bytes[from..at]).map_or(from, |brace| from + brace);
            let limit = bytes.len().min(at + LONGEST);
            let end = memchr(b'}', &bytes[at..limit]).map_or(limit, |brace| at + brace);
            members(bytes, start, end, found);
            floor = end;
        }
    }
}

/// The members `d` and `k` between two places.
fn members(bytes: &[u8], start: usize, end: usize, found: &mut Vec<Hit>) {
    let mut at = start;
    while let Some(colon) = memchr(b':', &bytes[at..end]) {
        let colon = at + colon;
        at = colon + 1;
        let name = bytes[start..colon].trim_ascii_end();
        let private = match name {
            [.., open, b'd' | b'k', close @ (b'"' | b'\'')] => open == close,
            [.., before, b'd' | b'k'] => {
                before.is_ascii_whitespace() || matches!(before, b'{' | b',')
            }
            _ => false,
        };
        let quote = skip_blanks(bytes, at);
        if private && matches!(bytes.get(quote), Some(b'"' | b'\'' | b'`')) {
            let value = value(bytes, quote + 1, bytes[quote]);
            found.extend(value.map(|value| Hit::new("jwk-private-key", start..value.end, value)));
        }
    }
}

/// Base64url up to the quote, or to the end of a line that was cut.
fn value(bytes: &[u8], start: usize, quote: u8) -> Option<Range<usize>> {
    let rest = &bytes[start..bytes.len().min(start + LONGEST)];
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    let length = rest.iter().take_while(|byte| is_base64(byte)).count();
    let ends = rest.get(length).is_none_or(|byte| *byte == quote || *byte == b'\n');
    (length >= SHORTEST && ends).then_some(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::super::matcher::Matcher;
    use super::Jwk;
    use crate::engine::candidate::Text;
    use crate::model::BlobPath;

    fn secrets(text: &str) -> Vec<&str> {
        let path = BlobPath::new("a.js");
        let seen = Text { bytes: text.as_bytes(), path: &path, decoded: false };
        let mut found = Vec::new();
        Jwk.find(&seen, 0..text.len(), &mut found);
        found.into_iter().map(|hit| &text[hit.secret]).collect()
    }

    #[test]
    fn literals_of_programs_are_keys_too() {
        let (d, x) = ("hRVo5TGE-d_4tQC1KEQI", "7Xn4Jq2bKp0sT9wLm3Zc");
        for text in [
            format!("{{ kty: 'OKP', x: '{x}', d: '{d}' }}"),
            format!("{{'d': '{d}',\n 'kty': 'EC'}}"),
            format!("  d: '{d}',\n  kty: 'EC',\n}}"),
            format!("{{\"kty\":\"oct\",\"k\":\"{d}\"}}"),
        ] {
            assert_eq!(secrets(&text), [d], "{text}");
        }
        assert!(secrets(&format!("{{ kty: 'EC', x: '{x}', kid: '{x}' }}")).is_empty());
        assert!(secrets(&format!("{{ x: '{x}' }}, {{ kty: 'EC' }}, {{ d: '{d}' }}")).is_empty());
    }
}
