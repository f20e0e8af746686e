//! All rules of a set: which of them a text calls for, and what their patterns find in it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};
use sha2::{Digest, Sha256};

use super::judge;
use crate::engine::candidate::{Candidate, Text};
use crate::foreign::pattern::Pattern;
use crate::foreign::rule::Compiled;
use crate::model::{Facts, Matcher, Origin, Rule, Signature, SignatureSet};

/// Where matches of earlier windows ended, by signature.
type Resume = Vec<(u32, usize)>;

/// The rules of a set, each compiled on first use.
pub(in crate::engine) struct Rules {
    set: Arc<SignatureSet>,
    /// Their signatures, in the order of the set.
    signatures: Vec<u32>,
    compiled: Vec<OnceLock<Option<Compiled>>>,
    words: Option<AhoCorasick>,
    /// By word: the rules that have it, by place in `signatures`.
    of_word: Vec<Vec<usize>>,
    /// Rules without a word.
    always: Vec<usize>,
    /// By rule: those whose matches it wants near.
    near: Vec<Vec<usize>>,
}

fn rule(signature: &Signature) -> Option<&Rule> {
    match &signature.matcher {
        Matcher::Rule(rule) => Some(rule),
        _ => None,
    }
}

impl Rules {
    /// The rules of a set; `None` for a set without. Compiles the words, and no pattern.
    pub(in crate::engine) fn new(set: &Arc<SignatureSet>) -> Option<Self> {
        let all = set.signatures.iter().enumerate();
        let rules: Vec<(u32, &Rule)> =
            all.filter_map(|(at, it)| rule(it).map(|rule| (at as u32, rule))).collect();
        if rules.is_empty() {
            return None;
        }
        let mut words: Vec<String> = rules
            .iter()
            .flat_map(|(_, rule)| &rule.keywords)
            .map(|it| it.to_ascii_lowercase())
            .collect();
        words.sort();
        words.dedup();
        let mut of_word = vec![Vec::new(); words.len()];
        let mut always = Vec::new();
        let mut near = Vec::new();
        for (at, (_, rule)) in rules.iter().enumerate() {
            for word in &rule.keywords {
                of_word[words.partition_point(|it| *it < word.to_ascii_lowercase())].push(at);
            }
            if rule.keywords.is_empty() && rule.pattern.is_some() {
                always.push(at);
            }
            let place = |id: &String| {
                rules.iter().position(|(index, _)| set.signatures[*index as usize].id == *id)
            };
            near.push(rule.near.iter().filter_map(|component| place(&component.id)).collect());
        }
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&words);
        let words = built.ok();
        if words.is_none() {
            // Too many words for one automaton: every rule is run everywhere.
            always = (0..rules.len()).collect();
        }
        Some(Self {
            set: Arc::clone(set),
            compiled: rules.iter().map(|_| OnceLock::new()).collect(),
            signatures: rules.into_iter().map(|(index, _)| index).collect(),
            words,
            of_word,
            always,
            near,
        })
    }

    fn compiled(&self, at: usize) -> Option<&Compiled> {
        let rule = rule(&self.set.signatures[self.signatures[at] as usize])?;
        self.compiled[at].get_or_init(|| Compiled::new(rule).ok()).as_ref()
    }

    /// The rules that a text calls for, by place.
    fn called(&self, text: &[u8]) -> Vec<usize> {
        let mut called = vec![false; self.signatures.len()];
        let mut waiting: Vec<usize> = self.always.clone();
        if let Some(words) = &self.words {
            let mut seen = vec![false; self.of_word.len()];
            let mut left = seen.len();
            for found in words.find_overlapping_iter(text) {
                if !std::mem::replace(&mut seen[found.pattern().as_usize()], true) {
                    waiting.extend(&self.of_word[found.pattern().as_usize()]);
                    left -= 1;
                    if left == 0 {
                        break;
                    }
                }
            }
        }
        // What a rule wants near is looked for too, whatever its own words are.
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut called[at], true) {
                waiting.extend(&self.near[at]);
            }
        }
        (0..called.len()).filter(|at| called[*at]).collect()
    }

    /// Pushes the candidates that begin in `body`; a rule that does not compile goes to `broken`.
    pub(in crate::engine) fn run(
        &self,
        text: &Text<'_>,
        body: &Range<usize>,
        earlier: &Resume,
        resume: &mut Resume,
        candidates: &mut Vec<Candidate>,
        broken: &mut Vec<u32>,
    ) {
        for at in self.called(text.bytes) {
            let index = self.signatures[at];
            let signature = &self.set.signatures[index as usize];
            let Some(compiled) = self.compiled(at) else {
                broken.push(index);
                continue;
            };
            let (Some(rule), Some(pattern)) = (rule(signature), &compiled.pattern) else {
                continue;
            };
            if compiled.path.as_ref().is_some_and(|path| !path.is_match(text.path.as_bytes())) {
                continue;
            }
            let ended = earlier.iter().find(|(signature, _)| *signature == index);
            let mut from = body.start.max(ended.map_or(0, |(_, end)| *end));
            while from < body.end {
                let Some(found) = pattern.find_from(text.bytes, from) else { break };
                if found.start >= body.end {
                    break;
                }
                from = found.end.max(found.start + 1);
                if found.is_empty() {
                    continue;
                }
                if from > body.end {
                    resume.push((index, from));
                }
                let (range, secret) = secret(pattern, rule.group, text.bytes, found);
                candidates.push(candidate(index, signature, range, secret));
            }
        }
    }

    /// Pushes a candidate for each rule that asks for nothing but a path like this one's.
    pub(in crate::engine) fn by_path(&self, text: &Text<'_>, candidates: &mut Vec<Candidate>) {
        for (at, index) in self.signatures.iter().enumerate() {
            let signature = &self.set.signatures[*index as usize];
            if rule(signature).is_none_or(|rule| rule.pattern.is_some()) {
                continue;
            }
            let path = self.compiled(at).and_then(|compiled| compiled.path.as_ref());
            if path.is_some_and(|path| path.is_match(text.path.as_bytes())) {
                let mut found = candidate(*index, signature, 0..0, 0..0);
                // The file is the finding, and is known by its path. Hashed, because reports hide every
                // secret wherever it stands, the path among it.
                let digest = Sha256::digest(text.path.as_bytes());
                found.value =
                    Some(digest.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect());
                found.facts.insert("found_by".to_owned(), "its path".into());
                candidates.push(found);
            }
        }
    }

    /// Whether a candidate of a rule stays; an error is the reason to drop it.
    pub(in crate::engine) fn judge(
        &self,
        candidate: &mut Candidate,
        text: &Text<'_>,
        origin: &Origin,
    ) -> Result<(), &'static str> {
        let signature = &self.set.signatures[candidate.signature as usize];
        let place = self.signatures.binary_search(&candidate.signature).ok();
        let compiled = place.and_then(|at| self.compiled(at));
        match (rule(signature), compiled) {
            (Some(rule), Some(compiled)) => {
                judge::Judge { rule, compiled, signature, text, origin }.judge(candidate)
            }
            _ => Ok(()),
        }
    }
}

