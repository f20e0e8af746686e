//! What almost made a candidate on a line, for `explain`. A scan does not come here.

use std::ops::Range;

use regex_syntax::hir::{Hir, HirKind};

use super::set::Prepared;
use crate::decode::Survey;
use crate::engine::candidate::Text;
use crate::engine::matchers::assignment;
use crate::engine::matchers::{Refusal, Refused, names};
use crate::engine::patterns::Pattern;
use crate::engine::prefilter::{Automaton, Prefilter};
use crate::model::Matcher;

/// The most signatures that are told of one line.
const MOST: usize = 3;

/// A secret without a literal whose length varies by more may be anything.
const WIDE: usize = 64;

/// Why there is no candidate where one might be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NearMiss {
    /// A literal of a signature stands there, and no value in its form.
    Form {
        /// Id of the signature.
        signature: String,
        /// The literal, lower case.
        literal: String,
        /// How long the token characters are that begin with the literal.
        stands: usize,
        /// How long a secret of that signature is, from and to.
        wanted: (usize, Option<usize>),
    },
    /// A value in the form of a signature stands there, and what must stand around it does not.
    Around {
        /// Id of the signature.
        signature: String,
        /// The literal, lower case.
        literal: String,
        /// Whether the literal begins the value: then something touches it; else its name or operator lacks.
        own: bool,
    },
    /// An operator that makes no assignment of a credential.
    Refused(Refused),
    /// No operator at all; the name of the line that promises a credential, where there is one.
    NoOperator(Option<String>),
}

/// The near misses of a line: of signatures with a literal on it, then of the name nearest to an assignment.
pub(super) fn misses(prepared: &Prepared, text: &Text<'_>, line: Range<usize>) -> Vec<NearMiss> {
    let mut misses = of_literals(prepared, text, &line);
    misses.push(of_names(text, line));
    misses
}

fn of_literals(prepared: &Prepared, text: &Text<'_>, line: &Range<usize>) -> Vec<NearMiss> {
    let set = &prepared.set;
    // Not the prefilter of a scan: that one passes over literals in the middle of a word.
    let mut hits = Vec::new();
    let survey = Survey::of(text.bytes);
    Automaton::new(&set.tables).find(text.bytes, &survey, line.clone(), &mut hits);
    let mut calls: Vec<(usize, u32, u32)> = Vec::new();
    for hit in hits {
        let literal = &set.tables.literals[hit.literal as usize];
        let anchors = literal.first as usize..(literal.first + literal.count) as usize;
        for anchor in &set.tables.anchors[anchors] {
            calls.push((hit.at as usize, hit.literal, anchor.signature));
        }
    }
    // Long literals say most; then the order of ids.
    let length = |literal: u32| set.tables.literals[literal as usize].bytes.len();
    calls.sort_by_key(|(at, literal, index)| (std::cmp::Reverse(length(*literal)), *index, *at));
    calls.dedup_by_key(|(_, _, index)| *index);
    let mut misses = Vec::new();
    let mut seen = Vec::new();
    for (at, literal, index) in calls {
        if seen.contains(&index) || misses.len() == MOST {
            continue;
        }
        seen.push(index);
        let signature = &set.signatures[index as usize];
        let Matcher::Pattern(pattern) = &signature.matcher else { continue };
        let Some(secret) = secret_of(pattern) else { continue };
        let bytes = &set.tables.literals[literal as usize].bytes;
        let (id, literal) = (signature.id.clone().into_owned(), printed(bytes));
        let properties = secret.properties();
        let wanted = (properties.minimum_len().unwrap_or(0), properties.maximum_len());
        // A form that nearly everything has says nothing.
        let spread = wanted.1.map_or(usize::MAX, |most| most - wanted.0);
        if spread > WIDE && !has_literal(&secret) {
            continue;
        }
        let found =
            Pattern::of(&secret).map_or(Vec::new(), |own| own.secrets(&text.bytes[line.clone()]));
        let here = at - line.start;
        let of_token = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-+/=.".contains(byte);
        misses.push(match found.first() {
            Some(_) => {
                let own = found.iter().any(|range| range.contains(&here));
                NearMiss::Around { signature: id, literal, own }
            }
            None => {
                let stands = text.bytes[at..line.end].iter().take_while(of_token).count();
                NearMiss::Form { signature: id, literal, stands, wanted }
            }
        });
    }
    misses
}

