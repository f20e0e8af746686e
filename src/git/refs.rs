//! References by name, in either format.

use gix::ObjectId;

use super::config::RefFormat;
use super::error::{Error, refuse};
use super::layout::Layout;
use super::reftable::{self, Target};
use crate::model::Reason;

/// How many references may point to one another, as in git.
const MAX_DEPTH: usize = 5;

/// Looks references up; reads nothing before it is asked.
pub(super) struct Refs<'a> {
    layout: &'a Layout,
}

impl<'a> Refs<'a> {
    pub(super) fn new(layout: &'a Layout) -> Self {
        Self { layout }
    }

    /// The object that a reference leads to, by its full name; `None` where it or what it points to does
    /// not exist (an unborn branch).
    ///
    /// # Errors
    /// [`Error::Refused`] where a reference on the way cannot be read.
    pub(super) fn resolve(&self, name: &str) -> Result<Option<ObjectId>, Error> {
        let mut name = name.as_bytes().to_owned();
        for _ in 0..=MAX_DEPTH {
            match self.one(&name)? {
                None => return Ok(None),
                Some(Target::Object(id)) => return Ok(Some(id)),
                Some(Target::Symbolic(next)) => name = next,
            }
        }
        Err(self.broken(&name))
    }

    fn one(&self, name: &[u8]) -> Result<Option<Target>, Error> {
        let shared = name.starts_with(b"refs/")
            && ![&b"refs/bisect/"[..], b"refs/worktree/", b"refs/rewritten/"]
                .iter()
                .any(|own| name.starts_with(own));
        let home = if shared { &self.layout.common_dir } else { &self.layout.git_dir };
        // Pseudo references such as MERGE_HEAD are files in both formats.
        match self.layout.format.refs {
            RefFormat::Reftable if shared || name == b"HEAD" => {
                let found = reftable::find(home, name, self.layout.format.hash);
                found.map_err(|_| self.broken(name))
            }
            _ => self.file(name),
        }
    }

    fn file(&self, name: &[u8]) -> Result<Option<Target>, Error> {
        let layout = self.layout;
        let options = gix::refs::store::init::Options::default();
        let store = gix::refs::file::Store::for_linked_worktree_opts(
            layout.git_dir.clone(),
            layout.common_dir.clone(),
            layout.format.hash,
            options,
        );
        let text = std::str::from_utf8(name).map_err(|_| self.broken(name))?;
        let found = store.try_find(text).map_err(|_| self.broken(name))?;
        // The look-up also tries `refs/heads/<name>` and the like: only the very name counts here.
        Ok(found.filter(|found| found.name.as_bstr() == name).map(|found| match found.target {
            gix::refs::Target::Object(id) => Target::Object(id),
            gix::refs::Target::Symbolic(next) => Target::Symbolic(next.as_bstr().to_vec()),
        }))
    }

    fn broken(&self, name: &[u8]) -> Error {
        let words = format!("{} cannot be read", String::from_utf8_lossy(name));
        refuse(&self.layout.git_dir, Reason::Corrupt, words)
    }
}