fn candidate(
    index: u32,
    signature: &Signature,
    range: Range<usize>,
    secret: Range<usize>,
) -> Candidate {
    Candidate {
        signature: index,
        range,
        secret,
        value: None,
        confidence: signature.confidence,
        facts: Facts::new(),
        proven: false,
    }
}

/// The match without line ends around it, and the secret in it.
///
/// The pattern is asked once more about the match alone, as the scanners do whose rules these are: what
/// stood around it no longer counts for `\b` and `$`. Where it then finds nothing, the match is the secret.
fn secret(
    pattern: &Pattern,
    group: u32,
    text: &[u8],
    found: Range<usize>,
) -> (Range<usize>, Range<usize>) {
    let whole = &text[found.clone()];
    let front = whole.iter().take_while(|byte| **byte == b'\n').count();
    let back = whole[front..].iter().rev().take_while(|byte| **byte == b'\n').count();
    let range = found.start + front..found.end - back;
    let groups = pattern.groups_in(&text[range.clone()]).unwrap_or_default();
    let filled = |at: usize| groups.get(at).cloned().flatten().filter(|group| !group.is_empty());
    let inside = match group {
        0 => (1..groups.len()).find_map(filled),
        group => filled(group as usize),
    };
    let secret = inside.map(|inside| range.start + inside.start..range.start + inside.end);
    (range.clone(), secret.unwrap_or(range))
}
