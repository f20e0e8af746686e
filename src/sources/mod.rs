//! Opens what the user names and visits its blobs: files, stdin, archives, staged content, ranges.
//!
//! A source chooses how to go parallel; what it cannot look at is a problem, never silence.

mod archive;
mod deliver;
mod source;
mod staged;

pub use archive::ArchiveLimits;
pub use deliver::{ArchiveOptions, deliver};
pub use source::{Error, Source};
pub use staged::Staged;
