//! SCRAM: both sides prove that they know the password, and neither says it (RFC 5802, RFC 7677).

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};
use zeroize::Zeroizing;

use super::login::random;
use crate::net::Failure;

/// A server that asks for more rounds than this keeps us busy on purpose.
const MOST_ROUNDS: u32 = 1_000_000;

/// The hash of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// `SCRAM-SHA-1`.
    Sha1,
    /// `SCRAM-SHA-256`.
    Sha256,
}

impl Hash {
    /// The name of the mechanism.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
        }
    }

    fn hmac(self, key: &[u8], data: &[u8]) -> hmac::Tag {
        let algorithm = match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        };
        hmac::sign(&hmac::Key::new(algorithm, key), data)
    }

    fn digest(self, data: &[u8]) -> digest::Digest {
        match self {
            Self::Sha1 => digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, data),
            Self::Sha256 => digest::digest(&digest::SHA256, data),
        }
    }

    fn salted(self, password: &[u8], salt: &[u8], rounds: NonZeroU32) -> Zeroizing<Vec<u8>> {
        let (algorithm, length) = match self {
            Self::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
            Self::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
        };
        let mut salted = Zeroizing::new(vec![0; length]);
        pbkdf2::derive(algorithm, rounds, salt, password, &mut salted);
        salted
    }
}

/// One login, from our side.
pub(super) struct Scram {
    hash: Hash,
    password: Zeroizing<Vec<u8>>,
    nonce: String,
    /// The first message without its header.
    bare: Zeroizing<String>,
    /// What the server has to say at last.
    proof: Option<Vec<u8>>,
}

impl Scram {
    /// A login; `password` as it is compared (see [`prepared`]).
    pub(super) fn new(
        hash: Hash,
        user: &str,
        password: Zeroizing<Vec<u8>>,
    ) -> Result<Self, Failure> {
        Ok(Self::with_nonce(hash, user, password, random(24)?))
    }

    fn with_nonce(hash: Hash, user: &str, password: Zeroizing<Vec<u8>>, nonce: String) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let bare = Zeroizing::new(format!("n={user},r={nonce}"));
        Self { hash, password, nonce, bare, proof: None }
    }

    /// The first message: no channel binding.
    pub(super) fn first(&self) -> Zeroizing<String> {
        Zeroizing::new(["n,,", self.bare.as_str()].concat())
    }

    /// The last message, after the server's first.
    pub(super) fn last(&mut self, server: &[u8]) -> Result<String, Failure> {
        let server = std::str::from_utf8(server).map_err(|_| Failure::Garbled)?;
        let mut fields = server.split(',');
        let mut field = |name: &str| {
            fields.next().and_then(|field| field.strip_prefix(name)).ok_or(Failure::Garbled)
        };
        let (nonce, salt, rounds) = (field("r=")?, field("s=")?, field("i=")?);
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(Failure::Garbled);
        }
        let salt = STANDARD.decode(salt).map_err(|_| Failure::Garbled)?;
        let rounds: u32 = rounds.parse().map_err(|_| Failure::Garbled)?;
        let rounds = NonZeroU32::new(rounds).filter(|rounds| rounds.get() <= MOST_ROUNDS);
        let salted = self.hash.salted(&self.password, &salt, rounds.ok_or(Failure::Garbled)?);
        let key = self.hash.hmac(&salted, b"Client Key");
        let stored = self.hash.digest(key.as_ref());
        // `biws` is the header `n,,` once more.
        let without = format!("c=biws,r={nonce}");
        let message = [self.bare.as_str(), server, &without].join(",");
        let signature = self.hash.hmac(stored.as_ref(), message.as_bytes());
        let proof: Vec<u8> =
            key.as_ref().iter().zip(signature.as_ref()).map(|(a, b)| a ^ b).collect();
        let server_key = self.hash.hmac(&salted, b"Server Key");
        self.proof = Some(self.hash.hmac(server_key.as_ref(), message.as_bytes()).as_ref().into());
        Ok(format!("{without},p={}", STANDARD.encode(proof)))
    }

    /// Whether the server's last message proves that it knows the password.
    pub(super) fn is_proven(&self, server: &[u8]) -> bool {
        let said = server.strip_prefix(b"v=").map(|rest| {
            let end = rest.iter().position(|byte| *byte == b',').unwrap_or(rest.len());
            &rest[..end]
        });
        let said = said.and_then(|said| STANDARD.decode(said).ok());
        said.is_some() && said == self.proof
    }
}

/// A password as it is compared: RFC 4013, and as it is where that does not take it, as servers do.
pub(super) fn prepared(password: &str) -> Zeroizing<Vec<u8>> {
    let prepared = stringprep::saslprep(password).unwrap_or(password.into());
    Zeroizing::new(prepared.into_owned().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Hash, Scram, prepared};
    use crate::net::Failure;

    #[test]
    fn the_examples_of_the_standards_are_met() {
        // RFC 5802, 5 and RFC 7677, 3.
        for (hash, nonce, first, last, proof) in [
            (
                Hash::Sha1,
                "fyko+d2lbbFgONRv9qkxdawL",
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
                 p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
            ),
            (
                Hash::Sha256,
                "rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            ),
        ] {
            let mut scram = Scram::with_nonce(hash, "user", prepared("pencil"), nonce.to_owned());
            assert_eq!(*scram.first(), format!("n,,n=user,r={nonce}"));
            assert!(!scram.is_proven(proof.as_bytes()));
            assert_eq!(scram.last(first.as_bytes()).unwrap(), last);
            assert!(scram.is_proven(proof.as_bytes()));
            assert!(!scram.is_proven(b"v=AAAA"));
            assert!(!scram.is_proven(b""));
        }
    }

    #[test]
    fn a_hostile_server_gets_no_work_out_of_us() {
        let mut scram = Scram::with_nonce(Hash::Sha256, "a=,", prepared("x"), "abc".to_owned());
        assert_eq!(*scram.first(), "n,,n=a=3D=2C,r=abc");
        for said in [
            "",
            "r=abc,s=AAAA,i=1",
            "r=xabcd,s=AAAA,i=1",
            "r=abcd,s=AAAA,i=4294967295",
            "r=abcd,s=AAAA,i=0",
            "r=abcd,s=A,i=1",
            "r=abcd,i=1,s=AAAA",
            "m=x,r=abcd,s=AAAA,i=1",
        ] {
            assert_eq!(scram.last(said.as_bytes()).err(), Some(Failure::Garbled), "{said}");
        }
    }
}
