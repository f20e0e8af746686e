//! Staged content: the blobs that `git commit` would record, read from the index.
//!
//! The whole of each changed blob is scanned. A secret that the earlier version of the same file holds as
//! well was not brought in by this commit; [`Source::earlier`] lets the app tell the two apart.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::source::{Error, Source};
use crate::git::{Change, Changes, EntryKind, Objects, Options, Repository};
use crate::model::{Blob, BlobPath, Content, Origin, OriginKind, Problem, Reason, Sink, Worker};

/// The staged content of a repository.
pub struct Staged {
    opened: Option<(Repository, Changes)>,
    problems: Vec<Problem>,
    threads: usize,
}

impl Staged {
    /// Compares the index of the repository at or above `path` with its `HEAD`.
    ///
    /// A repository that is there but cannot be read is no error: it is the only problem of the visit.
    ///
    /// # Errors
    /// Where the path does not exist, is in no repository, or in a bare one.
    pub fn open(path: &Path, options: &Options, threads: usize) -> Result<Self, Error> {
        let opened = Repository::open(path, options)
            .and_then(|repository| repository.staged().map(|changes| (repository, changes)));
        match opened {
            Ok(opened) => Ok(Self { opened: Some(opened), problems: Vec::new(), threads }),
            Err(crate::git::Error::Refused(problem)) => {
                Ok(Self { opened: None, problems: vec![problem], threads })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The work tree whose index this is; `None` where the repository was refused.
    #[must_use]
    pub fn root(&self) -> Option<&Path> {
        self.opened.as_ref().map(|(repository, _)| repository.root())
    }
}

impl Source for Staged {
    fn visit(&self, sink: &dyn Sink) -> Result<(), Error> {
        let mut worker = sink.worker();
        for problem in &self.problems {
            worker.problem(problem.clone());
        }
        let Some((repository, changes)) = &self.opened else { return Ok(()) };
        for (path, unread) in &changes.unread {
            worker.problem(Problem::new(path.clone(), unread.reason, unread.detail.clone()));
        }
        drop(worker);
        let origin = Arc::new(Origin::of(OriginKind::Staged));
        in_parallel(self.threads, changes.changes.len(), |next| {
            let mut visitor = Visitor::new(repository.objects(), sink.worker());
            while let Some(change) = next().and_then(|at| changes.changes.get(at)) {
                if visitor.worker.stopped() {
                    break;
                }
                visitor.entry(&change.path, &change.id, change.kind, &origin);
            }
        });
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let Some((repository, changes)) = &self.opened else { return Vec::new() };
        let mut notes = repository.notes();
        if changes.changes.is_empty() && changes.unread.is_empty() {
            notes.push("nothing is staged".to_owned());
        }
        notes
    }

    fn earlier(&self, path: &BlobPath, _: &Origin) -> Vec<Vec<u8>> {
        let Some((repository, changes)) = &self.opened else { return Vec::new() };
        let objects = repository.objects();
        let same = |change: &&Change| change.path == *path;
        let ids = changes
            .changes
            .iter()
            .filter(same)
            .flat_map(|c| repository.earlier(&objects, changes, c));
        contents(&objects, ids)
    }
}

/// The blobs that can be read; one that cannot hides nothing.
pub(super) fn contents(
    objects: &Objects,
    ids: impl Iterator<Item = crate::git::ObjectId>,
) -> Vec<Vec<u8>> {
    let read = |id: crate::git::ObjectId| {
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
    buffer: Vec<u8>,
}

impl<'s> Visitor<'s> {
    pub(super) fn new(objects: Objects, worker: Box<dyn Worker + 's>) -> Self {
        Self { objects, worker, buffer: Vec::new() }
    }

    /// Hands over what an entry of the index or of a tree names.
    pub(super) fn entry(
        &mut self,
        path: &BlobPath,
        id: &crate::git::ObjectId,
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
        self.worker.blob(&blob, Content::Bytes(&self.buffer));
    }

    fn problem(&mut self, path: &BlobPath, reason: Reason, detail: impl Into<String>) {
        self.worker.problem(Problem::new(path.clone(), reason, detail));
    }
}

/// Whether a blob is an LFS pointer: git-lfs docs/spec.md, fewer than 1024 bytes that begin so.
fn is_lfs_pointer(content: &[u8]) -> bool {
    content.len() < 1024
        && (content.starts_with(b"version https://git-lfs.github.com/spec/v1\n")
            || content.starts_with(b"version https://hawser.github.com/spec/v1\n"))
}
