//! Hex and base64 in places where checksums stand.

use memchr::{memmem, memrchr};

use super::filter::{Filter, is_generic};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops values of a digest's length on a line that speaks of digests.
pub(super) struct Digest;

/// Words beside a digest, lower case.
const WORDS: &[&str] = &[
    "integrity",
    "sha1",
    "sha256",
    "sha512",
    "sha-",
    "checksum",
    "digest",
    "md5",
    "commit",
    "revision",
    "etag",
    "fingerprint",
    "thumbprint",
    "hash",
    "blob",
    "resolved",
    "crc",
    "expected",
    "assert",
];

impl Filter for Digest {
    fn reason(&self) -> &'static str {
        "digest"
    }

    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        let value = candidate.value(text);
        let hex = value.iter().all(u8::is_ascii_hexdigit)
            && matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128);
        let base64 = matches!((value.len(), value.last()), (24 | 28 | 44 | 88, Some(b'=')));
        if !is_generic(signature) || !(hex || base64) {
            return false;
        }
        let before = &text.bytes[candidate.range.start.saturating_sub(80)..candidate.secret.start];
        let line = memrchr(b'\n', before).map_or(before, |end| &before[end..]).to_ascii_lowercase();
        WORDS.iter().any(|word| memmem::find(&line, word.as_bytes()).is_some())
    }
}
