//! What a source must be able to do.

use crate::model::Sink;

/// Why a source could not be opened at all. What goes wrong with one item is a problem, not this.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target is not there.
    #[error("{0} does not exist; name a file, a folder or -")]
    NoTarget(String),
}

/// Visits every blob of a target once.
pub trait Source: Sync {
    /// Pushes all blobs and problems into the sink, from as many threads as it likes.
    ///
    /// # Errors
    /// Where the target as a whole cannot be opened.
    fn visit(&self, sink: &dyn Sink) -> Result<(), Error>;
}
