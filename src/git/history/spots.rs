//! At which paths the objects of a secret stand in a tree, as numbers: cheap to compare from commit to commit.
//!
//! A path is known by a hash of its names until a report needs it; then it is read from the trees.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;

use super::edges::{Edge, Edges, Table, name_hash};
use super::entries::Entries;
use super::read::History;
use crate::git::feed;

/// How many places of one secret are followed in one tree.
const MAX_SPOTS: usize = 256;
/// A path ends after so many folders.
const MAX_DEPTH: usize = 4096;
/// Stands for an object itself, below all names.
const LEAF: u64 = 0x9e37_79b9_7f4a_7c15;

/// A path, and the object that stands there.
pub(super) type Spot = (u64, u32);

/// What stands for a path.
pub(super) fn path_hash(path: &[u8]) -> u64 {
    path.rsplit(|byte| *byte == b'/').fold(LEAF, |below, name| joined(name_hash(name), below))
}

/// A name before a path.
fn joined(name: u32, below: u64) -> u64 {
    let mixed = (below ^ u64::from(name)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ mixed >> 29).wrapping_mul(0x94d0_49bb_1331_11eb).rotate_left(27)
}

/// The edges that lead to the objects of up to 64 secrets.
pub(super) struct Leading {
    table: Table,
    /// By number, a bit for each secret that stands in an object or below it.
    pub(super) holds: Vec<u64>,
}

impl Leading {
    pub(super) fn new(history: &History, edges: &Edges, secrets: &[Vec<ObjectId>]) -> Self {
        let mut holds = vec![0_u64; history.len()];
        for (bit, objects) in secrets.iter().enumerate() {
            for id in objects {
                if let Some(number) = history.store.ids.number(id.as_bytes()) {
                    holds[number as usize] |= 1 << bit;
                }
            }
        }
        for tree in edges.sorted.iter().rev() {
            let below = edges.below(*tree).fold(0, |all, child| all | holds[child as usize]);
            holds[*tree as usize] |= below;
        }
        let leads = |edge: &&Edge| holds[edge.1 as usize] != 0;
        let leading = edges.all().iter().filter(leads).copied().collect();
        Self { table: Table::new(leading, history.len()), holds }
    }

    /// The edges of a tree that lead to an object.
    pub(super) fn of(&self, tree: u32) -> &[Edge] {
        self.table.of(tree)
    }

    /// Which secrets stand elsewhere in one tree than in the other, a bit each. Goes only where trees differ.
    pub(super) fn changed(&self, before: Option<u32>, after: Option<u32>) -> Changed {
        let mut changed = Changed::default();
        let mut open = vec![(before, after)];
        let mut seen = HashSet::new();
        while let Some(pair) = open.pop() {
            // The same two trees may stand side by side at more paths than there is time for.
            if pair.0 == pair.1 || !seen.insert(pair) {
                continue;
            }
            let (before, after) = (self.by_name(pair.0), self.by_name(pair.1));
            let (mut one, mut other) = (before.iter().peekable(), after.iter().peekable());
            while let Some(name) =
                [one.peek(), other.peek()].into_iter().flatten().map(|e| e.0).min()
            {
                let old = one.next_if(|edge| edge.0 == name).map(|edge| edge.1);
                let new = other.next_if(|edge| edge.0 == name).map(|edge| edge.1);
                let held = |child: Option<u32>| child.map_or(0, |it| self.holds[it as usize]);
                let is_tree = |child: u32| !self.of(child).is_empty();
                match (old, new) {
                    _ if old == new => {}
                    (Some(old), Some(new)) if is_tree(old) && is_tree(new) => {
                        open.push((Some(old), Some(new)));
                    }
                    (Some(a), Some(b)) if !is_tree(a) && !is_tree(b) => {
                        changed.paths |= held(old) ^ held(new);
                        changed.objects |= held(old) | held(new);
                    }
                    _ => {
                        changed.paths |= held(old) | held(new);
                        changed.objects |= held(old) | held(new);
                    }
                }
            }
        }
        changed
    }

    /// The edges of a tree as name and child, in that order.
    fn by_name(&self, tree: Option<u32>) -> Vec<(u32, u32)> {
        let edges = tree.map_or(&[][..], |tree| self.of(tree));
        let mut named: Vec<_> = edges.iter().map(|&(_, child, name)| (name, child)).collect();
        named.sort_unstable();
        named
    }
}

/// Secrets by which two trees differ.
#[derive(Default)]
pub(super) struct Changed {
    /// Those that stand at other paths.
    pub(super) paths: u64,
    /// Those that stand at other paths or in other objects.
    pub(super) objects: u64,
}

