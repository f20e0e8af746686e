//! A repository for the targets that read stores, and what must hold of any.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use leakspan::git::KnownObjects;
use leakspan::model::{Blob, Content, Problem, Sightings, Sink, Worker};
use leakspan::sources::{ArchiveOptions, ChangeOptions, History, Source};

/// An empty repository.
pub(crate) fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let git = folder.path().join(".git");
    for name in ["objects", "refs/heads"] {
        std::fs::create_dir_all(git.join(name)).expect("a folder can be made");
    }
    std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("a file can be written");
    folder
}

/// Visits the repository and traces everything in it.
pub(crate) fn visited(path: &Path) {
    let archives = ArchiveOptions { expand: false, ..ArchiveOptions::default() };
    let options = ChangeOptions { threads: 2, archives, ..ChangeOptions::default() };
    let history = History::open(path, b"", &KnownObjects::default(), options);
    let history = history.expect("what cannot be read is a problem, not an error");
    let seen = Seen::default();
    history.visit(&seen).expect("the target is open");
    let seen = seen.0.into_inner().expect("no thread panicked");
    let objects: BTreeSet<String> = seen.into_iter().map(|(object, _)| object).collect();
    let objects: Vec<String> = objects.into_iter().collect();
    let told = history.trace(&[objects.clone(), Vec::new()], 0, Sightings::Listed);
    assert!(told.is_empty() && objects.is_empty() || told[0].places.len() == objects.len());
}

/// The objects that were shown.
#[derive(Default)]
struct Seen(Mutex<BTreeSet<(String, Vec<u8>)>>);

struct One<'a>(&'a Seen);

impl Sink for Seen {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(One(self))
    }
}

impl Worker for One<'_> {
    fn blob(&mut self, blob: &Blob, content: Content<'_>) {
        let mut bytes = Vec::new();
        match content {
            Content::Bytes(whole) => bytes.extend_from_slice(whole),
            Content::Stream(stream) => drop(stream.read_to_end(&mut bytes)),
            Content::File(file) => drop(file.read_to_end(&mut bytes)),
        }
        let object = blob.origin.object.clone().expect("its object is named");
        let mut seen = self.0.0.lock().expect("no thread panicked");
        // Other bytes behind the same id are shown as well.
        assert!(seen.insert((object, bytes)), "an object is shown once");
    }

    fn problem(&mut self, problem: Problem) {
        assert!(!problem.detail.is_empty());
    }

    fn stopped(&self) -> bool {
        false
    }

    fn ignores(&self, _: &[u8]) -> bool {
        false
    }
}
