//! The walk through one top-level file and what is nested in it.

use std::io::{Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use super::failure::{Failure, Shape};
use super::tally::{Cost, Held, Input, Meter, Opened, Tally};
use crate::model::{
    Blob, BlobPath, Content, Origin, OriginKind, Problem, ReadSeek, Reason, Worker,
};

/// How many bytes a format is recognised by.
pub(crate) const HEAD: usize = 512;

/// Opens one format of archives.
pub(crate) trait Format: Sync {
    /// Whether a file that begins with `head` (its first 512 bytes, or all of it) is of this format.
    fn begins(&self, head: &[u8]) -> bool;

    /// How members come out of it.
    fn shape(&self) -> Shape {
        Shape::Members
    }

    /// Hands every member to the walk, in the order of the archive.
    ///
    /// What is wrong with one member goes to [`Walk::fail`] under the member's name.
    ///
    /// # Errors
    /// What ends the archive as a whole. Members before it stay delivered.
    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure>;
}

/// Expands one top-level file: formats give it members, it gives them to the worker or to the next
/// format.
pub(crate) struct Walk<'w, 'f> {
    worker: &'w mut dyn Worker,
    formats: &'f [&'f dyn Format],
    tally: Rc<Tally>,
    origin: Arc<Origin>,
    depth: u8,
    /// Something was handed to the worker.
    delivered: bool,
    breach_told: bool,
    unreadable_told: bool,
}

