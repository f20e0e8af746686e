//! Checksums of keys that people copy by hand: base58check and bech32.

use sha2::{Digest, Sha256};

use super::encodings::{Noise, note};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Private keys (51 or 52 characters) and extended ones (111): four bytes of a double SHA-256.
pub(super) struct Base58Check;

impl Proof for Base58Check {
    fn name(&self) -> &'static str {
        "base58check"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        if !matches!(value.len(), 51 | 52 | 111) {
            return Outcome::Silent;
        }
        let Some(bytes) = from_base58(value) else { return Outcome::Fails("checksum") };
        let Some((payload, tail)) = bytes.split_last_chunk::<4>() else {
            return Outcome::Fails("checksum");
        };
        if checksum(payload) != *tail {
            return Outcome::Fails("checksum");
        }
        Outcome::Holds { certain: true, facts: facts(payload) }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let mut noise = Noise::of(sample);
        let mut payload: Vec<u8> = match sample.len() {
            51 => [&[0x80][..], &noise.bytes(32)].concat(),
            52 => [&[0x80][..], &noise.bytes(32), &[1]].concat(),
            // The version of an extended private key, depth 0, no parent, child 0.
            111 => {
                [&[0x04, 0x88, 0xad, 0xe4][..], &[0; 9], &noise.bytes(32), &[0], &noise.bytes(32)]
                    .concat()
            }
            _ => return None,
        };
        payload.extend_from_slice(&checksum(&payload));
        Some(to_base58(&payload))
    }
}

fn checksum(payload: &[u8]) -> [u8; 4] {
    let hash: [u8; 32] = Sha256::digest(Sha256::digest(payload)).into();
    [hash[0], hash[1], hash[2], hash[3]]
}

fn facts(payload: &[u8]) -> Facts {
    let mut facts = Facts::new();
    match payload {
        [0x80, ..] => note(&mut facts, "network", b"main"),
        [0xef, ..] => note(&mut facts, "network", b"test"),
        [_, _, _, _, depth, parent @ ..] if payload.len() == 78 => {
            let [a, b, c, d, child @ ..] = parent else { return facts };
            facts.insert("depth".to_owned(), (*depth).into());
            let parent = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
            note(&mut facts, "parent_fingerprint", parent.as_bytes());
            if let Some(child) = child.first_chunk::<4>() {
                facts.insert("child".to_owned(), u32::from_be_bytes(*child).into());
            }
        }
        _ => {}
    }
    facts
}

/// Decodes; quadratic, so callers bound the length.
fn from_base58(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for letter in text {
        let mut carry = BASE58.iter().position(|known| known == letter)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            bytes.insert(0, carry as u8);
        }
    }
    let zeros = text.iter().take_while(|&&letter| letter == b'1').count();
    bytes.splice(0..0, std::iter::repeat_n(0, zeros));
    Some(bytes)
}

fn to_base58(bytes: &[u8]) -> Vec<u8> {
    let mut digits: Vec<usize> = Vec::new();
    for byte in bytes {
        let mut carry = usize::from(*byte);
        for digit in &mut digits {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    digits.extend(std::iter::repeat_n(0, zeros));
    digits.iter().rev().map(|&digit| BASE58[digit]).collect()
}

const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Identities of age and its plugins: bech32 in capitals (BIP 173), with six check characters.
pub(super) struct Bech32;

impl Proof for Bech32 {
    fn name(&self) -> &'static str {
        "bech32"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text).to_ascii_lowercase();
        let Some((prefix, data)) = parts(&value) else { return Outcome::Silent };
        let Some(digits) = digits(data) else { return Outcome::Fails("checksum") };
        if polymod(prefix, &digits) == 1 {
            Outcome::Holds { certain: true, facts: Facts::new() }
        } else {
            Outcome::Fails("checksum")
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = sample.to_ascii_lowercase();
        let (prefix, data) = parts(&sealed)?;
        let mut digits = digits(data)?;
        let start = digits.len().checked_sub(6)?;
        digits[start..].fill(0);
        let sum = polymod(prefix, &digits) ^ 1;
        let tail = sealed.len() - 6;
        for (place, letter) in sealed[tail..].iter_mut().enumerate() {
            *letter = BECH32[(sum >> (5 * (5 - place)) & 31) as usize];
        }
        Some(sealed.to_ascii_uppercase())
    }
}

/// What stands before and behind the last 1. An age identity has 58 characters of data.
fn parts(lower: &[u8]) -> Option<(&[u8], &[u8])> {
    let one = memchr::memrchr(b'1', lower)?;
    let (prefix, data) = (&lower[..one], &lower[one + 1..]);
    (prefix != b"age-secret-key-" || data.len() == 58).then_some((prefix, data))
}

fn digits(data: &[u8]) -> Option<Vec<u8>> {
    data.iter().map(|c| BECH32.iter().position(|known| known == c).map(|at| at as u8)).collect()
}

/// The checksum of BIP 173 over prefix and data: 1 for a valid text.
fn polymod(prefix: &[u8], digits: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.iter().map(|byte| byte >> 5);
    let low = prefix.iter().map(|byte| byte & 31);
    let mut sum: u32 = 1;
    for digit in high.chain([0]).chain(low).chain(digits.iter().copied()) {
        let top = sum >> 25;
        sum = (sum & 0x01ff_ffff) << 5 ^ u32::from(digit);
        for (bit, term) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                sum ^= term;
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::tests::{certain, check};
    use super::*;
    use proptest::prelude::*;

    /// The private key 1 of the Bitcoin wiki's examples, and the master key of BIP 32's first vector.
    #[test]
    fn published_keys_hold() {
        let wif = ["5HueCGU8rMjxEXxiPuD5", "BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"].concat();
        assert!(certain(&check(&Base58Check, wif.as_bytes())));
        let master = [
            "xpr",
            "v9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6",
            "LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        ];
        let Outcome::Holds { facts, .. } = check(&Base58Check, master.concat().as_bytes()) else {
            panic!("it must hold")
        };
        assert_eq!(facts["depth"], 0);
    }

    #[test]
    fn a_sealed_age_key_holds_until_it_is_changed() {
        let shape = ["AGE-SECRET", "-KEY-1", &"Q3JN54KHCE".repeat(6)[..58]].concat();
        let mut sealed = Bech32.seal(shape.as_bytes()).expect("the shape is right");
        assert!(certain(&check(&Bech32, &sealed)));
        sealed[30] = if sealed[30] == b'Q' { b'P' } else { b'Q' };
        assert_eq!(check(&Bech32, &sealed), Outcome::Fails("checksum"));
    }

    proptest! {
        #[test]
        fn base58_round_trips(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(from_base58(&to_base58(&bytes)), Some(bytes));
        }

        #[test]
        fn sealed_keys_hold(seed in "[a-z]{46}", length in prop::sample::select(vec![51, 52, 111])) {
            let shape = seed.repeat(3)[..length].to_owned();
            let mut sealed = Base58Check.seal(shape.as_bytes()).expect("the length is right");
            prop_assert!(certain(&check(&Base58Check, &sealed)));
            sealed[20] = if sealed[20] == b'a' { b'b' } else { b'a' };
            prop_assert_eq!(check(&Base58Check, &sealed), Outcome::Fails("checksum"));
        }
    }
}
