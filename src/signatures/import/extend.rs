//! Files that build on others: the own word wins, lists add up.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::fields::Source;
use super::note::Note;
use super::raw::{self, RawFile, RawRule};
use crate::signatures::error::Error;

/// How many files deep a file may build on others, as its scanner has it.
const DEEPEST: usize = 2;
/// No rule file is longer.
const LONGEST: u64 = 16 << 20;

/// A file with what it builds on.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) file: RawFile,
    /// Whether the default rules of its scanner are part of it, which are not here.
    pub(super) on_default: bool,
    pub(super) notes: Vec<Note>,
}

/// The text of a rule file.
pub(super) fn text_of(path: &Path) -> Result<String, Error> {
    let unreadable = |source| Error::Read { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > LONGEST {
        let source = std::io::Error::other("the file is longer than 16 MiB");
        return Err(unreadable(source));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// Reads what a file builds on, from the folder that the program runs in, and joins it.
pub(super) fn whole(file: RawFile, depth: usize) -> Result<Whole, Error> {
    let mut whole = Whole { file, on_default: false, notes: Vec::new() };
    let Some(extend) = whole.file.extend.clone() else { return Ok(whole) };
    let at = whole.file.at.clone();
    let mut note = |key: &'static str, line: usize, what: String| {
        whole.notes.push(Note { path: at.path.clone(), line, rule: None, key, what });
    };
    if let Some(url) = &extend.url {
        note("extend.url", url.line, "nothing is fetched; neither do these scanners".to_owned());
    }
    if extend.use_default {
        let what = "the default rules of that scanner are not here; the built-in signatures stand in for them";
        note("extend.useDefault", extend.line, what.to_owned());
        whole.on_default = true;
        for id in &extend.disabled {
            let what =
                format!("{:?} is no rule here; --disable leaves out built-in signatures", id.value);
            note("extend.disabledRules", id.line, what);
        }
    }
    let Some(path) = &extend.path else { return Ok(whole) };
    if depth >= DEEPEST {
        let message = format!("files build on files at most {DEEPEST} deep");
        return Err(at.wrong(path.line, "extend.path", message));
    }
    let path = PathBuf::from(&path.value);
    let text = text_of(&path)?;
    let base = parsed(&path, &text)?;
    let base = self::whole(base, depth + 1)?;
    for id in &extend.disabled {
        if !base.file.rules.iter().any(|rule| rule.id == id.value) {
            let what = format!("{:?} is no rule of {}", id.value, path.display());
            note("extend.disabledRules", id.line, what);
        }
    }
    let disabled: Vec<&str> = extend.disabled.iter().map(|id| id.value.as_str()).collect();
    whole.on_default |= base.on_default;
    whole.notes.extend(base.notes);
    join(&mut whole.file, base.file, &disabled);
    Ok(whole)
}

/// The keys of a file's text.
pub(super) fn parsed(path: &Path, text: &str) -> Result<RawFile, Error> {
    let table = DeTable::parse(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let message = error.message().to_owned();
        Error::Syntax { path: path.to_owned(), line, id: None, message }
    })?;
    raw::read(Source { path, text }, table.get_ref())
}

fn join(file: &mut RawFile, base: RawFile, disabled: &[&str]) {
    let own = std::mem::take(&mut file.rules);
    let mut rules: Vec<RawRule> =
        base.rules.into_iter().filter(|rule| !disabled.contains(&rule.id.as_str())).collect();
    for rule in own {
        match rules.iter_mut().find(|it| it.id == rule.id) {
            Some(known) => over(known, rule),
            None => rules.push(rule),
        }
    }
    file.rules = rules;
    file.lists.extend(base.lists);
    file.prefilter.extend(base.prefilter);
    file.filter.extend(base.filter);
    file.dialect = file.dialect.min(base.dialect);
}

/// A rule over the one that it builds on.
fn over(base: &mut RawRule, own: RawRule) {
    base.at = own.at;
    base.line = own.line;
    base.description = own.description.or(base.description.take());
    base.regex = own.regex.or(base.regex.take());
    base.path = own.path.or(base.path.take());
    base.group = own.group.or(base.group.take());
    base.entropy = own.entropy.or(base.entropy);
    base.skip_report = own.skip_report.or(base.skip_report);
    base.token_efficiency = own.token_efficiency.or(base.token_efficiency);
    base.specificity = own.specificity.or(base.specificity);
    base.confidence = own.confidence.or(base.confidence.take());
    base.filter = own.filter.or(base.filter.take());
    base.keywords.extend(own.keywords);
    base.lists.extend(own.lists);
    base.near.extend(own.near);
    base.unused.extend(own.unused);
}
