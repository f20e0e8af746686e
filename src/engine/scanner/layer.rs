//! Texts inside of texts: what is scanned, and how its positions map back to the raw bytes.

use std::ops::Range;

use crate::decode::{Map, Survey};

/// A text that is scanned: the raw window itself, or what a decoder made of a part of it.
#[derive(Clone, Copy)]
pub(super) struct Layer<'a> {
    pub(super) text: &'a [u8],
    /// What a pass over the text showed.
    pub(super) survey: &'a Survey,
    /// The text that this one was decoded from, the map back to it, and the decoder.
    pub(super) outer: Option<(&'a Layer<'a>, &'a Map, &'static str)>,
    /// Whether its lines are the lines of the report: the raw text, or the transcoded one for UTF-16.
    pub(super) lines: bool,
}

impl Layer<'_> {
    /// The range in the raw bytes of the window.
    pub(super) fn raw(&self, range: Range<usize>) -> Range<usize> {
        match self.outer {
            Some((outer, map, _)) => outer.raw(map.encoded(range)),
            None => range,
        }
    }

    /// The first position whose bytes stand at `raw` or behind it: the inverse of [`raw`](Self::raw).
    pub(super) fn position_of(&self, raw: usize) -> usize {
        if self.outer.is_none() {
            return raw.min(self.text.len());
        }
        let (mut low, mut high) = (0, self.text.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.raw(middle..middle + 1).start < raw {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The range in the text whose lines are reported.
    pub(super) fn in_lines(&self, range: Range<usize>) -> Range<usize> {
        match self.outer {
            Some((outer, map, _)) if !self.lines => outer.in_lines(map.encoded(range)),
            _ => range,
        }
    }

    /// The decoders that were undone, outermost first.
    pub(super) fn decoded(&self) -> Vec<String> {
        let mut names = self.outer.map_or(Vec::new(), |(outer, _, _)| outer.decoded());
        names.extend(self.outer.map(|(_, _, name)| name.to_owned()));
        names
    }
}