fn of_names(text: &Text<'_>, line: Range<usize>) -> NearMiss {
    let refused = assignment::refused(text, line.clone());
    let nearest = refused.into_iter().max_by_key(|it| (it.name.is_some(), it.why));
    let words =
        text.bytes[line].split(|byte| !byte.is_ascii_alphanumeric() && !b"_-".contains(byte));
    let promising = words
        .filter(|word| !word.is_empty() && word.len() <= 40)
        .find(|word| names::of(word, true).is_some_and(|named| named.strong))
        .map(|word| String::from_utf8_lossy(word).into_owned());
    match (nearest, promising) {
        (Some(refused), _) if refused.name.is_some() => NearMiss::Refused(refused),
        (_, Some(name)) => NearMiss::NoOperator(Some(name)),
        (Some(refused), None) if refused.why > Refusal::NoOperator => NearMiss::Refused(refused),
        (_, None) => NearMiss::NoOperator(None),
    }
}

/// The form of the secret alone, without what must stand around it.
fn secret_of(pattern: &str) -> Option<Hir> {
    fn find(hir: &Hir) -> Option<&Hir> {
        match hir.kind() {
            HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
                Some(&capture.sub)
            }
            HirKind::Capture(capture) => find(&capture.sub),
            HirKind::Repetition(repetition) => find(&repetition.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(find),
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
        }
    }
    let parsed =
        regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
    parsed.ok().as_ref().and_then(find).cloned()
}

/// Whether a fixed text stands in the form.
fn has_literal(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(_) => true,
        HirKind::Capture(capture) => has_literal(&capture.sub),
        HirKind::Repetition(repetition) => has_literal(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(has_literal),
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

fn printed(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{NearMiss, Refusal};
    use crate::engine::{Options, Scanner, Text};
    use crate::model::BlobPath;
    use crate::signatures::builtin;

    fn misses(line: &str) -> Vec<NearMiss> {
        let scanner = Scanner::new(std::sync::Arc::new(builtin()), Options::default());
        let path = BlobPath::new("a.py");
        let text = Text { bytes: line.as_bytes(), path: &path, decoded: false };
        scanner.thread().near_misses(&text, 0..line.len())
    }

    fn refusal(line: &str) -> Option<(Option<String>, Refusal)> {
        misses(line).into_iter().find_map(|miss| match miss {
            NearMiss::Refused(refused) => Some((refused.name, refused.why)),
            _ => None,
        })
    }

    #[test]
    fn the_nearest_assignment_is_told() {
        let named = |name: &str, why| Some((Some(name.to_owned()), why));
        assert_eq!(refusal("api_key = \"short\""), named("api_key", Refusal::Short));
        assert_eq!(refusal("password = other"), named("password", Refusal::Bare));
        assert_eq!(refusal("password = \"abc\""), named("password", Refusal::Sentence));
        assert_eq!(refusal("x = \"abcdefgh\""), Some((None, Refusal::NoName)));
        assert_eq!(misses("a password"), [NearMiss::NoOperator(Some("password".to_owned()))]);
        assert_eq!(misses("nothing"), [NearMiss::NoOperator(None)]);
    }

    #[test]
    fn a_literal_without_its_form_and_one_that_is_touched_are_told() {
        let digits = "0123456789";
        let short = misses(&format!("x = 'lin_api_{digits}'"));
        let form = NearMiss::Form {
            signature: "linear-api-key".to_owned(),
            literal: "lin_api_".to_owned(),
            stands: 18,
            wanted: (48, Some(48)),
        };
        assert_eq!(short[0], form);
        let touched = misses(&format!("x = 'lin_api_{}'", digits.repeat(5)));
        assert!(matches!(&touched[0], NearMiss::Around { own: true, .. }), "{touched:?}");
    }
}
