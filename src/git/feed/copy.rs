//! One of the places where an object stands.

/// Where an object can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copy {
    /// Pack and entry.
    Packed(u32, u32),
    /// Place in the list of loose objects.
    Loose(u32),
}

/// What a copy of an object is to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Decoded only where something rests on it.
    None,
    /// Shown.
    First,
    /// Shown where its bytes are not those of the id.
    Further,
}
