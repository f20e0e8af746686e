//! Which trees hold which trees, and which of the objects that are asked for.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;

use super::entries::{Entries, Kind as Named};
use super::read::History;
use crate::git::feed::{Bytes, Line, Object, Visit, Which, visit};
use crate::git::objects::Unread;

/// The edges between trees, and from trees to wanted blobs.
pub(super) struct Edges {
    /// Parent and child, in order, each once.
    edges: Vec<(u32, u32)>,
    /// Trees, each before those that it holds.
    pub(super) sorted: Vec<u32>,
}

impl Edges {
    /// Reads all trees once more.
    pub(super) fn read(history: &History, wanted: &HashSet<u32>, threads: usize) -> Self {
        let shared: Mutex<Vec<(u32, u32)>> = Mutex::default();
        visit(&history.store, &Which::of(&[Kind::Tree]), threads, &|| Reader {
            history,
            wanted,
            shared: &shared,
            mine: Vec::new(),
        });
        let mut edges = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        edges.sort_unstable();
        edges.dedup();
        let mut edges = Self { edges, sorted: Vec::new() };
        edges.sort(history);
        edges
    }

    /// What a tree holds.
    pub(super) fn below(&self, tree: u32) -> impl Iterator<Item = u32> {
        let from = self.edges.partition_point(|(parent, _)| *parent < tree);
        let rest = self.edges[from..].iter();
        rest.take_while(move |(parent, _)| *parent == tree).map(|(_, child)| *child)
    }

    /// All edges: the parent, the child.
    pub(super) fn all(&self) -> &[(u32, u32)] {
        &self.edges
    }

    fn sort(&mut self, history: &History) {
        let mut waiting = vec![0_u32; history.len()];
        for (_, child) in &self.edges {
            waiting[*child as usize] += 1;
        }
        let is_tree = |number: &u32| history.store.kind(*number) == Some(Kind::Tree);
        let roots = (0..history.len() as u32).filter(is_tree);
        let mut sorted: Vec<u32> = roots.filter(|tree| waiting[*tree as usize] == 0).collect();
        let mut next = 0;
        while let Some(tree) = sorted.get(next).copied() {
            next += 1;
            let from = self.edges.partition_point(|(parent, _)| *parent < tree);
            for (_, child) in self.edges[from..].iter().take_while(|edge| edge.0 == tree) {
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
    shared: &'h Mutex<Vec<(u32, u32)>>,
    mine: Vec<(u32, u32)>,
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
                self.mine.push((object.number, number));
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
