//! Archives: their members become blobs, in memory, nothing on disk.
//!
//! A format is recognised by its first bytes, never by its name. Members that are archives are opened
//! too, to a depth; one budget of bytes, members and time holds for all that a top-level file nests.
//!
//! - Paths are labels: `outer.zip!a/b`; `../` leads nowhere. A compressed file holds one member with
//!   its name less the extension (`a.gz!a`), except that a tar in it is left out of the path
//!   (`x.tar.gz!a`, and it is no level of its own).
//! - What was read before a limit or a broken place stays scanned; both are problems.
//! - An expanded archive is not scanned as raw bytes too. Raw is what is not expanded: a format that
//!   is not in the table, an archive that is nested too deep, and a file that merely begins like an
//!   archive (nothing came out of it; the problem `archive-corrupt` stays).
//! - Library code that panics is a broken archive.
//!
//! To add one: a file with a [`Format`], and a row in [`ARCHIVES`].

mod compressed;
mod failure;
mod sevenz;
mod tally;
mod tar;
mod walk;
mod zip;
mod zip_headers;

pub use tally::ArchiveLimits;

pub(super) use walk::{Format, Walk, read_head, recognise};

/// Every format. Tar last: it has a checksum instead of a mark.
pub(super) const ARCHIVES: &[&dyn Format] = &[
    &zip::Zip,
    &compressed::Gzip,
    &compressed::Bzip2,
    &compressed::Xz,
    &compressed::Zstd,
    &sevenz::SevenZ,
    &tar::Ar,
    &tar::Tar,
];

/// The zip family, for archives that stand behind a script or a program.
pub(super) const ZIP: &dyn Format = &zip::Zip;
