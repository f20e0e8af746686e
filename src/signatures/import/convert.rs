//! From the rules of a file to our signatures, and a list of what they do not carry over.

use std::collections::BTreeMap;

use super::extend::Whole;
use super::fields::{At, Spot};
use super::note::Note;
use super::raw::{RawAllow, RawRule};
use crate::foreign::expr::{self, Program};
use crate::foreign::go;
use crate::foreign::pattern::Pattern;
use crate::foreign::rule::{ABOUT_CANDIDATE, ABOUT_TEXT, EMPTY, FILLED};
use crate::model::{Allow, AllowTarget, Component, Confidence, Matcher, Rule, Severity, Signature};
use crate::signatures::error::Error;
use crate::signatures::file::Entry;

/// The specificity of a rule that names none; ours is a rank around 0.
const SPECIFICITY: i64 = 100;

/// The signatures of a file and its notes.
pub(super) fn convert(whole: Whole) -> Result<(Vec<Entry>, Vec<Note>), Error> {
    let Whole { mut file, on_default, notes } = whole;
    let generic_loses = file.dialect().generic_loses;
    let mut state = Converter { notes, provider: file.dialect().name, generic_loses, on_default };
    let rules = state.with_something_to_find(std::mem::take(&mut file.rules))?;
    let ids = state.ids(&rules);
    let at = &file.at;
    let skip = state.expressions(at, "prefilter", &file.prefilter, ABOUT_TEXT)?;
    let filters = state.expressions(at, "filter", &file.filter, ABOUT_CANDIDATE)?;
    let mut lists = Vec::new();
    for list in &file.lists {
        state.targets(list, &rules)?;
        if on_default && list.rules.is_empty() {
            let what = "it counts for the rules of this file, not for the built-in signatures";
            state.note(&list.at, list.line, "allowlists", what);
        }
        lists.push((allow(list)?, list));
    }
    let mut entries = Vec::with_capacity(rules.len());
    for raw in &rules {
        let mut entry = state.entry(raw, &ids)?;
        if let Matcher::Rule(rule) = &mut entry.signature.matcher {
            rule.skip.clone_from(&skip);
            rule.filters.extend(filters.iter().cloned());
            let of_rule = |list: &RawAllow| {
                list.rules.is_empty() || list.rules.iter().any(|id| id.value == raw.id)
            };
            let own =
                lists.iter().filter(|(_, list)| of_rule(list)).map(|(allow, _)| allow.clone());
            rule.allow.extend(own);
        }
        entries.push(entry);
    }
    Ok((entries, state.notes))
}

struct Converter {
    notes: Vec<Note>,
    provider: &'static str,
    generic_loses: bool,
    on_default: bool,
}

impl Converter {
    fn note(&mut self, at: &At, line: usize, key: &'static str, what: impl Into<String>) {
        let (path, rule) = (at.path.clone(), at.rule.clone());
        self.notes.push(Note { path, line, rule, key, what: what.into() });
    }

    /// A rule that only changes one of the scanner's own finds nothing here; any other must find something.
    fn with_something_to_find(&mut self, rules: Vec<RawRule>) -> Result<Vec<RawRule>, Error> {
        let mut kept = Vec::with_capacity(rules.len());
        for rule in rules {
            if rule.regex.is_some() || rule.path.is_some() {
                kept.push(rule);
            } else if self.on_default {
                let what = "it changes a default rule of that scanner, which is not here: left out";
                self.note(&rule.at, rule.line, "id", what);
            } else {
                return Err(rule.at.wrong(
                    rule.line,
                    "regex",
                    "every rule needs `regex` or `path`",
                ));
            }
        }
        Ok(kept)
    }

    /// An id of ours for each rule's.
    fn ids(&mut self, rules: &[RawRule]) -> BTreeMap<String, String> {
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        for rule in rules {
            let words = rule.id.to_ascii_lowercase();
            let words =
                words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
            let plain = words.collect::<Vec<_>>().join("-");
            let plain = if plain.is_empty() { "rule".to_owned() } else { plain };
            let taken = |id: &String| ids.values().any(|known| known == id);
            let mut id = plain.clone();
            let mut number = 2;
            while taken(&id) {
                id = format!("{plain}-{number}");
                number += 1;
            }
            if id != rule.id {
                self.note(&rule.at, rule.line, "id", format!("its id here is `{id}`"));
            }
            ids.insert(rule.id.clone(), id);
        }
        ids
    }

