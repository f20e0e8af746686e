//! Where in a text the literals of the lanes near runs can begin.

use std::ops::Range;

use crate::decode::survey::{AHEAD, RUN};
use crate::model::Lane;

/// No match is longer: runs further from the range do not matter.
const LONGEST_MATCH: usize = 4096;

// What the lanes are proven for is what the survey finds.
const _: () = assert!(AHEAD == Lane::AHEAD && RUN == Lane::RUN);

/// Parts of a text: disjoint, in order, inside its range.
#[derive(Default)]
pub(super) struct Regions {
    /// Of [`Lane::NearDigits`].
    pub(super) near_digits: Vec<Range<usize>>,
    /// Of [`Lane::NearRun`].
    pub(super) near_run: Vec<Range<usize>>,
}

impl Regions {
    /// The regions of a text in `range`, given its runs.
    pub(super) fn take(&mut self, text: &[u8], runs: &[Range<usize>], range: &Range<usize>) {
        self.near_digits.clear();
        self.near_run.clear();
        let first = runs.partition_point(|run| run.end + LONGEST_MATCH < range.start);
        for run in &runs[first..] {
            if run.start > range.end + LONGEST_MATCH {
                break;
            }
            let from = run.start.saturating_sub(Lane::BEFORE).max(range.start);
            let to = (run.end + Lane::BEHIND).min(range.end);
            if from < to {
                extend(&mut self.near_run, from..to);
                if has_digit(&text[run.clone()]) {
                    extend(&mut self.near_digits, from..to);
                }
            }
        }
    }
}

/// Without a branch for each byte, and none too many.
fn has_digit(run: &[u8]) -> bool {
    run.chunks(RUN).any(|part| part.iter().fold(false, |found, byte| found | byte.is_ascii_digit()))
}

/// Adds a region that does not begin before the last.
fn extend(regions: &mut Vec<Range<usize>>, region: Range<usize>) {
    match regions.last_mut() {
        Some(last) if last.end >= region.start => last.end = last.end.max(region.end),
        _ => regions.push(region),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Regions;
    use crate::decode::Survey;

    fn run_at(text: &[u8], at: usize) -> bool {
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-+/".contains(byte);
        text.get(at..at + 16).is_some_and(|run| run.iter().all(is_token))
    }

    proptest! {
        #[test]
        fn what_is_near_a_run_is_in_a_region(text in "([a-c]{1,20}|[0-9]|[ .]{1,150}){0,40}", place in 0_usize..400, digits: bool) {
            let text = text.as_bytes();
            let mut all = Regions::default();
            all.take(text, &Survey::of(text).runs, &(0..text.len()));
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
