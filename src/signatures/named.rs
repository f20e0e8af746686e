//! Which patterns are a name, then an operator, then a value with a digit: the prefilter looks for their names
//! before such values alone, on the line of the value, which is a small part of any text.
//!
//! Shared with the build script by `#[path]`.

use regex_syntax::hir::{Hir, HirKind};

use super::shape::{flatten, is_token, longest, may_hold, shortest};
use crate::model::Lane;

/// Whether the literal that begins `offset` bytes behind the start of the match, at most, is looked for as
/// [`Lane::Named`] says, where the group `secret` holds a digit.
pub(super) fn is_named(hir: &Hir, offset: usize) -> bool {
    let HirKind::Concat(parts) = hir.kind() else { return false };
    let secret = |hir: &Hir| matches!(hir.kind(), HirKind::Capture(capture) if capture.name.as_deref() == Some("secret"));
    let Some(place) = parts.iter().position(secret) else { return false };
    let (before, secret) = (&parts[..place], &parts[place]);
    // What surely ends the run that a part of the name may be in.
    let Some(sign) = before.iter().rposition(|part| shortest(part) > 0 && !may_hold_token(part))
    else {
        return false;
    };
    // A literal behind it would begin further off.
    let in_name = offset < before[..sign].iter().map(longest).sum();
    in_name && value_is_run(secret) && line_holds(before)
}

/// Whether every digit of the secret stands in the run that begins where it begins.
fn value_is_run(secret: &Hir) -> bool {
    let mut atoms = Vec::new();
    flatten(secret, &mut atoms);
    let run = atoms.iter().take_while(|atom| is_token(atom)).count();
    let sure: usize = atoms[..run].iter().map(|atom| shortest(atom)).sum();
    sure >= Lane::RUN
        && !atoms[run..].iter().any(|atom| (b'0'..=b'9').any(|digit| may_hold(atom, digit)))
}

/// Whether what stands before the value is as short and has line breaks only where the lane allows them.
fn line_holds(before: &[Hir]) -> bool {
    let (mut length, mut detour) = (0, 0);
    for (at, part) in before.iter().enumerate() {
        let rest: usize = before[at + 1..].iter().map(longest).sum();
        let opens = rest == 0 && longest(part) <= Lane::OPENERS;
        if !may_hold(part, b'\n') || opens {
            length += longest(part);
        } else if behind_value(part).is_some_and(|behind| WORD.len() + behind + rest <= Lane::VALUE)
        {
            detour += longest(part);
        } else {
            return false;
        }
    }
    length <= Lane::NAME && length + detour <= Lane::BEFORE
}

/// Of an optional part that holds the word `value`: most bytes behind the word.
fn behind_value(part: &Hir) -> Option<usize> {
    let HirKind::Repetition(repetition) = part.kind() else { return None };
    let mut atoms = Vec::new();
    flatten(&repetition.sub, &mut atoms);
    let at = atoms
        .windows(WORD.len())
        .position(|atoms| atoms.iter().zip(WORD).all(|(atom, letter)| is_letter(atom, *letter)))?;
    let behind = atoms[at + WORD.len()..].iter().map(|atom| longest(atom)).sum();
    (repetition.min == 0 && repetition.max == Some(1)).then_some(behind)
}

/// The word that a value may stand behind, on a line of its own.
const WORD: &[u8; 5] = b"value";

/// Whether a part is a letter in either case and nothing else.
fn is_letter(hir: &Hir, letter: u8) -> bool {
    let both = [letter.to_ascii_uppercase(), letter];
    (0..=255).all(|byte: u8| may_hold(hir, byte) == both.contains(&byte)) && longest(hir) == 1
}

fn may_hold_token(hir: &Hir) -> bool {
    (0..=255).any(|byte: u8| {
        (byte.is_ascii_alphanumeric() || b"_-+/".contains(&byte)) && may_hold(hir, byte)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{context, literals};
    use super::is_named;

    fn named(pattern: &str) -> bool {
        is_named(&literals::parse(pattern).expect("a pattern"), 0)
    }

    #[test]
    fn names_before_values_are_told() {
        assert!(named(&context::pattern(&["acme".into(), "acme_key".into()], "[0-9a-f]{32}")));
        assert!(named(r"acme\w{0,9}[:=](?<secret>[0-9a-f]{32})"));
        for other in [
            // The value may be too short, or go on behind a dot; nothing parts it from the name.
            &context::pattern(&["acme".into()], "[0-9a-f]{15}"),
            &context::pattern(&["acme".into()], r"[0-9a-f]{32}\.[0-9a-f]{32}"),
            r"acme-?(?<secret>[0-9a-f]{32})",
            // A line break anywhere; the name is too far off.
            r"acme\s{1,30}[:=](?<secret>[0-9a-f]{32})",
            r"acme[a-z ]{1,125}[:=](?<secret>[0-9a-f]{32})",
        ] {
            assert!(!named(other), "{other}");
        }
        // The literal stands behind the name.
        assert!(!is_named(&literals::parse("acme_[a-z]{3}zq=(?<secret>[0-9]{32})").unwrap(), 8));
    }
}
