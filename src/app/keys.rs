//! What fingerprints are keyed with.

use std::path::Path;

use anyhow::Context;
use zeroize::Zeroizing;

use super::baselines::Baseline;
use super::salt::unhex;
use super::suppressions::Suppressions;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::salt::hex;

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
