//! Opens what the user names and visits its blobs: files, stdin, archives, staged content, ranges.
//!
//! A source chooses how to go parallel; what it cannot look at is a problem, never silence.

mod source;

pub use source::{Error, Source};
