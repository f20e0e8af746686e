//! Opens what the user names and visits its blobs: files, stdin, archives, staged content, ranges.
//!
//! A source chooses how to go parallel; what it cannot look at is a problem, never silence.

mod archive;
mod changes;
mod deliver;
mod range;
mod source;
mod staged;

pub use archive::ArchiveLimits;
pub use changes::ChangeOptions;
pub use deliver::{ArchiveOptions, deliver};
pub use range::Range;
pub use source::{Error, Source};
pub use staged::Staged;
