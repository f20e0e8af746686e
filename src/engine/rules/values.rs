//! What expressions of rules can ask for: the text, the candidate, the scanner's own measures.

use std::collections::BTreeMap;
use std::ops::Range;

use super::tokens;
use crate::engine::candidate::{Candidate, Text};
use crate::foreign::expr::{Error, Host, Value};
use crate::foreign::rule::{Compiled, EMPTY, FILLED};
use crate::model::{BlobPath, Confidence, Origin, Rule, Signature};
use crate::text::entropy;

/// Lines of context on each side.
const CONTEXT: usize = 20;
/// The answers to one candidate's expressions.
#[derive(Default)]
pub(super) struct Of {
    pub(super) attributes: BTreeMap<String, Value>,
    finding: BTreeMap<String, Value>,
    captures: BTreeMap<String, Value>,
    /// What `setConfidence` has asked for.
    pub(super) confidence: Option<Confidence>,
}

/// Where a text comes from.
pub(super) fn about_text(path: &BlobPath, origin: &Origin) -> BTreeMap<String, Value> {
    // What a text does not have is empty, not nil: so it is there where the rules come from.
    let known = FILLED.iter().chain(EMPTY).map(|name| ((*name).to_owned(), Value::from("")));
    let mut attributes: BTreeMap<String, Value> = known.collect();
    let mut put = |name: &str, value: &str| drop(attributes.insert(name.to_owned(), value.into()));
    let path = String::from_utf8_lossy(path.as_bytes());
    put("path", &path);
    put("resource", &path);
    if let Some(commit) = &origin.commit {
        put("git.sha", &commit.id);
        put("git.author_name", &commit.author);
        put("git.author_email", &commit.email);
        put("git.date", &commit.date);
    }
    attributes
}

impl Of {
    pub(super) fn text(path: &BlobPath, origin: &Origin) -> Self {
        Self { attributes: about_text(path, origin), ..Self::default() }
    }

    pub(super) fn candidate(
        rule: &Rule,
        compiled: &Compiled,
        signature: &Signature,
        text: &Text<'_>,
        candidate: &Candidate,
    ) -> Self {
        let bytes = text.bytes;
        let range = candidate.range.clone();
        let value = candidate.value(text);
        let before = |at: usize| memchr::memchr_iter(b'\n', &bytes[..at]).count() as f64;
        let mut finding: BTreeMap<String, Value> = [
            ("secret", Value::bytes(value)),
            ("match", Value::bytes(&bytes[range.clone()])),
            ("line", Value::bytes(&bytes[lines(bytes, &range)])),
            ("rule_id", rule.name.as_str().into()),
            ("description", Value::from(&*signature.title)),
            ("entropy", Value::Number(f64::from(entropy(value)))),
            ("match_start_idx", Value::Number(range.start as f64)),
            ("match_end_idx", Value::Number(range.end as f64)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        // Dear parts, for those that ask.
        let asks = |name: &str| rule.filters.iter().any(|source| source.contains(name));
        let mut put = |name: &str, value: Value| drop(finding.insert(name.to_owned(), value));
        if asks("context") {
            put("context", Value::bytes(context(bytes, range.start, range.end)));
        }
        if asks("fragment_raw") {
            put("fragment_raw", Value::bytes(bytes));
        }
        if asks("line_start") || asks("line_end") {
            put("line_start", Value::Number(before(range.start)));
            put("line_end", Value::Number(before(range.end)));
        }
        let mut captures = BTreeMap::new();
        if let Some(pattern) = compiled.pattern.as_ref().filter(|_| asks("captures")) {
            let whole = &bytes[range];
            let groups = pattern.groups_in(whole).unwrap_or_default();
            for ((at, group), name) in groups.into_iter().enumerate().zip(pattern.names()) {
                let value = group.map_or(Value::from(""), |group| Value::bytes(&whole[group]));
                captures.extend(name.map(|name| (name, value.clone())));
                captures.insert(at.to_string(), value);
            }
            put("captures", Value::Map(captures.clone()));
        }
        Self { finding, captures, ..Self::default() }
    }
}

/// The lines of a match and [`CONTEXT`] more on each side.
fn context(text: &[u8], start: usize, end: usize) -> &[u8] {
    let first = memchr::memrchr_iter(b'\n', &text[..start]).nth(CONTEXT).map_or(0, |at| at + 1);
    let last = memchr::memchr_iter(b'\n', &text[end..]).nth(CONTEXT);
    &text[first..last.map_or(text.len(), |at| end + at)]
}

/// The whole lines that a match spans.
pub(super) fn lines(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &text[..range.start]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &text[range.end..]).map_or(text.len(), |at| range.end + at);
    start..end
}

impl Host for Of {
    fn variable(&mut self, name: &str) -> Option<Value> {
        let map = match name {
            "attributes" => &self.attributes,
            "finding" => &self.finding,
            "captures" => &self.captures,
            _ => return None,
        };
        Some(Value::Map(map.clone()))
    }

    fn call(&mut self, name: &str, arguments: &[Value]) -> Option<Result<Value, Error>> {
        let text = || match arguments.first() {
            Some(Value::Text(text)) => Ok(text.as_str()),
            _ => Err(Error::Value(format!("`{name}` takes a text"))),
        };
        Some(match name {
            "entropy" => text().map(|it| Value::Number(f64::from(entropy(it.as_bytes())))),
            "tokenRatio" => text().map(|it| Value::Number(tokens::ratio(it))),
            "failsTokenEfficiency" => text().map(|it| Value::Bool(tokens::fails(it.as_bytes()))),
            "setConfidence" => {
                let level = arguments.iter().rev().find_map(|it| match it {
                    Value::Text(word) => level(word),
                    _ => None,
                });
                self.confidence = level.or(self.confidence);
                Ok(Value::Bool(false))
            }
            _ => return None,
        })
    }
}

fn level(word: &str) -> Option<Confidence> {
    match word {
        "low" => Some(Confidence::Low),
        "medium" => Some(Confidence::Medium),
        "high" => Some(Confidence::High),
        _ => None,
    }
}
