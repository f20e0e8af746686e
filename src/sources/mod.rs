//! Opens what the user names and visits its blobs: files, stdin, archives, staged content, ranges,
//! whole histories.
//!
//! A source chooses how to go parallel; what it cannot look at is a problem, never silence. To add
//! one: a file with a [`Source`], opened where `app::scan` chooses between them.

mod archive;
mod changes;
mod deliver;
mod files;
mod history;
mod ignores;
mod open;
mod range;
mod read;
mod root;
mod source;
mod staged;
mod stdin;
mod walk;

pub use archive::ArchiveLimits;
pub use changes::ChangeOptions;
pub use deliver::{ArchiveOptions, deliver};
pub use files::{Files, count};
pub use history::History;
pub use ignores::{IGNORE_FILE, Ignores, left_out};
pub use range::Range;
pub use root::FileOptions;
pub use source::{Error, Source};
pub use staged::Staged;
pub use stdin::Stdin;
