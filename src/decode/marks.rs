//! Where escapes and lists of bytes may begin: one pass for all decoders that are not about runs of tokens.

use std::ops::{ControlFlow, Range};

use super::blocks::{self, Class, Places, Runs};

/// What lists of bytes are made of: digits, and what stands between them.
pub(super) static LIST: Class = Class::new(b"0123456789abcdefABCDEFxX ,:-\r\n\t");
/// 16 pairs of digits with a byte between them.
pub(super) const SHORTEST_LIST: usize = 47;
/// What escapes begin with, of all families.
pub(super) const MARKERS: &[u8] = b"\\%&";

static MARKER: Class = Class::new(MARKERS);

/// The places of a text.
#[derive(Debug)]
pub(super) struct Marks {
    /// Runs of digits and of what stands between them, long enough to hold a list of bytes; in order.
    pub(super) lists: Vec<Range<usize>>,
    /// Where a byte stands that escapes begin with; in order.
    pub(super) escapes: Vec<u32>,
}

impl Marks {
    /// Of a text of less than 4 GiB. About 10 GB/s.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut marks = Self { lists: Vec::new(), escapes: Vec::new() };
        let mut escapes = Places::new(&mut marks.escapes);
        let mut lists = Runs::new(SHORTEST_LIST);
        let mut give = |run| marks.lists.push(run);
        // NULs behind the text end its last run.
        blocks::visit(text, [&LIST, &MARKER], 0, |base, masks| {
            lists.block(base, masks.own(0), &mut give);
            escapes.push(masks.own(1));
            ControlFlow::Continue(())
        });
        escapes.finish();
        marks
    }
}
