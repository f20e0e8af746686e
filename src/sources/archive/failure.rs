//! How members come out of an archive, and why they may not.

use std::io;

use crate::model::Reason;

/// How members come out of an archive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Many, each with a name.
    Members,
    /// Many, one after the other in a stream: `x.tar.gz!a`, not `x.tar.gz!x.tar!a`.
    Tape,
}

/// Why an archive, or a member of it, could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It is broken.
    Corrupt(String),
    /// It asks for more than the limits allow, or for a method that is not built in.
    Limit(String),
    /// It needs a password.
    Encrypted,
    /// The file that holds it cannot be read, whatever the archive is like.
    Unreadable(String),
}

impl Failure {
    /// What an error of a reader means. Its text comes from libraries and holds no content.
    pub(super) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::OutOfMemory => Self::Limit("a window beyond the limit".to_owned()),
            io::ErrorKind::Unsupported => Self::Limit(error.to_string()),
            io::ErrorKind::UnexpectedEof => Self::Corrupt("it ends too early".to_owned()),
            _ => Self::Corrupt(error.to_string()),
        }
    }

    pub(super) fn corrupt(what: &str) -> Self {
        Self::Corrupt(what.to_owned())
    }

    /// The reason and the words of a problem.
    pub(super) fn explain(self) -> (Reason, String) {
        match self {
            Self::Corrupt(what) => (Reason::ArchiveCorrupt, format!("broken archive: {what}")),
            Self::Limit(what) => (Reason::ArchiveLimit, format!("not opened further: {what}")),
            Self::Unreadable(why) => (Reason::IoError, format!("reading failed: {why}")),
            Self::Encrypted => {
                (Reason::EncryptedArchive, "encrypted; it cannot be read without its key".into())
            }
        }
    }
}
