//! GitLab's routable tokens: a length, a CRC-32, and the way to the cell that issued them.

use super::encodings::{Noise, from_base64, number, to_base, to_base64url};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// An instance may put a prefix of its own before the token; the checksum covers it.
const LONGEST_INSTANCE_PREFIX: usize = 20;

/// `prefix payload .01. LL CCCCCCC`, or without the version part in its first generation.
pub(super) struct Routable;

impl Proof for Routable {
    fn name(&self) -> &'static str {
        "gitlab-routable"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let Some(dot) = version_dot(value) else { return Outcome::Silent };
        let checked = value.len() - 7;
        let tail = &value[checked..];
        let before = if candidate.value.is_some() { 0 } else { instance_prefix(candidate, text) };
        let fits = (0..=before).any(|more| {
            let start = candidate.secret.start - more;
            let covered = if more == 0 {
                &value[..checked]
            } else {
                &text.bytes[start..candidate.secret.start + checked]
            };
            checksum(covered) == tail
        });
        if !fits {
            return Outcome::Fails("checksum");
        }
        let facts = payload(value, dot).map(routing).unwrap_or_default();
        Outcome::Holds { certain: true, facts }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let dot = version_dot(sample)?;
        let start = payload_start(sample)?;
        let payload = sealed_payload(sample, dot.checked_sub(start)?);
        let length = sample.len().checked_sub(9)?;
        let mut sealed = sample.to_vec();
        sealed[start..start + payload.len()].copy_from_slice(payload.as_bytes());
        sealed[length..length + 2].copy_from_slice(&to_base(payload.len() as u64, BASE36, 2));
        let sum = checksum(&sealed[..length + 2]);
        sealed[length + 2..].copy_from_slice(&sum);
        Some(sealed)
    }
}

fn checksum(covered: &[u8]) -> Vec<u8> {
    to_base(crc32fast::hash(covered).into(), BASE36, 7)
}

/// The dot after the payload.
fn version_dot(value: &[u8]) -> Option<usize> {
    let tail = value.len().checked_sub(10)?;
    if value[tail] != b'.' || !value[tail + 1..].iter().all(|byte| BASE36.contains(byte)) {
        return None;
    }
    let version = tail
        .checked_sub(3)
        .filter(|&at| value[at] == b'.' && value[at + 1..tail].iter().all(u8::is_ascii_digit));
    Some(version.unwrap_or(tail))
}

/// The payload, as long as the two characters before the checksum say.
fn payload(value: &[u8], dot: usize) -> Option<&[u8]> {
    let length = number(&value[value.len() - 9..value.len() - 7], 36)? as usize;
    value.get(dot.checked_sub(length)?..dot)
}

/// How many bytes before the secret could belong to the token.
fn instance_prefix(candidate: &Candidate, text: &Text<'_>) -> usize {
    text.bytes[..candidate.secret.start]
        .iter()
        .rev()
        .take(LONGEST_INSTANCE_PREFIX)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        .count()
}

/// Reads `key:value` lines from the end of the payload; the last byte says how long they are.
fn routing(payload: &[u8]) -> Facts {
    let mut facts = Facts::new();
    let Some(bytes) = from_base64(payload) else { return facts };
    let Some((&size, rest)) = bytes.split_last() else { return facts };
    let Some(start) = rest.len().checked_sub(usize::from(size)) else { return facts };
    for line in rest[start..].split(|&byte| byte == b'\n') {
        let [key, b':', digits @ ..] = line else { continue };
        let name = match key {
            b'c' => "cell",
            b'o' => "organization",
            b'g' => "group",
            b'p' => "project",
            b'u' => "user",
            b't' => "token_type",
            _ => continue,
        };
        if let Some(id) = number(digits, 36) {
            facts.insert(name.to_owned(), id.into());
        }
    }
    facts
}

/// Where the payload of a sample begins: after `glpat-` or `glrt-t1_`.
fn payload_start(sample: &[u8]) -> Option<usize> {
    let dash = sample.iter().position(|&byte| byte == b'-')? + 1;
    match sample[dash..] {
        [b't', digit, b'_', ..] if digit.is_ascii_digit() => Some(dash + 3),
        _ => Some(dash),
    }
}

/// A payload of `length` characters with routing lines, as far as they fit.
fn sealed_payload(sample: &[u8], length: usize) -> String {
    let lines: &[u8] = if length >= 36 { b"o:1\nu:a1b2" } else { b"o:1" };
    let bytes = length * 3 / 4;
    let random = bytes.saturating_sub(lines.len() + 1);
    let mut payload = Noise::of(sample).bytes(random);
    payload.extend_from_slice(lines);
    payload.push(lines.len() as u8);
    let mut text = to_base64url(&payload);
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, check_in};
    use super::*;

    fn shape() -> Vec<u8> {
        ["glp", "at-", &"aB3_".repeat(12), ".01.", "000000000"].concat().into_bytes()
    }

    #[test]
    fn a_sealed_token_tells_whom_it_belongs_to() {
        let sealed = Routable.seal(&shape()).expect("the shape is right");
        let Outcome::Holds { certain: true, facts } = check(&Routable, &sealed) else {
            panic!("it must hold")
        };
        assert_eq!(facts["organization"], 1);
        assert_eq!(facts["user"], u64::from_str_radix("a1b2", 36).expect("a number"));
    }

    #[test]
    fn a_changed_character_fails() {
        let mut sealed = Routable.seal(&shape()).expect("the shape is right");
        sealed[10] ^= 1;
        assert_eq!(check(&Routable, &sealed), Outcome::Fails("checksum"));
    }

    #[test]
    fn the_prefix_of_an_instance_is_covered() {
        let whole = ["acme-", "glp", "at-", &"aB3x".repeat(12), ".01.", "1c"].concat();
        let token = [whole.as_bytes(), &checksum(whole.as_bytes())].concat();
        let text = [b"TOKEN=", &token[..]].concat();
        let outcome = check_in(&Routable, &text, 6 + 5..text.len());
        assert!(matches!(outcome, Outcome::Holds { certain: true, .. }), "{outcome:?}");
    }
}
