//! What sources of changes share: how objects are read on several threads and handed over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::deliver::{ArchiveOptions, deliver};
use crate::git::{EntryKind, ObjectId, Objects, Options};
use crate::model::{Blob, BlobPath, Content, Origin, Problem, Reason, Worker};

/// How to read changes out of a repository.
#[derive(Clone, Debug, Default)]
pub struct ChangeOptions {
    /// What of git may be read.
    pub git: Options,
    /// Whether and how far archives are opened.
    pub archives: ArchiveOptions,
    /// How many threads read and scan; 0 counts as one.
    pub threads: usize,
}

/// The blobs that can be read; one that cannot hides nothing.
pub(super) fn contents(objects: &Objects, ids: impl Iterator<Item = ObjectId>) -> Vec<Vec<u8>> {
    let read = |id: ObjectId| {
        let mut buffer = Vec::new();
        objects.blob(&id, &mut buffer).ok().map(|()| buffer)
    };
    ids.filter_map(read).collect()
}

/// Runs `work` on several threads; each takes the next of `count` items until there is none.
pub(super) fn in_parallel(
    threads: usize,
    count: usize,
    work: impl Fn(&mut dyn FnMut() -> Option<usize>) + Sync,
) {
    let taken = AtomicUsize::new(0);
    let next = || Some(taken.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < count);
    // A thread costs more than a handful of small files.
    let threads = threads.clamp(1, 1 + count / 8);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work(&mut || next()));
        }
        work(&mut || next());
    });
}

/// One thread's part of a visit: reads objects and hands them over.
pub(super) struct Visitor<'s> {
    pub(super) objects: Objects,
    pub(super) worker: Box<dyn Worker + 's>,
    archives: &'s ArchiveOptions,
    buffer: Vec<u8>,
}

impl<'s> Visitor<'s> {
    pub(super) fn new(
        objects: Objects,
        worker: Box<dyn Worker + 's>,
        archives: &'s ArchiveOptions,
    ) -> Self {
        Self { objects, worker, archives, buffer: Vec::new() }
    }

    /// Hands over what an entry of the index or of a tree names.
    pub(super) fn entry(
        &mut self,
        path: &BlobPath,
        id: &ObjectId,
        kind: EntryKind,
        origin: &Arc<Origin>,
    ) {
        if self.worker.ignores(path.as_bytes()) {
            return self.problem(path, Reason::ExcludedByUser, "named by .leakspanignore");
        }
        if kind == EntryKind::Submodule {
            let words = format!("commit {id} of another repository, which is not followed");
            return self.problem(path, Reason::Submodule, words);
        }
        if let Err(unread) = self.objects.blob(id, &mut self.buffer) {
            return self.problem(path, unread.reason, unread.detail);
        }
        if is_lfs_pointer(&self.buffer) {
            let words = "the content lies in an LFS store, only the pointer was looked at";
            self.problem(path, Reason::LfsPointer, words);
        }
        let blob = Blob { path: path.clone(), origin: Arc::clone(origin) };
        deliver(self.worker.as_mut(), &blob, Content::Bytes(&self.buffer), self.archives);
    }

    /// Hands over text that no tree holds: the message of a commit.
    pub(super) fn text(&mut self, path: BlobPath, text: &[u8], origin: &Arc<Origin>) {
        self.worker.blob(&Blob { path, origin: Arc::clone(origin) }, Content::Bytes(text));
    }

    pub(super) fn problem(&mut self, path: &BlobPath, reason: Reason, detail: impl Into<String>) {
        self.worker.problem(Problem::new(path.clone(), reason, detail));
    }
}

/// Whether a blob is an LFS pointer: git-lfs docs/spec.md, fewer than 1024 bytes that begin so.
pub(super) fn is_lfs_pointer(content: &[u8]) -> bool {
    content.len() < 1024
        && (content.starts_with(b"version https://git-lfs.github.com/spec/v1\n")
            || content.starts_with(b"version https://hawser.github.com/spec/v1\n"))
}