    /// Expressions that can be run; one that asks for something unknown drops nothing.
    fn expressions(
        &mut self,
        at: &At,
        key: &'static str,
        sources: &[Spot<String>],
        names: &[&str],
    ) -> Result<Vec<String>, Error> {
        let mut kept = Vec::new();
        for source in sources {
            match Program::new(&source.value, names) {
                Ok(program) => {
                    self.attributes(at, key, source.line, &program);
                    if source.value.contains("containsAny") && self.provider == "betterleaks 1" {
                        let what = "terms of containsAny count in either case here; there, terms with \
                                    upper case letters are never found";
                        self.note(at, source.line, key, what);
                    }
                    kept.push(source.value.clone());
                }
                Err(error @ (expr::Error::Function(_) | expr::Error::Variable(_))) => {
                    let what = format!("{error}: left out, so it drops nothing");
                    self.note(at, source.line, key, what);
                }
                Err(error) => return Err(at.wrong(source.line, key, error.to_string())),
            }
        }
        Ok(kept)
    }

    /// Tells which attributes an expression asks for in vain.
    fn attributes(&mut self, at: &At, key: &'static str, line: usize, program: &Program) {
        for name in program.keys_of("attributes") {
            if FILLED.contains(&&*name) {
                continue;
            }
            let why =
                if EMPTY.contains(&&*name) { "is always empty here" } else { "is not known here" };
            let what =
                format!("attributes[{name:?}] {why}: what it is compared with decides alone");
            self.note(at, line, key, what);
        }
    }

    /// Whether the rules that a list is for exist.
    fn targets(&mut self, list: &RawAllow, rules: &[RawRule]) -> Result<(), Error> {
        for id in &list.rules {
            if rules.iter().any(|rule| rule.id == id.value) {
                continue;
            }
            let what = format!("there is no rule {:?}", id.value);
            if !self.on_default {
                return Err(list.at.wrong(id.line, "targetRules", what));
            }
            self.note(&list.at, id.line, "targetRules", what);
        }
        Ok(())
    }

    fn entry(&mut self, raw: &RawRule, ids: &BTreeMap<String, String>) -> Result<Entry, Error> {
        let at = &raw.at;
        for (key, line) in &raw.unused {
            let what = match *key {
                "tags" => "reports have no tags: left out",
                _ => "this version does not ask providers by other scanners' recipes: left out",
            };
            self.note(at, *line, key, what);
        }
        if raw.keywords.is_empty() && raw.regex.is_some() {
            let what = "without keywords its pattern is run over every text, which is slow";
            self.note(at, raw.line, "keywords", what);
        }
        let pattern = raw.regex.as_ref().map(|it| ours(at, it, "regex")).transpose()?;
        let filter: Vec<_> = raw.filter.iter().cloned().collect();
        let rule = Rule {
            name: raw.id.clone(),
            group: group(raw, pattern.as_ref())?,
            pattern: pattern.map(|(text, _)| text),
            path: raw.path.as_ref().map(|it| ours(at, it, "path")).transpose()?.map(|it| it.0),
            keywords: raw.keywords.clone(),
            token_efficiency: raw.token_efficiency == Some(true),
            only_near: raw.skip_report == Some(true),
            skip: Vec::new(),
            filters: self.expressions(at, "filter", &filter, ABOUT_CANDIDATE)?,
            allow: raw.lists.iter().map(allow).collect::<Result<_, _>>()?,
            near: near(raw, ids)?,
        };
        let confidence = self.confidence(raw)?;
        let generic = self.generic_loses && raw.id.contains("generic");
        let rank = raw.specificity.map_or(0, |it| it - SPECIFICITY) - i64::from(generic);
        let stem = at.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let title = raw.description.clone().filter(|it| !it.trim().is_empty());
        let signature = Signature {
            id: ids[&raw.id].clone().into(),
            provider: self.provider.into(),
            file: stem.unwrap_or_default().into(),
            title: title.unwrap_or_else(|| raw.id.clone()).into(),
            severity: Severity::High,
            confidence,
            kind: "imported".into(),
            matcher: Matcher::Rule(Box::new(rule)),
            keywords: Vec::new().into(),
            window: None,
            min_entropy: raw.entropy.unwrap_or(0.0) as f32,
            fixed: (0, 0),
            require_digit: false,
            proofs: Vec::new().into(),
            pair: None,
            known: Vec::new().into(),
            rank: rank as i32,
            revoke: None,
            docs: None,
            probe: None,
        };
        let (accept, reject, windows) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Entry {
            signature,
            windows,
            accept,
            reject,
            overlaps: Vec::new(),
            path: at.path.clone(),
            line: raw.line,
            probe_line: None,
        })
    }

    /// Medium where the rule does not say: nothing proves what it finds, and its author wants to see it.
    fn confidence(&mut self, raw: &RawRule) -> Result<Confidence, Error> {
        let Some(given) = &raw.confidence else { return Ok(Confidence::Medium) };
        match given.value.to_ascii_lowercase().as_str() {
            "high" => Ok(Confidence::High),
            "medium" => Ok(Confidence::Medium),
            "low" => {
                let what = "findings are shown with --min-confidence low alone";
                self.note(&raw.at, given.line, "confidence", what);
                Ok(Confidence::Low)
            }
            _ => Err(raw.at.wrong(given.line, "confidence", "high, medium or low is expected")),
        }
    }
}

