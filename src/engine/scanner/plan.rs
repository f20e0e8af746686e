//! Of a text that is a change of another one: what has to be looked at again.
//!
//! Between the changes everything stands as in the base, and what the prefilter says of a place depends on
//! the bytes around it alone. So literals are looked for near the changes; the stretches in which they
//! called for a pattern or a matcher elsewhere are the base's, moved. All that comes behind the prefilter
//! (patterns, matchers, proofs, filters, pairs, overlaps, decoders) sees the whole text, as ever.

use std::ops::Range;

use super::recall::Recall;
use super::set::Prepared;
use super::window::{Seen, Window};
use crate::decode::{DECODERS, Decoder, Survey};
use crate::engine::matchers::style::style;
use crate::model::{BlobPath, Copied, Lane, Lineage};

/// Most bytes between a run and a literal that counts because of it.
const REACH: usize = if Lane::BEFORE > Lane::AHEAD { Lane::BEFORE } else { Lane::AHEAD };
/// Bytes around a place that decide whether a token begins there.
const START: usize = Lane::AHEAD + Lane::RUN + 4;
/// How far the matchers look that look at a line.
pub(super) const LINE: usize = 2048;

/// What has to be looked at again, and what is known.
pub(super) struct Plan {
    /// The survey of the text; of starts it has those in `regions`.
    pub(super) survey: Survey,
    /// Where literals are looked for: disjoint, in order.
    pub(super) regions: Vec<Range<usize>>,
    /// Windows of literals elsewhere.
    pub(super) windows: Vec<Seen>,
    /// By group of matchers: where it is asked, if not everywhere.
    pub(super) asked: Vec<Option<Vec<Range<usize>>>>,
    /// Where the changes are, seams as empty ranges.
    pub(super) changes: Vec<Range<usize>>,
    /// By decoder: whether it found nothing in the base.
    pub(super) silent: [bool; DECODERS.len()],
}

impl Plan {
    /// `None` where looking at the whole is no dearer.
    pub(super) fn new(
        text: &[u8],
        path: &BlobPath,
        lineage: &Lineage<'_>,
        recall: &Recall,
        prepared: &Prepared,
    ) -> Option<Self> {
        let parts = lineage.copies.len() * (recall.windows.len() + recall.ranges.len() + 64);
        let ends = lineage.copies.last().map_or(0, |last| last.to_end() as usize);
        let from = lineage.copies.iter().map(|copy| copy.from_end() as usize).max();
        let outside = ends > text.len() || from.is_none_or(|from| from > lineage.base.len());
        if outside || parts > text.len() {
            return None;
        }
        let changes = changes(lineage, text.len());
        let runs = runs_near(text, &changes);
        let reach = prepared.literal_reach;
        let near = changes.iter().map(|it| near(it, text, &runs, &recall.runs, reach));
        let near: Vec<_> = joined(near.collect());
        let (windows, mut regions) = windows(lineage, recall, text.len(), &near);
        regions.extend(near);
        let regions = joined(regions);
        let size =
            |ranges: &[Range<usize>]| ranges.iter().map(ExactSizeIterator::len).sum::<usize>();
        if size(&regions) > text.len() / 4 * 3 {
            return None;
        }
        let lines: Vec<_> = changes.iter().map(|change| to_lines(text, &change.here)).collect();
        let same_style = style(path) == recall.style;
        let asked = prepared.groups.iter().enumerate().map(|(index, group)| {
            let local = group.matcher.on_line() && same_style;
            local.then(|| {
                let known = recall.ranges.iter().filter(|(group, _)| *group as usize == index);
                let mut asked = lines.clone();
                asked.extend(known.flat_map(|(_, range)| moved(lineage.copies, range)));
                joined(asked)
            })
        });
        let asked = asked.collect();
        let survey = survey(text, lineage, recall, &regions);
        let changes = changes.into_iter().map(|change| change.here).collect();
        Some(Self { survey, regions, windows, asked, changes, silent: recall.silent })
    }
}

impl Plan {
    /// Whether a decoder, by its place among them, need not be asked.
    pub(super) fn is_silent(&self, place: usize, decoder: &dyn Decoder, text: &[u8]) -> bool {
        self.silent[place] && !decoder.may_wake(text, &self.survey, &self.changes)
    }
}

/// A part of a text that does not stand in its base as it is: bytes of its own, or the seam (empty) at
/// which bytes come together that did not stand together, or begin or end the text and did not.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    here: Range<usize>,
    /// What stood in the base behind the bytes before it, and before the bytes behind it; the same for both
    /// unless something was moved.
    there: [Range<usize>; 2],
}

