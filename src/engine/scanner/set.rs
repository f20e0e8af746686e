//! A set of signatures, made ready to scan. Compiles nothing.

use std::sync::Arc;

use crate::engine::matchers::{self, Matcher, REACH};
use crate::engine::patterns::{Pattern, Patterns};
use crate::engine::proofs;
use crate::engine::rules::Rules;
use crate::foreign::rule::Compiled;
use crate::model::{self, SignatureSet};

/// How the candidates of a signature are found.
pub(super) enum Way {
    /// By its pattern, in windows around its literals.
    Pattern,
    /// By a named matcher, which may serve several signatures: index of the group.
    Group(usize),
    /// By a named matcher that does not exist.
    Missing,
    /// As a rule of another scanner.
    Rule,
}

/// A named matcher and the signatures that it serves.
pub(super) struct Group {
    pub(super) matcher: &'static dyn Matcher,
    /// The first of its signatures.
    pub(super) first: u32,
    /// Whether one of them has no keyword: then the matcher sees the whole text.
    pub(super) whole: bool,
}

/// What all threads share.
pub(super) struct Prepared {
    pub(super) set: Arc<SignatureSet>,
    pub(super) ways: Vec<Way>,
    pub(super) groups: Vec<Group>,
    pub(super) patterns: Patterns,
    /// The rules of other scanners, in sets that have any.
    pub(super) rules: Option<Rules>,
    /// A literal so far before a body can still have its window in it (windows of named matchers).
    pub(super) reach_behind: usize,
    /// A literal so far behind a body can belong to a match that begins in it.
    pub(super) reach_ahead: usize,
    /// Whether a literal counts depends on the byte before it and on so many bytes from its start at most,
    /// and on the runs near it.
    pub(super) literal_reach: usize,
}

impl Prepared {
    pub(super) fn new(set: Arc<SignatureSet>) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let ways: Vec<Way> = set
            .signatures
            .iter()
            .enumerate()
            .map(|(index, signature)| {
                let name = match &signature.matcher {
                    model::Matcher::Pattern(_) => return Way::Pattern,
                    model::Matcher::Rule(_) => return Way::Rule,
                    model::Matcher::Named(name) => name,
                };
                let Some(matcher) = matchers::named(name) else { return Way::Missing };
                let whole = signature.keywords.is_empty();
                let known = groups.iter().position(|group| group.matcher.name() == matcher.name());
                let group = known.unwrap_or_else(|| {
                    groups.push(Group { matcher, first: index as u32, whole });
                    groups.len() - 1
                });
                groups[group].whole |= whole;
                Way::Group(group)
            })
            .collect();
        let anchors = set.tables.anchors.iter();
        let named = anchors
            .clone()
            .filter(|anchor| matches!(ways.get(anchor.signature as usize), Some(Way::Group(_))));
        Self {
            reach_behind: named.map(|anchor| anchor.after as usize).max().unwrap_or(0).min(REACH),
            reach_ahead: anchors.map(|anchor| anchor.before as usize).max().unwrap_or(0).min(REACH),
            literal_reach: {
                let run = set.tables.anchors.iter().map(|anchor| usize::from(anchor.run)).max();
                let literal = set.tables.literals.iter().map(|literal| literal.bytes.len()).max();
                run.unwrap_or(0) + literal.unwrap_or(0)
            },
            patterns: Patterns::new(ways.len()),
            rules: Rules::new(&set),
            ways,
            groups,
            set,
        }
    }

    /// The compiled pattern of a signature.
    pub(super) fn pattern(&self, signature: u32) -> Option<&Pattern> {
        match &self.set.signatures[signature as usize].matcher {
            model::Matcher::Pattern(pattern) => self.patterns.get(signature, pattern),
            model::Matcher::Named(_) | model::Matcher::Rule(_) => None,
        }
    }

    /// The index of a signature by its id.
    pub(super) fn index_of(&self, id: &str) -> Option<u32> {
        let found = self.set.signatures.binary_search_by(|signature| (*signature.id).cmp(id));
        found.ok().map(|index| index as u32)
    }

    /// What keeps signatures from being run, a sentence each. Compiles every pattern: 0.1 ms each.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for signature in self.set.signatures.iter() {
            let id = &signature.id;
            match &signature.matcher {
                model::Matcher::Pattern(pattern) => {
                    if let Err(error) = Pattern::new(pattern) {
                        faults.push(format!("{id}: {error}"));
                    }
                }
                model::Matcher::Named(name) if matchers::named(name).is_none() => {
                    faults.push(format!("{id}: there is no matcher {name:?}"));
                }
                model::Matcher::Named(_) => {}
                model::Matcher::Rule(rule) => {
                    let error = Compiled::new(rule).err();
                    faults.extend(error.map(|error| format!("{id}: {error}")));
                }
            }
            let missing = signature.proofs.iter().filter(|name| proofs::named(name).is_none());
            faults.extend(missing.map(|name| format!("{id}: there is no proof {name:?}")));
        }
        faults
    }
}