impl<'w, 'f> Walk<'w, 'f> {
    pub(crate) fn new(
        worker: &'w mut dyn Worker,
        formats: &'f [&'f dyn Format],
        blob: &Blob,
        limits: &super::tally::ArchiveLimits,
    ) -> Self {
        let origin = Origin { kind: OriginKind::Archive, ..(*blob.origin).clone() };
        let tally = Rc::new(Tally::new(limits));
        let origin = Arc::new(origin);
        Self {
            worker,
            formats,
            tally,
            origin,
            depth: 0,
            delivered: false,
            breach_told: false,
            unreadable_told: false,
        }
    }

    /// Expands the top-level file. `false` when nothing came out of it because it is not, after all,
    /// an archive of this format: its bytes are then worth a scan as they are.
    pub(crate) fn top(&mut self, format: &dyn Format, blob: &Blob, content: Content<'_>) -> bool {
        let result = match content {
            Content::Bytes(bytes) => {
                self.tally.add_input(bytes.len() as u64);
                self.expand(format, blob, Content::Bytes(bytes))
            }
            Content::File(file) => match file.seek(std::io::SeekFrom::End(0)) {
                Ok(size) => {
                    self.tally.add_input(size);
                    let mut file = Opened { inner: file, tally: self.tally.clone() };
                    match file.rewind() {
                        Ok(()) => self.expand(format, blob, Content::File(&mut file)),
                        Err(error) => Err(Failure::Unreadable(error.to_string())),
                    }
                }
                Err(error) => Err(Failure::Unreadable(error.to_string())),
            },
            Content::Stream(inner) => {
                let mut input = Input { inner, tally: self.tally.clone() };
                self.expand(format, blob, Content::Stream(&mut input))
            }
        };
        let foreign = matches!(result, Err(Failure::Corrupt(_))) && !self.delivered;
        if let Err(failure) = result {
            self.fail(&blob.path, failure);
        }
        self.tell_breach(&blob.path);
        // A format that takes the error for the end has still not seen everything.
        if let Some(why) = self.tally.unreadable().filter(|_| !self.unreadable_told) {
            self.fail(&blob.path, Failure::Unreadable(why));
        }
        !foreign
    }

    /// Whether the format should stop: a limit is reached, or the run ends.
    pub(super) fn is_over(&self) -> bool {
        self.tally.is_over() || self.worker.stopped()
    }

    pub(super) fn tally(&self) -> &Rc<Tally> {
        &self.tally
    }

    /// Reports what is wrong with a member or an archive.
    pub(super) fn fail(&mut self, path: &BlobPath, failure: Failure) {
        // After a limit every reader ends early, which looks like damage to the formats.
        if self.tally.is_over() && matches!(failure, Failure::Corrupt(_)) {
            return self.tell_breach(path);
        }
        // So does every reader whose file cannot be read further.
        let failure = match (failure, self.tally.unreadable()) {
            (Failure::Corrupt(_), Some(why)) => Failure::Unreadable(why),
            (failure, _) => failure,
        };
        self.unreadable_told |= matches!(failure, Failure::Unreadable(_));
        let (reason, detail) = failure.explain();
        self.worker.problem(Problem::new(path.clone(), reason, detail));
    }

    fn tell_breach(&mut self, path: &BlobPath) {
        if let Some(why) = self.tally.breach().filter(|_| !self.breach_told) {
            self.breach_told = true;
            let (reason, detail) = Failure::Limit(why).explain();
            self.worker.problem(Problem::new(path.clone(), reason, detail));
        }
    }

    /// Takes a member that a format decompresses or reads out of order. `false` ends the archive.
    pub(super) fn member(&mut self, blob: &Blob, name: &[u8], reader: &mut dyn Read) -> bool {
        self.take(blob.path.member(name), reader, Cost::Counted)
    }

    /// Takes a member that is a part of the archive's own stream. `false` ends the archive.
    pub(super) fn part(&mut self, blob: &Blob, name: &[u8], reader: &mut dyn Read) -> bool {
        self.take(blob.path.member(name), reader, Cost::Free)
    }

    /// Takes what a compressed file holds: a tape keeps the file's own path, anything else is the
    /// member `name`.
    ///
    /// # Errors
    /// Where it fails before its first byte.
    pub(super) fn inside(
        &mut self,
        blob: &Blob,
        name: &[u8],
        reader: &mut dyn Read,
    ) -> Result<(), Failure> {
        let mut meter = Meter::new(reader, self.tally.clone(), Cost::Counted);
        // The meter keeps what fails.
        let (head, count, _) = read_head(&mut meter);
        if count == 0 && meter.failed() {
            return meter.failure().map_or(Ok(()), Err);
        }
        let format = recognise(self.formats, &head[..count]);
        let mut whole = Cursor::new(&head[..count]).chain(&mut meter);
        let path = match format {
            Some(format) if format.shape() == Shape::Tape => {
                let result = format.expand(blob, Content::Stream(&mut whole), self);
                if let Err(failure) = result {
                    self.fail(&blob.path, failure);
                }
                blob.path.clone()
            }
            _ => {
                let path = blob.path.member(name);
                self.tally.add_entry();
                self.hand_over(&path, format, &mut whole);
                path
            }
        };
        self.settle(&path, meter);
        Ok(())
    }

    fn take(&mut self, path: BlobPath, reader: &mut dyn Read, cost: Cost) -> bool {
        self.tally.add_entry();
        if self.is_over() {
            self.tell_breach(&path);
            return false;
        }
        let mut meter = Meter::new(reader, self.tally.clone(), cost);
        // The meter keeps what fails.
        let (head, count, _) = read_head(&mut meter);
        // A member that fails before its first byte is a problem, not an empty blob too.
        if count > 0 || !meter.failed() {
            let format = recognise(self.formats, &head[..count]);
            let mut whole = Cursor::new(&head[..count]).chain(&mut meter);
            self.hand_over(&path, format, &mut whole);
        }
        self.settle(&path, meter);
        !self.is_over()
    }

    fn hand_over(&mut self, path: &BlobPath, format: Option<&dyn Format>, reader: &mut dyn Read) {
        let blob = Blob { path: path.clone(), origin: self.origin.clone() };
        if let Some(format) = format {
            if self.depth < self.tally.limits().depth {
                let result = self.expand(format, &blob, Content::Stream(reader));
                if let Err(failure) = result {
                    self.fail(path, failure);
                }
                return;
            }
            let depth = self.tally.limits().depth;
            self.fail(path, Failure::Limit(format!("more than {depth} archives deep")));
        }
        self.delivered = true;
        self.worker.blob(&blob, Content::Stream(reader));
    }

    fn settle(&mut self, path: &BlobPath, meter: Meter<'_>) {
        if let Some(failure) = meter.failure() {
            self.fail(path, failure);
        }
        self.tell_breach(path);
    }

    fn expand(
        &mut self,
        format: &dyn Format,
        blob: &Blob,
        content: Content<'_>,
    ) -> Result<(), Failure> {
        self.depth += 1;
        let result = format.expand(blob, content, self);
        self.depth -= 1;
        result
    }

    /// Runs library code that works outside of a member's reader.
    pub(super) fn guard<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err(Failure::corrupt("its decoder gave up")))
    }

    /// Runs `read` on the archive's bytes with random access; a stream is held in memory for it.
    pub(super) fn seekable(
        &mut self,
        content: Content<'_>,
        read: impl FnOnce(&mut Self, &mut dyn ReadSeek) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match content {
            Content::File(file) => read(self, file),
            Content::Bytes(bytes) => read(self, &mut Cursor::new(bytes)),
            Content::Stream(stream) => {
                let held = Held::read(stream, &self.tally)?;
                read(self, &mut Cursor::new(held.bytes()))
            }
        }
    }

    /// Names a member without content that is left out, for `-v`.
    pub(super) fn leave_out(&mut self, blob: &Blob, name: &[u8], what: &str) {
        let path = blob.path.member(name);
        self.worker.problem(Problem::new(path, Reason::SpecialFile, what));
    }
}

/// The format of a file that begins with `head`.
pub(crate) fn recognise<'f>(formats: &'f [&'f dyn Format], head: &[u8]) -> Option<&'f dyn Format> {
    formats.iter().copied().find(|format| format.begins(head))
}

/// Reads the first bytes: the buffer, how many they are, and what made them fewer than there are.
pub(crate) fn read_head(reader: &mut dyn Read) -> ([u8; HEAD], usize, Option<std::io::Error>) {
    let mut head = [0; HEAD];
    let mut count = 0;
    while count < HEAD {
        match reader.read(&mut head[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return (head, count, Some(error)),
        }
    }
    (head, count, None)
}

/// The bytes of a content, from start to end.
pub(super) fn stream<'a>(content: Content<'a>) -> Box<dyn Read + 'a> {
    match content {
        Content::Bytes(bytes) => Box::new(bytes),
        Content::Stream(stream) => Box::new(stream),
        Content::File(file) => Box::new(file),
    }
}
