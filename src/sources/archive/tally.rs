//! What one top-level file has cost so far, and the readers that count it.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::failure::Failure;
use crate::model::{ReadSeek, words_of};

/// How far an archive is opened. What goes beyond is the problem `archive-limit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Archives in archives.
    pub depth: u8,
    /// Bytes out for each byte of the top-level file, after `ratio_free_bytes`.
    pub ratio: u64,
    /// So much may come out of a file however small.
    pub ratio_free_bytes: u64,
    /// Bytes out of a top-level file, all levels together.
    pub max_bytes: u64,
    /// Members of a top-level file, all levels together.
    pub max_entries: u64,
    /// Time for a top-level file, scanning included.
    pub max_time: Duration,
    /// The window that an xz, zstd or 7z stream may ask for.
    pub max_window_bytes: u64,
    /// Archives with a directory at their end that come out of a stream are held in memory, up to
    /// this, all levels together.
    pub max_buffered_bytes: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            depth: 8,
            ratio: 200,
            ratio_free_bytes: 10 << 20,
            max_bytes: 1 << 30,
            max_entries: 100_000,
            max_time: Duration::from_secs(30),
            max_window_bytes: 128 << 20,
            max_buffered_bytes: 256 << 20,
        }
    }
}

/// Counts for one top-level file; shared by the readers of all its levels.
pub(super) struct Tally {
    limits: ArchiveLimits,
    started: Instant,
    input: Cell<u64>,
    output: Cell<u64>,
    entries: Cell<u64>,
    buffered: Cell<u64>,
    /// The first limit that was reached: nothing more is read after it.
    breach: RefCell<Option<String>>,
    /// The first error of the top-level file itself. To the formats it looks like damage.
    unreadable: RefCell<Option<String>>,
}

impl Tally {
    pub(super) fn new(limits: &ArchiveLimits) -> Self {
        Self {
            limits: limits.clone(),
            started: Instant::now(),
            input: Cell::new(0),
            output: Cell::new(0),
            entries: Cell::new(0),
            buffered: Cell::new(0),
            breach: RefCell::new(None),
            unreadable: RefCell::new(None),
        }
    }

    pub(super) fn limits(&self) -> &ArchiveLimits {
        &self.limits
    }

    /// The limit that ended the expansion, in words.
    pub(super) fn breach(&self) -> Option<String> {
        self.breach.borrow().clone()
    }

    pub(super) fn is_over(&self) -> bool {
        self.breach.borrow().is_some()
    }

    /// Why the top-level file could not be read, in words.
    pub(super) fn unreadable(&self) -> Option<String> {
        self.unreadable.borrow().clone()
    }

    /// Keeps what a reader of the top-level file answers, where it is an error of the file.
    fn watch<T>(&self, answer: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &answer
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.unreadable.borrow_mut().get_or_insert_with(|| words_of(error));
        }
        answer
    }

    pub(super) fn add_input(&self, bytes: u64) {
        self.input.set(self.input.get().saturating_add(bytes));
    }

    pub(super) fn add_entry(&self) {
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > self.limits.max_entries {
            self.end(format!("more than {} members", self.limits.max_entries));
        }
        self.check_time();
    }

    fn add_output(&self, bytes: u64) {
        let output = self.output.get().saturating_add(bytes);
        self.output.set(output);
        let ratio = self.input.get().saturating_mul(self.limits.ratio);
        if output > self.limits.max_bytes {
            self.end(format!("more than {} bytes out", self.limits.max_bytes));
        } else if output > self.limits.ratio_free_bytes && output > ratio {
            self.end(format!("more than {} times its size out", self.limits.ratio));
        }
    }

    fn check_time(&self) {
        if self.started.elapsed() > self.limits.max_time {
            self.end(format!("more than {} s", self.limits.max_time.as_secs_f32()));
        }
    }

    fn end(&self, why: String) {
        self.breach.borrow_mut().get_or_insert(why);
    }

    /// Takes room for an archive that is held in memory; gives it back when dropped.
    fn grow(&self, bytes: u64) -> Result<(), Failure> {
        let buffered = self.buffered.get().saturating_add(bytes);
        if buffered > self.limits.max_buffered_bytes {
            let most = self.limits.max_buffered_bytes;
            return Err(Failure::Limit(format!("more than {most} bytes to hold in memory")));
        }
        self.buffered.set(buffered);
        Ok(())
    }
}

/// Counts the bytes of a top-level file that comes as a stream.
pub(super) struct Input<'r> {
    pub(super) inner: &'r mut dyn Read,
    pub(super) tally: Rc<Tally>,
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.tally.watch(self.inner.read(buffer))?;
        self.tally.add_input(count as u64);
        Ok(count)
    }
}

/// Watches a top-level file that is read from anywhere; its size was counted already.
pub(super) struct Opened<'r> {
    pub(super) inner: &'r mut dyn ReadSeek,
    pub(super) tally: Rc<Tally>,
}

impl Read for Opened<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tally.watch(self.inner.read(buffer))
    }
}

impl Seek for Opened<'_> {
    // A place before the start is the archive's lie, and no error of the file.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Whether the bytes of a member cost more than the bytes of the archive that hold them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// Decompressed, or read from anywhere in the archive: counted.
    Counted,
    /// A part of a stream that was counted already.
    Free,
}

/// The reader of a member: ends, with the reason kept, where a limit is reached, where the library
/// under it fails, and where it panics.
pub(super) struct Meter<'r> {
    inner: &'r mut dyn Read,
    tally: Rc<Tally>,
    cost: Cost,
    failure: Option<Failure>,
}

impl<'r> Meter<'r> {
    pub(super) fn new(inner: &'r mut dyn Read, tally: Rc<Tally>, cost: Cost) -> Self {
        Self { inner, tally, cost, failure: None }
    }

    pub(super) fn failed(&self) -> bool {
        self.failure.is_some() || self.tally.is_over()
    }

    /// Why it ended early.
    pub(super) fn failure(self) -> Option<Failure> {
        self.failure
    }
}

impl Read for Meter<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tally.check_time();
        if self.failure.is_some() || self.tally.is_over() || buffer.is_empty() {
            return Ok(0);
        }
        let inner = &mut self.inner;
        let count = match catch_unwind(AssertUnwindSafe(|| inner.read(buffer))) {
            Ok(Ok(count)) => count.min(buffer.len()),
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Ok(Err(error)) => {
                self.failure = Some(Failure::of(&error));
                return Ok(0);
            }
            Err(_) => {
                self.failure = Some(Failure::Corrupt("its decoder gave up".to_owned()));
                return Ok(0);
            }
        };
        if self.cost == Cost::Counted {
            self.tally.add_output(count as u64);
        }
        Ok(count)
    }
}

/// A stream that is held in memory, because its format is read from its end.
pub(super) struct Held {
    bytes: Vec<u8>,
    tally: Rc<Tally>,
}

impl Held {
    /// Reads the stream to its end, as far as there is room.
    pub(super) fn read(stream: &mut dyn Read, tally: &Rc<Tally>) -> Result<Self, Failure> {
        let mut held = Self { bytes: Vec::new(), tally: tally.clone() };
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = match stream.read(&mut buffer) {
                Ok(0) => return Ok(held),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::of(&error)),
            };
            tally.grow(count as u64)?;
            held.bytes.extend_from_slice(&buffer[..count]);
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let left = self.tally.buffered.get().saturating_sub(self.bytes.len() as u64);
        self.tally.buffered.set(left);
    }
}
