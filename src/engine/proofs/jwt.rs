//! JSON web tokens: header and claims must decode; what they say becomes facts.

use serde_json::{Map, Value};

use super::encodings::{Noise, from_base64, moment, note, to_base64url};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// Claims that are copied as they are.
const CLAIMS: &[&str] =
    &["iss", "sub", "aud", "exp", "iat", "scope", "role", "ref", "account_id", "key_id"];

/// Three parts, of which two are JSON; `ghs_<app id>_` may stand before them.
pub(super) struct Jwt;

impl Proof for Jwt {
    fn name(&self) -> &'static str {
        "jwt"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let Some(start) = memchr::memmem::find(value, b"eyJ") else { return Outcome::Silent };
        let parts: Vec<&[u8]> = value[start..].split(|&byte| byte == b'.').collect();
        let [header, claims, _] = parts[..] else { return Outcome::Silent };
        let (Some(header), Some(claims)) = (object(header), object(claims)) else {
            return Outcome::Fails("structure");
        };
        if !header.get("alg").is_some_and(Value::is_string) {
            return Outcome::Fails("structure");
        }
        let mut facts = facts(&header, &claims);
        let app = value[..start].strip_prefix(b"ghs_").and_then(|rest| rest.strip_suffix(b"_"));
        if let Some(app) = app {
            note(&mut facts, "app_id", app);
        }
        Outcome::Holds { certain: true, facts }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let start = memchr::memmem::find(sample, b"eyJ")?;
        let mut noise = Noise::of(sample);
        let header = to_base64url(br#"{"alg":"HS256","typ":"JWT"}"#);
        let subject = noise.text(b"abcdefghijklmnopqrstuvwxyz", 12);
        let claims = format!(
            r#"{{"iss":"https://issuer.example","sub":"{subject}","iat":1767225600,"exp":1798761600}}"#
        );
        let signature = to_base64url(&noise.bytes(32));
        let token = format!("{header}.{}.{signature}", to_base64url(claims.as_bytes()));
        Some([&sample[..start], token.as_bytes()].concat())
    }
}

fn object(part: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&from_base64(part)?).ok()
}

fn facts(header: &Map<String, Value>, claims: &Map<String, Value>) -> Facts {
    let mut facts = Facts::new();
    for name in ["alg", "kid"] {
        copy(&mut facts, name, header.get(name));
    }
    for name in CLAIMS {
        copy(&mut facts, name, claims.get(*name));
    }
    for (claim, fact) in [("exp", "expires_at"), ("iat", "issued_at")] {
        let seconds = claims.get(claim).and_then(Value::as_f64).map(|seconds| seconds as i64);
        if let Some(moment) = seconds.and_then(moment) {
            facts.insert(fact.to_owned(), moment);
        }
    }
    kubernetes(&mut facts, claims);
    facts
}

/// Copies text, numbers, and lists of text as one text.
fn copy(facts: &mut Facts, name: &str, value: Option<&Value>) {
    match value {
        Some(Value::String(text)) => note(facts, name, text.as_bytes()),
        Some(Value::Number(number)) => {
            facts.insert(name.to_owned(), number.clone().into());
        }
        Some(Value::Array(items)) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            note(facts, name, items.join(" ").as_bytes());
        }
        _ => {}
    }
}

/// Service accounts of a cluster: bound tokens nest their names, older ones spell them out.
fn kubernetes(facts: &mut Facts, claims: &Map<String, Value>) {
    let bound = claims.get("kubernetes.io");
    let old = |name: &str| claims.get(&format!("kubernetes.io/serviceaccount/{name}"));
    let namespace = bound.and_then(|bound| bound.get("namespace")).or_else(|| old("namespace"));
    let account = bound
        .and_then(|bound| bound.pointer("/serviceaccount/name"))
        .or_else(|| old("service-account.name"));
    copy(facts, "namespace", namespace);
    copy(facts, "service_account", account);
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn token(header: &str, claims: &str) -> Vec<u8> {
        let parts =
            [to_base64url(header.as_bytes()), to_base64url(claims.as_bytes()), "c2ln".into()];
        parts.join(".").into_bytes()
    }

    #[test]
    fn claims_become_facts() {
        let claims = r#"{"iss":"a","aud":["b","c"],"exp":1767225600,"kubernetes.io":
            {"namespace":"prod","serviceaccount":{"name":"deploy"}}}"#;
        let outcome = check(&Jwt, &token(r#"{"alg":"ES256","kid":"k1"}"#, claims));
        let Outcome::Holds { certain: true, facts } = outcome else { panic!("it must hold") };
        assert_eq!(facts["expires_at"], "2026-01-01T00:00:00Z");
        assert_eq!(facts["aud"], "b c");
        assert_eq!((&facts["kid"], &facts["alg"]), (&"k1".into(), &"ES256".into()));
        assert_eq!(facts["service_account"], "deploy");
    }

    #[test]
    fn what_is_no_json_fails() {
        assert_eq!(check(&Jwt, &token(r#"{"alg":"ES256"}"#, "no")), Outcome::Fails("structure"));
        assert_eq!(check(&Jwt, &token(r#"{"typ":"JWT"}"#, "{}")), Outcome::Fails("structure"));
    }

    #[test]
    fn the_app_before_a_stateless_token_is_read() {
        let shape = [&b"ghs"[..], b"_1234_", &token(r#"{"alg":"x"}"#, "{}")].concat();
        let sealed = Jwt.seal(&shape).expect("the shape is right");
        let Outcome::Holds { facts, .. } = check(&Jwt, &sealed) else { panic!("it must hold") };
        assert_eq!(facts["app_id"], "1234");
    }
}
