//! PuTTY's key files: a MAC over all parts, whose key is known where no passphrase protects the file.
//!
//! <https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html>

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::encodings::{from_base64, note};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// The file, from its first line to its MAC.
pub(super) struct KeyFile;

impl Proof for KeyFile {
    fn name(&self) -> &'static str {
        "putty-key-file"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let Some(file) = File::read(candidate.value(text)) else { return Outcome::Doubt };
        let mut facts = Facts::new();
        let algorithm = match file.algorithm {
            b"ecdsa-sha2-nistp256" => b"EC P-256",
            b"ecdsa-sha2-nistp384" => b"EC P-384",
            b"ecdsa-sha2-nistp521" => b"EC P-521",
            other => other,
        };
        note(&mut facts, "algorithm", algorithm);
        note(&mut facts, "comment", file.comment);
        let encrypted = file.encryption != b"none";
        facts.insert("encrypted".to_owned(), encrypted.into());
        if encrypted {
            return Outcome::Holds { certain: false, facts };
        }
        match file.mac_text() {
            Some(mac) if mac.as_bytes() == file.mac => Outcome::Holds { certain: true, facts },
            Some(_) => Outcome::Fails("checksum"),
            None => Outcome::Doubt,
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let file = File::read(sample).filter(|file| file.encryption == b"none")?;
        let kept = sample.len() - file.mac.len();
        Some([&sample[..kept], file.mac_text()?.as_bytes()].concat())
    }
}

/// The parts that the MAC covers, and the MAC.
struct File<'t> {
    version: u8,
    algorithm: &'t [u8],
    encryption: &'t [u8],
    comment: &'t [u8],
    public: Vec<u8>,
    private: Vec<u8>,
    mac: &'t [u8],
}

impl<'t> File<'t> {
    fn read(text: &'t [u8]) -> Option<Self> {
        let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let (version, algorithm) = match lines.next()?.strip_prefix(b"PuTTY-User-Key-File-")? {
            [version @ (b'2' | b'3'), b':', b' ', algorithm @ ..] => (*version, algorithm),
            _ => return None,
        };
        let encryption = lines.next()?.strip_prefix(b"Encryption: ")?;
        let comment = lines.next()?.strip_prefix(b"Comment:")?.trim_ascii();
        let public = block(&mut lines, b"Public-Lines: ")?;
        // How the passphrase becomes a key.
        let mut lines = lines.skip_while(|line| {
            line.starts_with(b"Key-Derivation: ") || line.starts_with(b"Argon2-")
        });
        let private = block(&mut lines, b"Private-Lines: ")?;
        let mac = lines.next()?.strip_prefix(b"Private-MAC: ")?;
        Some(Self { version, algorithm, encryption, comment, public, private, mac })
    }

    /// The MAC as the file writes it; `None` where a key of that length cannot be.
    fn mac_text(&self) -> Option<String> {
        let parts = [self.algorithm, self.encryption, self.comment, &self.public, &self.private];
        let mut data = Vec::new();
        for part in parts {
            data.extend_from_slice(&u32::try_from(part.len()).ok()?.to_be_bytes());
            data.extend_from_slice(part);
        }
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if self.version == b'2' {
            let key = Sha1::digest(b"putty-private-key-file-mac-key");
            let mac = Hmac::<Sha1>::new_from_slice(&key).ok()?.chain_update(&data).finalize();
            return Some(hex(&mac.into_bytes()));
        }
        let mac = Hmac::<Sha256>::new_from_slice(b"").ok()?.chain_update(&data).finalize();
        Some(hex(&mac.into_bytes()))
    }
}

/// The base64 text of so many lines behind a header that says how many.
fn block<'t>(lines: &mut impl Iterator<Item = &'t [u8]>, header: &[u8]) -> Option<Vec<u8>> {
    let count = std::str::from_utf8(lines.next()?.strip_prefix(header)?).ok()?.parse().ok()?;
    let body: Vec<_> = lines.by_ref().take(count).collect();
    from_base64(&body.concat())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{certain, check};
    use super::*;

    fn sealed(version: u8, mac: usize) -> String {
        let line = "AAAAC3NzaC1lZDI1NTE5AAAAIA==";
        let file = format!(
            "PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: none\nComment: ann\nPublic-Lines: 1\n\
             {line}\nPrivate-Lines: 1\n{line}\nPrivate-MAC: {}",
            "0".repeat(mac)
        );
        String::from_utf8(KeyFile.seal(file.as_bytes()).expect("a whole file")).expect("text")
    }

    #[test]
    fn a_sealed_file_holds_until_a_part_is_changed() {
        for (version, mac) in [(2, 40), (3, 64)] {
            let file = sealed(version, mac);
            let outcome = check(&KeyFile, file.as_bytes());
            assert!(certain(&outcome), "{outcome:?}");
            let changed = file.replace("Comment: ann", "Comment: bob");
            assert_eq!(check(&KeyFile, changed.as_bytes()), Outcome::Fails("checksum"));
            let indented = file.replace('\n', "\n    ");
            assert!(certain(&check(&KeyFile, indented.as_bytes())));
        }
    }

    #[test]
    fn an_encrypted_file_tells_its_facts_alone() {
        let file = sealed(3, 64).replace("Encryption: none", "Encryption: aes256-cbc");
        let Outcome::Holds { certain: false, facts } = check(&KeyFile, file.as_bytes()) else {
            panic!("it must hold")
        };
        assert_eq!(facts["encrypted"], true);
        assert_eq!(facts["comment"], "ann");
    }
}
