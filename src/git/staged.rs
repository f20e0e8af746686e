//! The index against `HEAD`: what `git commit` would record.
//!
//! Where the index knows the tree of a folder (its cache tree) and that tree is `HEAD`'s, the folder is
//! skipped unread: the cost follows what changed, not how large the repository is.

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};
use gix::index::extension::Tree as CacheTree;
use gix::index::{Entry, State};

use super::error::Error;
use super::index;
use super::objects::{Objects, Unread};
use super::repository::Repository;
use super::tree::{self, EntryKind, Item, Tree, Trees};
use crate::model::BlobPath;

/// A path whose content differs from `HEAD`'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path, from the root of the repository.
    pub path: BlobPath,
    /// The object that the index names.
    pub id: ObjectId,
    /// What it is.
    pub kind: EntryKind,
    /// The object of the same path in `HEAD`.
    pub old: Option<ObjectId>,
}

/// Everything in which the index differs from `HEAD`.
#[derive(Debug, Default)]
pub struct Changes {
    /// Added and changed paths, in the order of the index; both sides of a conflict.
    pub changes: Vec<Change>,
    /// Objects of paths that `HEAD` has and the index has not: what a rename leaves.
    pub deleted: Vec<ObjectId>,
    /// Folders whose trees could not be read; what the index holds there is among the changes.
    pub unread: Vec<(BlobPath, Unread)>,
}

impl Repository {
    /// Compares the index with `HEAD`; an unborn `HEAD` is the empty tree.
    ///
    /// # Errors
    /// [`Error::Bare`] without an index; [`Error::Refused`] where the index or `HEAD` cannot be read.
    pub fn staged(&self) -> Result<Changes, Error> {
        if self.is_bare() {
            return Err(Error::Bare(self.root().display().to_string()));
        }
        let objects = self.objects();
        let head = self.head()?;
        let head = head.map(|commit| self.tree_of(&objects, &commit)).transpose()?;
        let state = index::read(&self.layout)?;
        let mut walk = Walk { state: &state, objects: &objects, found: Changes::default() };
        walk.folder(&[], head, state.entries(), state.tree());
        Ok(walk.found)
    }
}

struct Walk<'a> {
    state: &'a State,
    objects: &'a Objects,
    found: Changes,
}

impl<'a> Walk<'a> {
    /// Compares one folder: `entries` are those of the index below `prefix`, which ends in `/` or is empty.
    fn folder(
        &mut self,
        prefix: &[u8],
        old: Option<ObjectId>,
        entries: &'a [Entry],
        cache: Option<&CacheTree>,
    ) {
        let cached = cache.filter(|cache| cache.num_entries == u32::try_from(entries.len()).ok());
        if cached.is_some_and(|cache| Some(cache.id) == old) {
            return;
        }
        let tree = self.tree(prefix, old);
        let key_of = |item: &Item| tree.as_ref().map_or(&[][..], |tree| tree.key(item));
        let mut old = tree.iter().flat_map(Tree::items).peekable();
        let mut rest = entries;
        while let Some(first) = rest.first() {
            let (key, count) = self.group(prefix, rest);
            let (group, after) = rest.split_at(count);
            rest = after;
            while let Some(item) = old.next_if(|item| key_of(item) < key.as_bytes()) {
                self.gone(item);
            }
            let same = old.next_if(|item| key_of(item) == key.as_bytes());
            let same = same.map(|item| item.id);
            if !key.ends_with(b"/") {
                self.file(group, same);
            } else if first.mode == Mode::DIR && count == 1 {
                self.sparse(first, same);
            } else {
                let name = &key[..key.len() - 1];
                let child = cache.and_then(|cache| child(cache, name));
                let below = [prefix, key.as_bytes()].concat();
                self.folder(&below, same, group, child);
            }
        }
        for item in old {
            self.gone(item);
        }
    }

