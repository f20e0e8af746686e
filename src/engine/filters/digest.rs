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

/// The longest path before a name that is read back.
const LONGEST_PATH: usize = 200;

/// Whether the name before the value is that of a file or an image whose digest the value is, even where it
/// holds a provider's name: `SHA256 (acme-1.0.tar.gz) = …`, `image: registry/team/acme:…`.
fn is_of_named_file(candidate: &Candidate, text: &Text<'_>) -> bool {
    let (start, secret) = (candidate.range.start, candidate.secret.start);
    if start >= secret {
        return false;
    }
    let of_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-/@+".contains(byte);
    let before = text.bytes[..start].iter().rev().take(LONGEST_PATH);
    let first = start - before.take_while(|byte| of_path(byte)).count();
    let folder = &text.bytes[first..start];
    let name = &text.bytes[start..secret];
    if memchr::memchr(b'\n', name).is_some() {
        return false;
    }
    // A list of files: `"assets/acme.token": "…"`, whose name closes at a quote.
    let listed = memchr::memchr(b'/', folder).is_some()
        && first.checked_sub(1).is_some_and(|quote| matches!(text.bytes[quote], b'"' | b'\''))
        && name.iter().any(|byte| matches!(byte, b'"' | b'\''));
    if listed {
        return true;
    }
    // A tag: the last part of a path, a colon and the value at once. Not the user of a URL.
    let tag = name.strip_suffix(b":").is_some_and(|name| name.iter().all(of_path));
    if tag && memchr::memchr(b'/', folder).is_some() && !folder.starts_with(b"//") {
        return true;
    }
    let Some(outside) = text.bytes[..first].strip_suffix(b"(") else { return false };
    let outside = outside.trim_ascii_end();
    let algorithm = outside.iter().rev().take(12).take_while(|byte| of_path(byte)).count();
    let algorithm = outside[outside.len() - algorithm..].to_ascii_lowercase();
    ["sha", "md5", "blake", "rmd"].iter().any(|name| algorithm.starts_with(name.as_bytes()))
}

impl Filter for Digest {
    fn reason(&self) -> &'static str {
        "digest"
    }

    fn drops(&self, candidate: &Candidate, signature: &Signature, text: &Text<'_>) -> bool {
        let value = candidate.value(text);
        // A list of a package's files says which digest it is.
        if [&b"sha256="[..], b"sha512=", b"sha256-", b"sha384-", b"sha512-"]
            .iter()
            .any(|algorithm| value.starts_with(algorithm))
        {
            return true;
        }
        let hex = value.iter().all(u8::is_ascii_hexdigit)
            && matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128);
        let base64 = matches!((value.len(), value.last()), (24 | 28 | 44 | 88, Some(b'=')));
        if hex && is_of_named_file(candidate, text) {
            return true;
        }
        if !is_generic(signature) || !(hex || base64) {
            return false;
        }
        let before = &text.bytes[candidate.range.start.saturating_sub(80)..candidate.secret.start];
        let line = memrchr(b'\n', before).map_or(before, |end| &before[end..]).to_ascii_lowercase();
        WORDS.iter().any(|word| memmem::find(&line, word.as_bytes()).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Text, is_of_named_file};
    use crate::model::{BlobPath, Confidence, Facts};

    fn of_named_file(line: &str) -> bool {
        let path = BlobPath::new("sample");
        let text = Text { bytes: line.as_bytes(), path: &path, decoded: false };
        let (start, secret) = (line.find("acme").unwrap(), line.find("0123").unwrap());
        let candidate = Candidate {
            signature: 0,
            range: start..line.len(),
            secret: secret..line.len(),
            value: None,
            confidence: Confidence::High,
            facts: Facts::new(),
            proven: false,
        };
        is_of_named_file(&candidate, &text)
    }

    #[test]
    fn digests_of_files_and_images_that_hold_a_name_are_no_keys() {
        for line in [
            "SHA256 (acme-1.0.tar.gz) = 0123",
            "MD5(dist/acme.zip)= 0123",
            "image: registry.example/team/acme:0123",
            "{\"assets/acme.token\":\"0123\"}",
        ] {
            assert!(of_named_file(line), "{line}");
        }
        for line in [
            "acme:0123",
            "acme_key(0123",
            "connect (acme_key) = 0123",
            "https://acme:0123",
            "config/acme_key = 0123",
            "{\"acme_key\":\"0123\"}",
        ] {
            assert!(!of_named_file(line), "{line}");
        }
    }
}
