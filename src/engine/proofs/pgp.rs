//! OpenPGP private keys (RFC 9580): checksum of the armour, key id, user, algorithm.

use sha1::{Digest, Sha1};

use super::encodings::{Noise, from_base64, moment, note, to_base64};
use super::key::Key;
use crate::model::Facts;

const SECRET_KEY: u8 = 5;
const USER_ID: u8 = 13;
const VERSION: u8 = 4;

/// Reads the first key and the first user id; compares the checksum line where there is one.
pub(super) fn read(bytes: &[u8], checksum: Option<[u8; 4]>) -> Key {
    let announced = checksum.and_then(|text| from_base64(&text));
    if announced.is_some_and(|sum| sum != crc24(bytes)) {
        return Key::Changed;
    }
    let Some((SECRET_KEY, body, mut rest)) = packet(bytes) else { return Key::Broken };
    let mut facts = Facts::new();
    // Other versions are rare and new: they are keys all the same.
    if body.first() == Some(&VERSION) && key(body, &mut facts).is_none() {
        return Key::Broken;
    }
    while let Some((tag, body, after)) = packet(rest) {
        if tag == USER_ID {
            note(&mut facts, "user", body);
            break;
        }
        rest = after;
    }
    Key::Whole(facts)
}

/// Tag, body and what follows, in the old or the new framing.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first & 0x80 == 0 {
        return None;
    }
    let (tag, size, rest) = if first & 0x40 != 0 {
        let (&length, rest) = rest.split_first()?;
        match length {
            0..192 => (first & 0x3f, usize::from(length), rest),
            192..224 => {
                let (&low, rest) = rest.split_first()?;
                let size = (usize::from(length) - 192) << 8 | usize::from(low);
                (first & 0x3f, size + 192, rest)
            }
            255 => {
                let (size, rest) = rest.split_first_chunk::<4>()?;
                (first & 0x3f, u32::from_be_bytes(*size) as usize, rest)
            }
            // Bodies in parts are for data of unknown length, which keys are not.
            _ => return None,
        }
    } else {
        let width = 1 << (first & 3);
        let (size, rest) = rest.split_at_checked(width).filter(|_| width < 8)?;
        let size = size.iter().fold(0, |size, byte| size << 8 | usize::from(*byte));
        (first >> 2 & 0xf, size, rest)
    };
    let (body, rest) = rest.split_at_checked(size)?;
    Some((tag, body, rest))
}

/// Reads version, time, algorithm and the public part, whose hash is the key id.
fn key(body: &[u8], facts: &mut Facts) -> Option<()> {
    let [VERSION, a, b, c, d, algorithm, material @ ..] = body else { return None };
    let (name, public) = match algorithm {
        1..=3 => ("RSA", numbers(material, 2)?),
        16 => ("Elgamal", numbers(material, 3)?),
        17 => ("DSA", numbers(material, 4)?),
        18 => ("ECDH", derivation(material, curve(material)?)?),
        19 => ("ECDSA", curve(material)?),
        22 => ("EdDSA", curve(material)?),
        25 => ("X25519", 32),
        27 => ("Ed25519", 32),
        _ => return None,
    };
    note(facts, "algorithm", name.as_bytes());
    if name == "RSA" {
        let size = u16::from_be_bytes(*material.first_chunk()?);
        facts.insert("bits".to_owned(), size.into());
    }
    let protection = material.get(public)?;
    facts.insert("encrypted".to_owned(), (*protection != 0).into());
    if let Some(made) = moment(u32::from_be_bytes([*a, *b, *c, *d]).into()) {
        facts.insert("created_at".to_owned(), made);
    }
    let hashed = &body[..6 + public];
    let length = u16::try_from(hashed.len()).ok()?;
    let hash = Sha1::new()
        .chain_update([0x99])
        .chain_update(length.to_be_bytes())
        .chain_update(hashed)
        .finalize();
    let id: String = hash[12..].iter().map(|byte| format!("{byte:02X}")).collect();
    note(facts, "key_id", id.as_bytes());
    Some(())
}

/// Length of `count` numbers, each with its bits in two bytes before it.
fn numbers(material: &[u8], count: usize) -> Option<usize> {
    (0..count).try_fold(0, |at, _| {
        let bits = u16::from_be_bytes(*material.get(at..)?.first_chunk()?);
        Some(at + 2 + usize::from(bits).div_ceil(8)).filter(|&end| end <= material.len())
    })
}

/// Length of a curve's name and the point after it.
fn curve(material: &[u8]) -> Option<usize> {
    let name = 1 + usize::from(*material.first()?);
    Some(name + numbers(material.get(name..)?, 1)?)
}

/// Length with the derivation parameters after the point.
fn derivation(material: &[u8], point: usize) -> Option<usize> {
    Some(point + 1 + usize::from(*material.get(point)?))
}

/// The checksum of OpenPGP's armour.
fn crc24(bytes: &[u8]) -> [u8; 3] {
    let mut sum: u32 = 0x00b7_04ce;
    for byte in bytes {
        sum ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            sum <<= 1;
            if sum & 0x0100_0000 != 0 {
                sum ^= 0x0186_4cfb;
            }
        }
    }
    let [_, high, middle, low] = sum.to_be_bytes();
    [high, middle, low]
}

/// The checksum line of a block, without its `=`.
pub(super) fn checksum_text(bytes: &[u8]) -> String {
    to_base64(&crc24(bytes))
}

/// A made RSA key without a passphrase, and its user.
pub(super) fn made(noise: &mut Noise) -> Vec<u8> {
    let mut body = vec![VERSION, 0x69, 0x55, 0xb9, 0x00, 1];
    for bytes in [256, 3] {
        number(&mut body, bytes, noise);
    }
    body.push(0);
    for bytes in [256, 128, 128, 128] {
        number(&mut body, bytes, noise);
    }
    body.extend(noise.bytes(2));
    let mut key = vec![0x80 | SECRET_KEY << 2 | 1];
    key.extend_from_slice(&(body.len() as u16).to_be_bytes());
    key.extend(body);
    let user = b"Dev <dev@example>";
    key.extend_from_slice(&[0xc0 | USER_ID, user.len() as u8]);
    key.extend_from_slice(user);
    key
}

fn number(body: &mut Vec<u8>, bytes: usize, noise: &mut Noise) {
    let mut number = noise.bytes(bytes);
    number[0] |= 0x80;
    body.extend_from_slice(&(bytes as u16 * 8).to_be_bytes());
    body.extend(number);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-24/OPENPGP in the usual tables.
    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(crc24(b"123456789"), [0x21, 0xcf, 0x02]);
    }

    #[test]
    fn key_id_user_and_time_are_read() {
        let Key::Whole(facts) = read(&made(&mut Noise::of(b"x")), None) else {
            panic!("it must parse")
        };
        assert_eq!(facts["user"], "Dev <dev@example>");
        assert_eq!(facts["bits"], 2048);
        assert_eq!(facts["key_id"].as_str().map(str::len), Some(16));
        assert_eq!(facts["created_at"], "2026-01-01T00:00:00Z");
    }
}
