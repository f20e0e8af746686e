//! The last step of every source: a blob goes to the worker, an archive as its members.

use std::io::{self, Cursor, Read, SeekFrom};

use super::archive::{ARCHIVES, ArchiveLimits, Format, Walk, ZIP, read_head, recognise};
use crate::model::{Blob, Content, Lineage, Memory, Problem, ReadSeek, Reason, Worker};

/// Whether and how far archives are opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveOptions {
    /// Whether they are opened at all; else they are bytes like any other, and that is no problem.
    pub expand: bool,
    /// How far.
    pub limits: ArchiveLimits,
}

impl Default for ArchiveOptions {
    fn default() -> Self {
        Self { expand: true, limits: ArchiveLimits::default() }
    }
}

/// Hands a blob to the worker; of an archive every member, each as a blob of its own.
///
/// Content that is no archive goes through as it came, after a look at its first 512 bytes. Every
/// source calls this, so that an archive means the same everywhere.
pub fn deliver(
    worker: &mut dyn Worker,
    blob: &Blob,
    content: Content<'_>,
    options: &ArchiveOptions,
) {
    if !options.expand {
        return worker.blob(blob, content);
    }
    match content {
        Content::Bytes(bytes) => match kind(bytes, || bytes.last_chunk().copied()) {
            Kind::Plain => worker.blob(blob, Content::Bytes(bytes)),
            Kind::Archive(format) => {
                let opened = walk(worker, blob, options).top(format, blob, Content::Bytes(bytes));
                if !opened {
                    worker.blob(blob, Content::Bytes(bytes));
                }
            }
            Kind::Behind => {
                walk(worker, blob, options).top(ZIP, blob, Content::Bytes(bytes));
                worker.blob(blob, Content::Bytes(bytes));
            }
        },
        Content::File(file) => deliver_file(worker, blob, file, options),
        Content::Stream(stream) => {
            let (head, count, failed) = read_head(stream);
            tell(worker, blob, failed);
            let format = recognise(ARCHIVES, &head[..count]);
            let mut whole = Cursor::new(&head[..count]).chain(stream);
            let content = Content::Stream(&mut whole);
            match format {
                None => worker.blob(blob, content),
                Some(format) => {
                    walk(worker, blob, options).top(format, blob, content);
                }
            }
        }
    }
}

/// Hands over a blob that has ancestors or heirs; as an archive it has neither.
pub(super) fn deliver_version(
    worker: &mut dyn Worker,
    blob: &Blob,
    bytes: &[u8],
    lineage: &Lineage<'_>,
    options: &ArchiveOptions,
) -> Option<Memory> {
    if !options.expand || matches!(kind(bytes, || bytes.last_chunk().copied()), Kind::Plain) {
        return worker.version(blob, bytes, lineage);
    }
    deliver(worker, blob, Content::Bytes(bytes), options);
    None
}

fn deliver_file(
    worker: &mut dyn Worker,
    blob: &Blob,
    file: &mut dyn ReadSeek,
    options: &ArchiveOptions,
) {
    let (head, count, failed) = read_head(file);
    tell(worker, blob, failed);
    let kind = kind(&head[..count], || {
        last_bytes(file).unwrap_or_else(|error| {
            tell(worker, blob, Some(error));
            None
        })
    });
    let (format, raw_too) = match kind {
        Kind::Plain => (None, true),
        Kind::Archive(format) => (Some(format), false),
        Kind::Behind => (Some(ZIP), true),
    };
    if !rewind(worker, blob, file) {
        return;
    }
    let opened = format.is_some_and(|format| {
        walk(worker, blob, options).top(format, blob, Content::File(&mut *file))
    });
    if (raw_too || !opened) && rewind(worker, blob, file) {
        worker.blob(blob, Content::File(file));
    }
}

/// An error of a first look may not come back, and what the file is was then not found out.
fn tell(worker: &mut dyn Worker, blob: &Blob, failed: Option<io::Error>) {
    if let Some(error) = failed {
        worker.problem(Problem::reading_failed(blob.path.clone(), &error));
    }
}

/// The end of a file, where it is long enough for that of a zip.
fn last_bytes(file: &mut dyn ReadSeek) -> io::Result<Option<[u8; 22]>> {
    let mut end = [0; 22];
    if file.seek(SeekFrom::End(0))? < end.len() as u64 {
        return Ok(None);
    }
    file.seek(SeekFrom::End(-22))?;
    file.read_exact(&mut end)?;
    Ok(Some(end))
}

/// Goes back to the start. A file that cannot would be scanned in part, so it is a problem.
fn rewind(worker: &mut dyn Worker, blob: &Blob, file: &mut dyn ReadSeek) -> bool {
    let result = file.rewind();
    if let Err(error) = &result {
        let what = format!("it cannot be read from its start: {error}");
        worker.problem(Problem::new(blob.path.clone(), Reason::IoError, what));
    }
    result.is_ok()
}

enum Kind {
    Plain,
    Archive(&'static dyn Format),
    /// A script or program with a zip behind it: it is both.
    Behind,
}

fn kind(head: &[u8], last: impl FnOnce() -> Option<[u8; 22]>) -> Kind {
    if let Some(format) = recognise(ARCHIVES, head) {
        return Kind::Archive(format);
    }
    let program = [&b"#!"[..], b"MZ", b"\x7FELF"].iter().any(|mark| head.starts_with(mark));
    if program && last().is_some_and(|end| end.starts_with(b"PK\x05\x06")) {
        return Kind::Behind;
    }
    Kind::Plain
}

fn walk<'w>(
    worker: &'w mut dyn Worker,
    blob: &Blob,
    options: &ArchiveOptions,
) -> Walk<'w, 'static> {
    Walk::new(worker, ARCHIVES, blob, &options.limits)
}
