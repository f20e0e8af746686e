//! What one object, and all of them together, may cost; and the words for what costs more.

use crate::git::objects::Unread;
use crate::model::Reason;

/// The most that one object may need in memory; a whole blob in a pack is streamed beyond that.
pub(super) const MAX_OBJECT: u64 = 128 << 20;
/// The most that all threads hold: bases that still have deltas to be read, large deltas.
pub(super) const MAX_HELD: u64 = 192 << 20;
/// The most that is remembered of objects while deltas on them are to be read.
pub(super) const MAX_REMEMBERED: u64 = 32 << 20;
/// Bytes that are made at most for objects that are read by themselves: their bases count each time.
pub(super) const MAX_AGAIN: u64 = 16 << 30;
/// Blobs from this size on, on which no delta rests, are handed over as a stream.
pub(super) const STREAMED: u64 = 16 << 20;
/// Deltas up to this size go through a buffer of the thread that is not counted.
pub(super) const SMALL: u64 = 1 << 20;

/// An entry that does not hold together.
pub(super) fn corrupt() -> Unread {
    let detail = "it cannot be read from its pack; `git fsck` says more".to_owned();
    Unread { reason: Reason::Corrupt, detail }
}

/// An object that is not held.
pub(super) fn too_large(size: u64) -> Unread {
    let detail = format!("it has {size} bytes, and no more than {MAX_OBJECT} are held in memory");
    Unread { reason: Reason::TooLarge, detail }
}
