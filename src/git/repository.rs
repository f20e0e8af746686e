//! A repository, opened as data.

use std::path::Path;

use gix::ObjectId;
use gix::objs::{CommitRef, Kind};

use super::error::{Error, refuse};
use super::layout::{self, Layout, Options};
use super::objects::{Objects, Stores, Unread};
use super::refs::Refs;
use crate::model::{BlobPath, Problem, Reason};

/// An open repository. Shared by threads; each takes its own [`Objects`].
pub struct Repository {
    pub(super) layout: Layout,
    pub(super) stores: Stores,
}

impl Repository {
    /// Opens the repository at or above a folder.
    ///
    /// Of its configuration only the format is read; no program is run, no reference is replaced,
    /// nothing is fetched, and no object store outside of it is read unless the options allow it.
    ///
    /// # Errors
    /// [`Error`]: not there, not a repository, or refused with the problem that the whole of it is.
    pub fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        let layout = layout::discover(path, options)?;
        let stores = Stores::open(&layout.objects, layout.format.hash, layout.format.partial);
        let stores = stores
            .map_err(|error| refuse(&layout.objects[0], Reason::Unreadable, error.to_string()))?;
        Ok(Self { layout, stores })
    }

    /// The work tree, or the git directory of a bare repository.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.layout.root
    }

    /// Whether it has no work tree.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.layout.bare
    }

    /// Sentences for the reader: what was read outside of it, by permission.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let places = self.layout.external.iter();
        places
            .map(|place| format!("objects outside were read as allowed: {}", place.display()))
            .collect()
    }

    /// Objects for one thread.
    #[must_use]
    pub fn objects(&self) -> Objects {
        self.stores.handle()
    }

    /// The commit that `HEAD` leads to; `None` on an unborn branch.
    pub(super) fn head(&self) -> Result<Option<ObjectId>, Error> {
        Refs::new(&self.layout).resolve("HEAD")
    }

    /// The commits that a merge in progress will join to `HEAD`.
    pub(super) fn merge_heads(&self) -> Vec<ObjectId> {
        let text = std::fs::read(self.layout.git_dir.join("MERGE_HEAD")).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n');
        lines.filter_map(|line| ObjectId::from_hex(line.trim_ascii()).ok()).collect()
    }

    /// The tree of a commit.
    pub(super) fn tree_of(&self, objects: &Objects, commit: &ObjectId) -> Result<ObjectId, Error> {
        let mut buffer = Vec::new();
        objects.read(commit, Kind::Commit, &mut buffer).map_err(|unread| self.unread(unread))?;
        let commit = CommitRef::from_bytes(&buffer, self.layout.format.hash);
        let tree = commit.map(|commit| commit.tree());
        tree.map_err(|_| refuse(&self.layout.root, Reason::Corrupt, "a commit cannot be parsed"))
    }

    /// A problem of the repository as a whole.
    pub(super) fn unread(&self, unread: Unread) -> Error {
        use std::os::unix::ffi::OsStrExt;
        let path = BlobPath::new(self.layout.root.as_os_str().as_bytes());
        Error::Refused(Problem::new(path, unread.reason, unread.detail))
    }
}
