//! Tokens that are JSON in base64: the object must parse and hold what the issuer puts there.

use serde_json::Value;

use super::encodings::{BASE62, Noise, from_base64, moment, note, to_base64, to_base64url};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

const HEX: &[u8] = b"0123456789abcdef";

/// A token with an object inside.
pub(super) struct Embedded {
    /// The name in signature files.
    name: &'static str,
    /// The encoded part; `None` for another form, an empty part for a broken one.
    part: fn(&[u8]) -> Option<&[u8]>,
    /// Members without which it is no such token.
    required: &'static [&'static str],
    /// JSON pointers and the facts that they become; times end in `_at`.
    facts: &'static [(&'static str, &'static str)],
    /// Makes a token.
    make: fn(&mut Noise) -> String,
}

impl Proof for Embedded {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let Some(part) = (self.part)(candidate.value(text)) else { return Outcome::Silent };
        let object = from_base64(part).and_then(|json| serde_json::from_slice(&json).ok());
        let Some(object @ Value::Object(_)) = object else { return Outcome::Fails("structure") };
        if self.required.iter().any(|member| object[*member].is_null()) {
            return Outcome::Fails("structure");
        }
        Outcome::Holds { certain: true, facts: self.read(&object) }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        (self.part)(sample)?;
        Some((self.make)(&mut Noise::of(sample)).into_bytes())
    }
}

impl Embedded {
    fn read(&self, object: &Value) -> Facts {
        let mut facts = Facts::new();
        for (pointer, fact) in self.facts {
            let Some(value) = object.pointer(pointer) else { continue };
            if fact.ends_with("_at") {
                if let Some(moment) = value.as_f64().and_then(|seconds| moment(seconds as i64)) {
                    facts.insert((*fact).to_owned(), moment);
                }
            } else if let Some(text) = value.as_str() {
                note(&mut facts, fact, text.as_bytes());
            } else if value.is_number() {
                facts.insert((*fact).to_owned(), value.clone());
            }
        }
        facts
    }
}

/// `sntrys_<object>_<secret>`, with exactly two underscores.
pub(super) const SENTRY: Embedded = Embedded {
    name: "sentry-org",
    part: |value| {
        let mut parts = value.strip_prefix(b"sntrys_")?.split(|&byte| byte == b'_');
        let part = parts.next()?;
        let whole = parts.next().is_some_and(|secret| !secret.is_empty()) && parts.next().is_none();
        Some(if whole { part } else { b"" })
    },
    required: &["iat", "org"],
    facts: &[("/org", "organization"), ("/region_url", "region_url"), ("/iat", "issued_at")],
    make: |noise| {
        let object = concat!(
            r#"{"iat":1767225600.5,"url":"https://sentry.example","#,
            r#""region_url":"https://us.sentry.example","org":"acme"}"#
        );
        let secret = to_base64(&noise.bytes(32));
        format!("sntrys_{}_{}", to_base64(object.as_bytes()), secret.trim_end_matches('='))
    },
};

/// `snyk_uat.<8 hex>.<object>.<signature>`, of a user or of a service.
pub(super) const SNYK: Embedded = Embedded {
    name: "snyk-token",
    part: |value| {
        let known = value.starts_with(b"snyk_uat.") || value.starts_with(b"snyk_sat.");
        known.then(|| value.split(|&byte| byte == b'.').nth(2).unwrap_or_default())
    },
    required: &["e"],
    facts: &[("/e", "expires_at"), ("/h", "host"), ("/tid", "tenant")],
    make: |noise| {
        let id = noise.text(HEX, 8);
        let user = noise.text(HEX, 16);
        let object = format!(r#"{{"e":1798761600,"h":"snyk.example","j":"{user}","s":"{id}"}}"#);
        let object = to_base64url(object.as_bytes());
        format!("snyk_uat.{id}.{object}.{}", to_base64url(&noise.bytes(64)))
    },
};

/// Grafana Cloud: `glc_<object>`.
pub(super) const GRAFANA_CLOUD: Embedded = Embedded {
    name: "grafana-cloud",
    part: |value| value.strip_prefix(b"glc_"),
    required: &["o", "k"],
    facts: &[("/o", "organization"), ("/n", "token_name"), ("/m/r", "region")],
    make: |noise| {
        let secret = noise.text(BASE62, 24);
        let object = format!(r#"{{"o":"123456","n":"ci-token","k":"{secret}","m":{{"r":"eu"}}}}"#);
        format!("glc_{}", to_base64(object.as_bytes()))
    },
};

/// Grafana's keys before service accounts: the whole token is the object.
pub(super) const GRAFANA_LEGACY: Embedded = Embedded {
    name: "grafana-legacy",
    part: |value| value.starts_with(b"eyJrIjoi").then_some(value),
    required: &["k", "n", "id"],
    facts: &[("/n", "key_name"), ("/id", "organization")],
    make: |noise| {
        let secret = noise.text(BASE62, 32);
        to_base64(format!(r#"{{"k":"{secret}","n":"deploy","id":1}}"#).as_bytes())
    },
};

/// 1Password service accounts: `ops_<object>`.
pub(super) const ONEPASSWORD: Embedded = Embedded {
    name: "onepassword-service",
    part: |value| value.strip_prefix(b"ops_"),
    required: &["signInAddress"],
    facts: &[("/signInAddress", "sign_in_address"), ("/email", "email"), ("/deviceUuid", "device")],
    make: |noise| {
        let secret = noise.text(BASE62, 120);
        let object = format!(
            r#"{{"signInAddress":"my.vault.example","email":"ci@vault.example","muk":"{secret}"}}"#
        );
        format!("ops_{}", to_base64(object.as_bytes()))
    },
};

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    const ALL: [(&Embedded, &str, &str); 5] = [
        (&SENTRY, "sntrys_", "organization"),
        (&SNYK, "snyk_uat.", "expires_at"),
        (&GRAFANA_CLOUD, "glc_", "region"),
        (&GRAFANA_LEGACY, "eyJrIjoi", "key_name"),
        (&ONEPASSWORD, "ops_", "email"),
    ];

    #[test]
    fn sealed_tokens_hold_and_tell_their_facts() {
        for (proof, prefix, fact) in ALL {
            let sealed = proof.seal(prefix.as_bytes()).expect("a known prefix");
            let Outcome::Holds { certain: true, facts } = check(proof, &sealed) else {
                panic!("{} must hold", proof.name)
            };
            assert!(facts.contains_key(fact), "{}", proof.name);
        }
    }

    #[test]
    fn facts_hold_no_secret_member() {
        for (proof, prefix, _) in ALL {
            let sealed = proof.seal(prefix.as_bytes()).expect("a known prefix");
            let Outcome::Holds { facts, .. } = check(proof, &sealed) else { panic!("must hold") };
            let longest = facts.values().map(|fact| fact.to_string().len()).max();
            assert!(longest < Some(40), "{}", proof.name);
        }
    }

    #[test]
    fn what_does_not_decode_fails() {
        for (proof, prefix, _) in ALL {
            let made_up = [prefix, "AAAA.AAAA_AAAA"].concat();
            assert_eq!(check(proof, made_up.as_bytes()), Outcome::Fails("structure"));
        }
    }
}
