//! Where a long run of token characters surely stands in a match: the prefilter then looks for the
//! signature's literals near such runs alone, which are a small part of any text.
//!
//! Shared with the build script by `#[path]`.

use regex_syntax::hir::{Class, Hir, HirKind, Literal, Look};

use super::named;
use super::shape::{flatten, is_token, longest, shortest};
use crate::model::Lane;

const RUN: usize = Lane::RUN;

/// How far a match reaches around a run of [`RUN`] token bytes or more that stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Nearness {
    /// Most bytes from the match's start to the run's.
    before: usize,
    /// Most bytes from the run's end to the match's.
    after: usize,
}

impl Nearness {
    /// The same, with more of the match around.
    fn within(self, before: usize, after: usize) -> Self {
        Self { before: self.before + before, after: self.after + after }
    }

    fn wider(self, other: Self) -> Self {
        Self { before: self.before.max(other.before), after: self.after.max(other.after) }
    }
}

/// The lane of a literal that begins with a word character or not (`word`), at most `offset` bytes behind
/// its match's start. With `digit` the group `secret` holds a digit in every match that counts.
pub(super) fn lane(hir: &Hir, digit: bool, word: bool, offset: usize) -> Lane {
    // Nothing stands between such a start and the literal.
    let starts = word && token_start(hir).is_some_and(|longest| longest == offset);
    let ahead = |run: Nearness| run.before <= Lane::AHEAD + offset;
    // A literal behind the run ends the match, or stands near its start.
    let near = |run: Nearness| {
        run.before <= Lane::BEFORE && run.after.min(offset.saturating_sub(RUN)) <= Lane::BEHIND
    };
    if starts && of_pattern(hir).is_some_and(ahead) {
        Lane::TokenStart
    } else if digit && named::is_named(hir, offset) {
        Lane::Named
    } else if of_pattern(hir).is_some_and(near) {
        Lane::NearRun
    } else {
        Lane::Anywhere
    }
}

/// Most bytes of what comes first, if that is a word's start or an escaped line break or tab.
fn token_start(hir: &Hir) -> Option<usize> {
    let escape = |hir: &Hir| {
        let HirKind::Concat(parts) = hir.kind() else { return false };
        let [first, second] = &parts[..] else { return false };
        let HirKind::Class(Class::Bytes(class)) = second.kind() else { return false };
        let only = |byte| b"nrt".contains(&byte);
        *first.kind() == HirKind::Literal(Literal(b"\\".to_vec().into()))
            && class.ranges().iter().all(|range| (range.start()..=range.end()).all(only))
    };
    match hir.kind() {
        HirKind::Look(Look::WordAscii | Look::WordStartAscii) => Some(0),
        HirKind::Capture(capture) => token_start(&capture.sub),
        HirKind::Concat(parts) => token_start(parts.first()?),
        HirKind::Alternation(branches) => branches.iter().try_fold(0, |most, branch| {
            let length = if escape(branch) { Some(2) } else { token_start(branch) };
            length.map(|length| length.max(most))
        }),
        _ => None,
    }
}

/// The run that stands in every match of a pattern; `None` where none is sure.
fn of_pattern(hir: &Hir) -> Option<Nearness> {
    let mut atoms = Vec::new();
    flatten(hir, &mut atoms);
    if let [only] = atoms[..] {
        return of_atom(only);
    }
    let length = |atoms: &[&Hir]| atoms.iter().map(|atom| longest(atom)).sum::<usize>();
    let mut found: Option<Nearness> = None;
    let mut at = 0;
    while at < atoms.len() {
        let tokens = atoms[at..].iter().take_while(|atom| is_token(atom)).count();
        let sure: usize = atoms[at..at + tokens].iter().map(|atom| shortest(atom)).sum();
        let end = at + tokens.max(1);
        let inside = if sure >= RUN {
            Some(Nearness { before: 0, after: 0 })
        } else {
            of_atom(atoms[at]).filter(|_| tokens == 0)
        };
        let inside = inside.map(|near| near.within(length(&atoms[..at]), length(&atoms[end..])));
        found = match (found, inside) {
            (Some(a), Some(b)) if b.before < a.before => Some(b),
            (None, inside) => inside,
            (found, _) => found,
        };
        at = end;
    }
    found
}

fn of_atom(atom: &Hir) -> Option<Nearness> {
    match atom.kind() {
        HirKind::Alternation(branches) => {
            let mut all = branches.iter().map(of_pattern);
            all.next()?.and_then(|first| all.try_fold(first, |near, next| Some(near.wider(next?))))
        }
        HirKind::Repetition(repetition) if repetition.min > 0 && !is_token(atom) => {
            let near = of_pattern(&repetition.sub)?;
            Some(near.within(0, longest(atom).saturating_sub(longest(&repetition.sub))))
        }
        _ => {
            let run = is_token(atom) && shortest(atom) >= RUN;
            run.then_some(Nearness { before: 0, after: 0 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::literals::parse;
    use super::{Nearness, lane, of_pattern};
    use crate::model::Lane;

    fn near(pattern: &str) -> Option<(usize, usize)> {
        of_pattern(&parse(pattern).expect("a pattern"))
            .map(|Nearness { before, after }| (before, after))
    }

    #[test]
    fn the_run_of_a_pattern_is_proven() {
        assert_eq!(near(r"\bghp_[0-9A-Za-z]{12}\b"), Some((0, 0)));
        assert_eq!(near(r"\bghp_[0-9A-Za-z]{11}\b"), None);
        assert_eq!(near(r"SG\.[0-9a-z]{22}\.[0-9a-z]{43}"), Some((3, 44)));
        assert_eq!(near(r"(?:\b|\\[nrt])(?<secret>ab[0-9a-f]{30})(?:[^\w]|$)"), Some((2, 1)));
        assert_eq!(near(r"key.{0,9}(?:[0-9a-f]{32}|x[0-9]{4}\.[0-9]{20})!"), Some((18, 1)));
        assert_eq!(near(r"key(?:[0-9a-f]{32}|short)"), None);
        assert_eq!(near(r"key(?:[0-9a-f]{20}\.){1,3}"), Some((3, 43)));
    }

    #[test]
    fn literals_go_to_the_narrowest_lane_that_is_proven() {
        let of =
            |pattern, digit, offset| lane(&parse(pattern).expect("a pattern"), digit, true, offset);
        let token = r"(?:\b|\\[nrt])(?<secret>ab_[0-9a-z]{30})\b";
        assert_eq!(of(token, false, 2), Lane::TokenStart);
        assert_eq!(of(token, false, 4), Lane::NearRun);
        assert_eq!(of(r"(?:\b|x)(?<secret>ab_[0-9a-z]{30})", false, 1), Lane::NearRun);
        assert_eq!(of(r"\bab_.{40}[0-9a-z]{30}", false, 0), Lane::NearRun);
        assert_eq!(of(r"\bab_.{200}[0-9a-z]{30}", false, 0), Lane::Anywhere);
        let context = r"abcd\w{0,9} ?[:=] ?(?<secret>[0-9a-z]{30})";
        assert_eq!(of(context, true, 0), Lane::Named);
        assert_eq!(of(context, false, 0), Lane::NearRun);
    }
}
