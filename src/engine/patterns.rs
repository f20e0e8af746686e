//! Patterns of signatures, compiled on first use, with caches that each thread owns.

use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::meta;
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

/// The largest program of one pattern, in bytes.
const LARGEST_PROGRAM: usize = 2 << 20;
/// The lazy automaton of one pattern and thread may use so many bytes.
const CACHE: usize = 256 << 10;

/// A compiled pattern. The only place where the engine makes a regex: Unicode classes would cost 34
/// times the time and 40 times the memory, and throw `\b` off the automaton.
#[derive(Debug)]
pub struct Pattern {
    regex: meta::Regex,
    /// Number of the group `secret`, 0 where the whole match is the secret.
    group: usize,
}

impl Pattern {
    /// Compiles a pattern over bytes, without Unicode. About 90 microseconds.
    ///
    /// # Errors
    /// Where it is no pattern, or its program is larger than 2 MiB.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let syntax = syntax::Config::new().unicode(false).utf8(false).nest_limit(64);
        let regex = meta::Builder::new()
            .configure(config())
            .syntax(syntax)
            .build(pattern)
            .map_err(|error| error.to_string())?;
        let names = regex.group_info().pattern_names(regex_automata::PatternID::ZERO);
        let group = names.enumerate().find(|(_, name)| *name == Some("secret"));
        Ok(Self { group: group.map_or(0, |(index, _)| index), regex })
    }

    /// Compiles a parsed pattern; the whole match is its secret.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of(hir: &regex_syntax::hir::Hir) -> Result<Self, String> {
        let regex = meta::Builder::new().configure(config()).build_from_hir(hir);
        Ok(Self { regex: regex.map_err(|error| error.to_string())?, group: 0 })
    }

    /// The secrets of all matches over the whole text, without prefilter or windows: what the engine
    /// must find too. Linear, and slow: for checks, not for scans.
    #[must_use]
    pub fn secrets(&self, text: &[u8]) -> Vec<Range<usize>> {
        let secret = |found: Captures| found.get_group(self.group).map(|span| span.range());
        self.regex.captures_iter(text).filter_map(secret).collect()
    }
}

fn config() -> meta::Config {
    meta::Config::new()
        .utf8_empty(false)
        .hybrid_cache_capacity(CACHE)
        .onepass(false)
        .auto_prefilter(false)
        .nfa_size_limit(Some(LARGEST_PROGRAM))
}

/// The patterns of a set, by index of their signature.
#[derive(Debug)]
pub(super) struct Patterns(Vec<OnceLock<Option<Pattern>>>);

/// One thread's caches, by index of the signature.
#[derive(Default)]
pub(super) struct Caches(Vec<Option<Box<(meta::Cache, Captures)>>>);

impl Patterns {
    /// Room for so many patterns; compiles none.
    pub(super) fn new(count: usize) -> Self {
        Self((0..count).map(|_| OnceLock::new()).collect())
    }

    /// The pattern of that signature, compiled if it is asked for the first time; `None` for one that
    /// does not compile.
    pub(super) fn get(&self, signature: u32, pattern: &str) -> Option<&Pattern> {
        self.0[signature as usize].get_or_init(|| Pattern::new(pattern).ok()).as_ref()
    }
}

impl Caches {
    /// The first match that begins in `window` and ends in it, and the secret inside: what stands
    /// around the window counts for `\b`, `^` and `$`.
    pub(super) fn find(
        &mut self,
        signature: u32,
        pattern: &Pattern,
        text: &[u8],
        window: Range<usize>,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let index = signature as usize;
        if self.0.len() <= index {
            self.0.resize_with(index + 1, || None);
        }
        let (cache, captures) = &mut **self.0[index].get_or_insert_with(|| {
            Box::new((pattern.regex.create_cache(), pattern.regex.create_captures()))
        });
        let input = Input::new(text).range(window);
        let found = pattern.regex.search_with(cache, &input)?.range();
        if pattern.group == 0 {
            return Some((found.clone(), found));
        }
        let input = Input::new(text).range(found.clone()).anchored(Anchored::Yes);
        pattern.regex.search_captures_with(cache, &input, captures);
        let secret = captures.get_group(pattern.group).map(|span| span.range());
        Some((found.clone(), secret.unwrap_or(found)))
    }
}
