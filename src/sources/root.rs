//! One folder that is walked, and how.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::deliver::ArchiveOptions;
use super::open::Tree;
use crate::model::{BlobPath, Origin};

/// How to read files.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// Threads.
    pub jobs: usize,
    /// Whether and how far archives are opened.
    pub archives: ArchiveOptions,
    /// Whether `.leakspanignore` and `.gitignore` are honoured.
    pub ignore_files: bool,
    /// Further gitignore lines, counted from each folder that is named.
    pub ignores: Vec<String>,
}

/// What is shared by all readers of one folder.
pub(super) struct Root<'a> {
    pub(super) path: PathBuf,
    pub(super) prefix: &'a [u8],
    pub(super) tree: Tree,
    pub(super) options: &'a FileOptions,
    pub(super) origin: Arc<Origin>,
}

impl Root<'_> {
    /// The name that a path below the root is reported under.
    pub(super) fn name(&self, path: &Path) -> BlobPath {
        let below = self.below(path);
        let mut name = Vec::with_capacity(self.prefix.len() + below.len());
        name.extend_from_slice(self.prefix);
        name.extend_from_slice(below);
        BlobPath::new(name)
    }

    /// The bytes of a path below the root, without a leading `/`.
    pub(super) fn below<'p>(&self, path: &'p Path) -> &'p [u8] {
        let root = self.path.as_os_str().as_bytes();
        let path = path.as_os_str().as_bytes();
        let rest = path.strip_prefix(root).unwrap_or(path);
        rest.strip_prefix(b"/").unwrap_or(rest)
    }
}

/// Folder and name of a relative path.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'/', path) {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

/// A path of bytes as the system's own type.
pub(super) fn as_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}
