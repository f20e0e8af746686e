//! Azure's common annotated security keys: `JQQJ99`, issuer and month inside, checksum at the end.

use super::encodings::{BASE62, from_base64, note, to_base, to_base64};
use super::marvin::marvin32;
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

const SEED: u64 = u64::from_be_bytes(*b"Default0");

/// The provider's four letters and the service that they stand for.
const PROVIDERS: &[(&[u8; 4], &str)] = &[
    (b"ACOG", "ai-services"),
    (b"AZDO", "devops"),
    (b"AZEG", "event-grid"),
    (b"AZCS", "communication"),
    (b"AZMP", "maps"),
    (b"AZAC", "app-configuration"),
    (b"AZFR", "fluid-relay"),
    (b"msql", "sql"),
    (b"NUGT", "nuget"),
];

/// What the four letters before `ACOG` say.
const AI_KINDS: &[(&[u8; 4], &str)] = &[
    (b"AAAA", "ai-services"),
    (b"AAAB", "openai"),
    (b"AAAE", "cognitive-services"),
    (b"AAAF", "computer-vision"),
    (b"AAAH", "content-safety"),
    (b"AAAK", "face"),
    (b"AAAL", "form-recognizer"),
    (b"AAAY", "speech"),
    (b"AAAa", "text-analytics"),
    (b"AAAb", "translator"),
];

/// 84 characters, or 88 in the long form.
pub(super) struct Cask;

impl Proof for Cask {
    fn name(&self) -> &'static str {
        "azure-cask"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let Some(tails) = tails(value) else { return Outcome::Silent };
        if tails.iter().any(|tail| value[80..84] == tail[..]) {
            Outcome::Holds { certain: true, facts: facts(value) }
        } else if value[57] == b'9' {
            Outcome::Fails("checksum")
        } else {
            // Derived keys and hashes: no published vector covers their checksum.
            Outcome::Doubt
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let [base62, _] = tails(sample)?;
        let mut sealed = sample.to_vec();
        sealed[80..84].copy_from_slice(&base62);
        Some(sealed)
    }
}

/// The two ways in which issuers print the checksum: base62 digits of its four bytes, filled up with
/// zeros on the right (NuGet Gallery publishes a test key), or base64 of its first three bytes.
fn tails(value: &[u8]) -> Option<[[u8; 4]; 2]> {
    if !matches!(value.len(), 84 | 88) || &value[52..57] != b"JQQJ9" {
        return None;
    }
    let sum = marvin32(&from_base64(&value[..80])?, SEED);
    let mut digits = to_base(sum.swap_bytes().into(), BASE62, 0);
    digits.resize(digits.len().max(4), b'0');
    let base64 = to_base64(&sum.to_le_bytes()[..3]);
    Some([*digits.first_chunk()?, *base64.as_bytes().first_chunk()?])
}

fn facts(value: &[u8]) -> Facts {
    let mut facts = Facts::new();
    let known = |table: &[(&[u8; 4], &'static str)], letters: &[u8]| {
        table.iter().find(|(mark, _)| &mark[..] == letters).map(|&(_, name)| name)
    };
    note(&mut facts, "provider", &value[76..80]);
    if let Some(service) = known(PROVIDERS, &value[76..80]) {
        note(&mut facts, "service", service.as_bytes());
    }
    if &value[76..80] == b"ACOG"
        && let Some(kind) = known(AI_KINDS, &value[72..76])
    {
        note(&mut facts, "service_kind", kind.as_bytes());
    }
    // A is 2024 and January.
    let year =
        BASE62.iter().position(|&digit| digit == value[58]).and_then(|at| at.checked_sub(10));
    if let Some(year) = year
        && value[59].is_ascii_uppercase()
        && value[59] <= b'L'
    {
        let month = format!("{}-{:02}", 2024 + year, value[59] - b'A' + 1);
        note(&mut facts, "issued", month.as_bytes());
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    /// The test key that NuGet Gallery publishes beside the description of its format.
    #[test]
    fn the_published_test_key_holds() {
        let key = ["a".repeat(52), "JQQJ".into(), "99ALN5Z0000LZENeS003NUGT".into(), "3OrW".into()];
        let key = key.concat();
        let Outcome::Holds { certain: true, facts } = check(&Cask, key.as_bytes()) else {
            panic!("it must hold")
        };
        assert_eq!(facts["service"], "nuget");
        assert_eq!(facts["issued"], "2024-12");
        let wrong = key.replace("3OrW", "XXXX");
        assert_eq!(check(&Cask, wrong.as_bytes()), Outcome::Fails("checksum"));
    }

    #[test]
    fn a_sealed_key_names_its_service() {
        let shape = ["aB3x".repeat(13), "JQQJ".into(), "99BCAC".into(), "a1".repeat(5)];
        let shape = shape.concat() + "AAABACOG0000";
        let sealed = Cask.seal(shape.as_bytes()).expect("the shape is right");
        let Outcome::Holds { certain: true, facts } = check(&Cask, &sealed) else {
            panic!("it must hold")
        };
        assert_eq!(facts["service_kind"], "openai");
        assert_eq!(facts["issued"], "2025-03");
    }
}
