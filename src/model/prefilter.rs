//! The tables of the prefilter, as plain data: made by the signatures room, read by the engine.

use std::borrow::Cow;

/// A literal, folded to lower case (ASCII), that leads to one or more anchors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The bytes, lower case, 2 to 12 of them.
    pub bytes: Cow<'static, [u8]>,
    /// `anchors[first..first + count]` want it.
    pub first: u32,
    /// How many anchors want it.
    pub count: u32,
}

/// Which signature a literal is a sign of, how far its match may reach around it, and what every match
/// has right beside it: cheap tests that spare most regex runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Index into the set's signatures.
    pub signature: u32,
    /// The match starts at most this many bytes before the literal's first byte.
    pub before: u32,
    /// The match ends at most this many bytes after the literal's first byte.
    pub after: u32,
    /// Bit `i`: byte `i` of the literal must be an upper case letter.
    pub upper: u16,
    /// Bit `i`: byte `i` of the literal must be a lower case letter.
    pub lower: u16,
    /// So many bytes right behind the literal are `[A-Za-z0-9_-]`.
    pub run: u8,
    /// No `[A-Za-z0-9_]` stands right before the literal.
    pub boundary: bool,
}

/// Everything that the prefilter reads. Built-in tables are constants: no work at start.
#[derive(Clone, Debug, Default)]
pub struct PrefilterTables {
    /// Distinct literals, sorted.
    pub literals: Cow<'static, [Literal]>,
    /// Grouped by literal.
    pub anchors: Cow<'static, [Anchor]>,
    /// The hashed 4-gram filter; its layout is documented where it is built.
    pub grams: Cow<'static, [u8]>,
}
