//! Where in a text the literals of the lanes near runs can begin.

use std::ops::Range;

use crate::decode::survey::{AHEAD, RUN};
use crate::model::Lane;

/// Regions of [`Lane::NearRun`] with so few bytes between them are one: each costs as much to begin.
const GAP: usize = 128;
/// No match is longer: runs further from the range do not matter.
const LONGEST_MATCH: usize = 4096;

// What the lanes are proven for is what the survey finds.
const _: () = assert!(AHEAD == Lane::AHEAD && RUN == Lane::RUN);

/// Parts of a text: disjoint, in order, inside its range.
#[derive(Default)]
pub(super) struct Regions {
    /// Of [`Lane::Named`].
    pub(super) named: Vec<Range<usize>>,
    /// Of [`Lane::NearRun`].
    pub(super) near_run: Vec<Range<usize>>,
}

impl Regions {
    /// The regions of a text in `range`, given its runs.
    pub(super) fn take(&mut self, text: &[u8], runs: &[Range<usize>], range: &Range<usize>) {
        self.named.clear();
        self.near_run.clear();
        let first = runs.partition_point(|run| run.end + LONGEST_MATCH < range.start);
        for run in &runs[first..] {
            if run.start > range.end + LONGEST_MATCH {
                break;
            }
            let from = run.start.saturating_sub(Lane::BEFORE).max(range.start);
            let to = (run.end + Lane::BEHIND).min(range.end);
            if from < to {
                extend(&mut self.near_run, from..to, GAP);
            }
            let to = run.start.min(range.end);
            if from < to && has_digit(&text[run.clone()]) {
                extend(&mut self.named, name_from(text, run.start).max(from)..to, 0);
            }
        }
    }
}

/// From where on the name of a value that begins at `value` can stand.
fn name_from(text: &[u8], value: usize) -> usize {
    let near = &text[value.saturating_sub(Lane::VALUE)..value];
    let is_value =
        |at: usize| near[at..].len() >= 5 && near[at..at + 5].eq_ignore_ascii_case(b"value");
    if memchr::memchr2_iter(b'v', b'V', near).any(is_value) {
        return 0;
    }
    let floor = value.saturating_sub(Lane::NAME);
    let line = &text[floor..value.saturating_sub(Lane::OPENERS).max(floor)];
    memchr::memrchr(b'\n', line).map_or(floor, |newline| floor + newline + 1)
}

/// Without a branch for each byte, and none too many.
fn has_digit(run: &[u8]) -> bool {
    run.chunks(RUN).any(|part| part.iter().fold(false, |found, byte| found | byte.is_ascii_digit()))
}

/// Adds a region that does not end before the last, as one with those that it overlaps and those that are
/// parted from it by `gap` bytes or less.
fn extend(regions: &mut Vec<Range<usize>>, mut region: Range<usize>, gap: usize) {
    while let Some(last) = regions.pop_if(|last| last.end + gap >= region.start) {
        region.start = region.start.min(last.start);
    }
    regions.push(region);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Regions;
    use crate::decode::Survey;

    fn is_token(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || b"_-+/".contains(&byte)
    }

    /// Where maximal runs begin.
    fn runs(text: &[u8]) -> impl Iterator<Item = usize> {
        (0..text.len()).filter(|at| {
            let run =
                text.get(*at..at + 16).is_some_and(|run| run.iter().all(|byte| is_token(*byte)));
            run && (*at == 0 || !is_token(text[at - 1]))
        })
    }

    fn has_digit(text: &[u8], run: usize) -> bool {
        text[run..].iter().take_while(|byte| is_token(**byte)).any(u8::is_ascii_digit)
    }

    proptest! {
        #[test]
        fn what_is_near_a_run_is_in_a_region(
            text in "([a-c]{1,20}|[0-9]|[ .]{1,150}){0,40}", place in 0_usize..400,
        ) {
            let text = text.as_bytes();
            let mut all = Regions::default();
            all.take(text, &Survey::of(text).runs, &(0..text.len()));
            prop_assert!(all.near_run.is_sorted_by(|a, b| a.end < b.start));
            let inside = all.near_run.iter().any(|region| region.contains(&place));
            let run_at = |at: usize| text.get(at..at + 16).is_some_and(|run| run.iter().all(|b| is_token(*b)));
            prop_assert!(inside || !(place..=place + 192).any(run_at));
        }

        #[test]
        fn the_name_of_a_value_is_in_a_region(
            text in "([a-c]{1,20}|[0-9]|[ .]{1,50}|\n|value ?[=:]|\"){0,60}", place in 0_usize..600,
        ) {
            let text = text.as_bytes();
            let mut all = Regions::default();
            all.take(text, &Survey::of(text).runs, &(0..text.len()));
            prop_assert!(all.named.is_sorted_by(|a, b| a.end <= b.start), "{:?}", all.named);
            let inside = all.named.iter().any(|region| region.contains(&place));
            let named = runs(text).filter(|run| has_digit(text, *run) && place < *run).any(|run| {
                let lines = text[place..run.saturating_sub(12).max(place)].contains(&b'\n');
                let value = text[run.saturating_sub(32)..run].windows(5).any(|word| word == b"value");
                run - place <= 128 && !lines || run - place <= 192 && value
            });
            prop_assert!(inside || !named, "{:?}", all.named);
        }
    }
}
