//! Seeds of NATS users: what signs the server's nonce.
//!
//! <https://docs.nats.io/reference/reference-protocols/nats-protocol>,
//! <https://github.com/nats-io/nkeys#readme>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::BASE32_NOPAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

/// `S` and `U` of a seed, the first five bits of each.
const SEED: u8 = 18 << 3;
const USER: u8 = 20 << 3;

/// The key of a user.
pub(super) struct Nkey(Ed25519KeyPair);

impl Nkey {
    /// The key of a seed; `None` where it is none of a user, or mistyped.
    pub(super) fn of(seed: &str) -> Option<Self> {
        let plain = Zeroizing::new(BASE32_NOPAD.decode(seed.as_bytes()).ok()?);
        let [first, second, key @ .., low, high] = plain.as_slice() else { return None };
        let kind = (first & 7) << 5 | second >> 3;
        let whole = crc16(&plain[..plain.len() - 2]) == u16::from_le_bytes([*low, *high]);
        if first & 0xf8 != SEED || kind != USER || !whole {
            return None;
        }
        Ed25519KeyPair::from_seed_unchecked(key).ok().map(Self)
    }

    /// The public key, as users are named.
    pub(super) fn public(&self) -> String {
        let mut bytes = vec![USER];
        bytes.extend_from_slice(self.0.public_key().as_ref());
        bytes.extend_from_slice(&crc16(&bytes).to_le_bytes());
        BASE32_NOPAD.encode(&bytes)
    }

    /// The signature of a nonce.
    pub(super) fn sign(&self, nonce: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.0.sign(nonce.as_bytes()))
    }
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
        })
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Nkey, SEED, crc16};
    use data_encoding::BASE32_NOPAD;

    /// A seed of this kind, made here: none stands in any file.
    pub(in crate::verify::mechanisms) fn made(kind: u8) -> String {
        let mut bytes = vec![SEED | kind >> 5, (kind & 31) << 3];
        bytes.extend(0..32);
        bytes.extend_from_slice(&crc16(&bytes).to_le_bytes());
        BASE32_NOPAD.encode(&bytes)
    }

    #[test]
    fn a_seed_of_a_user_has_a_public_key() {
        let seed = made(super::USER);
        assert!(seed.starts_with("SU"), "{seed}");
        let key = Nkey::of(&seed).expect("a seed of a user");
        let public = key.public();
        assert!(public.starts_with('U') && public.len() == 56, "{public}");
        assert_eq!(key.sign("abc").len(), 86);
        assert!(Nkey::of(&made(0)).is_none(), "the key of an account");
        assert!(Nkey::of(&seed[1..]).is_none());
        assert!(Nkey::of(&seed.replace('A', "B")).is_none());
    }
}
