//! Private keys in armour: which algorithm, how many bits, whether a passphrase protects them.

use super::armour::{Armour, armour, wrapped};
use super::der;
use super::encodings::{Noise, from_base64, note};
use super::key::Key;
use super::openssh;
use super::pgp;
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// PEM (PKCS #1, SEC 1, PKCS #8), OpenSSH and OpenPGP.
pub(super) struct PrivateKey;

impl Proof for PrivateKey {
    fn name(&self) -> &'static str {
        "private-key"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let whole = &text.bytes[candidate.range.clone()];
        let block = armour(candidate.value(text)).or_else(|| armour(whole));
        let Some(block) = block.filter(|block| block.label.contains("PRIVATE KEY")) else {
            return Outcome::Silent;
        };
        let Some(bytes) = from_base64(&block.body) else {
            return if is_dense(&block.body) {
                Outcome::Doubt
            } else {
                Outcome::Fails("structure")
            };
        };
        match read(&block, &bytes) {
            Key::Whole(facts) => Outcome::Holds { certain: true, facts },
            // A line that was lost or mistyped ruins the structure, and most of the key is still there. What is
            // shorter than any key shows how one begins.
            Key::Cut | Key::Changed | Key::Broken if is_dense(&block.body) => Outcome::Doubt,
            Key::Changed => Outcome::Fails("checksum"),
            Key::Cut | Key::Broken => Outcome::Fails("structure"),
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let label = armour(sample)?.label;
        let mut noise = Noise::of(sample);
        let mut checksum = None;
        let bytes = match label {
            "OPENSSH PRIVATE KEY" => openssh::made(&mut noise),
            "PGP PRIVATE KEY BLOCK" => {
                let bytes = pgp::made(&mut noise);
                checksum = Some(pgp::checksum_text(&bytes));
                bytes
            }
            _ => der::made(label, &mut noise)?,
        };
        Some(wrapped(label, &bytes, checksum.as_deref(), sample))
    }
}

/// Whether a body is as long and as mixed as a key's.
fn is_dense(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    body.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    body.len() >= 100 && seen.iter().filter(|is| **is).count() >= 32
}

fn read(block: &Armour<'_>, bytes: &[u8]) -> Key {
    match block.label {
        "OPENSSH PRIVATE KEY" => openssh::read(bytes),
        "PGP PRIVATE KEY BLOCK" => pgp::read(bytes, block.checksum),
        _ if block.encrypted => encrypted_body(block.label, bytes),
        label => der::read(label, bytes),
    }
}

/// The older way of encryption: the body is whole cipher blocks that tell nothing else.
fn encrypted_body(label: &str, bytes: &[u8]) -> Key {
    if bytes.is_empty() || !bytes.len().is_multiple_of(8) {
        return Key::Broken;
    }
    let mut facts = Facts::new();
    facts.insert("encrypted".to_owned(), true.into());
    if let Some(algorithm) = label.strip_suffix(" PRIVATE KEY") {
        note(&mut facts, "algorithm", algorithm.as_bytes());
    }
    Key::Whole(facts)
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn shape(label: &str) -> String {
        format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----")
    }

    fn sealed(label: &str) -> Vec<u8> {
        PrivateKey.seal(shape(label).as_bytes()).expect("a known label")
    }

    #[test]
    fn sealed_keys_tell_algorithm_and_size() {
        for (label, algorithm, encrypted) in [
            ("RSA PRIVATE KEY", Some("RSA"), false),
            ("EC PRIVATE KEY", Some("EC P-256"), false),
            ("DSA PRIVATE KEY", Some("DSA"), false),
            ("PRIVATE KEY", Some("RSA"), false),
            ("ENCRYPTED PRIVATE KEY", None, true),
            ("OPENSSH PRIVATE KEY", Some("ssh-ed25519"), false),
            ("PGP PRIVATE KEY BLOCK", Some("RSA"), false),
        ] {
            let outcome = check(&PrivateKey, &sealed(label));
            let Outcome::Holds { certain: true, facts } = outcome else {
                panic!("{label} must hold: {outcome:?}")
            };
            assert_eq!(facts.get("algorithm").and_then(|fact| fact.as_str()), algorithm, "{label}");
            assert_eq!(facts["encrypted"], encrypted, "{label}");
        }
    }

    #[test]
    fn what_is_no_key_fails_and_a_cut_one_is_a_doubt() {
        for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            assert_eq!(
                check(&PrivateKey, shape(label).as_bytes()),
                Outcome::Fails("structure"),
                "{label}"
            );
        }
        let whole = String::from_utf8(sealed("RSA PRIVATE KEY")).expect("ASCII");
        let lines: Vec<&str> = whole.lines().collect();
        let cut = [&lines[..15], &lines[lines.len() - 1..]].concat().join("\n");
        assert_eq!(check(&PrivateKey, cut.as_bytes()), Outcome::Doubt);
        let shown = [&lines[..2], &lines[lines.len() - 1..]].concat().join("\n");
        assert_eq!(check(&PrivateKey, shown.as_bytes()), Outcome::Fails("structure"));
        let unreadable = whole.replacen(lines[3], "<your key here>", 1);
        assert_eq!(check(&PrivateKey, unreadable.as_bytes()), Outcome::Doubt);
    }

    #[test]
    fn the_checksum_of_a_pgp_block_is_compared() {
        let block = String::from_utf8(sealed("PGP PRIVATE KEY BLOCK")).expect("ASCII");
        let line = block.lines().nth(6).expect("a line of the body").to_owned();
        let swapped: String = line.chars().rev().collect();
        let changed = block.replacen(&line, &swapped, 1);
        assert_eq!(check(&PrivateKey, changed.as_bytes()), Outcome::Doubt);
    }

    #[test]
    fn headers_of_older_encryption_are_read() {
        let body = super::super::encodings::to_base64(&[7; 64]);
        let block = format!(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\n{body}\n\
             -----END RSA PRIVATE KEY-----"
        );
        let Outcome::Holds { facts, .. } = check(&PrivateKey, block.as_bytes()) else {
            panic!("it must hold")
        };
        assert_eq!(facts["encrypted"], true);
    }

    #[test]
    fn public_keys_are_not_ours() {
        assert_eq!(check(&PrivateKey, shape("PUBLIC KEY").as_bytes()), Outcome::Silent);
    }
}
