//! Why a repository cannot be read.

use std::path::Path;

use crate::model::{BlobPath, Problem, Reason};

/// What keeps a repository as a whole from being read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target is not there.
    #[error("{0} does not exist; name a folder of a repository")]
    NoTarget(String),
    /// Neither the target nor a folder above it is a repository.
    #[error("{0} is not in a git repository; name one, or make one with `git init`")]
    NotARepository(String),
    /// Staged content was asked for where there is no index.
    #[error(
        "{0} is a bare repository, nothing can be staged in it; scan a --range or its --history"
    )]
    Bare(String),
    /// A revision that the repository does not have.
    #[error("revision {spec} cannot be resolved: {why}")]
    Revision {
        /// As the user gave it.
        spec: String,
        /// What is wrong with it.
        why: String,
    },
    /// The repository is there, but must not or cannot be read: the whole of it is one problem.
    #[error("{}: {}", .0.reason.name(), .0.detail)]
    Refused(Problem),
}

/// The repository as a whole, refused for a reason.
pub(super) fn refuse(path: &Path, reason: Reason, detail: impl Into<String>) -> Error {
    use std::os::unix::ffi::OsStrExt;
    Error::Refused(Problem::new(BlobPath::new(path.as_os_str().as_bytes()), reason, detail))
}
