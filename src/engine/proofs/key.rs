//! What a reader of private keys says.

use crate::model::Facts;

/// What a reader of one format says.
pub(super) enum Key {
    /// It parses.
    Whole(Facts),
    /// It begins like a key and ends early.
    Cut,
    /// The checksum of its text is wrong.
    Changed,
    /// It is no such key.
    Broken,
}
