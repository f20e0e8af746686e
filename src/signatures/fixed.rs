//! How many bytes at the start and at the end of every secret of a pattern are fixed: its own prefix, its
//! own suffix.
//!
//! Shared with the build script by `#[path]`.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::literals;

/// The name of the group that is the secret.
const GROUP: &str = "secret";

/// The fixed bytes at both ends of the secret; 0 where there are none. Of alternatives the shortest counts.
/// A secret that is fixed as a whole has its bytes at the start.
pub(super) fn of_pattern(pattern: &str) -> (u32, u32) {
    let Ok(whole) = literals::parse(pattern) else { return (0, 0) };
    let secret = group(&whole).unwrap_or(&whole);
    let count = |fixed: Fixed| u32::try_from(fixed.bytes).unwrap_or(u32::MAX);
    let opening = fixed(secret, End::Start);
    (count(opening), if opening.whole { 0 } else { count(fixed(secret, End::End)) })
}

#[derive(Clone, Copy)]
enum End {
    Start,
    End,
}

fn group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some(GROUP) => Some(&capture.sub),
        HirKind::Capture(capture) => group(&capture.sub),
        HirKind::Repetition(repetition) => group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(group),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Fixed {
    bytes: usize,
    /// Whether that is all of it: what follows goes on.
    whole: bool,
}

fn fixed(hir: &Hir, end: End) -> Fixed {
    let none = Fixed { bytes: 0, whole: false };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Fixed { bytes: 0, whole: true },
        HirKind::Literal(literal) => Fixed { bytes: literal.0.len(), whole: true },
        // A letter in either case.
        HirKind::Class(Class::Bytes(class)) => {
            let members: usize = class.iter().map(regex_syntax::hir::ClassBytesRange::len).sum();
            if members <= 2 { Fixed { bytes: 1, whole: true } } else { none }
        }
        HirKind::Class(Class::Unicode(_)) => none,
        HirKind::Capture(capture) => fixed(&capture.sub, end),
        HirKind::Repetition(repetition) => {
            let once = fixed(&repetition.sub, end);
            let (least, most) = (repetition.min as usize, repetition.max);
            match once.whole {
                true => {
                    let whole = most == Some(repetition.min);
                    Fixed { bytes: once.bytes.saturating_mul(least), whole }
                }
                false => Fixed { bytes: if least == 0 { 0 } else { once.bytes }, whole: false },
            }
        }
        HirKind::Concat(parts) => {
            let mut all = Fixed { bytes: 0, whole: true };
            let count = parts.len();
            for at in 0..count {
                let part = match end {
                    End::Start => &parts[at],
                    End::End => &parts[count - 1 - at],
                };
                let next = fixed(part, end);
                all = Fixed { bytes: all.bytes + next.bytes, whole: next.whole };
                if !next.whole {
                    break;
                }
            }
            all
        }
        HirKind::Alternation(ways) => {
            let ways: Vec<_> = ways.iter().map(|way| fixed(way, end)).collect();
            let least = ways.iter().map(|way| way.bytes).min().unwrap_or(0);
            let alike = ways.iter().all(|way| way.whole && way.bytes == least);
            Fixed { bytes: least, whole: alike }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of_pattern;

    #[test]
    fn what_every_secret_begins_and_ends_with_is_counted() {
        for (pattern, bytes) in [
            (r"my_token_[0-9a-f]{32}", (9, 0)),
            (r"\b(?<secret>[sr]k_test_[0-9A-Za-z]{24})\b", (8, 0)),
            (r"key=(?<secret>(?:abc|xyz)-[0-9]{9})", (4, 0)),
            (r"key=(?<secret>(?:ab|xyz)-[0-9]{9})", (2, 0)),
            (r"key=(?<secret>[0-9a-f]{32}(?:FFFF)?NRAL)", (0, 4)),
            (r"(?i:Ab)c{3}d{1,2}[0-9]{8}", (6, 0)),
            (r"(?<secret>abc)", (3, 0)),
        ] {
            assert_eq!(of_pattern(pattern), bytes, "{pattern}");
        }
    }
}
