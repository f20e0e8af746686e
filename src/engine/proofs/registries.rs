//! Tokens of package registries that say what they are for: PyPI's macaroons, JFrog's references.

use serde_json::Value;

use super::encodings::{
    Noise, all_digits, from_base64, moment, note, number, to_base64, to_base64url,
};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

const VERSION: u8 = 2;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const SIGNATURE: u8 = 6;

/// `pypi-` and a macaroon of version 2 in base64url.
pub(super) struct Macaroon;

impl Proof for Macaroon {
    fn name(&self) -> &'static str {
        "macaroon"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let Some(body) = candidate.value(text).strip_prefix(b"pypi-") else {
            return Outcome::Silent;
        };
        match from_base64(body).and_then(|bytes| macaroon(&bytes)) {
            Some(facts) => Outcome::Holds { certain: true, facts },
            None => Outcome::Fails("structure"),
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let body = sample.strip_prefix(b"pypi-")?;
        // The location stays as it is: whole groups of four characters decode whatever follows.
        let start = from_base64(&body[..body.len() / 4 * 4])?;
        let [VERSION, LOCATION, length, rest @ ..] = &start[..] else { return None };
        let location = rest.get(..usize::from(*length))?;
        let mut noise = Noise::of(sample);
        let mut uuid = noise.text(b"0123456789abcdef", 32);
        for dash in [8, 13, 18, 23] {
            uuid.insert(dash, '-');
        }
        let caveat = format!(r#"[3, "{uuid}"]"#);
        let mut bytes = vec![VERSION];
        push(&mut bytes, LOCATION, location);
        push(&mut bytes, IDENTIFIER, uuid.as_bytes());
        bytes.push(0);
        push(&mut bytes, IDENTIFIER, caveat.as_bytes());
        bytes.extend_from_slice(&[0, 0]);
        push(&mut bytes, SIGNATURE, &noise.bytes(32));
        Some([b"pypi-", to_base64url(&bytes).as_bytes()].concat())
    }
}

fn push(bytes: &mut Vec<u8>, kind: u8, data: &[u8]) {
    bytes.extend_from_slice(&[kind, data.len() as u8]);
    bytes.extend_from_slice(data);
}

/// Reads the whole macaroon; `None` where the structure ends early or is another.
fn macaroon(bytes: &[u8]) -> Option<Facts> {
    let mut reader = Reader(bytes.strip_prefix(&[VERSION])?);
    let mut facts = Facts::new();
    while let Some((kind, data)) = reader.field()? {
        match kind {
            LOCATION => note(&mut facts, "location", data),
            IDENTIFIER => note(&mut facts, "token_id", data),
            _ => return None,
        }
    }
    facts.get("token_id")?;
    while let Some((mut kind, mut data)) = reader.field()? {
        loop {
            if kind == IDENTIFIER {
                caveat(&mut facts, data);
            }
            let Some(next) = reader.field()? else { break };
            (kind, data) = next;
        }
    }
    let (SIGNATURE, [_, ..]) = reader.field()?? else { return None };
    reader.0.is_empty().then_some(facts)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next field: its kind and data; `Some(None)` at the end of a section, `None` when broken.
    fn field(&mut self) -> Option<Option<(u8, &'a [u8])>> {
        let kind = self.byte()?;
        if kind == 0 {
            return Some(None);
        }
        let mut length = 0;
        for shift in (0..28).step_by(7) {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let (data, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                return Some(Some((kind, data)));
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }
}

/// Reads a restriction: a list with a leading tag, or the older object with `permissions`.
fn caveat(facts: &mut Facts, data: &[u8]) {
    match serde_json::from_slice(data) {
        Ok(Value::Array(items)) => tagged(facts, &items),
        Ok(old @ Value::Object(_)) => {
            if old["permissions"] == "user" {
                note(facts, "scope", b"user");
            }
            names(facts, "projects", &old["permissions"]["projects"]);
        }
        _ => {}
    }
}

fn tagged(facts: &mut Facts, items: &[Value]) {
    let Some(tag) = items.first().and_then(Value::as_u64) else { return };
    let content = items.get(1).unwrap_or(&Value::Null);
    match tag {
        0 => {
            if let Some(end) = content.as_i64().and_then(moment) {
                facts.insert("expires_at".to_owned(), end);
            }
        }
        1 => names(facts, "projects", content),
        2 => names(facts, "project_ids", content),
        3 => note(facts, "user_id", content.as_str().unwrap_or_default().as_bytes()),
        4 => note(facts, "publisher_id", content.as_str().unwrap_or_default().as_bytes()),
        _ => {}
    }
}

fn names(facts: &mut Facts, fact: &str, list: &Value) {
    let list: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    note(facts, fact, list.join(" ").as_bytes());
}

/// Base64 of `reftkn:01:<expiry>:<random>`.
pub(super) struct Reference;

impl Proof for Reference {
    fn name(&self) -> &'static str {
        "jfrog-reference"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let Some(decoded) = from_base64(candidate.value(text)) else { return Outcome::Silent };
        let parts: Vec<&[u8]> = decoded.splitn(4, |&byte| byte == b':').collect();
        let [b"reftkn", version, expiry, random] = parts[..] else {
            return Outcome::Fails("structure");
        };
        let (true, true, Some(seconds)) =
            (all_digits(version, 2..=2), all_digits(expiry, 10..=10), number(expiry, 10))
        else {
            return Outcome::Fails("structure");
        };
        if random.is_empty() {
            return Outcome::Fails("structure");
        }
        let mut facts = Facts::new();
        if seconds > 0
            && let Some(end) = moment(seconds as i64)
        {
            facts.insert("expires_at".to_owned(), end);
        }
        Outcome::Holds { certain: true, facts }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let random = Noise::of(sample).text(super::encodings::BASE62, 27);
        Some(to_base64(format!("reftkn:01:1798761600:{random}").as_bytes()).into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn token(caveats: &[&str]) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        push(&mut bytes, LOCATION, b"registry.example");
        push(&mut bytes, IDENTIFIER, b"id");
        bytes.push(0);
        for caveat in caveats {
            push(&mut bytes, IDENTIFIER, caveat.as_bytes());
            bytes.push(0);
        }
        bytes.push(0);
        push(&mut bytes, SIGNATURE, &[7; 32]);
        [&b"pypi-"[..], to_base64url(&bytes).as_bytes()].concat()
    }

    #[test]
    fn restrictions_are_read() {
        let outcome = check(&Macaroon, &token(&[r#"[0, 1767225600, 1]"#, r#"[1, ["a", "b"]]"#]));
        let Outcome::Holds { certain: true, facts } = outcome else { panic!("it must hold") };
        assert_eq!(facts["expires_at"], "2026-01-01T00:00:00Z");
        assert_eq!(facts["projects"], "a b");
        assert_eq!(facts["location"], "registry.example");
        let older = token(&[r#"{"version": 1, "permissions": "user"}"#]);
        let Outcome::Holds { facts, .. } = check(&Macaroon, &older) else { panic!("it must hold") };
        assert_eq!(facts["scope"], "user");
    }

    #[test]
    fn a_cut_macaroon_fails() {
        let mut cut = token(&[]);
        cut.truncate(cut.len() - 4);
        assert_eq!(check(&Macaroon, &cut), Outcome::Fails("structure"));
    }

    #[test]
    fn a_sealed_macaroon_keeps_its_location() {
        let sealed = Macaroon.seal(&token(&[])).expect("the shape is right");
        let Outcome::Holds { facts, .. } = check(&Macaroon, &sealed) else {
            panic!("it must hold")
        };
        assert_eq!(facts["location"], "registry.example");
    }

    #[test]
    fn references_tell_their_end() {
        let sealed = Reference.seal(b"any").expect("any sample will do");
        assert_eq!(sealed.len(), 64);
        let Outcome::Holds { facts, .. } = check(&Reference, &sealed) else {
            panic!("it must hold")
        };
        assert_eq!(facts["expires_at"], "2027-01-01T00:00:00Z");
        assert_eq!(check(&Reference, b"QUJDRA=="), Outcome::Fails("structure"));
    }
}