/// A pattern in our syntax, and compiled.
fn ours(at: &At, spot: &Spot<String>, key: &str) -> Result<(String, Pattern), Error> {
    let wrong =
        |why: String| at.wrong(spot.line, key, format!("the pattern cannot be used: {why}"));
    let text = go::translate(&spot.value).map_err(|error| wrong(error.to_string()))?;
    let pattern = Pattern::new(&text).map_err(wrong)?;
    Ok((text, pattern))
}

fn group(raw: &RawRule, pattern: Option<&(String, Pattern)>) -> Result<u32, Error> {
    let Some((group, key)) = &raw.group else { return Ok(0) };
    let groups = pattern.map_or(0, |(_, pattern)| pattern.groups());
    match u32::try_from(group.value) {
        Ok(number) if number <= groups => Ok(number),
        _ => {
            let message = format!("there is no group {}: the pattern has {groups}", group.value);
            Err(raw.at.wrong(group.line, key, message))
        }
    }
}

fn near(raw: &RawRule, ids: &BTreeMap<String, String>) -> Result<Vec<Component>, Error> {
    let component = |near: &super::raw::RawNear| {
        let id = ids.get(&near.id.value).ok_or_else(|| {
            let message = format!("there is no rule {:?}", near.id.value);
            raw.at.wrong(near.id.line, near.key, message)
        })?;
        let (lines, columns, optional) = (near.lines, near.columns, near.optional);
        Ok(Component { id: id.clone(), lines, columns, optional })
    };
    raw.near.iter().map(component).collect()
}

fn allow(raw: &RawAllow) -> Result<Allow, Error> {
    let texts =
        |spots: &[Spot<String>]| spots.iter().map(|it| it.value.clone()).collect::<Vec<_>>();
    let patterns = |key, spots: &[Spot<String>]| {
        spots.iter().map(|it| ours(&raw.at, it, key).map(|it| it.0)).collect::<Result<Vec<_>, _>>()
    };
    let target = match raw.target.as_ref().map(|it| (it.value.as_str(), it.line)) {
        None | Some(("secret" | "", _)) => AllowTarget::Secret,
        Some(("match", _)) => AllowTarget::Match,
        Some(("line", _)) => AllowTarget::Line,
        Some((_, line)) => {
            return Err(raw.at.wrong(line, "regexTarget", "secret, match or line is expected"));
        }
    };
    Ok(Allow {
        all: raw.all,
        commits: texts(&raw.commits),
        paths: patterns("paths", &raw.paths)?,
        target,
        patterns: patterns("regexes", &raw.regexes)?,
        stopwords: texts(&raw.stopwords),
    })
}
