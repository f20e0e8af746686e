//! Lines of armoured blocks: the body of a key or certificate is no token.

use memchr::{memmem, memrchr};

use super::filter::Filter;
use crate::engine::candidate::{Candidate, Text};
use crate::model::{Matcher, Signature};

/// Drops candidates inside a block between `-----BEGIN` and `-----END`, unless they are the block.
pub(super) struct ArmourBody;

/// The most bytes that are looked back: long keys and chains of certificates.
const REACH: usize = 8 * 1024;

impl Filter for ArmourBody {
    fn reason(&self) -> &'static str {
        "armour-body"
    }

    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        if matches!(&signature.matcher, Matcher::Named(name) if matches!(&**name, "pem" | "kubernetes-secret" | "nkey"))
        {
            return false;
        }
        let at = candidate.secret.start;
        // Only lines of nothing but base64 are asked: so most candidates cost one look at their line.
        let mut start = memrchr(b'\n', &text.bytes[..at]).map_or(0, |end| end + 1);
        if !is_base64(&text.bytes[start..candidate.secret.end.max(at)]) {
            return false;
        }
        let least = at.saturating_sub(REACH);
        while start > least {
            let end = start - 1;
            start = memrchr(b'\n', &text.bytes[..end]).map_or(0, |end| end + 1);
            let line = &text.bytes[start..end];
            if memmem::find(line, b"-----BEGIN").is_some() {
                return true;
            }
            if !is_base64(line) && !line.contains(&b':') {
                return false;
            }
        }
        false
    }
}

/// Whether a line is base64, apart from blanks and the quotes of a string in code.
fn is_base64(line: &[u8]) -> bool {
    let body = line.trim_ascii_end();
    let body = &body[..body.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1)];
    line.len() <= 128
        && body.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/ \t\r\"'\\,#*".contains(byte))
}
