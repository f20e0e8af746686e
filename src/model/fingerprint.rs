//! Keyed fingerprints: the same secret gets the same name, and the name does not give it away.

use std::sync::Mutex;

use argon2::Block;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HMAC-SHA-256 over `"exposure-fp-v1" 00 || secret bytes`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a fingerprint is 64 hex digits";
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong);
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong)?;
        }
        Ok(Self(bytes))
    }
}

/// What fingerprints are keyed with.
#[derive(Clone)]
pub enum FingerprintKey {
    /// A key that only its owner knows: one HMAC a secret.
    Secret(Zeroizing<Vec<u8>>),
    /// A salt that stands in a committed file: the value passes Argon2id first, because whoever has
    /// the file can try guesses. Tens of milliseconds a secret.
    PublicSalt(Vec<u8>),
}

impl FingerprintKey {
    /// The salt that is used when no key and no file of suppressions names another.
    pub const CONSTANT_SALT: &'static [u8] = b"leakspan/1 public salt";

    /// Names a secret.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length and the Argon2id parameters are constants.
    #[must_use]
    pub fn fingerprint(&self, secret: &[u8]) -> Fingerprint {
        match self {
            Self::Secret(key) => keyed(key, secret),
            Self::PublicSalt(salt) => {
                let slow = slow_hash(secret, &salt_of(salt));
                keyed(salt, slow.as_ref())
            }
        }
    }
}

fn slow_hash(secret: &[u8], salt: &[u8]) -> Zeroizing<[u8; 32]> {
    // The smallest memory of OWASP's equivalent settings (Password Storage Cheat Sheet): a hook stays
    // quick and a scan small when there is a finding.
    const KIBIBYTES: u32 = 7 << 10;
    // Kept for the next secret: memory that comes and goes leaves holes that nothing fits into. It
    // holds nothing between two secrets.
    static KEPT: Mutex<Vec<Block>> = Mutex::new(Vec::new());
    let mut own = Vec::new();
    let mut kept = KEPT.try_lock().ok();
    let memory = kept.as_deref_mut().unwrap_or(&mut own);
    memory.resize(KIBIBYTES as usize, Block::default());
    let params = argon2::Params::new(KIBIBYTES, 5, 1, Some(32)).expect("in range");
    let mut slow = Zeroizing::new([0; 32]);
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into_with_memory(secret, salt, slow.as_mut(), &mut memory[..])
        .expect("salt, output and memory are of legal length");
    memory.fill(Block::default());
    slow
}

/// Argon2 wants at least 8 bytes of salt; a short one is stretched by hashing.
fn salt_of(salt: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    Sha256::digest(salt).into()
}

fn keyed(key: &[u8], message: &[u8]) -> Fingerprint {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(b"exposure-fp-v1\0");
    mac.update(message);
    Fingerprint(mac.finalize().into_bytes().into())
}
