//! Staged content: the blobs that `git commit` would record, read from the index.
//!
//! The whole of each changed blob is scanned. A secret that the earlier version of the same file holds as
//! well was not brought in by this commit; [`Source::earlier`] lets the app tell the two apart.

use std::path::Path;
use std::sync::Arc;

use super::changes::{ChangeOptions, Visitor, contents, in_parallel};
use super::source::{Error, Source};
use crate::git::{Change, Changes, Repository};
use crate::model::{BlobPath, Origin, OriginKind, Problem, Sink};

/// The staged content of a repository.
pub struct Staged {
    opened: Option<(Repository, Changes)>,
    problems: Vec<Problem>,
    options: ChangeOptions,
}

impl Staged {
    /// Compares the index of the repository at or above `path` with its `HEAD`.
    ///
    /// A repository that is there but cannot be read is no error: it is the only problem of the visit.
    ///
    /// # Errors
    /// Where the path does not exist, is in no repository, or in a bare one.
    pub fn open(path: &Path, options: ChangeOptions) -> Result<Self, Error> {
        let opened = Repository::open(path, &options.git)
            .and_then(|repository| repository.staged().map(|changes| (repository, changes)));
        match opened {
            Ok(opened) => Ok(Self { opened: Some(opened), problems: Vec::new(), options }),
            Err(crate::git::Error::Refused(problem)) => {
                Ok(Self { opened: None, problems: vec![problem], options })
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
        in_parallel(self.options.threads, changes.changes.len(), |next| {
            let mut visitor =
                Visitor::new(repository.objects(), sink.worker(), &self.options.archives);
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

    fn had(&self, path: &BlobPath, _: &Origin) -> bool {
        let changes = self.opened.iter().flat_map(|(_, changes)| &changes.changes);
        changes.filter(|change| change.path == *path).any(|change| change.old.is_some())
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
