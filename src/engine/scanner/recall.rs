//! What is remembered of a scanned text, so that changes of it need not be scanned whole: places alone.

use std::ops::Range;

use super::window::Seen;
use crate::decode::{DECODERS, Survey};
use crate::engine::matchers::style::Style;
use crate::model::Memory;

/// What is remembered.
#[derive(Debug)]
pub(super) struct Recall {
    /// What the matchers of lines saw in the path.
    pub(super) style: Style,
    /// The runs of the survey.
    pub(super) runs: Vec<Range<u32>>,
    /// Where literals called for a pattern or a matcher.
    pub(super) windows: Vec<Seen>,
    /// What the matchers without keywords found: the group and the range.
    pub(super) ranges: Vec<(u32, Range<u32>)>,
    /// By decoder: whether it was asked and found nothing.
    pub(super) silent: [bool; DECODERS.len()],
}

impl Recall {
    /// What is remembered of the survey alone.
    pub(super) fn of(survey: &Survey, style: Style) -> Self {
        let short = |run: &Range<usize>| run.start as u32..run.end as u32;
        let runs = survey.runs.iter().map(short).collect();
        let silent = [false; DECODERS.len()];
        Self { style, runs, windows: Vec::new(), ranges: Vec::new(), silent }
    }

    /// As a memory that anybody may keep.
    pub(super) fn keep(self) -> Memory {
        let Self { runs, windows, ranges, .. } = &self;
        let size = std::mem::size_of::<Self>()
            + std::mem::size_of_val(runs.as_slice())
            + std::mem::size_of_val(windows.as_slice())
            + std::mem::size_of_val(ranges.as_slice());
        Memory { size: size as u64, what: Box::new(self) }
    }
}
