//! Trees: their entries, and what is new in one against others.

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

/// One entry of a tree.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The name, with `/` behind that of a folder: so entries stand in byte order.
    pub(super) key: Vec<u8>,
    pub(super) mode: TreeEntry,
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

/// Reads a tree, in order.
pub(super) fn read(objects: &Objects, id: &ObjectId) -> Result<Vec<Item>, Unread> {
    let mut buffer = Vec::new();
    objects.read(id, Kind::Tree, &mut buffer)?;
    let mut items = Vec::new();
    for entry in TreeRefIter::from_bytes(&buffer, objects.hash()) {
        let entry = entry.map_err(|_| Unread {
            reason: Reason::Corrupt,
            detail: format!("tree {id} cannot be parsed"),
        })?;
        let mode = entry.mode.kind();
        let mut key = entry.filename.to_vec();
        if mode == TreeEntry::Tree {
            key.push(b'/');
        }
        items.push(Item { key, mode, id: entry.oid.to_owned() });
    }
    // A hostile tree may stand in any order; the comparisons below rely on this one.
    items.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(items)
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
    objects: &Objects,
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
        let items = match read(objects, &new) {
            Ok(items) => items,
            Err(why) => {
                unread.push((path(b""), why));
                continue;
            }
        };
        // An older tree that is not there (shallow clones, partial ones) hides nothing: all counts as new.
        let old: Vec<_> = old.iter().flatten().filter_map(|id| read(objects, id).ok()).collect();
        for item in items {
            let same: Vec<_> = old.iter().filter_map(|tree| find(tree, &item.key)).collect();
            match item.kind() {
                None => {
                    let below = [prefix.as_slice(), &item.key].concat();
                    let same = same.into_iter().map(Some).collect();
                    open.push((below, Some(item.id), same, depth + 1));
                }
                Some(_) if same.contains(&item.id) => {}
                Some(kind) => {
                    visit(New { path: path(&item.key), id: item.id, kind, old: same });
                }
            }
        }
    }
    unread
}

fn find(tree: &[Item], key: &[u8]) -> Option<ObjectId> {
    tree.binary_search_by(|item| item.key.as_slice().cmp(key)).ok().map(|at| tree[at].id)
}
