//! A named piece of content, on its way from a source to the engine.

use std::io::{Read, Seek};
use std::sync::Arc;

use super::Origin;

/// The name that a blob is reported under: raw bytes, never opened by anyone.
///
/// Relative to the target's root with `/`; a member of an archive is `outer.zip!a/b`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobPath(Vec<u8>);

impl BlobPath {
    /// Wraps the raw bytes of a path.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path of a member inside this archive: `self!member`.
    #[must_use]
    pub fn member(&self, name: &[u8]) -> Self {
        let mut bytes = self.0.clone();
        bytes.push(b'!');
        bytes.extend_from_slice(name);
        Self(bytes)
    }

    /// Text for reports: UTF-8 stays, every other byte becomes `%XX`.
    ///
    /// A literal `%` stays too, so this names a path to a reader; it is no reversible encoding.
    #[must_use]
    pub fn display(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        for chunk in self.0.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
        text
    }
}

/// What a source says of the bytes that it hands over.
#[derive(Clone, Debug)]
pub struct Blob {
    /// The name that it is reported under.
    pub path: BlobPath,
    /// Where it comes from; shared by all blobs of one commit.
    pub origin: Arc<Origin>,
}

/// A reader that can also seek: what an archive with a directory at its end needs.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// The bytes of a blob, in the cheapest form that its source has.
pub enum Content<'a> {
    /// All of it, in memory.
    Bytes(&'a [u8]),
    /// Of any length, read once from start to end.
    Stream(&'a mut dyn Read),
    /// Of any length, seekable, positioned at its start.
    File(&'a mut dyn ReadSeek),
}
