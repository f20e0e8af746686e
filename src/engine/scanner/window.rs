//! Where in a text a signature's pattern or matcher is asked.

/// A stretch in which a match of a signature may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    pub(super) signature: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// All windows of a signature that touch one another, as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) window: Window,
    /// Whether a pattern was run there and nothing was found.
    pub(super) empty: bool,
}
