//! JSON Web Tokens whose issuer the user has named: the signature is held against the issuer's public keys.
//! The token itself is never sent.
//!
//! Sources: RFC 7515 and 7518 (signatures), RFC 7517 (key sets), OpenID Connect Discovery 1.0, section 4.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::Value;
use zeroize::Zeroizing;

use super::mechanism::{Means, Mechanism, Telling, With, event};
use crate::model::{Method, Reply, Request};
use crate::net::Failure;

/// Tells `signed`, `bad-signature`, `unknown-key` (the set has none of that name), `unsupported` or
/// `no-key-set`.
pub(super) struct Jwt;

impl Mechanism for Jwt {
    fn with(&self) -> &'static [&'static str] {
        &["token", "issuer"]
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        let token = with.get("token").and_then(|text| Token::read(text));
        match token {
            None => Some("no-token"),
            // Nobody but the issuer can check what was made with a secret key of its own.
            Some(token) if token.alg.starts_with("HS") => Some("symmetric-signature"),
            Some(_) => None,
        }
    }

    fn ask<'a>(&'a self, means: &'a Means<'a>) -> Telling<'a> {
        Box::pin(async move {
            let token = means.with.get("token").and_then(|text| Token::read(text));
            let (Some(token), Some(base)) = (token, means.base) else {
                return Err(Failure::Unsendable);
            };
            let issuer = means.with.get("issuer").map_or("", |text| text.trim_end_matches('/'));
            let path = path_of(issuer);
            let place = format!("{}{path}/.well-known/openid-configuration", base.url);
            let found = json(&fetch(means, &place).await?);
            let set = found.as_ref().and_then(|it| it["jwks_uri"].as_str());
            // The keys of another host would be another's word.
            let same = |url: &str| {
                url.strip_prefix(issuer_root(issuer)).is_some_and(|it| it.starts_with('/'))
            };
            let Some(set) = set.filter(|url| same(url)) else { return Ok(event("no-key-set")) };
            let set = format!("{}{}", base.url, path_of(set));
            let keys = json(&fetch(means, &set).await?);
            let keys = keys.as_ref().and_then(|it| it["keys"].as_array());
            Ok(event(keys.map_or("no-key-set", |keys| token.judge(keys))))
        })
    }
}

/// `https://host` of a URL.
fn issuer_root(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    &url[..end]
}

/// What stands behind the host, without a query.
fn path_of(url: &str) -> &str {
    let path = &url[issuer_root(url).len()..];
    path.split(['?', '#']).next().unwrap_or_default()
}

async fn fetch(means: &Means<'_>, url: &str) -> Result<Reply, Failure> {
    let base = means.base.ok_or(Failure::Unsendable)?;
    let accept = ("accept".to_owned(), Zeroizing::new("application/json".to_owned()));
    let request = Request {
        method: Method::Get,
        url: Zeroizing::new(url.to_owned()),
        headers: vec![accept],
        body: None,
    };
    means.client.send(&request, base.reach).await
}

fn json(reply: &Reply) -> Option<Value> {
    if reply.status != 200 || reply.cut {
        return None;
    }
    serde_json::from_slice(reply.body.reveal()).ok()
}

/// A token in compact form.
struct Token {
    alg: String,
    kid: Option<String>,
    signed: Zeroizing<String>,
    signature: Vec<u8>,
}

impl Token {
    fn read(text: &str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, _) = signed.split_once('.')?;
        let header: Value = serde_json::from_slice(&decoded(header)?).ok()?;
        Some(Self {
            alg: header["alg"].as_str()?.to_owned(),
            kid: header["kid"].as_str().map(str::to_owned),
            signed: Zeroizing::new(signed.to_owned()),
            signature: decoded(signature)?,
        })
    }

    fn judge(&self, keys: &[Value]) -> &'static str {
        let named = |key: &&Value| match &self.kid {
            Some(kid) => key["kid"].as_str() == Some(kid),
            None => true,
        };
        let keys: Vec<_> = keys.iter().filter(named).take(16).collect();
        if keys.is_empty() {
            return "unknown-key";
        }
        let results: Vec<_> = keys.iter().map(|key| self.fits(key)).collect();
        if results.contains(&Some(true)) {
            "signed"
        } else if results.contains(&Some(false)) {
            "bad-signature"
        } else {
            "unsupported"
        }
    }

    /// Whether a key has made the signature; `None` where that cannot be told.
    fn fits(&self, key: &Value) -> Option<bool> {
        let part = |name: &str| key[name].as_str().and_then(decoded);
        let message = self.signed.as_bytes();
        let rsa: Option<&'static signature::RsaParameters> = match self.alg.as_str() {
            "RS256" => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
            "PS256" => Some(&signature::RSA_PSS_2048_8192_SHA256),
            "PS384" => Some(&signature::RSA_PSS_2048_8192_SHA384),
            "PS512" => Some(&signature::RSA_PSS_2048_8192_SHA512),
            _ => None,
        };
        if let Some(parameters) = rsa {
            let components = RsaPublicKeyComponents { n: part("n")?, e: part("e")? };
            return Some(components.verify(parameters, message, &self.signature).is_ok());
        }
        let (algorithm, point): (&'static dyn signature::VerificationAlgorithm, _) =
            match (self.alg.as_str(), key["crv"].as_str()) {
                ("ES256", Some("P-256")) => (
                    &signature::ECDSA_P256_SHA256_FIXED,
                    [vec![4], part("x")?, part("y")?].concat(),
                ),
                ("ES384", Some("P-384")) => (
                    &signature::ECDSA_P384_SHA384_FIXED,
                    [vec![4], part("x")?, part("y")?].concat(),
                ),
                ("EdDSA", Some("Ed25519")) => (&signature::ED25519, part("x")?),
                _ => return None,
            };
        Some(UnparsedPublicKey::new(algorithm, point).verify(message, &self.signature).is_ok())
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::{Token, issuer_root, path_of};
    use serde_json::json;

    /// RFC 7515, appendix A.3: ES256. Put together, because it is shaped like a token.
    fn published() -> (String, serde_json::Value) {
        let claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let key = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        (["eyJhbGciOiJFUzI1NiJ9", claims, signature].join("."), key)
    }

    #[test]
    fn the_published_signature_is_told_from_a_spoilt_one() {
        let (token, key) = published();
        let judge =
            |token: &str, keys: &[serde_json::Value]| Token::read(token).unwrap().judge(keys);
        assert_eq!(judge(&token, std::slice::from_ref(&key)), "signed");
        let spoilt = token.replacen("iLA0K", "iLA1K", 1);
        assert_ne!(spoilt, token);
        assert_eq!(judge(&spoilt, std::slice::from_ref(&key)), "bad-signature");
        assert_eq!(judge(&token, &[]), "unknown-key");
        assert_eq!(judge(&token, &[json!({"kty": "oct", "k": "AAAA"})]), "unsupported");
        assert_eq!(judge(&token, &[json!({"crv": "P-256", "x": "", "y": ""}), key]), "signed");
        assert!(Token::read("a.b").is_none() && Token::read("").is_none());
    }

    #[test]
    fn urls_are_taken_apart() {
        assert_eq!(issuer_root("https://id.acme.com/realms/x?y"), "https://id.acme.com");
        assert_eq!(path_of("https://id.acme.com/realms/x?y#z"), "/realms/x");
        assert_eq!(
            (issuer_root("https://id.acme.com"), path_of("https://id.acme.com")),
            ("https://id.acme.com", "")
        );
    }
}
