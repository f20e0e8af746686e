//! Public salts, and bytes as hex digits.

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
