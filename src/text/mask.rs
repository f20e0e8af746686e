//! What may be shown of a secret.

use std::ops::Range;

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

/// A stretch of a masked line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What is shown of it (lossy UTF-8).
    pub text: String,
    /// The bytes of the line that a mask stands for; `None` for text that is shown as it is.
    pub hides: Option<Range<usize>>,
}

/// A line cut into what is shown and what is masked, in order.
///
/// Ranges may overlap, touch, lie outside, and stand in any order; what overlaps shares one mask.
#[must_use]
pub fn mask_pieces(line: &[u8], hidden: &[Range<usize>]) -> Vec<Piece> {
    let mut ranges: Vec<Range<usize>> = hidden
        .iter()
        .map(|range| range.start.min(line.len())..range.end.min(line.len()))
        .filter(|range| range.start < range.end)
        .collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    for range in ranges {
        if range.start < at {
            if let Some(Piece { text, hides: Some(last) }) = pieces.last_mut()
                && *last != range
            {
                // The start of one may be the middle of the other: nothing of either is shown.
                *text = "…".to_owned();
                last.end = last.end.max(range.end);
            }
        } else {
            shown(&mut pieces, &line[at..range.start]);
            pieces.push(Piece { text: mask(&line[range.clone()]), hides: Some(range.clone()) });
        }
        at = at.max(range.end);
    }
    shown(&mut pieces, &line[at..]);
    pieces
}

/// A line in which the given byte ranges are masked; the rest is kept as it is (lossy UTF-8).
///
/// Ranges may overlap and stand in any order.
#[must_use]
pub fn mask_line(line: &[u8], hidden: &[Range<usize>]) -> String {
    mask_pieces(line, hidden).into_iter().map(|piece| piece.text).collect()
}

fn shown(pieces: &mut Vec<Piece>, bytes: &[u8]) {
    if !bytes.is_empty() {
        pieces.push(Piece { text: String::from_utf8_lossy(bytes).into_owned(), hides: None });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{mask, mask_line};

    #[test]
    fn a_mask_shows_four_characters_or_a_fifth() {
        for (length, shown) in [(0, 0), (4, 0), (5, 1), (19, 3), (20, 4), (4000, 4)] {
            assert_eq!(mask(&vec![b'k'; length]), format!("{}…", "k".repeat(shown)), "{length}");
        }
    }

    #[test]
    fn overlapping_ranges_share_one_mask() {
        assert_eq!(mask_line(b"a=0123456789 b", &[4..9, 2..6, 90..95]), "a=…789 b");
    }

    proptest! {
        #[test]
        fn a_mask_never_shows_more_than_allowed(secret in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = mask(&secret);
            let shown = text.strip_suffix('…').unwrap();
            prop_assert!(shown.len() <= 4 && shown.len() * 5 <= secret.len());
            prop_assert!(secret.starts_with(shown.as_bytes()));
        }

        #[test]
        fn a_masked_line_shows_no_hidden_byte(
            before in "[a-z]{0,9}", after in "[a-z]{0,9}",
            length in 0_usize..60, other in 0_usize..90, span in 0_usize..40,
        ) {
            // Capitals are the secret: whatever else is hidden too, no more of them come out.
            let line = format!("{before}{}{after}", "K".repeat(length));
            let own = before.len()..before.len() + length;
            let text = mask_line(line.as_bytes(), &[other..other + span, own]);
            let capitals = text.bytes().filter(|b| *b == b'K').count();
            prop_assert!(capitals <= 4.min(length / 5), "{text}");
        }
    }
}
