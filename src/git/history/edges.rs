//! Which trees hold which trees, and which of the objects that are asked for.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;

use super::entries::{Entries, Kind as Named};
use super::read::History;
use crate::git::feed::{Bytes, Line, Object, Visit, Which, visit};
use crate::git::objects::Unread;

/// A tree, what it holds, and what stands for the name of that there.
///
/// A name is kept as 32 bits of a hash: enough to see that a name is another one. What a report shows is
/// read from the tree.
pub(super) type Edge = (u32, u32, u32);

/// What stands for a name: FNV-1a, folded.
pub(super) fn name_hash(name: &[u8]) -> u32 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325, step);
    (hash >> 32) as u32 ^ hash as u32
}

/// Edges, found by their tree.
#[derive(Default)]
pub(super) struct Table {
    /// In order, each once.
    edges: Vec<Edge>,
    /// By number, where the edges of a tree begin; one more at the end.
    starts: Vec<u32>,
}

impl Table {
    /// Takes edges in order, of trees below `objects`.
    pub(super) fn new(edges: Vec<Edge>, objects: usize) -> Self {
        let mut starts = vec![0; objects + 1];
        for (tree, ..) in &edges {
            starts[*tree as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { edges, starts }
    }

    /// The edges of a tree.
    pub(super) fn of(&self, tree: u32) -> &[Edge] {
        let at = tree as usize;
        &self.edges[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// The edges between trees, and from trees to wanted blobs.
pub(super) struct Edges {
    table: Table,
    /// Trees, each before those that it holds.
    pub(super) sorted: Vec<u32>,
}

impl Edges {
    /// Reads all trees once more.
    pub(super) fn read(history: &History, wanted: &HashSet<u32>, threads: usize) -> Self {
        let shared: Mutex<Vec<Edge>> = Mutex::default();
        visit(&history.store, &Which::of(&[Kind::Tree]), threads, &|| Reader {
            history,
            wanted,
            shared: &shared,
            mine: Vec::new(),
        });
        let mut edges = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        edges.sort_unstable();
        edges.dedup();
        let table = Table::new(edges, history.len());
        let mut edges = Self { table, sorted: Vec::new() };
        edges.sort(history);
        edges
    }

    /// What a tree holds.
    pub(super) fn below(&self, tree: u32) -> impl Iterator<Item = u32> {
        self.table.of(tree).iter().map(|(_, child, _)| *child)
    }

    /// All edges.
    pub(super) fn all(&self) -> &[Edge] {
        &self.table.edges
    }

    fn sort(&mut self, history: &History) {
        let mut waiting = vec![0_u32; history.len()];
        for (_, child, _) in self.all() {
            waiting[*child as usize] += 1;
        }
        let is_tree = |number: &u32| history.store.kind(*number) == Some(Kind::Tree);
        let roots = (0..history.len() as u32).filter(is_tree);
        let mut sorted: Vec<u32> = roots.filter(|tree| waiting[*tree as usize] == 0).collect();
        let mut next = 0;
        while let Some(tree) = sorted.get(next).copied() {
            next += 1;
            for (_, child, _) in self.table.of(tree) {
                waiting[*child as usize] -= 1;
                if waiting[*child as usize] == 0 && is_tree(child) {
                    sorted.push(*child);
                }
            }
        }
        self.sorted = sorted;
    }
}

struct Reader<'h> {
    history: &'h History,
    wanted: &'h HashSet<u32>,
    shared: &'h Mutex<Vec<Edge>>,
    mine: Vec<Edge>,
}

impl Visit for Reader<'_> {
    type Memory = ();

    fn object(&mut self, object: Object<'_>, _: Line<'_, ()>) -> Option<((), u64)> {
        let Bytes::Whole(bytes) = object.bytes else { return None };
        let store = &self.history.store;
        for entry in Entries::new(bytes, self.history.hash.len_in_bytes()).flatten() {
            let number = match entry.kind {
                Named::Submodule => None,
                Named::Tree => store.ids.number(entry.id),
                Named::Blob => {
                    store.ids.number(entry.id).filter(|number| self.wanted.contains(number))
                }
            };
            // What a tree calls a folder must be one, or the walk could go in circles.
            let fits = |number: &u32| match entry.kind {
                Named::Tree => store.kind(*number) == Some(Kind::Tree),
                _ => store.kind(*number) != Some(Kind::Tree),
            };
            if let Some(number) = number.filter(fits) {
                self.mine.push((object.number, number, name_hash(entry.name)));
            }
        }
        None
    }

    fn unread(&mut self, _: u32, _: Unread) {}

    fn stopped(&self) -> bool {
        false
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.append(&mut self.mine);
    }
}
