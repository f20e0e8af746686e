//! What a source pushes blobs and problems into.

use super::{Blob, Content, Lineage, Memory, Problem};

/// Receives what a source finds; shared by its threads.
pub trait Sink: Sync {
    /// A receiver for one thread of the source. It owns buffers: make one a thread, not one a blob.
    fn worker(&self) -> Box<dyn Worker + '_>;
}

/// One thread's receiver.
pub trait Worker: Send {
    /// Takes a blob. Errors while its content is read become problems under its path.
    fn blob(&mut self, blob: &Blob, content: Content<'_>);

    /// Takes a further name of a blob that it has had, or has under another name.
    fn name(&mut self, blob: &Blob) {
        let _ = blob;
    }

    /// Takes a blob that may be a change of one before it, or the base of one to come; gives what is to be
    /// remembered of it. What is found in it must not depend on where it comes from.
    fn version(&mut self, blob: &Blob, bytes: &[u8], lineage: &Lineage<'_>) -> Option<Memory> {
        let _ = lineage;
        self.blob(blob, Content::Bytes(bytes));
        None
    }

    /// Takes what could not be looked at, and why.
    fn problem(&mut self, problem: Problem);

    /// How many findings, and problems that leave a run incomplete, it has had so far: a source that
    /// remembers what it has seen asks before and after a blob.
    fn told(&self) -> u64 {
        0
    }

    /// Whether the source should stop early (Ctrl-C, time limit): it asks before each blob.
    fn stopped(&self) -> bool;

    /// Whether files below this path are left out (`.leakspanignore`); sources that walk a tree and
    /// sources that read git ask alike, before they read the content.
    fn ignores(&self, path: &[u8]) -> bool;
}