/// The places of one secret, tree by tree.
pub(super) struct Spots<'a> {
    history: &'a History,
    leading: &'a Leading,
    bit: u64,
    objects: HashSet<u32>,
    sets: HashMap<u32, Rc<[Spot]>>,
}

impl<'a> Spots<'a> {
    /// `bit` is the secret's place among those of `leading`.
    pub(super) fn new(
        history: &'a History,
        leading: &'a Leading,
        bit: usize,
        objects: &[ObjectId],
    ) -> Self {
        let number = |id: &ObjectId| history.store.ids.number(id.as_bytes());
        let objects = objects.iter().filter_map(number).collect();
        Self { history, leading, bit: 1 << bit, objects, sets: HashMap::new() }
    }

    /// Where the secret stands in a tree, in order; the empty set for no tree.
    pub(super) fn at(&mut self, tree: Option<u32>) -> Rc<[Spot]> {
        let Some(root) = tree.filter(|tree| self.leading.holds[*tree as usize] & self.bit != 0)
        else {
            return Rc::new([]);
        };
        let mut open = vec![root];
        let mut entered = HashSet::new();
        // No recursion: trees may be nested as deep as anybody likes. Ids that lie could make a circle, so
        // each tree is entered once.
        while let Some(tree) = open.last().copied() {
            if self.sets.contains_key(&tree) {
                open.pop();
                continue;
            }
            let before = open.len();
            if entered.insert(tree) {
                let below = self.leading.of(tree).iter().map(|(_, child, _)| *child);
                let below = below.filter(|child| {
                    self.leading.holds[*child as usize] & self.bit != 0
                        && !self.objects.contains(child)
                        && !self.sets.contains_key(child)
                        && !entered.contains(child)
                });
                open.extend(below);
            }
            if open.len() == before {
                let spots = self.joined_at(tree);
                self.sets.insert(tree, spots);
                open.pop();
            }
        }
        self.sets.get(&root).cloned().unwrap_or_else(|| Rc::new([]))
    }

    /// The places in a tree whose folders are known.
    fn joined_at(&self, tree: u32) -> Rc<[Spot]> {
        let mut spots = Vec::new();
        for (_, child, name) in self.leading.of(tree) {
            if self.objects.contains(child) {
                spots.push((joined(*name, LEAF), *child));
            } else if let Some(below) = self.sets.get(child) {
                spots.extend(below.iter().map(|(path, object)| (joined(*name, *path), *object)));
            }
        }
        spots.sort_unstable();
        spots.dedup();
        spots.truncate(MAX_SPOTS);
        spots.into()
    }

    /// The path of a place in a tree that was asked for.
    pub(super) fn path(&self, root: u32, spot: Spot) -> Option<Vec<u8>> {
        let (mut tree, (mut rest, object)) = (root, spot);
        let mut path = Vec::new();
        for _ in 0..MAX_DEPTH {
            let next = self.leading.of(tree).iter().find_map(|&(_, child, name)| {
                if child == object && joined(name, LEAF) == rest {
                    return Some((child, name, LEAF));
                }
                let below = self.sets.get(&child)?.iter();
                let mut below = below.filter(|(_, held)| *held == object);
                below.find(|(path, _)| joined(name, *path) == rest).map(|(p, _)| (child, name, *p))
            });
            let (child, name, below) = next?;
            path.extend_from_slice(&self.name(tree, child, name)?);
            if below == LEAF {
                return Some(path);
            }
            path.push(b'/');
            (tree, rest) = (child, below);
        }
        None
    }

    /// What a tree calls an object.
    fn name(&self, tree: u32, child: u32, hash: u32) -> Option<Vec<u8>> {
        let bytes = feed::read(&self.history.store, tree)?;
        let id = self.history.store.ids.id(child);
        let mut entries = Entries::new(&bytes, self.history.hash.len_in_bytes()).flatten();
        let entry = entries.find(|it| it.id == id.as_bytes() && name_hash(it.name) == hash);
        entry.map(|entry| entry.name.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_hash_of_its_names_in_their_order() {
        let whole = path_hash(b"a/b/c");
        assert_eq!(whole, joined(name_hash(b"a"), path_hash(b"b/c")));
        let others: [&[u8]; 5] = [b"a/c/b", b"b/a/c", b"a/b", b"ab/c", b"a/b/c/"];
        assert!(others.into_iter().all(|other| path_hash(other) != whole));
    }
}
