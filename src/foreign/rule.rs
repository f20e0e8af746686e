//! A rule of another scanner, ready to be run.

use super::expr::Program;
use super::pattern::Pattern;
use crate::model::{Allow, Rule};

/// What a text is asked for before its candidates: where it comes from.
pub const ABOUT_TEXT: &[&str] = &["attributes"];
/// Attributes of a text that are filled here: those of git in a history alone.
pub const FILLED: &[&str] =
    &["git.author_email", "git.author_name", "git.date", "git.sha", "path", "resource"];
/// Attributes that other scanners fill and that are always empty here.
pub const EMPTY: &[&str] = &["fs.symlink", "git.message", "git.platform", "git.remote_url"];
/// What a candidate is asked for.
pub const ABOUT_CANDIDATE: &[&str] = &["attributes", "captures", "finding"];

/// Patterns and expressions of a rule, compiled.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What a match looks like; none for a rule about paths alone.
    pub pattern: Option<Pattern>,
    /// What the path looks like.
    pub path: Option<Pattern>,
    /// In the order of the rule.
    pub allow: Vec<CompiledAllow>,
    /// In the order of the rule.
    pub skip: Vec<Program>,
    /// In the order of the rule.
    pub filters: Vec<Program>,
}

/// The patterns of an allowlist.
#[derive(Clone, Debug)]
pub struct CompiledAllow {
    /// Of which one is found in the path.
    pub paths: Vec<Pattern>,
    /// Of which one is found in the target.
    pub patterns: Vec<Pattern>,
}

/// What of a rule does not compile: the key of [`Rule`] and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {why}")]
pub struct Error {
    /// The key.
    pub key: &'static str,
    /// Why.
    pub why: String,
}

impl Compiled {
    /// Compiles everything: some milliseconds.
    ///
    /// # Errors
    /// The first thing that does not compile.
    pub fn new(rule: &Rule) -> Result<Self, Error> {
        let one = |key, text: &String| {
            Pattern::new(text).map_err(|why| Error { key, why: format!("{text:?}: {why}") })
        };
        let all = |key, texts: &[String]| {
            texts.iter().map(|text| one(key, text)).collect::<Result<Vec<_>, _>>()
        };
        let programs = |key, sources: &[String], names| {
            let read = |source: &String| {
                Program::new(source, names).map_err(|error| Error { key, why: error.to_string() })
            };
            sources.iter().map(read).collect::<Result<Vec<_>, _>>()
        };
        let allow = |allow: &Allow| {
            let paths = all("allow.paths", &allow.paths)?;
            Ok(CompiledAllow { paths, patterns: all("allow.patterns", &allow.patterns)? })
        };
        let pattern = rule.pattern.as_ref().map(|text| one("pattern", text)).transpose()?;
        let groups = pattern.as_ref().map_or(0, Pattern::groups);
        if rule.group > groups {
            let why = format!("there is no group {}: the pattern has {groups}", rule.group);
            return Err(Error { key: "group", why });
        }
        if rule.pattern.is_none() && rule.path.is_none() {
            let why = "a rule needs `pattern` or `path`".to_owned();
            return Err(Error { key: "pattern", why });
        }
        if rule.allow.iter().any(is_empty) {
            let why =
                "an allowlist without a criterion would allow nothing or everything".to_owned();
            return Err(Error { key: "allow", why });
        }
        Ok(Self {
            pattern,
            path: rule.path.as_ref().map(|text| one("path", text)).transpose()?,
            allow: rule.allow.iter().map(allow).collect::<Result<_, _>>()?,
            skip: programs("skip", &rule.skip, ABOUT_TEXT)?,
            filters: programs("filters", &rule.filters, ABOUT_CANDIDATE)?,
        })
    }
}

fn is_empty(allow: &Allow) -> bool {
    let Allow { commits, paths, patterns, stopwords, .. } = allow;
    [commits, paths, patterns, stopwords].iter().all(|list| list.is_empty())
}
