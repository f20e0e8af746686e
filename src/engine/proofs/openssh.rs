//! OpenSSH's own private key file (PROTOCOL.key).

use super::encodings::{Noise, note};
use super::key::Key;
use crate::model::Facts;

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Reads cipher, algorithm, size, and of an unencrypted key the comment.
pub(super) fn read(bytes: &[u8]) -> Key {
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else { return Key::Broken };
    let mut facts = Facts::new();
    match body(&mut rest, &mut facts) {
        Some(true) => Key::Whole(facts),
        Some(false) => Key::Broken,
        None if facts.contains_key("algorithm") => Key::Cut,
        None => Key::Broken,
    }
}

/// Whether the check numbers agree; `None` where it ends early.
fn body(rest: &mut &[u8], facts: &mut Facts) -> Option<bool> {
    let cipher = text(rest)?;
    note(facts, "cipher", cipher);
    let encrypted = cipher != b"none";
    facts.insert("encrypted".to_owned(), encrypted.into());
    text(rest)?;
    text(rest)?;
    if word(rest)? != 1 {
        return Some(false);
    }
    let mut public = text(rest)?;
    let algorithm = text(&mut public)?;
    note(facts, "algorithm", algorithm);
    if algorithm == b"ssh-rsa" {
        text(&mut public)?;
        let modulus = text(&mut public)?;
        facts.insert("bits".to_owned(), (modulus.len().saturating_sub(1) * 8).into());
    }
    let mut private = text(rest)?;
    if encrypted {
        return Some(true);
    }
    let (first, second) = (word(&mut private)?, word(&mut private)?);
    if let Some(comment) = comment(&mut private) {
        note(facts, "comment", comment);
    }
    Some(first == second)
}

/// The text after the fields that an algorithm has.
fn comment<'a>(private: &mut &'a [u8]) -> Option<&'a [u8]> {
    let fields = match text(private)? {
        b"ssh-ed25519" => 2,
        b"ssh-rsa" => 6,
        b"ssh-dss" => 5,
        name if name.starts_with(b"ecdsa-") => 3,
        _ => return None,
    };
    for _ in 0..fields {
        text(private)?;
    }
    text(private)
}

fn word(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_be_bytes(*bytes))
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = word(rest)? as usize;
    let (content, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(content)
}

/// A made Ed25519 key without a passphrase.
pub(super) fn made(noise: &mut Noise) -> Vec<u8> {
    const ALGORITHM: &[u8] = b"ssh-ed25519";
    let public = noise.bytes(32);
    let check = noise.bytes(4);
    let blob = [framed(ALGORITHM), framed(&public)].concat();
    let private = [
        check.clone(),
        check,
        framed(ALGORITHM),
        framed(&public),
        framed(&noise.bytes(64)),
        framed(b"dev@example"),
        vec![1, 2, 3, 4, 5, 6, 7],
    ];
    let parts = [
        MAGIC.to_vec(),
        framed(b"none"),
        framed(b"none"),
        framed(b""),
        vec![0, 0, 0, 1],
        framed(&blob),
        framed(&private.concat()),
    ];
    parts.concat()
}

fn framed(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32).to_be_bytes(), content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_is_read_and_the_check_numbers_must_agree() {
        let mut bytes = made(&mut Noise::of(b"x"));
        let Key::Whole(facts) = read(&bytes) else { panic!("it must parse") };
        assert_eq!(facts["comment"], "dev@example");
        let check = bytes.len() - (4 + 4 + 15 + 36 + 68 + 15 + 7);
        bytes[check] ^= 1;
        assert!(matches!(read(&bytes), Key::Broken));
        bytes.truncate(100);
        assert!(matches!(read(&bytes), Key::Cut));
    }
}
