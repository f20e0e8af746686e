//! The commits of a push or a pull request: content that is new in them, and their messages.

use std::path::Path;
use std::sync::Arc;

use super::changes::{ChangeOptions, Visitor, contents, in_parallel};
use super::source::{Error, Source};
use crate::git::{self, NewBlob, RangeOptions, Repository, Revisions};
use crate::model::{Blob, BlobPath, Origin, OriginKind, Problem, Sink};

/// A range of commits of a repository. Each object is scanned once, under its first commit.
pub struct Range {
    opened: Option<(Repository, git::Range)>,
    problems: Vec<Problem>,
    options: ChangeOptions,
    origins: Vec<(Arc<Origin>, Arc<Origin>)>,
}

impl Range {
    /// Lists what is new in the range, in the repository at or above `path`.
    ///
    /// A repository or a base that is there but cannot be read is no error: it is the only problem of the
    /// visit. So is a range that holds no commit.
    ///
    /// # Errors
    /// Where the path does not exist, is in no repository, or a revision does not exist.
    pub fn open(
        path: &Path,
        revisions: &Revisions,
        range: &RangeOptions,
        options: ChangeOptions,
    ) -> Result<Self, Error> {
        Self::made(path, options, |repository| repository.range(revisions, range))
    }

    /// Lists what a push brings, in the repository at or above `path`.
    ///
    /// # Errors
    /// Where the path does not exist, or is in no repository.
    pub fn of_push(path: &Path, push: &git::Push, options: ChangeOptions) -> Result<Self, Error> {
        let mend = RangeOptions::default();
        Self::made(path, options, |repository| repository.push(push, &mend))
    }

    fn made(
        path: &Path,
        options: ChangeOptions,
        list: impl Fn(&Repository) -> Result<git::Range, git::Error>,
    ) -> Result<Self, Error> {
        let opened = Repository::open(path, &options.git)
            .and_then(|repository| list(&repository).map(|range| (repository, range)));
        match opened {
            Ok((repository, range)) => {
                let origins = range.commits.iter().map(origins).collect();
                Ok(Self {
                    opened: Some((repository, range)),
                    problems: Vec::new(),
                    options,
                    origins,
                })
            }
            Err(git::Error::Refused(problem)) => {
                let problems = vec![problem];
                Ok(Self { opened: None, problems, options, origins: Vec::new() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The root of the repository; `None` where it was refused.
    #[must_use]
    pub fn root(&self) -> Option<&Path> {
        self.opened.as_ref().map(|(repository, _)| repository.root())
    }

    /// A new object, under its first place that is not left out; the names of the others are looked at too.
    fn blob(&self, visitor: &mut Visitor<'_>, blob: &NewBlob) {
        let wanted = |place: &&git::Place| !visitor.worker.ignores(place.path.as_bytes());
        let places: Vec<_> = blob.places.iter().filter(wanted).collect();
        let Some(place) = places.first().copied().or(blob.places.first()) else { return };
        let origin = &self.origins[place.commit].0;
        visitor.entry(&place.path, &blob.id, place.kind, origin);
        for other in places.into_iter().skip(1) {
            let origin = Arc::clone(&self.origins[other.commit].0);
            visitor.worker.name(&Blob { path: other.path.clone(), origin });
        }
    }
}

/// The origins of a commit's files and of its message.
fn origins(commit: &git::RangeCommit) -> (Arc<Origin>, Arc<Origin>) {
    let of = |kind| {
        let commit = Some(commit.commit.clone());
        Arc::new(Origin { commit, ..Origin::of(kind) })
    };
    let words = if commit.of_commit { OriginKind::Message } else { OriginKind::Tag };
    (of(OriginKind::Commit), of(words))
}

impl Source for Range {
    fn visit(&self, sink: &dyn Sink) -> Result<(), Error> {
        let mut worker = sink.worker();
        let more = self.opened.iter().flat_map(|(_, range)| &range.problems);
        for problem in self.problems.iter().chain(more) {
            worker.problem(problem.clone());
        }
        drop(worker);
        let Some((repository, range)) = &self.opened else { return Ok(()) };
        let count = range.commits.len() + range.blobs.len();
        in_parallel(self.options.threads, count, |next| {
            let archives = &self.options.archives;
            let mut visitor = Visitor::new(repository.objects(), sink.worker(), archives);
            while let Some(at) = next() {
                if visitor.worker.stopped() {
                    break;
                }
                match range.commits.get(at) {
                    Some(commit) => {
                        let path = git::Range::message_path(commit);
                        visitor.text(path, &commit.message, &self.origins[at].1);
                    }
                    None => self.blob(&mut visitor, &range.blobs[at - range.commits.len()]),
                }
            }
        });
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let Some((repository, range)) = &self.opened else { return Vec::new() };
        let mut notes = repository.notes();
        notes.push(format!(
            "commits that were looked at: {}; new objects in them: {}",
            range.commits.len(),
            range.blobs.len()
        ));
        notes
    }

    fn had(&self, path: &BlobPath, origin: &Origin) -> bool {
        let (Some((_, range)), Some(commit)) = (&self.opened, &origin.commit) else { return false };
        range.had(&commit.id, path.as_bytes())
    }

    fn earlier(&self, path: &BlobPath, origin: &Origin) -> Vec<Vec<u8>> {
        let (Some((repository, range)), Some(commit)) = (&self.opened, &origin.commit) else {
            return Vec::new();
        };
        if origin.kind != OriginKind::Commit {
            return Vec::new();
        }
        let objects = repository.objects();
        let ids = repository.before(&objects, range, &commit.id, path.as_bytes());
        contents(&objects, ids.into_iter())
    }
}
