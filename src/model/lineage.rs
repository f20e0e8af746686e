//! How one content came out of another: what two versions of a file have in common.

use std::any::Any;
use std::ops::Range;

/// A stretch of a content that stands in its base as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Where it begins in the base.
    pub from: u32,
    /// Where it begins in the content.
    pub to: u32,
    /// How long it is.
    pub length: u32,
}

impl Copied {
    /// Adds a copy of a part of the base, which begins at `to`, to those before it; joins it to the last
    /// where both go on. Of a content of 4 GiB or more nothing is said.
    pub fn push(copies: &mut Vec<Self>, from: Range<usize>, to: usize) {
        let number = |place: usize| u32::try_from(place).ok();
        let (Some(start), Some(_), Some(to), Some(_)) =
            (number(from.start), number(from.end), number(to), number(to + from.len()))
        else {
            return;
        };
        let length = from.len() as u32;
        match copies.last_mut() {
            Some(last) if last.to + last.length == to && last.from + last.length == start => {
                last.length += length;
            }
            _ => copies.push(Self { from: start, to, length }),
        }
    }

    /// The place behind it in the base.
    #[must_use]
    pub fn from_end(&self) -> u32 {
        self.from + self.length
    }

    /// The place behind it in the content.
    #[must_use]
    pub fn to_end(&self) -> u32 {
        self.to + self.length
    }
}

/// What a scanner remembers of a content, for those that are changes of it. Never of secrets: places alone.
pub struct Memory {
    /// About how many bytes it takes.
    pub size: u64,
    /// The scanner's own business.
    pub what: Box<dyn Any + Send + Sync>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Where a content comes from, and whether others come from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lineage<'a> {
    /// What the content copies from its base, in order of the content; empty for one without a base.
    pub copies: &'a [Copied],
    /// The base.
    pub base: &'a [u8],
    /// What is remembered of the base.
    pub memory: Option<&'a Memory>,
    /// Whether changes of this content will come: whether something of it is worth remembering.
    pub heirs: bool,
}
