//! What AWS key ids and Bedrock keys say of the account that they belong to.

use super::encodings::{Noise, all_digits, from_base64, note, percent_decoded, to_base64};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// Accounts that AWS's own documentation prints.
const EXAMPLES: &[&str] =
    &["012345678901", "111122223333", "123456789012", "444455556666", "777788889999"];

/// Accounts that issue tripwires, as published by people who looked at them.
const CANARIES: &[&str] = &["595918472158", "992382622183"];

/// The account inside a key id: forty bits of its base32 text, in ids since about 2019.
pub(super) struct Account;

impl Proof for Account {
    fn name(&self) -> &'static str {
        "aws-account"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let Some(account) = account(candidate.value(text)) else { return Outcome::Silent };
        let mut facts = Facts::new();
        note_account(&mut facts, &account);
        Outcome::Holds { certain: false, facts }
    }

    fn seal(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

fn note_account(facts: &mut Facts, account: &str) {
    note(facts, "account", account.as_bytes());
    if EXAMPLES.contains(&account) {
        facts.insert("example".to_owned(), true.into());
    }
    if CANARIES.contains(&account) {
        facts.insert("canary".to_owned(), true.into());
    }
}

/// The twelve digits of the account. Older ids, whose fifth letter is I or J, do not carry it.
pub(super) fn account(key_id: &[u8]) -> Option<String> {
    let carries = key_id.starts_with(b"AKIA") || key_id.starts_with(b"ASIA");
    if !carries || key_id.len() != 20 || matches!(key_id[4], b'I' | b'J') {
        return None;
    }
    let mut bits: u64 = 0;
    for &letter in &key_id[4..14] {
        let digit = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u64::from(digit);
    }
    // Fifty bits are read; the first six bytes are 48 of them, of which a mask keeps forty.
    let account = ((bits >> 2) & 0x7fff_ffff_ff80) >> 7;
    Some(format!("{account:012}"))
}

/// Bedrock keys: text that names the account, or a signed address that names key and time.
pub(super) struct Bedrock;

impl Proof for Bedrock {
    fn name(&self) -> &'static str {
        "bedrock-key"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let facts = if let Some(body) = value.strip_prefix(b"ABSK") {
            from_base64(body).and_then(|text| long_lived(&text))
        } else if let Some(body) = value.strip_prefix(b"bedrock-api-key-") {
            from_base64(body).and_then(|text| short_lived(&text))
        } else {
            return Outcome::Silent;
        };
        match facts {
            Some(facts) => Outcome::Holds { certain: true, facts },
            None => Outcome::Fails("structure"),
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let mut noise = Noise::of(sample);
        let (prefix, inner) = if sample.starts_with(b"ABSK") {
            let id = noise.text(b"abcdefghij0123456789", 8);
            let secret = to_base64(&noise.bytes(30));
            // A multiple of three bytes needs no padding.
            ("ABSK", format!("BedrockAPIKey-{id}-at-123456789012:{secret}=="))
        } else if sample.starts_with(b"bedrock-api-key-") {
            let id = noise.text(b"ABCDEFGHKLMNOPQRSTUVWXYZ234567", 15);
            let signature = noise.text(b"0123456789abcdef", 64);
            let inner = format!(
                "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Credential=ASIAQ{id}\
                 %2F20260101%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260101T000000Z\
                 &X-Amz-Expires=43200&X-Amz-Signature={signature}"
            );
            ("bedrock-api-key-", inner)
        } else {
            return None;
        };
        Some([prefix.as_bytes(), to_base64(inner.as_bytes()).as_bytes()].concat())
    }
}

/// `BedrockAPIKey-<id>-at-<account>:<secret>`.
fn long_lived(text: &[u8]) -> Option<Facts> {
    let text = std::str::from_utf8(text).ok()?;
    let (head, _) = text.strip_prefix("BedrockAPIKey-")?.split_once(':')?;
    let (id, account) = head.rsplit_once("-at-")?;
    if !all_digits(account.as_bytes(), 12..=12) {
        return None;
    }
    let mut facts = Facts::new();
    note_account(&mut facts, account);
    note(&mut facts, "user", format!("BedrockAPIKey-{id}").as_bytes());
    Some(facts)
}

/// A signed address: who signed, where, and how long it lasts.
fn short_lived(text: &[u8]) -> Option<Facts> {
    let text = std::str::from_utf8(text).ok()?;
    let field = |name: &str| {
        let pairs = text.split(['?', '&']);
        let value = pairs.filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).next()?;
        String::from_utf8(percent_decoded(value.as_bytes())).ok()
    };
    let credential = field("X-Amz-Credential")?;
    let mut parts = credential.split('/');
    let key_id = parts.next()?;
    let region = parts.nth(1)?;
    let mut facts = Facts::new();
    note(&mut facts, "key_id", key_id.as_bytes());
    note(&mut facts, "region", region.as_bytes());
    if let Some(account) = account(key_id.as_bytes()) {
        note_account(&mut facts, &account);
    }
    let signed = field("X-Amz-Date")?;
    let seconds: i64 = field("X-Amz-Expires")?.parse().ok()?;
    // ISO 8601 without separators, which the parser takes as it is.
    let signed: jiff::Timestamp = signed.parse().ok()?;
    if let Some(end) = signed.as_second().checked_add(seconds).and_then(super::encodings::moment) {
        facts.insert("expires_at".to_owned(), end);
    }
    Some(facts)
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn facts(outcome: Outcome) -> Facts {
        let Outcome::Holds { facts, .. } = outcome else { panic!("it must hold: {outcome:?}") };
        facts
    }

    #[test]
    fn the_published_key_id_tells_its_account() {
        let id = ["ASIA", "QNZGKIQY", "56JQ7WML"].concat();
        assert_eq!(facts(check(&Account, id.as_bytes()))["account"], "029608264753");
    }

    #[test]
    fn tripwires_are_named() {
        let id = ["AKIA", "YVP4CIPP", "AAAAAAAA"].concat();
        assert_eq!(facts(check(&Account, id.as_bytes()))["canary"], true);
    }

    #[test]
    fn old_ids_tell_nothing() {
        let id = ["AKIA", "IOSFODNN", "7EXAMPLE"].concat();
        assert_eq!(check(&Account, id.as_bytes()), Outcome::Silent);
    }

    #[test]
    fn bedrock_keys_tell_account_and_end() {
        let long = Bedrock.seal(b"ABSK").expect("a known prefix");
        assert_eq!(facts(check(&Bedrock, &long))["account"], "123456789012");
        let short = Bedrock.seal(b"bedrock-api-key-").expect("a known prefix");
        let read = facts(check(&Bedrock, &short));
        assert_eq!(read["expires_at"], "2026-01-01T12:00:00Z");
        assert_eq!(read["region"], "us-east-1");
        let made_up = ["ABSK", "QUFBQUFB", "QUFBQUFB"].concat();
        assert_eq!(check(&Bedrock, made_up.as_bytes()), Outcome::Fails("structure"));
    }
}
