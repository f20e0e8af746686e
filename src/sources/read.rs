//! Reads one open file into a buffer that its thread keeps.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;

use super::deliver::{ArchiveOptions, deliver};
use super::open;
use crate::model::{Blob, Content, Problem, Reason, Worker};

/// Files up to this length are handed over in memory, with three system calls each; a longer one is
/// handed over as it is. Larger buffers push the text out of the second-level cache before it is
/// matched.
const BUFFER: usize = 256 * 1024;

/// One thread's buffer.
pub(super) struct Reader {
    buffer: Vec<u8>,
    archives: ArchiveOptions,
}

impl Reader {
    pub(super) fn new(archives: &ArchiveOptions) -> Self {
        Self { buffer: vec![0; BUFFER], archives: archives.clone() }
    }

    /// Hands a file's content to the worker, or says why not.
    ///
    /// What was listed as a regular file may be something else by now: whatever does not behave like
    /// a small file is looked at again.
    pub(super) fn read(&mut self, mut file: File, blob: &Blob, worker: &mut dyn Worker) {
        match read_once(&mut file, &mut self.buffer) {
            Ok(n) if 0 < n && n < BUFFER => {
                let content = Content::Bytes(&self.buffer[..n]);
                deliver(worker, blob, content, &self.archives);
            }
            Ok(n) => self.read_unusual(file, n, blob, worker),
            Err(error) => problem(&error, blob, worker),
        }
    }

    /// An empty file, a long one, or none at all.
    fn read_unusual(&self, mut file: File, n: usize, blob: &Blob, worker: &mut dyn Worker) {
        let before = match file.metadata() {
            Ok(about) if about.is_file() => about,
            Ok(_) => {
                let detail = "is no regular file any more";
                return worker.problem(Problem::new(
                    blob.path.clone(),
                    Reason::SpecialFile,
                    detail,
                ));
            }
            Err(error) => return problem(&error, blob, worker),
        };
        if n == 0 {
            return deliver(worker, blob, Content::Bytes(b""), &self.archives);
        }
        if let Err(error) = file.seek(SeekFrom::Start(0)) {
            return problem(&error, blob, worker);
        }
        deliver(worker, blob, Content::File(&mut file), &self.archives);
        let same = file.metadata().is_ok_and(|after| {
            (after.len(), after.mtime(), after.mtime_nsec())
                == (before.len(), before.mtime(), before.mtime_nsec())
        });
        if !same {
            let detail = "was written to while it was read; scan it again";
            worker.problem(Problem::new(blob.path.clone(), Reason::ChangedDuringScan, detail));
        }
    }
}

/// Fills the buffer as far as one call does; a regular file that gives less has ended.
fn read_once(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            answer => return answer,
        }
    }
}

fn problem(error: &std::io::Error, blob: &Blob, worker: &mut dyn Worker) {
    let (reason, detail) = open::reason_of(error);
    worker.problem(Problem::new(blob.path.clone(), reason, detail));
}
