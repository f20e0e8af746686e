//! Reads repositories as data: nothing that a repository configures is run, nothing is fetched.
//!
//! ```text
//! path -> layout (found, proven to lie inside) -> Repository -> staged | range | tracked -> objects
//!                                                   -> history -> feed
//! ```
//! Of the configuration only the format is read; an unknown format is refused, never guessed. gix reads
//! the index and the objects; reftables are read here, because gix does not.

mod config;
mod environment;
mod error;
mod feed;
mod history;
mod hooks;
mod index;
mod layout;
mod listing;
mod objects;
mod push;
mod range;
mod refs;
mod reftable;
mod repository;
mod revision;
mod staged;
mod tracked;
mod tree;
mod walk;

pub use environment::Environment;
pub use error::Error;
pub(crate) use feed::Bytes;
pub use gix::ObjectId;
pub use history::{History, KnownObjects, Made, Moved, Named, Provenance, Told};
pub(crate) use history::{Receive, Seen, TextKind};
pub use hooks::HooksPlace;
pub use layout::Options;
pub use objects::{Objects, Unread};
pub use push::{KnownBy, Push, PushedRef};
pub use range::{NewBlob, Place, Range, RangeCommit, RangeOptions, Revisions};
pub use repository::Repository;
pub use staged::{Change, Changes};
pub use tracked::Tracked;
pub use tree::EntryKind;
