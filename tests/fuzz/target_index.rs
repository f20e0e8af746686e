//! Repositories: an index of any bytes is read, or refused as a problem; never a panic.

use leakspan::model::{Blob, Content, Problem, Sink, Worker};
use leakspan::sources::{ChangeOptions, Source, Staged};
use sha1::{Digest, Sha1};

pub(crate) fn run(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let git = folder.path().join(".git");
    for name in ["objects", "refs"] {
        std::fs::create_dir_all(git.join(name)).expect("a folder can be made");
    }
    let config = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n";
    std::fs::write(git.join("config"), config).expect("a file can be written");
    std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("a file can be written");
    std::fs::write(git.join("index"), sealed(bytes)).expect("a file can be written");
    let staged = Staged::open(folder.path(), ChangeOptions::default())
        .expect("what cannot be read is a problem, not an error");
    staged.visit(&Seen).expect("the target is open");
}

/// The bytes with a right checksum, or no change would ever get past it.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let Some((content, _)) = bytes.split_last_chunk::<20>() else { return bytes.to_vec() };
    [content, Sha1::digest(content).as_slice()].concat()
}

/// Takes whatever comes.
struct Seen;

impl Sink for Seen {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(Self)
    }
}

impl Worker for Seen {
    fn blob(&mut self, _: &Blob, _: Content<'_>) {}

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
