//! The index file.

use std::path::Path;

use gix::index::{File, State, decode};

use super::error::{Error, refuse};
use super::layout::Layout;
use crate::model::Reason;

/// Indexes up to this size, in bytes, are held against their checksum as well: a millisecond. git itself
/// checks none; a larger one costs more than a commit may wait.
const CHECKED: u64 = 1 << 20;

/// Reads the index (split and sparse ones too); a missing one is empty, as for git.
///
/// # Errors
/// [`Error::Refused`] where it cannot be read or parsed.
pub(super) fn read(layout: &Layout) -> Result<File, Error> {
    read_at(&layout.index, layout.format.hash)
}

/// Reads the index at a path.
///
/// # Errors
/// [`Error::Refused`] where it cannot be read or parsed.
pub(super) fn read_at(path: &Path, hash: gix::hash::Kind) -> Result<File, Error> {
    let size = match path.metadata() {
        Ok(file) if file.is_file() => file.len(),
        Ok(_) => return Err(refuse(path, Reason::Corrupt, "the index is not a file")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(File::from_state(State::new(hash), path));
        }
        Err(error) => return Err(refuse(path, Reason::Unreadable, error.to_string())),
    };
    // Asked first: whoever may not read an index is not to be told to remove it.
    std::fs::File::open(path)
        .map_err(|error| refuse(path, Reason::Unreadable, error.to_string()))?;
    let options = decode::Options { thread_limit: Some(1), ..Default::default() };
    let file = decoded(path, || File::at(path, hash, size > CHECKED, options))?;
    Ok(file)
}

/// The decoder is foreign code on bytes that nobody vouches for: its panic is a corrupt index as well.
fn decoded(path: &Path, read: impl FnOnce() -> gix::Result<File>) -> Result<File, Error> {
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    let file = read.ok().and_then(Result::ok);
    file.ok_or_else(|| {
        let words = "the index cannot be read; `rm` it and `git reset` makes a new one";
        refuse(path, Reason::Corrupt, words)
    })
}
