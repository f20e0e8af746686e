//! Supabase's keys: the start of a SHA-256 over the project and the key.

use sha2::{Digest, Sha256};

use super::encodings::{nearby, note, to_base64url};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// What stands for the project where people run it themselves.
const SELF_HOSTED: &[u8] = b"supabase-self-hosted";
const CHECKSUM_LENGTH: usize = 8;

/// `sb_secret_<22>_<8>`; the project comes from an address nearby.
pub(super) struct Supabase;

impl Proof for Supabase {
    fn name(&self) -> &'static str {
        "supabase-key"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let Some(body) = body(value) else { return Outcome::Silent };
        let projects = projects(nearby(candidate, text));
        for project in projects.iter().copied().chain([SELF_HOSTED]) {
            if checksum(project, body) == value[body.len() + 1..] {
                let mut facts = Facts::new();
                note(&mut facts, "project", project);
                return Outcome::Holds { certain: true, facts };
            }
        }
        // Without its own project's address nothing can be said: the one nearby may be another's.
        if projects.is_empty() { Outcome::Silent } else { Outcome::Doubt }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let body = body(sample)?;
        Some([body, b"_", &checksum(SELF_HOSTED, body)].concat())
    }
}

/// The key without its checksum.
fn body(value: &[u8]) -> Option<&[u8]> {
    let prefix = [&b"sb_secret_"[..], b"sb_publishable_"]
        .into_iter()
        .find(|prefix| value.starts_with(prefix))?
        .len();
    let end = prefix + 22;
    (value.len() == end + 1 + CHECKSUM_LENGTH && value[end] == b'_').then(|| &value[..end])
}

fn checksum(project: &[u8], body: &[u8]) -> Vec<u8> {
    let hash = Sha256::new().chain_update(project).chain_update(b"|").chain_update(body).finalize();
    to_base64url(&hash).into_bytes()[..CHECKSUM_LENGTH].to_vec()
}

/// Projects whose addresses stand in the text: twenty small letters before `.supabase.co`.
fn projects(text: &[u8]) -> Vec<&[u8]> {
    memchr::memmem::find_iter(text, b".supabase.co")
        .filter_map(|at| text.get(at.checked_sub(20)?..at))
        .filter(|project| project.iter().all(u8::is_ascii_lowercase))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{certain, check, check_in};
    use super::*;

    fn key(project: &[u8]) -> Vec<u8> {
        let body = ["sb_sec", "ret_", &"aB3x".repeat(5), "aB"].concat().into_bytes();
        [&body[..], b"_", &checksum(project, &body)].concat()
    }

    #[test]
    fn a_self_hosted_key_needs_no_address() {
        assert!(certain(&check(&Supabase, &key(SELF_HOSTED))));
    }

    #[test]
    fn the_project_beside_it_decides() {
        let project = b"abcdefghijklmnopqrst";
        let address = b"https://abcdefghijklmnopqrst.supabase.co ";
        let own = [&address[..], &key(project)].concat();
        let Outcome::Holds { facts, .. } = check_in(&Supabase, &own, address.len()..own.len())
        else {
            panic!("it must hold")
        };
        assert_eq!(facts["project"], "abcdefghijklmnopqrst");
        let other = [&address[..], &key(b"zzzzzzzzzzzzzzzzzzzz")].concat();
        assert_eq!(check_in(&Supabase, &other, address.len()..other.len()), Outcome::Doubt);
        assert_eq!(check(&Supabase, &key(project)), Outcome::Silent);
    }
}
