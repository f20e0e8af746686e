//! The grant of a Google service account: an assertion signed with the account's private key.
//!
//! Source: <https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests>,
//! RFC 7515 for the signature, RFC 7523 for the grant. The `token_uri` of the key file is never used: it is
//! text that anybody can write.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use zeroize::Zeroizing;

use super::with::{With, need};
use crate::model::{Request, SecretBytes};

pub(super) const WITH: &[&str] = &["key", "key_id", "email", "audience", "scope"];
/// Seconds that an assertion is good for: as few as the provider's clock allows.
const LIFETIME: i64 = 120;

pub(super) fn sign(
    request: &mut Request,
    with: &With,
    now: jiff::Timestamp,
) -> Result<(), &'static str> {
    let header = match with.get("key_id") {
        Some(id) => json!({"alg": "RS256", "typ": "JWT", "kid": id.as_str()}),
        None => json!({"alg": "RS256", "typ": "JWT"}),
    };
    let issued = now.as_second() - 10;
    let claims = json!({
        "iss": need(with, "email")?,
        "scope": need(with, "scope")?,
        "aud": need(with, "audience")?,
        "iat": issued,
        "exp": issued + LIFETIME,
    });
    let assertion = signed(need(with, "key")?, &header.to_string(), &claims.to_string())?;
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    request.headers.retain(|(name, _)| name != "content-type");
    let kind = Zeroizing::new("application/x-www-form-urlencoded".to_owned());
    request.headers.push(("content-type".to_owned(), kind));
    request.body = Some(SecretBytes::new([grant, &assertion].concat().into_bytes()));
    Ok(())
}

/// A compact JWS of RFC 7515 with RS256. `key` is PKCS#8 in PEM; `\n` written out is a line break.
pub(super) fn signed(
    key: &str,
    header: &str,
    claims: &str,
) -> Result<Zeroizing<String>, &'static str> {
    let pem = Zeroizing::new(key.replace("\\n", "\n"));
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| "the private key is no PKCS#8")?;
    let pair =
        RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| "the private key is not RSA")?;
    let mut text = Zeroizing::new(URL_SAFE_NO_PAD.encode(header));
    text.push('.');
    text.push_str(&URL_SAFE_NO_PAD.encode(claims));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| "the private key does not sign")?;
    text.push('.');
    text.push_str(&URL_SAFE_NO_PAD.encode(&signature));
    Ok(text)
}
