//! `--state FILE`: the objects that earlier runs have looked at and found nothing in.
//!
//! ```text
//! magic (16) · digest (32) · how many SHA-1 and SHA-256 ids (8 each) · the ids, sorted · SHA-256 of it all
//! ```
//! The digest is that of everything that decides what is found. A file of another digest is worth nothing:
//! everything is read again. Objects with a finding or a problem are never in it, so a later run reports
//! what a full one would.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::options::Options;
use super::output;
use crate::git::KnownObjects;
use crate::model::{BlobPath, Problem, Reason, SignatureSet};

const MAGIC: &[u8; 16] = b"leakspan state\n\x01";
const HEAD: usize = 16 + 32 + 8 + 8;

/// What was read, and under which digest the next state is written.
pub(super) struct State {
    pub(super) known: KnownObjects,
    digest: [u8; 32],
    /// Why everything is read again, in a sentence.
    pub(super) note: Option<String>,
}

impl State {
    /// Reads the file, where it is there and fits the signatures and options.
    pub(super) fn read(path: &Path, set: &SignatureSet, options: &Options) -> Self {
        let digest = digest(set, options);
        let empty = |note: Option<String>| Self { known: KnownObjects::default(), digest, note };
        match std::fs::read(path) {
            Ok(bytes) => match parse(&bytes, &digest) {
                Ok(known) => Self { known, digest, note: None },
                Err(why) => {
                    empty(Some(format!("{why}, so everything was read: {}", path.display())))
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => empty(None),
            Err(error) => {
                let why = format!("the state cannot be read, so everything was read: {error}");
                empty(Some(why))
            }
        }
    }

    /// Writes what is known now; what keeps it from that is a problem.
    pub(super) fn write(&self, path: &Path, known: &KnownObjects) -> Option<Problem> {
        let (sha1, sha256) = known.bytes();
        let counts = [(sha1.len() / 20) as u64, (sha256.len() / 32) as u64];
        let mut bytes = [MAGIC, &self.digest[..]].concat();
        bytes.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
        bytes.extend_from_slice(sha1);
        bytes.extend_from_slice(sha256);
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        let written = output::to_file(path, |out| out.write_all(&bytes));
        written.err().map(|error| {
            let path = BlobPath::new(path.as_os_str().as_encoded_bytes());
            let detail =
                format!("the state was not written, the next run reads all again: {error}");
            Problem::new(path, Reason::IoError, detail)
        })
    }
}

fn parse(bytes: &[u8], digest: &[u8; 32]) -> Result<KnownObjects, &'static str> {
    let broken = "the state is no state of ours, or broken";
    let (head, ids) = bytes.split_at_checked(HEAD).ok_or(broken)?;
    let (ids, sum) = ids.split_last_chunk::<32>().ok_or(broken)?;
    if head[..16] != *MAGIC {
        return Err(broken);
    }
    if head[16..48] != *digest {
        return Err("signatures or options are others than those of the state");
    }
    let (body, _) = bytes.split_at(bytes.len() - 32);
    if Sha256::digest(body).as_slice() != sum {
        return Err(broken);
    }
    let count = |at: usize| {
        let number = u64::from_be_bytes(head[at..at + 8].try_into().unwrap_or_default());
        usize::try_from(number).unwrap_or(usize::MAX)
    };
    let length = count(48).checked_mul(20).filter(|length| *length <= ids.len());
    let (sha1, sha256) = ids.split_at(length.ok_or(broken)?);
    if count(56).checked_mul(32) != Some(sha256.len()) {
        return Err(broken);
    }
    KnownObjects::from_bytes(sha1.to_vec(), sha256.to_vec()).ok_or(broken)
}

/// Everything that decides what is found in an object.
fn digest(set: &SignatureSet, options: &Options) -> [u8; 32] {
    struct Hashed(Sha256);
    impl std::fmt::Write for Hashed {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.update(text.as_bytes());
            Ok(())
        }
    }
    let mut hashed = Hashed(Sha256::new());
    let Options { archives, decode_depth, .. } = options;
    let version = env!("CARGO_PKG_VERSION");
    let signatures = &set.signatures;
    write!(hashed, "{version} {decode_depth} {archives:?} {signatures:?}")
        .expect("a hash takes all");
    hashed.0.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_and_no_changed_byte_of_it_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let known = KnownObjects::from_bytes([[1; 20], [2; 20]].concat(), vec![3; 32]).unwrap();
        let state = State { known: KnownObjects::default(), digest: [7; 32], note: None };
        assert!(state.write(&path, &known).is_none());
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(parse(&bytes, &[7; 32]), Ok(known));
        assert!(parse(&bytes, &[8; 32]).is_err());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(parse(&changed, &[7; 32]).is_err(), "byte {at}");
            assert!(parse(&bytes[..at], &[7; 32]).is_err(), "cut at {at}");
        }
        assert!(state.write(folder.path(), &KnownObjects::default()).is_some());
    }
}
