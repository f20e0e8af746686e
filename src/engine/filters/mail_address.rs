//! A provider's name in a mail address names the account of a person, not a key of the provider.

use super::filter::Filter;
use crate::engine::candidate::{Candidate, Text};
use crate::model::Signature;

/// Drops candidates whose context word is the host of a mail address: `jane@acme.com,0123…`.
pub(super) struct MailAddress;

/// The longest host that is read back.
const LONGEST_HOST: usize = 64;

impl Filter for MailAddress {
    fn reason(&self) -> &'static str {
        "mail-address"
    }

    fn drops(&self, candidate: &Candidate, _: &Signature, text: &Text<'_>) -> bool {
        let (start, secret) = (candidate.range.start, candidate.secret.start);
        let of_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        let before = text.bytes[..start].iter().rev().take(LONGEST_HOST);
        let first = start - before.take_while(|byte| of_host(byte)).count();
        let Some([local, b'@']) = first.checked_sub(2).map(|at| &text.bytes[at..first]) else {
            return false;
        };
        let behind = text.bytes.get(first..secret).unwrap_or_default();
        let host = behind.iter().take_while(|byte| of_host(byte)).count();
        // A host that reaches the secret is part of it.
        local.is_ascii_alphanumeric()
            && first + host > start
            && first + host < secret
            && memchr::memchr(b'.', &behind[..host]).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Filter, MailAddress, Text};
    use crate::model::{BlobPath, Confidence, Facts, SignatureSet};
    use crate::signatures::builtin;

    fn drops(line: &str) -> bool {
        let SignatureSet { signatures, .. } = builtin();
        let path = BlobPath::new("sample");
        let text = Text { bytes: line.as_bytes(), path: &path, decoded: false };
        let (start, secret) = (line.find("acme").unwrap(), line.find("0123").unwrap());
        let candidate = Candidate {
            signature: 0,
            range: start..line.len(),
            secret: secret..secret + 8,
            value: None,
            confidence: Confidence::High,
            facts: Facts::new(),
            proven: false,
        };
        MailAddress.drops(&candidate, &signatures[0], &text)
    }

    #[test]
    fn the_host_of_a_mail_address_is_no_name_of_a_key() {
        assert!(drops("jane@acme.com,01234567"));
        assert!(drops("jane@mail.acme.com 01234567"));
        for line in [
            "acme.key=01234567",
            "acme,01234567",
            "@acme/key: 01234567",
            "jane@acme_key=01234567",
            "https://jane@acme.com/?key=acme 01234567".split_once("acme.com/").unwrap().1,
            "jane@acme:01234567",
        ] {
            assert!(!drops(line), "{line}");
        }
    }
}
