//! What git tracks, for those who walk the working tree.

use std::path::Path;

use gix::index::File;

use super::error::Error;
use super::index;
use super::layout::{self, Options};

/// The paths of an index. Cheap: one parse of the file, no object is read.
pub struct Tracked {
    root: std::path::PathBuf,
    index: File,
}

impl Tracked {
    /// Reads the index of the repository at or above a folder; `None` where there is none, or it is bare.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is a repository whose index cannot be read.
    pub fn open(path: &Path, options: &Options) -> Result<Option<Self>, Error> {
        let layout = match layout::discover(path, options) {
            Ok(layout) if layout.bare => return Ok(None),
            Ok(layout) => layout,
            Err(Error::NotARepository(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let index = index::read(&layout)?;
        Ok(Some(Self { root: layout.root, index }))
    }

    /// The work tree that the paths start from.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a path is tracked.
    #[must_use]
    pub fn contains(&self, path: &[u8]) -> bool {
        let range = self.index.entry_range(path.into());
        range.is_some_and(|range| !range.is_empty())
    }

    /// The tracked paths below a folder (or all, for an empty one), in byte order.
    pub fn below<'a>(&'a self, folder: &[u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut prefix = folder.to_owned();
        if !prefix.is_empty() && !prefix.ends_with(b"/") {
            prefix.push(b'/');
        }
        let entries = self.index.prefixed_entries(prefix.as_slice().into()).unwrap_or_default();
        entries.iter().map(|entry| entry.path(&self.index).as_ref())
    }
}
