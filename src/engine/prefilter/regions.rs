//! Where in a text the literals of each lane can begin.

use std::ops::{ControlFlow, Range};

use crate::decode::blocks::{self, Class};
use crate::model::Lane;

/// Bytes of a run, as `signatures/nearness.rs` proves it.
const SHORTEST: usize = 16;
/// No match is longer: runs further from the range do not matter.
const LONGEST_MATCH: usize = 4096;

static TOKEN: Class =
    Class::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/");
static STARTS: [Class; 4] = [
    Class::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/"),
    Class::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"),
    Class::new(b"\\"),
    Class::new(b"nrt"),
];

/// Calls `each` with the places in `range` where literals of [`Lane::TokenStart`] can begin, in order.
pub(super) fn token_starts(text: &[u8], range: &Range<usize>, mut each: impl FnMut(usize)) {
    // What stands right before the range decides on its first bytes.
    let first = range.start.saturating_sub(2).min(text.len());
    let last = text.len().min(range.end.saturating_add(Lane::AHEAD + SHORTEST));
    let (mut word_before, mut escape_before) = (0, 0);
    blocks::visit(&text[first..last], &STARTS, 0, |base, masks| {
        let word = masks.own(1);
        let escape = masks.own(2) & masks.ahead(3, 1);
        let starts = word & !(word << 1 | word_before) | escape << 2 | escape_before;
        (word_before, escape_before) = (word >> 63, escape >> 62);
        let mut places = starts & near_run(masks.both(0));
        while places != 0 {
            let place = first + base + places.trailing_zeros() as usize;
            if range.contains(&place) {
                each(place);
            }
            places &= places - 1;
        }
        ControlFlow::Continue(())
    });
}

/// Of the first 64 bytes, those at which a run begins, or at most [`Lane::AHEAD`] bytes behind.
fn near_run(token: u128) -> u64 {
    let mut runs = token;
    for step in [1, 2, 4, 8] {
        runs &= runs >> step;
    }
    let mut near = runs | runs >> 1;
    for step in [1, 2, 4, 8, 16] {
        near |= near >> step;
    }
    near as u64
}

/// Replaces `regions` by the ones in `range` where literals of [`Lane::NearRun`] can begin or, with
/// `digits`, those of [`Lane::NearDigits`]: disjoint, in order.
pub(super) fn near_runs(
    text: &[u8],
    range: &Range<usize>,
    digits: bool,
    regions: &mut Vec<Range<usize>>,
) {
    regions.clear();
    let first = range.start.saturating_sub(LONGEST_MATCH).min(text.len());
    let last = text.len().min(range.end.saturating_add(LONGEST_MATCH));
    blocks::runs(&text[first..last], &TOKEN, SHORTEST, |run| {
        let end = run.end;
        let run = first + run.start..first + run.end;
        if digits && !text[run.clone()].iter().any(u8::is_ascii_digit) {
            return end;
        }
        let from = run.start.saturating_sub(Lane::BEFORE).max(range.start);
        let to = (run.end + Lane::BEHIND).min(range.end);
        match regions.last_mut() {
            Some(region) if region.end >= from => region.end = region.end.max(to),
            _ if from < to => regions.push(from..to),
            _ => {}
        }
        end
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{near_runs, token_starts};

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
            token_starts(text, &range, |at| found.push(at));
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
            let mut regions = Vec::new();
            near_runs(text, &(0..text.len()), digits, &mut regions);
            prop_assert!(regions.is_sorted_by(|a, b| a.end < b.start));
            let inside = regions.iter().any(|region| region.contains(&place));
            let near = (place..=place + 192).any(|at| {
                run_at(text, at) && (!digits || text[at..at + 16].iter().any(u8::is_ascii_digit))
            });
            prop_assert!(inside || !near);
        }
    }
}
