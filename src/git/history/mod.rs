//! A whole history: every text and every blob of a repository once, and where each comes from.
//!
//! ```text
//! tips (references, logs, indexes)   feed -> commits and tags -> trees (names) -> blobs -> Receive
//! objects with findings -> Trace: who brought them in, from where they are reached, when they stood
//! ```

mod edges;
mod entries;
mod fresh;
mod known;
mod moves;
mod names;
mod nodes;
mod order;
mod read;
mod spots;
mod tips;
mod trace;

pub use known::KnownObjects;
pub use read::History;
pub(crate) use read::{Receive, Seen, TextKind};
pub use trace::{Made, Moved, Named, Provenance, Told};
