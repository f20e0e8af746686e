//! What may be shown of a secret.

/// The most leading characters of a secret that a mask shows.
const SHOWN: usize = 4;

/// Shows at most the first four bytes and never more than a fifth of a secret, then `…`.
///
/// Only printable ASCII is shown, so the result is safe everywhere.
#[must_use]
pub fn mask(secret: &[u8]) -> String {
    let shown = SHOWN.min(secret.len() / 5);
    let mut text: String = secret[..shown]
        .iter()
        .take_while(|b| b.is_ascii_graphic())
        .map(|b| char::from(*b))
        .collect();
    text.push('…');
    text
}

/// A line in which the given byte ranges are masked; the rest is kept as it is (lossy UTF-8).
///
/// Ranges may overlap and stand in any order.
#[must_use]
pub fn mask_line(line: &[u8], hidden: &[std::ops::Range<usize>]) -> String {
    let mut ranges: Vec<_> = hidden.to_vec();
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut text = String::new();
    let mut at = 0;
    for range in ranges {
        let (start, end) = (range.start.min(line.len()), range.end.min(line.len()));
        if end <= at {
            continue;
        }
        if start >= at {
            text.push_str(&String::from_utf8_lossy(&line[at..start]));
            text.push_str(&mask(&line[start..end]));
        }
        at = end;
    }
    text.push_str(&String::from_utf8_lossy(&line[at..]));
    text
}
