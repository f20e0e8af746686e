//! Private keys in DER: PKCS #1 (RFC 8017), SEC 1 (RFC 5915), PKCS #8 (RFC 5958), OpenSSL's DSA.

use super::encodings::{Noise, note};
use super::key::Key;
use crate::model::Facts;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const PARAMETERS: u8 = 0xa0;

/// Object identifiers, encoded, and what they name.
const ALGORITHMS: &[(&[u8], &str)] = &[
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "RSA"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "RSA-PSS"),
    (b"\x2a\x86\x48\xce\x38\x04\x01", "DSA"),
    (b"\x2a\x86\x48\xce\x3d\x02\x01", "EC"),
    (b"\x2b\x65\x6e", "X25519"),
    (b"\x2b\x65\x6f", "X448"),
    (b"\x2b\x65\x70", "Ed25519"),
    (b"\x2b\x65\x71", "Ed448"),
];
const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
const CURVES: &[(&[u8], &str)] = &[
    (P256, "P-256"),
    (b"\x2b\x81\x04\x00\x22", "P-384"),
    (b"\x2b\x81\x04\x00\x23", "P-521"),
    (b"\x2b\x81\x04\x00\x0a", "secp256k1"),
];

/// Reads what stands under a label such as `RSA PRIVATE KEY`.
pub(super) fn read(label: &str, bytes: &[u8]) -> Key {
    let Some((SEQUENCE, length, body)) = header(bytes) else { return Key::Broken };
    let whole = length == body.len();
    let mut facts = Facts::new();
    let fields = Reader(&body[..length.min(body.len())]);
    let parsed = match label {
        "RSA PRIVATE KEY" => rsa(fields, &mut facts),
        "DSA PRIVATE KEY" => dsa(fields, &mut facts),
        "EC PRIVATE KEY" => ec(fields, &mut facts),
        "ENCRYPTED PRIVATE KEY" => encrypted(fields),
        _ => pkcs8(fields, &mut facts),
    };
    match parsed {
        Some(()) if whole => {
            facts.insert("encrypted".to_owned(), (label == "ENCRYPTED PRIVATE KEY").into());
            Key::Whole(facts)
        }
        // Enough of a key to be worth a look: the modulus or the curve stands there.
        _ if length > body.len() && facts.contains_key("algorithm") => Key::Cut,
        _ => Key::Broken,
    }
}

/// Tag, announced length, and everything after the header.
fn header(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    let [tag, first, rest @ ..] = bytes else { return None };
    if *first < 0x80 {
        return Some((*tag, usize::from(*first), rest));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) || rest.len() < count {
        return None;
    }
    let length = rest[..count].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    Some((*tag, length, &rest[count..]))
}

/// Reads one element after the other.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, length, body) = header(self.0)?;
        let (content, rest) = body.split_at_checked(length).filter(|_| found == tag)?;
        self.0 = rest;
        Some(content)
    }

    fn integers(&mut self, count: usize) -> Option<()> {
        (0..count).try_for_each(|_| self.next(INTEGER).map(|_| ()))
    }
}

/// Bits of a positive integer.
fn bits(integer: &[u8]) -> usize {
    let start = integer.iter().position(|&byte| byte != 0).unwrap_or(integer.len());
    let number = &integer[start..];
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn rsa(mut fields: Reader<'_>, facts: &mut Facts) -> Option<()> {
    fields.integers(1)?;
    let modulus = fields.next(INTEGER)?;
    note(facts, "algorithm", b"RSA");
    facts.insert("bits".to_owned(), bits(modulus).into());
    fields.integers(7)
}

fn dsa(mut fields: Reader<'_>, facts: &mut Facts) -> Option<()> {
    fields.integers(1)?;
    let prime = fields.next(INTEGER)?;
    note(facts, "algorithm", b"DSA");
    facts.insert("bits".to_owned(), bits(prime).into());
    fields.integers(4)
}

fn ec(mut fields: Reader<'_>, facts: &mut Facts) -> Option<()> {
    fields.integers(1)?;
    fields.next(OCTETS)?;
    let curve = fields.next(PARAMETERS).and_then(|content| Reader(content).next(OID));
    note_curve(facts, curve);
    Some(())
}

fn note_curve(facts: &mut Facts, curve: Option<&[u8]>) {
    match CURVES.iter().find(|(oid, _)| Some(*oid) == curve) {
        Some((_, name)) => note(facts, "algorithm", format!("EC {name}").as_bytes()),
        None => note(facts, "algorithm", b"EC"),
    }
}

fn encrypted(mut fields: Reader<'_>) -> Option<()> {
    Reader(fields.next(SEQUENCE)?).next(OID)?;
    fields.next(OCTETS)?;
    Some(())
}

fn pkcs8(mut fields: Reader<'_>, facts: &mut Facts) -> Option<()> {
    fields.integers(1)?;
    let mut algorithm = Reader(fields.next(SEQUENCE)?);
    let oid = algorithm.next(OID)?;
    let name = ALGORITHMS.iter().find(|(known, _)| *known == oid).map(|&(_, name)| name);
    match name {
        Some("EC") => note_curve(facts, algorithm.next(OID)),
        name => note(facts, "algorithm", name.unwrap_or("other").as_bytes()),
    }
    let inner = fields.next(OCTETS)?;
    if name == Some("RSA") {
        rsa(Reader(Reader(inner).next(SEQUENCE)?), facts)?;
    }
    Some(())
}

/// A made key of the shape that a label asks for; `None` for labels without one.
pub(super) fn made(label: &str, noise: &mut Noise) -> Option<Vec<u8>> {
    Some(match label {
        "RSA PRIVATE KEY" => made_rsa(noise),
        "DSA PRIVATE KEY" => made_integers(&[128, 20, 128, 128, 20], noise),
        "EC PRIVATE KEY" => element(
            SEQUENCE,
            &[
                element(INTEGER, &[1]),
                element(OCTETS, &noise.bytes(32)),
                element(PARAMETERS, &element(OID, P256)),
                element(0xa1, &element(BIT_STRING, &noise.bytes(66))),
            ]
            .concat(),
        ),
        "PRIVATE KEY" => element(
            SEQUENCE,
            &[
                element(INTEGER, &[0]),
                element(SEQUENCE, &[element(OID, ALGORITHMS[0].0), vec![5, 0]].concat()),
                element(OCTETS, &made_rsa(noise)),
            ]
            .concat(),
        ),
        "ENCRYPTED PRIVATE KEY" => {
            const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
            let algorithm = [element(OID, PBES2), element(SEQUENCE, &[])].concat();
            let body = [element(SEQUENCE, &algorithm), element(OCTETS, &noise.bytes(1232))];
            element(SEQUENCE, &body.concat())
        }
        _ => return None,
    })
}

fn made_rsa(noise: &mut Noise) -> Vec<u8> {
    made_integers(&[256, 3, 256, 128, 128, 128, 128, 128], noise)
}

/// Version 0 and integers of the given lengths, with their highest bit set.
fn made_integers(lengths: &[usize], noise: &mut Noise) -> Vec<u8> {
    let mut body = element(INTEGER, &[0]);
    for length in lengths {
        let mut number = noise.bytes(*length);
        number[0] |= 0x80;
        body.extend(element(INTEGER, &[&[0], &number[..]].concat()));
    }
    element(SEQUENCE, &body)
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match length {
        0..0x80 => bytes.push(length as u8),
        0x80..0x100 => bytes.extend_from_slice(&[0x81, length as u8]),
        _ => bytes.extend_from_slice(&[0x82, (length >> 8) as u8, length as u8]),
    }
    bytes.extend_from_slice(content);
    bytes
}
