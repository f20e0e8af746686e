//! 7z.

use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use sevenz_rust2::{ArchiveReader, EntryDecision, Error, Password};

use super::failure::Failure;
use super::walk::Format;
use super::walk::Walk;
use crate::model::{Blob, Content, ReadSeek};

pub(super) struct SevenZ;

impl Format for SevenZ {
    fn begins(&self, head: &[u8]) -> bool {
        head.starts_with(b"7z\xBC\xAF\x27\x1C")
    }

    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure> {
        walk.seekable(content, |walk, file| read(blob, file, walk))
    }
}

fn read(blob: &Blob, file: &mut dyn ReadSeek, walk: &mut Walk<'_, '_>) -> Result<(), Failure> {
    let limits = walk.tally().limits();
    let memory = usize::try_from((limits.max_window_bytes >> 10) + 1024).unwrap_or(usize::MAX);
    let mut archive = Walk::guard(|| {
        let reader = ArchiveReader::new_with_memory_limit(Plain(file), Password::empty(), memory);
        reader.map_err(failure)
    })?;
    // One thread: the scan is parallel by file already.
    archive.set_thread_count(1);
    let mut panic = None;
    let result = Walk::guard(|| {
        let each = |entry: &sevenz_rust2::ArchiveEntry, reader: &mut dyn Read| {
            if entry.is_directory() {
                return Ok(EntryDecision::Continue);
            }
            let name = entry.name().as_bytes();
            // A panic of the worker is none of the library's, and goes on outside of it.
            match catch_unwind(AssertUnwindSafe(|| walk.member(blob, name, reader))) {
                Ok(true) => Ok(EntryDecision::Continue),
                Ok(false) => Ok(EntryDecision::Stop),
                Err(payload) => {
                    panic = Some(payload);
                    Ok(EntryDecision::Stop)
                }
            }
        };
        archive.for_each_entries_with_decision(each).map_err(failure)
    });
    match panic {
        Some(payload) => resume_unwind(payload),
        None => result,
    }
}

fn failure(error: Error) -> Failure {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Failure::Encrypted,
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => Failure::Encrypted,
        Error::UnsupportedCompressionMethod(method) => {
            Failure::Limit(format!("compression method {method} is not built in"))
        }
        Error::MaxMemLimited { .. } => Failure::Limit("a window beyond the limit".to_owned()),
        Error::Io(error, _) => Failure::of(&error),
        other => Failure::Corrupt(other.to_string()),
    }
}

/// A sized reader over one that is not.
struct Plain<'r>(&'r mut dyn ReadSeek);

impl Read for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Plain<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}
