//! Encoded lines that belong together, as tools and people wrap them.

use std::ops::Range;

use super::blocks::Class;

/// The longest that may stand between two lines: indentation, quotes, a `+`.
const LONGEST_SEPARATOR: usize = 160;

/// From a change to the next full line of a stretch that it may be part of: a last line, which may be short,
/// stands between two separators.
const NEAR: usize = 3 * LONGEST_SEPARATOR;

/// Whether a run of at least so many bytes stands near a change, in a text whose runs are given.
pub(super) fn near_changes(
    runs: &[Range<usize>],
    shortest: usize,
    changes: &[Range<usize>],
) -> bool {
    changes.iter().any(|change| {
        let first = runs.partition_point(|run| run.end + NEAR < change.start);
        let near = runs[first..].iter().take_while(|run| run.start <= change.end + NEAR);
        near.into_iter().any(|run| run.len() >= shortest)
    })
}

/// The lines of the stretch that begins with the run `first`.
///
/// Lines are joined over line breaks, written-out `\n`, indentation, quotes, commas and `+`. All
/// lines but the last have one width; the first may be shorter when it stands behind a key.
pub(super) fn lines(text: &[u8], first: Range<usize>, class: &Class) -> Vec<Range<usize>> {
    let mut lines = vec![first.clone()];
    let mut width = first.len();
    let mut end = first.end;
    while let Some(start) = next_line(text, end) {
        let stop = class.end(text, start);
        let length = stop - start;
        // `--` begins the end line of a PEM block, which is no content.
        if length == 0 || text[start..].starts_with(b"--") {
            break;
        }
        if length > width {
            if lines.len() > 1 {
                break;
            }
            width = length;
        }
        lines.push(start..stop);
        end = stop;
        if length < width {
            break;
        }
    }
    lines
}

/// Whether a run that ends at `end` has a line behind it that belongs to it.
pub(super) fn goes_on(text: &[u8], end: usize, class: &Class) -> bool {
    let next = next_line(text, end).and_then(|start| text.get(start));
    next.is_some_and(|byte| class.has(*byte))
}

/// Where the next line begins, when what stands at `end` only breaks the line.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let mut broken = false;
    let mut at = end;
    while at < text.len() && at - end < LONGEST_SEPARATOR {
        let next = text.get(at + 1).copied();
        match (text[at], next) {
            (b'\n', _) => broken = true,
            (b'\\', Some(b'n' | b'r')) => {
                broken = true;
                at += 1;
            }
            (b'\\', Some(b'\n' | b'\r')) | (b' ' | b'\t' | b'\r' | b'"' | b'\'' | b',', _) => {}
            // A plus is content unless it stands alone.
            (b'+', Some(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'')) if at > end => {}
            _ => break,
        }
        at += 1;
    }
    (broken && at < text.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Class;
    use super::lines;

    static CLASS: Class = Class::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ+");

    fn joined(text: &str) -> Vec<&str> {
        let first = CLASS.end(text.as_bytes(), 0);
        lines(text.as_bytes(), 0..first, &CLASS).into_iter().map(|line| &text[line]).collect()
    }

    #[test]
    fn lines_are_joined_over_what_people_write_between_them() {
        assert_eq!(joined("AAAA\n    BBBB\n    CC\n"), ["AAAA", "BBBB", "CC"]);
        assert_eq!(joined("AAAA\\nBBBB\\r\\nCC\""), ["AAAA", "BBBB", "CC"]);
        assert_eq!(joined("AAAA\" +\n  \"BBBB\",\n\"C+"), ["AAAA", "BBBB", "C+"]);
        assert_eq!(joined("AA\nBBBB\nCCCC\nD"), ["AA", "BBBB", "CCCC", "D"]);
    }

    #[test]
    fn other_lines_are_not_joined() {
        assert_eq!(joined("AAAA BBBB"), ["AAAA"]);
        assert_eq!(joined("AAAA\nBB\nCCCC"), ["AAAA", "BB"]);
        assert_eq!(joined("AAAA\n-----END"), ["AAAA"]);
    }
}
