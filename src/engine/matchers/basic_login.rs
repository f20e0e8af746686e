//! `Basic …` headers and `"auth": "…"` of old container configurations: base64 of `user:password`.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memchr;

use super::matcher::{Hit, Matcher};
use super::values::skip_blanks;
use super::words::Words;
use crate::engine::candidate::Text;

/// Base64 that decodes to a printable login. The span is the base64, the value the password.
#[derive(Debug)]
pub(super) struct BasicLogin;

/// What stands before the base64, lower case; each is a keyword of the signature.
static BEFORE: Words = Words::new(&[b"basic ", b"\"auth\":", b"\"auth\" :"]);
/// The longest base64 that is read.
const LONGEST: usize = 400;

impl Matcher for BasicLogin {
    fn name(&self) -> &'static str {
        "basic-login"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        for at in window {
            let before = BEFORE.at(&text.bytes[at..]);
            found.extend(before.and_then(|before| login(text.bytes, at, at + before.len())));
        }
    }
}

fn login(bytes: &[u8], at: usize, end: usize) -> Option<Hit> {
    let mut start = skip_blanks(bytes, end);
    if bytes[end - 1] == b':' {
        start += usize::from(*bytes.get(start)? == b'"');
    }
    let rest = &bytes[start..bytes.len().min(start + LONGEST)];
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let length = rest.iter().take_while(|byte| is_base64(byte)).count();
    let pad = rest[length..].iter().take(2).take_while(|byte| **byte == b'=').count();
    if length < 8 {
        return None;
    }
    let plain = STANDARD_NO_PAD.decode(&rest[..length]).ok()?;
    let text = std::str::from_utf8(&plain).ok()?;
    let colon = memchr(b':', &plain)?;
    let (user, password) = (&text[..colon], &text[colon + 1..]);
    if text.chars().any(char::is_control)
        || password.len() < 3
        || user.eq_ignore_ascii_case(password)
    {
        return None;
    }
    let mut hit = Hit::new("basic-login", at..start + length + pad, start..start + length + pad);
    hit.value = Some(password.as_bytes().to_vec());
    Some(hit.fact("user", user.as_bytes()))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::super::matcher::Matcher;
    use super::BasicLogin;
    use crate::engine::candidate::Text;
    use crate::model::BlobPath;

    fn values(text: &str) -> Vec<String> {
        let path = BlobPath::new("a.go");
        let seen = Text { bytes: text.as_bytes(), path: &path, decoded: false };
        let mut found = Vec::new();
        BasicLogin.find(&seen, 0..text.len(), &mut found);
        let value = |hit: super::Hit| String::from_utf8(hit.value.expect("decoded")).expect("text");
        found.into_iter().map(value).collect()
    }

    #[test]
    fn the_password_is_decoded_and_what_is_no_login_is_left() {
        let login = BASE64_STANDARD.encode("ann:kT9vXq2L");
        for text in [
            format!("parse(\"Basic {login}\")"),
            format!(
                "{{\"https://index.docker.io/v1/\": {{\"auth\": \"{login}\", \"email\": \"\"}}}}"
            ),
        ] {
            assert_eq!(values(&text), ["kT9vXq2L"], "{text}");
        }
        assert!(values("the basic implementation of x").is_empty());
        assert!(values(&format!("basic {}", BASE64_STANDARD.encode("ann:ann"))).is_empty());
    }
}
