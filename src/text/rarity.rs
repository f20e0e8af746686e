//! How unlike ordinary text a value is.

/// Shannon entropy of the bytes, in bits a byte; 0 for no bytes. Shannon 1948.
#[must_use]
pub fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f32;
    counts.iter().filter(|n| **n > 0).map(|n| *n as f32 / total).map(|p| -p * p.log2()).sum()
}
