//! Private JSON Web Keys: `kty` beside `d` (RSA, EC, OKP) or `k` (symmetric). RFC 7517.

use std::ops::Range;

use memchr::{memmem, memrchr};

use super::json;
use super::matcher::{Hit, Matcher};
use crate::engine::candidate::Text;

/// The private member of a key in JSON.
#[derive(Debug)]
pub(super) struct Jwk;

const ANCHOR: &[u8] = b"\"kty\"";
/// The longest key that is read: RSA of 8,192 bits with all its members.
const LONGEST: usize = 8 * 1024;

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
            if at < floor {
                continue;
            }
            // Not back over an earlier key: so no byte is read more than twice.
            let from = at.saturating_sub(LONGEST).max(floor);
            let Some(brace) = memrchr(b'{', &bytes[from..at]) else { continue };
            let start = from + brace;
            let end = json::walk(bytes, start, at + LONGEST, |path, value| {
                found.extend(private_member(bytes, start, path, value));
            });
            floor = end.max(at + ANCHOR.len());
        }
    }
}

fn private_member(
    bytes: &[u8],
    start: usize,
    path: &[Range<usize>],
    value: Range<usize>,
) -> Option<Hit> {
    let [key] = path else { return None };
    let text = &bytes[value.clone()];
    let private = matches!(&bytes[key.clone()], b"d" | b"k") && text.len() >= 16;
    let base64 =
        text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='));
    (private && base64).then(|| Hit::new("jwk-private-key", start..value.end, value))
}
