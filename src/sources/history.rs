//! A whole repository: every blob, message and name in it, each object once, whatever leads to it.

use std::path::Path;
use std::sync::Arc;

use super::changes::{ChangeOptions, is_lfs_pointer};
use super::deliver::{ArchiveOptions, deliver, deliver_version};
use super::source::{Error, Source};
use crate::git::{self, Bytes, KnownObjects, ObjectId, Receive, Repository, Seen, TextKind, Told};
use crate::model::{
    Blob, BlobPath, Content, Lineage, Memory, Origin, OriginKind, Problem, Reason, Sightings, Sink,
    Worker,
};

/// The history of a repository, with what nothing leads to any more.
pub struct History {
    opened: Option<(Repository, git::History)>,
    problems: Vec<Problem>,
    options: ChangeOptions,
    /// What paths begin with: the target, where there are several.
    prefix: Vec<u8>,
}

impl History {
    /// Maps the packs of the repository at or above `path`. Paths begin with `prefix`; what is known is
    /// not looked at again.
    ///
    /// A repository that is there but cannot be read is no error: it is the only problem of the visit.
    ///
    /// # Errors
    /// Where the path does not exist, or is in no repository.
    pub fn open(
        path: &Path,
        prefix: &[u8],
        known: &KnownObjects,
        options: ChangeOptions,
    ) -> Result<Self, Error> {
        let prefix = prefix.to_owned();
        let opened = Repository::open(path, &options.git).map(|repository| {
            let history = repository.history(known);
            (repository, history)
        });
        match opened {
            Ok(opened) => Ok(Self { opened: Some(opened), problems: Vec::new(), options, prefix }),
            Err(git::Error::Refused(problem)) => {
                Ok(Self { opened: None, problems: vec![problem], options, prefix })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The root of the repository; `None` where it was refused.
    #[must_use]
    pub fn root(&self) -> Option<&Path> {
        self.opened.as_ref().map(|(repository, _)| repository.root())
    }
}

impl Source for History {
    fn visit(&self, sink: &dyn Sink) -> Result<(), Error> {
        let mut worker = sink.worker();
        for problem in &self.problems {
            worker.problem(problem.clone());
        }
        if let Some((repository, history)) = &self.opened {
            if history.is_empty() {
                let path = BlobPath::new(repository.root().as_os_str().as_encoded_bytes());
                let words = "the repository holds no object";
                worker.problem(Problem::new(path, Reason::EmptyRepository, words));
            }
            let archives = &self.options.archives;
            history.visit(self.options.threads, &|| {
                Box::new(Hand { worker: sink.worker(), archives, prefix: &self.prefix })
            });
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let Some((repository, history)) = &self.opened else { return Vec::new() };
        let mut notes = repository.notes();
        if history.replaced() {
            notes.push("replacements and grafts are not followed: the originals were read".into());
        }
        if history.skipped() > 0 {
            let (known, all) = (history.skipped(), history.len());
            notes.push(format!("{known} of {all} objects were looked at in an earlier run"));
        }
        notes
    }

    fn trace(&self, secrets: &[Vec<String>], now: i64, sightings: Sightings) -> Vec<Told> {
        let Some((_, history)) = &self.opened else { return Vec::new() };
        let ids = |ids: &Vec<String>| {
            let ids = ids.iter().map(|id| ObjectId::from_hex(id.as_bytes()));
            ids.map(|id| id.expect("the visit wrote it so")).collect()
        };
        let secrets: Vec<Vec<ObjectId>> = secrets.iter().map(ids).collect();
        let mut told = history.trace(&secrets, now, sightings, self.options.threads);
        for told in &mut told {
            let places = told.places.iter_mut().flat_map(|place| {
                place.paths.iter_mut().chain(place.names.iter_mut().map(|named| &mut named.path))
            });
            let moves = told.moves.iter_mut().flatten().map(|step| &mut step.path);
            places.chain(moves).for_each(|path| *path = below(&self.prefix, path));
        }
        told
    }

    fn clean(&self) -> Option<KnownObjects> {
        self.opened.as_ref().map(|(_, history)| history.clean())
    }

    fn objects(&self) -> Option<u64> {
        self.opened.as_ref().map(|(_, history)| history.len() as u64)
    }
}

/// One thread's part of a visit.
struct Hand<'s> {
    worker: Box<dyn Worker + 's>,
    archives: &'s ArchiveOptions,
    prefix: &'s [u8],
}

impl Hand<'_> {
    fn named(&self, path: &BlobPath, kind: OriginKind, object: &ObjectId) -> Blob {
        let origin = Origin { object: Some(object.to_string()), ..Origin::of(kind) };
        Blob { path: below(self.prefix, path), origin: Arc::new(origin) }
    }
}

fn below(prefix: &[u8], path: &BlobPath) -> BlobPath {
    BlobPath::new([prefix, path.as_bytes()].concat())
}

impl Hand<'_> {
    /// What is said of an object after the worker has taken it.
    fn seen(&self, told_before: u64) -> Seen {
        let nothing = self.worker.told() == told_before && !self.worker.stopped();
        if nothing { Seen::Clean } else { Seen::Again }
    }
}

impl Receive for Hand<'_> {
    fn text(&mut self, kind: TextKind, path: BlobPath, object: &ObjectId, text: &[u8]) -> Seen {
        let kind = match kind {
            TextKind::Commit => OriginKind::Message,
            TextKind::Tag => OriginKind::Tag,
        };
        let blob = self.named(&path, kind, object);
        let before = self.worker.told();
        self.worker.blob(&blob, Content::Bytes(text));
        self.seen(before)
    }

    fn blob(
        &mut self,
        path: BlobPath,
        object: &ObjectId,
        bytes: Bytes<'_>,
        lineage: &Lineage<'_>,
    ) -> (Seen, Option<Memory>) {
        let blob = self.named(&path, OriginKind::Commit, object);
        let before = self.worker.told();
        let memory = match bytes {
            Bytes::Whole(bytes) => {
                if is_lfs_pointer(bytes) {
                    let words = "the content lies in an LFS store, only the pointer was looked at";
                    let problem = Problem::new(blob.path.clone(), Reason::LfsPointer, words);
                    self.worker.problem(problem);
                }
                deliver_version(self.worker.as_mut(), &blob, bytes, lineage, self.archives)
            }
            Bytes::Stream(stream) => {
                deliver(self.worker.as_mut(), &blob, Content::Stream(stream), self.archives);
                None
            }
        };
        (self.seen(before), memory)
    }

    fn problem(&mut self, problem: Problem) {
        self.worker.problem(problem);
    }

    fn stopped(&self) -> bool {
        self.worker.stopped()
    }
}
