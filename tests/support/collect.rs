//! A sink that keeps what a source pushes, for tests of sources alone.

use std::sync::Mutex;

use leakspan::model::{Blob, Content, Origin, Problem, Sink, Worker};
use leakspan::sources::Source;

/// What a source pushed, sorted by path.
#[derive(Default)]
pub(crate) struct Collected {
    /// Path, content, origin.
    pub(crate) blobs: Vec<(String, Vec<u8>, Origin)>,
    pub(crate) problems: Vec<Problem>,
}

impl Collected {
    /// Visits a source to its end.
    pub(crate) fn of(source: &dyn Source) -> Self {
        let sink = Collector::default();
        source.visit(&sink).expect("the source can be visited");
        let mut found = sink.0.into_inner().expect("no test thread panicked");
        found.blobs.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        found.problems.sort();
        found
    }

    /// The paths alone.
    pub(crate) fn paths(&self) -> Vec<&str> {
        self.blobs.iter().map(|(path, ..)| path.as_str()).collect()
    }

    /// The content of a path, as text.
    pub(crate) fn content(&self, path: &str) -> String {
        let (_, content, _) =
            self.blobs.iter().find(|(name, ..)| name == path).expect("the path was visited");
        String::from_utf8_lossy(content).into_owned()
    }

    /// The reasons of the problems, in their order.
    pub(crate) fn reasons(&self) -> Vec<&'static str> {
        self.problems.iter().map(|problem| problem.reason.name()).collect()
    }
}

#[derive(Default)]
struct Collector(Mutex<Collected>);

struct One<'a>(&'a Collector);

impl Sink for Collector {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(One(self))
    }
}

impl Worker for One<'_> {
    fn blob(&mut self, blob: &Blob, content: Content<'_>) {
        let mut bytes = Vec::new();
        match content {
            Content::Bytes(all) => bytes.extend_from_slice(all),
            Content::Stream(stream) => drop(stream.read_to_end(&mut bytes)),
            Content::File(file) => drop(file.read_to_end(&mut bytes)),
        }
        let mut found = self.0.0.lock().expect("no test thread panicked");
        found.blobs.push((blob.path.display(), bytes, blob.origin.as_ref().clone()));
    }

    fn problem(&mut self, problem: Problem) {
        self.0.0.lock().expect("no test thread panicked").problems.push(problem);
    }

    fn stopped(&self) -> bool {
        false
    }

    fn ignores(&self, path: &[u8]) -> bool {
        path.ends_with(b".ignored")
    }
}
