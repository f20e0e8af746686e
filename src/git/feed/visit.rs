//! What a walk over all objects shows, and to whom.

use std::io::Read;

use gix::objs::Kind;

use crate::git::objects::Unread;
use crate::model::Copied;

/// What is visited: an object by its number.
pub(crate) struct Object<'a> {
    pub(crate) number: u32,
    pub(crate) kind: Kind,
    pub(crate) bytes: Bytes<'a>,
    /// Whether the object was or will be shown with other bytes as well.
    pub(crate) further: bool,
}

/// Its bytes.
pub(crate) enum Bytes<'a> {
    Whole(&'a [u8]),
    /// A large blob. A broken one ends in an error of the reader.
    Stream(&'a mut dyn Read),
}

/// An object's place in the forest.
pub(crate) struct Line<'a, M> {
    /// `None` for whole objects, and for deltas on what is not visited where it stands.
    pub(crate) base: Option<Base<'a, M>>,
    /// Whether deltas on the object will be read.
    pub(crate) heirs: bool,
}

/// What an object is a change of. The base is visited in its own right, mostly before.
pub(crate) struct Base<'a, M> {
    pub(crate) bytes: &'a [u8],
    /// What the object copies from it, in order of the object.
    pub(crate) copies: &'a [Copied],
    /// What the receiver has remembered of it, if there was room.
    pub(crate) memory: Option<&'a M>,
}

/// One thread's receiver.
pub(crate) trait Visit {
    /// What it remembers of an object for those that are changes of it.
    type Memory: Send + Sync;
    /// Takes an object. What is to be remembered is returned with its size in bytes.
    fn object(
        &mut self,
        object: Object<'_>,
        line: Line<'_, Self::Memory>,
    ) -> Option<(Self::Memory, u64)>;
    /// An object of which no copy can be read, or one whose bytes are not those of its id.
    fn unread(&mut self, number: u32, unread: Unread);
    /// Asked before each object.
    fn stopped(&self) -> bool;
}

/// Which objects are visited.
pub(crate) struct Which<'w> {
    pub(crate) kinds: &'w [Kind],
    /// By number; others are decoded only where something rests on them.
    pub(crate) wanted: &'w (dyn Fn(u32) -> bool + Sync),
}

impl<'w> Which<'w> {
    /// All objects of some kinds.
    pub(crate) fn of(kinds: &'w [Kind]) -> Self {
        Self { kinds, wanted: &|_| true }
    }
}
