//! What one pass over a text shows: where long runs of token characters stand, and where tokens can begin.
//! The prefilter and the decoders share it.

use std::cell::OnceCell;
use std::ops::{ControlFlow, Range};

use super::blocks::{self, Class, Places};
use super::marks::Marks;

/// The fewest bytes of a run.
pub const RUN: usize = 16;
/// A token's start stands in a run, or at most so many bytes before one.
pub const AHEAD: usize = 32;

/// The classes of bytes: of runs, of words, and of escapes.
static CLASSES: [Class; 4] = [
    Class::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/"),
    Class::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"),
    Class::new(b"\\"),
    Class::new(b"nrt"),
];

/// The bytes of runs.
pub(super) const fn token() -> &'static Class {
    &CLASSES[0]
}

/// The runs and the starts of a text.
#[derive(Debug, Default)]
pub struct Survey {
    /// All maximal runs of [`RUN`] or more bytes of `[A-Za-z0-9_+/-]`, in order.
    pub runs: Vec<Range<usize>>,
    /// Where a word begins, or stands behind `\n`, `\r` or `\t` in a string, near a run; in order.
    pub starts: Vec<u32>,
    /// What only decoders ask for.
    marks: OnceCell<Marks>,
}

impl Survey {
    /// Surveys a text of less than 4 GiB. About 3 GB/s.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let mut survey = Self::default();
        survey.take(text);
        survey
    }

    /// Where in the text, which is the one of the survey, encodings may be that are not made of runs.
    pub(super) fn marks(&self, text: &[u8]) -> &Marks {
        self.marks.get_or_init(|| Marks::of(text))
    }

    /// The same, in the memory of the survey before.
    pub fn take(&mut self, text: &[u8]) {
        self.runs.clear();
        self.starts.clear();
        self.marks.take();
        let (mut word_before, mut escape_before) = (0, 0);
        let mut starts = Places::new(&mut self.starts);
        // Where the run began that goes on behind the block.
        let mut open = None;
        blocks::visit(text, CLASSES.each_ref(), 0, |base, masks| {
            let (word, escape) = (masks.own(1), masks.own(2) & masks.ahead(3, 1));
            // Most blocks have none and are near none.
            let runs = runs(masks.both(0));
            if runs << (AHEAD - 1) == 0 {
                starts.push(0);
            } else {
                let begin = word & !(word << 1 | word_before) | escape << 2 | escape_before;
                starts.push(begin & near(runs));
            }
            let begins = runs as u64;
            if begins != 0 || open.is_some() {
                add_runs(&mut self.runs, base, begins, &mut open);
            }
            (word_before, escape_before) = (word >> 63, escape >> 62);
            ControlFlow::Continue(())
        });
        starts.finish();
        if let Some(start) = open {
            self.runs.push(start..text.len());
        }
    }
}

/// Adds the runs that end in a block, given the places in it where [`RUN`] bytes of one begin.
fn add_runs(all: &mut Vec<Range<usize>>, base: usize, mut begins: u64, open: &mut Option<usize>) {
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
            all.push(start..base + at as usize + RUN - 1);
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

/// Where, of 128 bytes, [`RUN`] bytes of a run begin; what goes on behind them is not seen.
fn runs(token: u128) -> u128 {
    [1, 2, 4, 8].iter().fold(token, |runs, step| runs & runs >> step)
}

/// Of the first 64 bytes, those at which a run begins, or at most [`AHEAD`] bytes behind.
fn near(runs: u128) -> u64 {
    let near = runs | runs >> 1;
    [1, 2, 4, 8, 16].iter().fold(near, |near, step| near | near >> step) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AHEAD, RUN, Survey};

    fn is_token(byte: &u8) -> bool {
        byte.is_ascii_alphanumeric() || b"_-+/".contains(byte)
    }

    proptest! {
        #[test]
        fn starts_are_what_single_bytes_say(text in "([a-c_]{1,20}|[-+/ .]|\\\\[nrx]){0,60}") {
            let text = text.as_bytes();
            let run_at = |at| text.get(at..at + RUN).is_some_and(|run| run.iter().all(is_token));
            let word = |at: usize| text[at].is_ascii_alphanumeric() || text[at] == b'_';
            let wanted: Vec<u32> = (0..text.len())
                .filter(|at| {
                    let escaped = *at >= 2 && text[at - 2] == b'\\' && b"nrt".contains(&text[at - 1]);
                    escaped || word(*at) && (*at == 0 || !word(at - 1))
                })
                .filter(|at| (0..=AHEAD).any(|ahead| run_at(at + ahead)))
                .map(|at| at as u32)
                .collect();
            prop_assert_eq!(Survey::of(text).starts, wanted);
        }

        #[test]
        fn runs_are_what_splitting_says(text in "([a-z0-9_+/-]{1,90}|[ .\"]{1,70}|[a-c]{200}){0,30}") {
            let text = text.as_bytes();
            let mut at = 0;
            let mut wanted = Vec::new();
            for part in text.split(|byte| !is_token(byte)) {
                if part.len() >= RUN {
                    wanted.push(at..at + part.len());
                }
                at += part.len() + 1;
            }
            prop_assert_eq!(Survey::of(text).runs, wanted);
        }
    }
}
