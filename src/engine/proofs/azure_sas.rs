//! Azure's shared access signatures: everything but the key is in clear.

use super::encodings::{Noise, from_base64, note, percent_decoded, to_base64};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// Query names and the facts that they become.
const FIELDS: &[(&[u8], &str)] = &[
    (b"se", "expires_at"),
    (b"st", "starts_at"),
    (b"sp", "permissions"),
    (b"spr", "protocol"),
    (b"sip", "addresses"),
    (b"sr", "resource"),
    (b"ss", "services"),
    (b"srt", "resource_types"),
    (b"skoid", "delegated_by"),
];

/// How far the host of the address may stand before the query.
const LONGEST_ADDRESS: usize = 512;

/// A query string with `sig`: 32 bytes of HMAC.
pub(super) struct Sas;

impl Proof for Sas {
    fn name(&self) -> &'static str {
        "azure-sas"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let Some(signature) = field(value, b"sig") else { return Outcome::Silent };
        if from_base64(&signature).is_none_or(|bytes| bytes.len() != 32) {
            return Outcome::Doubt;
        }
        let mut facts = Facts::new();
        for (name, fact) in FIELDS {
            if let Some(content) = field(value, name) {
                note(&mut facts, fact, &content);
            }
        }
        if let Some(host) = host(&text.bytes[..candidate.range.end], candidate.secret.start) {
            note(&mut facts, "host", host);
        }
        Outcome::Holds { certain: facts.contains_key("expires_at"), facts }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let at = position(sample, b"sig")?;
        let end =
            sample[at..].iter().position(|&byte| byte == b'&').map_or(sample.len(), |n| at + n);
        let signature = to_base64(&Noise::of(sample).bytes(32));
        let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        Some([&sample[..at], signature.as_bytes(), &sample[end..]].concat())
    }
}

/// Where the content of a field begins.
fn position(query: &[u8], name: &[u8]) -> Option<usize> {
    let mut start = 0;
    for pair in query.split(|byte| matches!(byte, b'&' | b'?')) {
        if let Some(content) = pair.strip_prefix(name).and_then(|rest| rest.strip_prefix(b"=")) {
            return Some(start + pair.len() - content.len());
        }
        start += pair.len() + 1;
    }
    None
}

fn field(query: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let start = position(query, name)?;
    let length = query[start..].iter().position(|byte| matches!(byte, b'&' | b'?'));
    Some(percent_decoded(&query[start..length.map_or(query.len(), |n| start + n)]))
}

/// The host of the address that a query at `query_start` belongs to.
fn host(bytes: &[u8], query_start: usize) -> Option<&[u8]> {
    let window = &bytes[query_start.saturating_sub(LONGEST_ADDRESS)..query_start];
    let address =
        window.rsplit(|byte| byte.is_ascii_whitespace() || b"\"'`<(".contains(byte)).next()?;
    let scheme = memchr::memmem::rfind(address, b"://")?;
    let rest = &address[scheme + 3..];
    let end =
        rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b".-".contains(byte)))?;
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, check_in};
    use super::*;

    fn query() -> Vec<u8> {
        let shape = "sv=2022-11-02&sp=rl&se=2026-03-01T12%3A00%3A00Z&sig=x&sr=c";
        Sas.seal(shape.as_bytes()).expect("the shape is right")
    }

    #[test]
    fn the_end_the_rights_and_the_host_are_read() {
        let query = query();
        let text = [b"url: 'https://acme.blob.core.windows.net/c?", &query[..], b"'"].concat();
        let start = text.len() - 1 - query.len();
        let outcome = check_in(&Sas, &text, start..text.len() - 1);
        let Outcome::Holds { certain: true, facts } = outcome else { panic!("it must hold") };
        assert_eq!(facts["expires_at"], "2026-03-01T12:00:00Z");
        assert_eq!(facts["permissions"], "rl");
        assert_eq!(facts["host"], "acme.blob.core.windows.net");
    }

    #[test]
    fn a_signature_of_another_length_is_a_doubt() {
        let shape = b"sv=2022-11-02&se=2026-03-01&sig=abcd";
        assert_eq!(check(&Sas, shape), Outcome::Doubt);
        assert_eq!(check(&Sas, b"sv=2022-11-02"), Outcome::Silent);
    }
}