fn changes(lineage: &Lineage<'_>, length: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut at, mut from) = (0, 0);
    let end = Copied { from: lineage.base.len() as u32, to: length as u32, length: 0 };
    for copy in lineage.copies.iter().chain([&end]) {
        let (to, next) = (copy.to as usize, copy.from as usize);
        if (to, next) != (at, from) {
            let there =
                if from <= next { [from..next, from..next] } else { [from..from, next..next] };
            changes.push(Change { here: at..to, there });
        }
        (at, from) = (copy.to_end() as usize, copy.from_end() as usize);
    }
    changes
}

/// The places of a text at which literals have to be looked for again, because of a change. Runs are those of
/// the text around its changes, and those of the base.
fn near(
    change: &Change,
    text: &[u8],
    runs: &[Range<u32>],
    base_runs: &[Range<u32>],
    literal_reach: usize,
) -> Range<usize> {
    let here = &change.here;
    // A token begins behind a byte that is none, or behind the two of an escape.
    let mut near = here.start.saturating_sub(literal_reach)..here.end + 2;
    // Whether a literal counts depends on its distance to a run and on the bytes between them: where a run is
    // near, now or in the base, so do the places before the change.
    let moved = change.there[0] != change.there[1];
    let ran = |there: &Range<usize>| has_run(base_runs, there);
    if moved || has_run(runs, here) || change.there.iter().any(ran) {
        let tokens = to_tokens(text, here.clone());
        near.start = near.start.min(tokens.start.saturating_sub(REACH));
        near.end = near.end.max(tokens.end + Lane::BEHIND);
    }
    near.start..near.end.min(text.len())
}

/// Whether one of some runs in order comes so near to a range, or touches what does.
fn has_run(runs: &[Range<u32>], range: &Range<usize>) -> bool {
    let start = range.start.saturating_sub(REACH) as u32;
    let first = runs.partition_point(|run| run.end < start);
    runs.get(first).is_some_and(|run| run.start as usize <= range.end + REACH)
}

/// The runs of a text near its changes.
fn runs_near(text: &[u8], changes: &[Change]) -> Vec<Range<u32>> {
    let slice = |change: &Change| to_tokens(text, widened(&change.here, REACH, text.len()));
    let mut part = Survey::default();
    let mut runs = Vec::new();
    for slice in joined(changes.iter().map(slice).collect()) {
        part.take(&text[slice.clone()]);
        let place = |at: usize| (slice.start + at) as u32;
        runs.extend(part.runs.iter().map(|run| place(run.start)..place(run.end)));
    }
    runs
}

fn widened(range: &Range<usize>, by: usize, length: usize) -> Range<usize> {
    range.start.saturating_sub(by)..length.min(range.end + by)
}

/// The range, up to where the tokens end that its ends stand in.
fn to_tokens(text: &[u8], range: Range<usize>) -> Range<usize> {
    let before = text[..range.start].iter().rev().take_while(|byte| is_token(byte)).count();
    let behind = text[range.end..].iter().take_while(|byte| is_token(byte)).count();
    range.start - before..range.end + behind
}

/// Whether runs may hold a byte.
fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-+/".contains(byte)
}

/// The range with the rest of the lines that it touches, as far as matchers look.
fn to_lines(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let around = widened(range, LINE, text.len());
    let before = memchr::memrchr(b'\n', &text[around.start..range.start]);
    let behind = memchr::memchr(b'\n', &text[range.end..around.end]);
    let start = before.map_or(around.start, |newline| around.start + newline);
    start..behind.map_or(around.end, |newline| range.end + newline + 1)
}

/// Sorted, with what touches made one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    ranges
}

/// Whether one of some disjoint ranges in order has something of this one.
fn touches(ranges: &[Range<usize>], range: &Range<usize>) -> bool {
    let first = ranges.partition_point(|other| other.end <= range.start);
    ranges.get(first).is_some_and(|other| other.start < range.end)
}

/// Where a range of the base stands in the text, wherever it is copied whole.
fn moved(copies: &[Copied], range: &Range<u32>) -> impl Iterator<Item = Range<usize>> {
    let whole = |copy: &&Copied| copy.from <= range.start && range.end <= copy.from_end();
    copies.iter().filter(whole).map(|copy| to_text(copy, range))
}

/// A part of a copy, in the text.
fn to_text(copy: &Copied, range: &Range<u32>) -> Range<usize> {
    let place = |from: u32| (from - copy.from + copy.to) as usize;
    place(range.start)..place(range.end)
}

/// Whether a copy shows what stands around a range of the base, or that nothing does.
fn shows(copy: &Copied, range: &Range<u32>, lineage: &Lineage<'_>, length: usize) -> bool {
    let starts = copy.from < range.start || (copy.from, copy.to, range.start) == (0, 0, 0);
    let both_end =
        copy.from_end() as usize == lineage.base.len() && copy.to_end() as usize == length;
    starts && (range.end < copy.from_end() || range.end == copy.from_end() && both_end)
}