    /// The first name below `prefix`, with `/` for a folder, and how many entries it covers.
    fn group(&self, prefix: &[u8], entries: &'a [Entry]) -> (&'a BStr, usize) {
        let path = entries[0].path(self.state);
        let name = path.get(prefix.len()..).unwrap_or_default();
        match name.find_byte(b'/') {
            Some(slash) => {
                let folder = &path[..prefix.len() + slash + 1];
                let count = entries.partition_point(|e| e.path(self.state).starts_with(folder));
                (name[..=slash].as_bstr(), count.max(1))
            }
            None => {
                let same = entries.iter().take_while(|e| e.path(self.state) == path);
                (name.as_bstr(), same.count().max(1))
            }
        }
    }

    /// One path: a single entry, or the stages of a conflict.
    fn file(&mut self, stages: &'a [Entry], old: Option<ObjectId>) {
        for entry in stages {
            // `git add -N` promises content that the commit will not have.
            let promised = entry.flags.contains(Flags::INTENT_TO_ADD);
            if promised || entry.stage() == Stage::Base || old == Some(entry.id) {
                continue;
            }
            let kind = match entry.mode {
                Mode::COMMIT => EntryKind::Submodule,
                Mode::SYMLINK => EntryKind::Link,
                _ => EntryKind::File,
            };
            let path = BlobPath::new(entry.path(self.state).as_bytes());
            self.found.changes.push(Change { path, id: entry.id, kind, old });
        }
    }

    /// A folder that a sparse index holds as one tree: compared as trees.
    fn sparse(&mut self, entry: &Entry, old: Option<ObjectId>) {
        if old == Some(entry.id) {
            return;
        }
        let mut found = Vec::new();
        let path = entry.path(self.state).as_bytes();
        let unread = tree::difference(
            &mut Trees::new(self.objects),
            path,
            Some(entry.id),
            &[old],
            &mut |new| {
                found.push(Change {
                    path: new.path,
                    id: new.id,
                    kind: new.kind,
                    old: new.old.first().copied(),
                });
            },
        );
        self.found.changes.extend(found);
        self.found.unread.extend(unread);
    }

    fn tree(&mut self, prefix: &[u8], id: Option<ObjectId>) -> Option<Tree> {
        let unread = match tree::read(self.objects, &id?) {
            Ok(tree) => return Some(tree),
            Err(unread) => unread,
        };
        self.found.unread.push((BlobPath::new(prefix), unread));
        None
    }

    fn gone(&mut self, item: &Item) {
        if item.kind() == Some(EntryKind::File) {
            self.found.deleted.push(item.id);
        }
    }
}

fn child<'c>(cache: &'c CacheTree, name: &[u8]) -> Option<&'c CacheTree> {
    cache.children.iter().find(|child| child.name.as_slice() == name)
}

/// The blob of a path in a commit's tree; `None` where it is no file there.
pub(super) fn look_up(objects: &Objects, root: ObjectId, path: &[u8]) -> Option<ObjectId> {
    let mut tree = root;
    let mut rest = path;
    loop {
        let (name, below) = match rest.find_byte(b'/') {
            Some(slash) => (&rest[..=slash], Some(&rest[slash + 1..])),
            None => (rest, None),
        };
        let folder = tree::read(objects, &tree).ok()?;
        let item = folder.items().iter().find(|item| folder.key(item) == name)?;
        match below {
            Some(below) => (tree, rest) = (item.id, below),
            None => return Some(item.id),
        }
    }
}

impl Repository {
    /// The earlier versions of a staged path: `HEAD`'s, those of commits that a merge in progress joins,
    /// and, for a new path, those of the paths that this commit deletes, because it may be a rename.
    #[must_use]
    pub fn earlier(&self, objects: &Objects, changes: &Changes, change: &Change) -> Vec<ObjectId> {
        let mut ids: Vec<_> = change.old.into_iter().collect();
        for commit in self.merge_heads() {
            let tree = self.tree_of(objects, &commit).ok();
            ids.extend(tree.and_then(|tree| look_up(objects, tree, change.path.as_bytes())));
        }
        if change.old.is_none() {
            ids.extend(changes.deleted.iter().take(MAX_RENAMES));
        }
        ids
    }
}

/// How many deleted files are held against a finding in a new one.
const MAX_RENAMES: usize = 200;
