//! What fingerprints are keyed with.

use std::path::Path;

use anyhow::Context;
use zeroize::Zeroizing;

use super::baseline::Baseline;
use super::suppress::Suppressions;
use crate::config::{Trust, regular_text};
use crate::model::FingerprintKey;

/// A secret key from a file; the line break at its end is no part of it.
///
/// # Errors
/// A file that cannot be read, or that holds less than 16 bytes: such a key could be guessed.
pub fn from_file(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let text = regular_text(path, Trust::Full)
        .with_context(|| format!("cannot read the fingerprint key {}", path.display()))?;
    from_text(&Zeroizing::new(text)).with_context(|| format!("the key in {}", path.display()))
}

/// A secret key as text; one of hex digits alone is taken as the bytes that they stand for.
///
/// # Errors
/// Less than 16 bytes.
pub fn from_text(text: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let text = text.trim_end_matches(['\r', '\n']);
    let key = Zeroizing::new(unhex(text).unwrap_or_else(|| text.as_bytes().to_vec()));
    anyhow::ensure!(key.len() >= 16, "a fingerprint key has at least 16 bytes");
    Ok(key)
}

/// The key of a run: the secret one, else the salt of the suppressions or of the baseline in use, else
/// the constant salt.
#[must_use]
pub fn choose(
    secret: Option<&Zeroizing<Vec<u8>>>,
    suppressions: Option<&Suppressions>,
    baseline: Option<&Baseline>,
) -> FingerprintKey {
    if let Some(key) = secret {
        return FingerprintKey::Secret(key.clone());
    }
    let salt = suppressions.map(|file| &file.salt).or(baseline.map(|file| &file.salt));
    let salt = salt.map_or_else(|| FingerprintKey::CONSTANT_SALT.to_vec(), Clone::clone);
    FingerprintKey::PublicSalt(salt)
}

/// A new public salt.
///
/// # Errors
/// A system without randomness.
pub fn new_salt() -> anyhow::Result<Vec<u8>> {
    let mut salt = vec![0; 16];
    getrandom::fill(&mut salt).map_err(|_| anyhow::anyhow!("the system gives no randomness"))?;
    Ok(salt)
}

/// Bytes as hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hex digits as bytes; `None` for anything else, and for nothing.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    if text.is_empty() || !text.len().is_multiple_of(2) {
        return None;
    }
    pairs.map(|pair| Some(digit(pair[0])? * 16 + digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_text_or_hex_and_never_short() {
        let bytes: Vec<u8> = (0..32).collect();
        assert_eq!(*from_text(&format!("{}\n", hex(&bytes))).unwrap(), bytes);
        let words = "correct horse battery staple";
        assert_eq!(*from_text(words).unwrap(), words.as_bytes());
        assert!(from_text("short").is_err());
        assert!(from_text("").is_err());
    }
}
