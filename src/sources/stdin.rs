//! Standard input.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::sync::Arc;

use super::deliver::{ArchiveOptions, deliver};
use super::source::{Error, Source};
use crate::model::{Blob, BlobPath, Content, Origin, OriginKind, Problem, Reason, Sink, Worker};

/// Input up to this length is handed over in memory, so that archives in it can be opened.
const IN_MEMORY: u64 = 16 << 20;

/// Reads standard input once.
pub struct Stdin {
    name: BlobPath,
    archives: ArchiveOptions,
}

impl Stdin {
    /// `name` is what findings are reported under.
    #[must_use]
    pub fn new(name: &[u8], archives: ArchiveOptions) -> Self {
        Self { name: BlobPath::new(name), archives }
    }
}

impl Source for Stdin {
    fn visit(&self, sink: &dyn Sink) -> Result<(), Error> {
        let mut worker = sink.worker();
        let blob =
            Blob { path: self.name.clone(), origin: Arc::new(Origin::of(OriginKind::Stdin)) };
        // Unbuffered: what the library holds back would not be seen by `poll`.
        let mut input = match rustix::io::dup(std::io::stdin()) {
            Ok(input) => File::from(input),
            Err(error) => {
                let detail = std::io::Error::from(error).to_string();
                worker.problem(Problem::new(blob.path, Reason::IoError, detail));
                return Ok(());
            }
        };
        let mut head = Vec::new();
        let read = {
            let mut waiting = Waiting { input: &mut input, worker: worker.as_ref() };
            (&mut waiting).take(IN_MEMORY).read_to_end(&mut head)
        };
        match read {
            Ok(n) if (n as u64) < IN_MEMORY => {
                deliver(worker.as_mut(), &blob, Content::Bytes(&head), &self.archives);
            }
            Ok(_) => {
                let mut whole = head.as_slice().chain(input);
                deliver(worker.as_mut(), &blob, Content::Stream(&mut whole), &self.archives);
            }
            Err(_) if worker.stopped() => {}
            Err(error) => {
                worker.problem(Problem::new(blob.path, Reason::IoError, error.to_string()));
            }
        }
        Ok(())
    }
}

/// Input that is waited for in short steps, so that Ctrl-C and the time limit end the wait.
struct Waiting<'w, R> {
    input: R,
    worker: &'w dyn Worker,
}

impl<R: Read + AsFd> Read for Waiting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let step = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        loop {
            if self.worker.stopped() {
                return Err(std::io::Error::other("stopped"));
            }
            let mut wanted = [PollFd::new(&self.input, PollFlags::IN)];
            match poll(&mut wanted, Some(&step)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return self.input.read(buffer),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
