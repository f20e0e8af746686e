//! Where in a text the literals of each lane can begin.

use std::ops::{ControlFlow, Range};

use crate::decode::blocks::{self, Class};
use crate::model::Lane;

/// Bytes of a run, as `signatures/nearness.rs` proves it.
const SHORTEST: usize = 16;
/// No match is longer: runs further from the range do not matter.
const LONGEST_MATCH: usize = 4096;

/// The classes of bytes: of runs, of words, and of escapes.
static CLASSES: [Class; 4] = [
    Class::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/"),
    Class::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"),
    Class::new(b"\\"),
    Class::new(b"nrt"),
];

/// The parts of a text in which literals of some lanes can begin: disjoint, in order, inside its range.
#[derive(Default)]
pub(super) struct Regions {
    /// Of [`Lane::NearDigits`].
    pub(super) near_digits: Vec<Range<usize>>,
    /// Of [`Lane::NearRun`].
    pub(super) near_run: Vec<Range<usize>>,
}

impl Regions {
    /// Surveys a text, and calls `each` with the places in `range` where literals of [`Lane::TokenStart`]
    /// can begin, in order.
    pub(super) fn survey(
        &mut self,
        text: &[u8],
        range: &Range<usize>,
        mut each: impl FnMut(usize),
    ) {
        self.near_digits.clear();
        self.near_run.clear();
        // What stands around the range decides on its first and its last bytes.
        let first = range.start.saturating_sub(LONGEST_MATCH).min(text.len());
        let last = text.len().min(range.end.saturating_add(LONGEST_MATCH));
        let (mut word_before, mut escape_before) = (0, 0);
        // Where the run began that goes on behind the block.
        let mut open = None;
        blocks::visit(&text[first..last], &CLASSES, 0, |base, masks| {
            let base = first + base;
            let (word, escape) = (masks.own(1), masks.own(2) & masks.ahead(3, 1));
            let runs = runs(masks.both(0));
            // Most blocks have none and are near none.
            if runs << (Lane::AHEAD - 1) != 0 {
                let starts = word & !(word << 1 | word_before) | escape << 2 | escape_before;
                let mut places = starts & near(runs);
                while places != 0 {
                    let place = base + places.trailing_zeros() as usize;
                    if range.contains(&place) {
                        each(place);
                    }
                    places &= places - 1;
                }
            }
            let begins = runs as u64;
            if begins != 0 || open.is_some() {
                self.add_runs(text, range, base, begins, &mut open);
            }
            (word_before, escape_before) = (word >> 63, escape >> 62);
            ControlFlow::Continue(())
        });
        if let Some(start) = open {
            self.add(text, range, start..last);
        }
    }

    /// Adds the runs that end in a block, given the places in it where [`SHORTEST`] bytes of a run begin.
    fn add_runs(
        &mut self,
        text: &[u8],
        range: &Range<usize>,
        base: usize,
        mut begins: u64,
        open: &mut Option<usize>,
    ) {
        let mut at = 0;
        loop {
            if open.is_some() || begins & 1 != 0 {
                let start = open.take().unwrap_or(base + at as usize);
                let count = begins.trailing_ones();
                if at + count == u64::BITS {
                    *open = Some(start);
                    return;
                }
                at += count;
                self.add(text, range, start..base + at as usize + SHORTEST - 1);
                begins >>= count;
            }
            if begins == 0 {
                return;
            }
            let gap = begins.trailing_zeros();
            begins >>= gap;
            at += gap;
        }
    }

    /// Adds what lies near a run.
    fn add(&mut self, text: &[u8], range: &Range<usize>, run: Range<usize>) {
        let from = run.start.saturating_sub(Lane::BEFORE).max(range.start);
        let to = (run.end + Lane::BEHIND).min(range.end);
        // Without a branch for each byte.
        let digit = |found, byte: &u8| found | byte.is_ascii_digit();
        if from < to {
            extend(&mut self.near_run, from..to);
            if text[run].iter().fold(false, digit) {
                extend(&mut self.near_digits, from..to);
            }
        }
    }
}

/// Adds a region that does not end before the last.
fn extend(regions: &mut Vec<Range<usize>>, region: Range<usize>) {
    match regions.last_mut() {
        Some(last) if last.end >= region.start => last.end = last.end.max(region.end),
        _ => regions.push(region),
    }
}

/// Where, of 128 bytes, [`SHORTEST`] bytes of a run begin; what goes on behind them is not seen.
fn runs(token: u128) -> u128 {
    [1, 2, 4, 8].iter().fold(token, |runs, step| runs & runs >> step)
}

/// Of the first 64 bytes, those at which a run begins, or at most [`Lane::AHEAD`] bytes behind.
fn near(runs: u128) -> u64 {
    let near = runs | runs >> 1;
    [1, 2, 4, 8, 16].iter().fold(near, |near, step| near | near >> step) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Regions;

    fn is_token(byte: &u8) -> bool {
        byte.is_ascii_alphanumeric() || b"_-+/".contains(byte)
    }

    fn run_at(text: &[u8], at: usize) -> bool {
        text.get(at..at + 16).is_some_and(|run| run.iter().all(is_token))
    }

    proptest! {
        #[test]
        fn starts_are_what_single_bytes_say(
            text in "([a-c_]{1,20}|[-+/ .]|\\\\[nrx]){0,60}", start in 0_usize..200, length in 0_usize..400,
        ) {
            let text = text.as_bytes();
            let start = start.min(text.len());
            let range = start..(start + length).min(text.len());
            let mut found = Vec::new();
            Regions::default().survey(text, &range, |at| found.push(at));
            let word = |at: usize| text[at].is_ascii_alphanumeric() || text[at] == b'_';
            let wanted: Vec<usize> = range
                .filter(|at| {
                    let escaped = *at >= 2 && text[at - 2] == b'\\' && b"nrt".contains(&text[at - 1]);
                    escaped || word(*at) && (*at == 0 || !word(at - 1))
                })
                .filter(|at| (0..=32).any(|ahead| run_at(text, at + ahead)))
                .collect();
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn what_is_near_a_run_is_in_a_region(text in "([a-c]{1,20}|[0-9]|[ .]{1,150}){0,40}", place in 0_usize..400, digits: bool) {
            let text = text.as_bytes();
            let mut all = Regions::default();
            all.survey(text, &(0..text.len()), |_| {});
            let regions = if digits { all.near_digits } else { all.near_run };
            prop_assert!(regions.is_sorted_by(|a, b| a.end < b.start));
            let inside = regions.iter().any(|region| region.contains(&place));
            let near = (place..=place + 192).any(|at| {
                run_at(text, at) && (!digits || text[at..at + 16].iter().any(u8::is_ascii_digit))
            });
            prop_assert!(inside || !near);
        }
    }
}