/// The windows of the base that stand in the text as they were, and what is left of others: there literals
/// have to be looked for again.
fn windows(
    lineage: &Lineage<'_>,
    recall: &Recall,
    length: usize,
    near: &[Range<usize>],
) -> (Vec<Seen>, Vec<Range<usize>>) {
    let (mut windows, mut regions) = (Vec::new(), Vec::new());
    for Seen { window, empty } in &recall.windows {
        let range = window.start..window.end;
        for copy in lineage.copies {
            let part = range.start.max(copy.from)..range.end.min(copy.from_end());
            if part.is_empty() {
                continue;
            }
            let stands = to_text(copy, &part);
            if shows(copy, &range, lineage, length) && !touches(near, &stands) {
                let (start, end) = (stands.start as u32, stands.end as u32);
                let window = Window { signature: window.signature, start, end };
                windows.push(Seen { window, empty: *empty });
            } else {
                regions.push(stands);
            }
        }
    }
    (windows, regions)
}

/// The survey of a text: of the regions, and of what stands as in the base.
fn survey(text: &[u8], lineage: &Lineage<'_>, recall: &Recall, regions: &[Range<usize>]) -> Survey {
    let slice = |region: &Range<usize>| to_tokens(text, widened(region, START, text.len()));
    let slices = joined(regions.iter().map(slice).collect());
    let (mut survey, mut part) = (Survey::default(), Survey::default());
    for slice in &slices {
        part.take(&text[slice.clone()]);
        let runs = part.runs.iter().map(|run| run.start + slice.start..run.end + slice.start);
        survey.runs.extend(runs);
        let starts = part.starts.iter().map(|start| start + slice.start as u32);
        survey.starts.extend(starts.filter(|start| {
            let start = *start as usize;
            touches(regions, &(start..start + 1))
        }));
    }
    for copy in lineage.copies {
        let first = recall.runs.partition_point(|run| run.start < copy.from);
        let inside = recall.runs[first..].iter().take_while(|run| run.end <= copy.from_end());
        let shown = inside.filter(|run| shows(copy, run, lineage, text.len()));
        let stand = shown.map(|run| to_text(copy, run));
        survey.runs.extend(stand.filter(|run| !touches(&slices, run)));
    }
    survey.runs.sort_unstable_by_key(|run| run.start);
    survey
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn copied(from: u32, to: u32, length: u32) -> Copied {
        Copied { from, to, length }
    }

    #[test]
    fn seams_and_moved_ends_are_changes() {
        let of = |copies: &[Copied], length| {
            let lineage = Lineage { copies, base: &[b'x'; 10], ..Lineage::default() };
            let changes = changes(&lineage, length).into_iter();
            changes.map(|change| (change.here, change.there)).collect::<Vec<_>>()
        };
        assert!(of(&[copied(0, 0, 10)], 10).is_empty());
        assert_eq!(of(&[copied(0, 0, 4), copied(5, 4, 5)], 9), [(4..4, [4..5, 4..5])]);
        assert_eq!(of(&[copied(0, 0, 4), copied(4, 6, 6)], 12), [(4..6, [4..4, 4..4])]);
        assert_eq!(of(&[copied(0, 0, 9)], 9), [(9..9, [9..10, 9..10])]);
        assert_eq!(of(&[copied(1, 0, 9)], 9), [(0..0, [0..1, 0..1])]);
        let swapped = of(&[copied(5, 0, 5), copied(0, 5, 5)], 10);
        assert_eq!(swapped[1], (5..5, [10..10, 0..0]));
    }

    proptest! {
        #[test]
        fn runs_are_those_of_a_survey_of_the_whole(
            base in "([a-z0-9]{1,40}|[ .\n]{1,3}){0,60}",
            cuts in proptest::collection::vec((0_usize..900, 0_usize..500, "([a-z]{1,20}|[ .]){0,3}"), 0..5),
        ) {
            let base = base.as_bytes();
            let (mut text, mut copies) = (Vec::new(), Vec::new());
            for (from, length, new) in &cuts {
                text.extend_from_slice(new.as_bytes());
                let (from, end) = (base.len().min(*from), base.len().min(from + length));
                Copied::push(&mut copies, from..end, text.len());
                text.extend_from_slice(&base[from..end]);
            }
            let lineage = Lineage { copies: &copies, base, ..Lineage::default() };
            let recall = Recall::of(&Survey::of(base), style(&BlobPath::new("a")));
            let changes = changes(&lineage, text.len());
            let regions = joined(changes.iter().map(|it| to_tokens(&text, it.here.clone())).collect());
            let whole = Survey::of(&text);
            let pieced = survey(&text, &lineage, &recall, &regions);
            prop_assert_eq!(&pieced.runs, &whole.runs);
            let inside = |start: &&u32| regions.iter().any(|it| it.contains(&(**start as usize)));
            let starts: Vec<u32> = whole.starts.iter().filter(inside).copied().collect();
            prop_assert_eq!(pieced.starts, starts);
        }
    }
}
