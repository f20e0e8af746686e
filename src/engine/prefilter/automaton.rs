//! The reference: an Aho-Corasick automaton. Slow to build, about 0.2 to 0.6 GB/s.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::hit::{Hit, Prefilter};
use crate::decode::Survey;
use crate::model::PrefilterTables;

/// An automaton over all literals, of either case.
pub struct Automaton {
    automaton: AhoCorasick,
}

impl Automaton {
    /// Builds it: milliseconds.
    ///
    /// # Panics
    /// Never for tables of this crate: they hold far fewer literals than an automaton can.
    #[must_use]
    pub fn new(tables: &PrefilterTables) -> Self {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(tables.literals.iter().map(|literal| literal.bytes.as_ref()))
            .expect("literals are few and short");
        Self { automaton }
    }
}

impl Prefilter for Automaton {
    fn find(&mut self, text: &[u8], _: &Survey, range: Range<usize>, hits: &mut Vec<Hit>) {
        let found = self.automaton.find_overlapping_iter(&text[range.start..]);
        let found = found.map(|found| (found.start() + range.start, found.pattern()));
        hits.extend(
            found
                .filter(|(at, _)| range.contains(at))
                .map(|(at, literal)| Hit { at: at as u32, literal: literal.as_u32() }),
        );
    }
}
