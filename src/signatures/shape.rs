//! What the parts of a pattern can match: lengths and bytes.
//!
//! Shared with the build script by `#[path]`.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The parts of a pattern that follow one another.
pub(super) fn flatten<'h>(hir: &'h Hir, atoms: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Capture(capture) => flatten(&capture.sub, atoms),
        HirKind::Concat(parts) => parts.iter().for_each(|part| flatten(part, atoms)),
        _ => atoms.push(hir),
    }
}

/// Whether all bytes that a part can match are those of runs.
pub(super) fn is_token(hir: &Hir) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/".contains(&byte);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.iter().all(|byte| token(*byte)),
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().all(|range| (range.start()..=range.end()).all(token))
        }
        HirKind::Class(Class::Unicode(_)) => false,
        HirKind::Repetition(repetition) => is_token(&repetition.sub),
        HirKind::Capture(capture) => is_token(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(is_token),
    }
}

/// Whether a part can match the byte somewhere.
pub(super) fn may_hold(hir: &Hir, byte: u8) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.contains(&byte),
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&byte))
        }
        HirKind::Class(Class::Unicode(_)) => true,
        HirKind::Repetition(repetition) => may_hold(&repetition.sub, byte),
        HirKind::Capture(capture) => may_hold(&capture.sub, byte),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().any(|part| may_hold(part, byte))
        }
    }
}

/// Fewest bytes that a part matches.
pub(super) fn shortest(hir: &Hir) -> usize {
    hir.properties().minimum_len().unwrap_or(0)
}

/// Most bytes that a part matches.
pub(super) fn longest(hir: &Hir) -> usize {
    hir.properties().maximum_len().unwrap_or(usize::MAX / 1024)
}
