//! A keyed or plain digest over a text of the probe, for APIs that sign requests in a way of their own. What
//! comes out is the part `signature` of the same request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

use super::with::{With, need};

/// `alg`: hmac-sha1, hmac-sha256, hmac-sha512, sha1, sha256. `key` and `key_as`: text (the default) or base64.
/// `text`: what is signed. `out`: hex (the default) or base64.
pub(super) const WITH: &[&str] = &["alg", "key", "key_as", "text", "out"];

pub(super) fn made(with: &With) -> Result<Zeroizing<String>, &'static str> {
    let text = need(with, "text")?.as_bytes();
    let key = || {
        let key = need(with, "key")?;
        match with.get("key_as").map(|it| it.as_str()) {
            None | Some("text") => Ok(Zeroizing::new(key.as_bytes().to_vec())),
            Some("base64") => {
                STANDARD.decode(key).map(Zeroizing::new).map_err(|_| "the key is no base64")
            }
            Some(_) => Err("`key_as` is text or base64"),
        }
    };
    let digest = match need(with, "alg")? {
        "hmac-sha1" => keyed::<Hmac<Sha1>>(&key()?, text),
        "hmac-sha256" => keyed::<Hmac<Sha256>>(&key()?, text),
        "hmac-sha512" => keyed::<Hmac<Sha512>>(&key()?, text),
        "sha1" => Sha1::digest(text).to_vec(),
        "sha256" => Sha256::digest(text).to_vec(),
        _ => return Err("there is no such `alg`"),
    };
    match with.get("out").map(|it| it.as_str()) {
        None | Some("hex") => {
            Ok(Zeroizing::new(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
        }
        Some("base64") => Ok(Zeroizing::new(STANDARD.encode(digest))),
        Some(_) => Err("`out` is hex or base64"),
    }
}

fn keyed<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::made;
    use crate::verify::signers::with::With;
    use zeroize::Zeroizing;

    fn with(pairs: &[(&str, &str)]) -> With {
        let own =
            |(name, text): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*text).to_owned()));
        pairs.iter().map(own).collect()
    }

    /// RFC 2202 and RFC 4231, test case 2; SHA-1 of FIPS 180.
    #[test]
    fn published_vectors_come_out() {
        let text = "what do ya want for nothing?";
        for (alg, start) in [
            ("hmac-sha1", "effcdf6ae5eb2fa2d274"),
            ("hmac-sha256", "5bdcc146bf60754e6a04"),
            ("hmac-sha512", "164b7a7bfcf819e2e395"),
        ] {
            let made = made(&with(&[("alg", alg), ("key", "Jefe"), ("text", text)])).unwrap();
            assert!(made.starts_with(start), "{alg}: {}", made.as_str());
        }
        let made_of = |pairs: &[(&str, &str)]| made(&with(pairs)).map(|text| text.to_string());
        let sha1 = made_of(&[("alg", "sha1"), ("text", "abc")]).unwrap();
        assert_eq!(sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        let base64 = [
            ("alg", "hmac-sha1"),
            ("key", "SmVmZQ=="),
            ("key_as", "base64"),
            ("text", text),
            ("out", "base64"),
        ];
        assert_eq!(made_of(&base64).unwrap(), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
        for wrong in [
            &[("alg", "md4"), ("text", "")][..],
            &[("alg", "sha1")],
            &[("alg", "hmac-sha1"), ("text", "")],
            &[("alg", "sha1"), ("text", ""), ("out", "binary")],
        ] {
            assert!(made_of(wrong).is_err(), "{wrong:?}");
        }
    }
}
