//! Trees: their entries, and what is new in one against others.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use gix::ObjectId;
use gix::objs::tree::EntryKind as TreeEntry;
use gix::objs::{Kind, TreeRefIter};

use super::objects::{Objects, Unread};
use crate::model::{BlobPath, Reason};

/// How deep trees may be nested; git's own paths end long before.
const MAX_DEPTH: usize = 2_048;

/// What an entry of a tree or of the index records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file; its blob is the content.
    File,
    /// A symbolic link; its blob is the target's path.
    Link,
    /// A commit of a submodule, which is another repository.
    Submodule,
}

/// A tree: its bytes, and the entries in them in order.
pub(super) struct Tree {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

/// One entry of a tree.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Where its name stands, with `/` behind that of a folder: so entries stand in byte order.
    key: Range<usize>,
    mode: TreeEntry,
    pub(super) id: ObjectId,
}

impl Item {
    /// What it is; `None` for a folder.
    pub(super) fn kind(&self) -> Option<EntryKind> {
        match self.mode {
            TreeEntry::Tree => None,
            TreeEntry::Commit => Some(EntryKind::Submodule),
            TreeEntry::Link => Some(EntryKind::Link),
            TreeEntry::Blob | TreeEntry::BlobExecutable => Some(EntryKind::File),
        }
    }
}

impl Tree {
    /// The name of an entry, with `/` behind that of a folder.
    pub(super) fn key(&self, item: &Item) -> &[u8] {
        &self.bytes[item.key.clone()]
    }

    /// The entries, in the order of their keys.
    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// About how many bytes it takes.
    fn size(&self) -> usize {
        self.bytes.len() + std::mem::size_of_val(self.items.as_slice())
    }
}

/// Reads a tree.
pub(super) fn read(objects: &Objects, id: &ObjectId) -> Result<Tree, Unread> {
    let mut bytes = Vec::new();
    objects.read(id, Kind::Tree, &mut bytes)?;
    let mut items = Vec::new();
    for entry in TreeRefIter::from_bytes(&bytes, objects.hash()) {
        let entry = entry.map_err(|_| Unread {
            reason: Reason::Corrupt,
            detail: format!("tree {id} cannot be parsed"),
        })?;
        let mode = entry.mode.kind();
        let start = entry.filename.as_ptr().addr() - bytes.as_ptr().addr();
        // The NUL behind the name of a folder becomes its slash.
        let end = start + entry.filename.len() + usize::from(mode == TreeEntry::Tree);
        items.push(Item { key: start..end, mode, id: entry.oid.to_owned() });
    }
    for folder in items.iter().filter(|item| item.mode == TreeEntry::Tree) {
        bytes[folder.key.end - 1] = b'/';
    }
    // A hostile tree may stand in any order; the comparisons below rely on this one.
    let key = |item: &Item| &bytes[item.key.clone()];
    if !items.is_sorted_by(|a, b| key(a) <= key(b)) {
        items.sort_by(|a, b| key(a).cmp(key(b)));
    }
    Ok(Tree { bytes, items })
}

/// Bytes of trees that one thread remembers.
const MAX_REMEMBERED: usize = 32 << 20;

/// Trees that were read lately: what is new in one commit is old in the next.
pub(super) struct Trees<'o> {
    pub(super) objects: &'o Objects,
    young: HashMap<ObjectId, Rc<Tree>>,
    old: HashMap<ObjectId, Rc<Tree>>,
    /// Bytes of the young ones.
    size: usize,
}

impl<'o> Trees<'o> {
    pub(super) fn new(objects: &'o Objects) -> Self {
        Self { objects, young: HashMap::new(), old: HashMap::new(), size: 0 }
    }

    fn read(&mut self, id: &ObjectId) -> Result<Rc<Tree>, Unread> {
        if let Some(tree) = self.young.get(id) {
            return Ok(Rc::clone(tree));
        }
        let tree = match self.old.remove(id) {
            Some(tree) => tree,
            None => Rc::new(read(self.objects, id)?),
        };
        self.size += tree.size();
        self.young.insert(*id, Rc::clone(&tree));
        if self.size > MAX_REMEMBERED / 2 {
            self.old = std::mem::take(&mut self.young);
            self.size = 0;
        }
        Ok(tree)
    }
}

/// A blob that no older tree has at its path.
pub(super) struct New {
    pub(super) path: BlobPath,
    pub(super) id: ObjectId,
    pub(super) kind: EntryKind,
    /// What stands at the same path in the older trees.
    pub(super) old: Vec<ObjectId>,
}

/// Visits what a tree has at a path where none of the older trees has the same object.
///
/// Folders that an older tree has as they are, are not read. Returns the folders that could not be read.
pub(super) fn difference(
    trees: &mut Trees<'_>,
    prefix: &[u8],
    new: Option<ObjectId>,
    old: &[Option<ObjectId>],
    visit: &mut dyn FnMut(New),
) -> Vec<(BlobPath, Unread)> {
    let mut unread = Vec::new();
    let mut open = vec![(prefix.to_owned(), new, old.to_vec(), 0)];
    while let Some((prefix, new, old, depth)) = open.pop() {
        let Some(new) = new.filter(|new| !old.contains(&Some(*new))) else { continue };
        let path = |name: &[u8]| BlobPath::new([prefix.as_slice(), name].concat());
        if depth > MAX_DEPTH {
            let detail = format!("trees are nested more than {MAX_DEPTH} deep");
            unread.push((path(b""), Unread { reason: Reason::Corrupt, detail }));
            continue;
        }
        // An older tree that is not there (shallow clones, partial ones) hides nothing: all counts as new.
        let old = old.iter().flatten().filter_map(|id| trees.read(id).ok());
        let mut old: Vec<_> = old.map(|tree| (tree, 0)).collect();
        let tree = match trees.read(&new) {
            Ok(tree) => tree,
            Err(why) => {
                unread.push((path(b""), why));
                continue;
            }
        };
        for item in tree.items() {
            let key = tree.key(item);
            let found = old.iter_mut().filter_map(|(old, at)| find(old, key, at));
            let same: Vec<ObjectId> = found.collect();
            match item.kind() {
                None => {
                    let below = [prefix.as_slice(), key].concat();
                    let same = same.into_iter().map(Some).collect();
                    open.push((below, Some(item.id), same, depth + 1));
                }
                Some(_) if same.contains(&item.id) => {}
                Some(kind) => visit(New { path: path(key), id: item.id, kind, old: same }),
            }
        }
    }
    unread
}

/// What a tree has under a key; `at` goes on to it, and keys are asked in order.
fn find(tree: &Tree, key: &[u8], at: &mut usize) -> Option<ObjectId> {
    while tree.items.get(*at).is_some_and(|item| tree.key(item) < key) {
        *at += 1;
    }
    tree.items.get(*at).filter(|item| tree.key(item) == key).map(|item| item.id)
}
