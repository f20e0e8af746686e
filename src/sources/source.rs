//! What a source must be able to do.

use crate::git::{KnownObjects, Told};
use crate::model::{BlobPath, Origin, Sightings, Sink};

/// Why a source could not be opened at all. What goes wrong with one item is a problem, not this.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target is not there.
    #[error("{0} does not exist; name a file, a folder or -")]
    NoTarget(String),
    /// A repository that cannot be read as asked.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
    /// The target is there, and nothing of it can be seen.
    #[error("cannot look at {target}")]
    Unreachable {
        /// Which one.
        target: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The target is a pipe, a socket or a device.
    #[error("{0} is neither a file nor a folder; pipe it in and name - instead")]
    NotRegular(String),
}

/// Visits every blob of a target once.
pub trait Source: Sync {
    /// Pushes all blobs and problems into the sink, from as many threads as it likes.
    ///
    /// # Errors
    /// Where the target as a whole cannot be opened.
    fn visit(&self, sink: &dyn Sink) -> Result<(), Error>;

    /// Sentences for the reader of the summary, known before the visit: «nothing is staged».
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The objects in which there is nothing, for sources that can leave them out another time; asked after
    /// the visit.
    fn clean(&self) -> Option<KnownObjects> {
        None
    }

    /// How many objects of a repository there are, for sources that read them all.
    fn objects(&self) -> Option<u64> {
        None
    }

    /// Where the objects of several secrets come from, for sources of history; asked after the visit and
    /// with findings only. `now` is in seconds. Other sources return nothing.
    fn trace(&self, secrets: &[Vec<String>], now: i64, sightings: Sightings) -> Vec<Told> {
        let _ = (secrets, now, sightings);
        Vec::new()
    }

    /// Whether the path was there before the change that brought it in, for sources of changes: then a
    /// secret in the name is no news. Asked for findings only.
    fn had(&self, path: &BlobPath, origin: &Origin) -> bool {
        let _ = (path, origin);
        false
    }

    /// What stood at this path before the change that brought the blob in, for sources of changes.
    ///
    /// A secret that an earlier version holds as well is no news: a commit is not kept from being made,
    /// nor a push from being accepted, by what was there before. Reads objects; asked for findings only.
    fn earlier(&self, path: &BlobPath, origin: &Origin) -> Vec<Vec<u8>> {
        let _ = (path, origin);
        Vec::new()
    }
}
