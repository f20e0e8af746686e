//! The nearest right word to a wrong one.
//!
//! Shared with the build script by `#[path]`.

/// The candidate that takes the fewest edits to reach; the first of equals, `None` without candidates.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates.into_iter().min_by_key(|candidate| edits(word, candidate))
}

/// The candidate that a word is, but for a slip of the finger: one or two letters, and not most of it.
pub fn slip<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let nearest = nearest(word, candidates)?;
    let away = edits(word, nearest);
    (away <= 2 && 3 * away <= word.len()).then_some(nearest)
}

/// Levenshtein distance in bytes.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.bytes().enumerate() {
            let change = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{nearest, slip};

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        assert_eq!(nearest("patern", ["title", "pattern", "keywords"]), Some("pattern"));
        assert_eq!(nearest("anything", []), None);
    }

    #[test]
    fn another_word_is_no_slip() {
        let known = ["CI", "TIMEOUT", "JOBS", "SIGNATURES"];
        for (word, meant) in [
            ("TIEMOUT", Some("TIMEOUT")),
            ("SIGNATURE", Some("SIGNATURES")),
            ("JOB", Some("JOBS")),
            ("BIN", None),
            ("VERSION", None),
        ] {
            assert_eq!(slip(word, known), meant, "{word}");
        }
    }
}
