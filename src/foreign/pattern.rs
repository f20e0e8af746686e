//! Patterns of imported rules, compiled: any length, no literal asked for.

use std::ops::Range;

use regex_automata::meta;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

/// The largest program of one pattern, in bytes.
const LARGEST_PROGRAM: usize = 10 << 20;

/// A compiled pattern over bytes. Shared by threads; each search borrows a cache from a pool.
#[derive(Clone, Debug)]
pub struct Pattern(meta::Regex);

/// The groups of a match: the whole first, `None` for one that took no part.
pub type Groups = Vec<Option<Range<usize>>>;

impl Pattern {
    /// Compiles a pattern of our syntax, 0.1 to some milliseconds.
    ///
    /// Without Unicode unless the pattern asks for it by a character or class outside of ASCII.
    ///
    /// # Errors
    /// Where it is no pattern, or its program is larger than 10 MiB.
    pub fn new(pattern: &str) -> Result<Self, String> {
        Self::build(pattern, false).or_else(|error| {
            if pattern.is_ascii() && !pattern.contains("(?u:") {
                return Err(error);
            }
            Self::build(pattern, true).map_err(|_| error)
        })
    }

    fn build(pattern: &str, unicode: bool) -> Result<Self, String> {
        let config = meta::Config::new()
            .utf8_empty(false)
            .nfa_size_limit(Some(LARGEST_PROGRAM))
            .onepass_size_limit(Some(64 << 10));
        let syntax = syntax::Config::new().unicode(unicode).utf8(false).nest_limit(250);
        let built = meta::Builder::new().configure(config).syntax(syntax).build(pattern);
        built.map(Self).map_err(|error| match error.syntax_error() {
            Some(syntax) => reason(&syntax.to_string()),
            None => error.to_string(),
        })
    }

    /// How many groups it has, the whole match not counted.
    #[must_use]
    pub fn groups(&self) -> u32 {
        self.0.captures_len().saturating_sub(1) as u32
    }

    /// The names of its groups, by number.
    #[must_use]
    pub fn names(&self) -> Vec<Option<String>> {
        let names = self.0.group_info().pattern_names(regex_automata::PatternID::ZERO);
        names.map(|name| name.map(str::to_owned)).collect()
    }

    /// Whether it is found anywhere.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.0.is_match(text)
    }

    /// The first match that begins at `from` or behind it.
    #[must_use]
    pub fn find_from(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let input = Input::new(text).range(from..).anchored(Anchored::No);
        self.0.search(&input).map(|found| found.range())
    }

    /// The first match in the text and its groups.
    #[must_use]
    pub fn groups_in(&self, text: &[u8]) -> Option<Groups> {
        let mut captures = self.0.create_captures();
        self.0.search_captures(&Input::new(text), &mut captures);
        captures.is_match().then(|| {
            (0..captures.group_len()).map(|at| captures.get_group(at).map(|s| s.range())).collect()
        })
    }
}

/// The last line of a syntax error: the lines before it quote the pattern.
fn reason(error: &str) -> String {
    let last = error.lines().last().unwrap_or(error);
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
