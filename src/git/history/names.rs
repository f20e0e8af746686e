//! One path for every object: the tree that holds it, and its name there.
//!
//! Of the places that are told the one in the tree with the smallest number is kept, so a path does not
//! depend on threads. Eight bytes an object, and each name once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Names are kept in so many tables, so that threads seldom wait.
const SHARDS: usize = 16;
/// A path ends after so many folders; git's own end long before.
const MAX_DEPTH: usize = 4096;
const NOWHERE: u64 = u64::MAX;

/// Where objects stand.
pub(super) struct Names {
    /// The number of the tree, and below it the number of the name.
    places: Vec<AtomicU64>,
    shards: Vec<Mutex<Shard>>,
}

#[derive(Default)]
struct Shard {
    numbers: HashMap<Box<[u8]>, u32>,
    names: Vec<Box<[u8]>>,
}

impl Names {
    pub(super) fn new(objects: usize) -> Self {
        Self {
            places: (0..objects).map(|_| AtomicU64::new(NOWHERE)).collect(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Tells that a tree holds an object under a name.
    pub(super) fn tell(&self, tree: u32, object: u32, name: &[u8]) {
        let place = &self.places[object as usize];
        let known = place.load(Ordering::Relaxed);
        // The same object twice in one tree: names are numbered as threads come, so they are compared.
        let closer = known == NOWHERE
            || u64::from(tree) < known >> 32
            || (u64::from(tree) == known >> 32 && name < &*self.name(known as u32));
        if closer {
            let new = u64::from(tree) << 32 | u64::from(self.number(name));
            // Another thread may have told a closer one since.
            let less = |known: u64| known == NOWHERE || u64::from(tree) <= known >> 32;
            let mut known = known;
            while less(known) {
                let swapped =
                    place.compare_exchange_weak(known, new, Ordering::Relaxed, Ordering::Relaxed);
                match swapped {
                    Ok(_) => break,
                    Err(now) => known = now,
                }
            }
        }
    }

    fn number(&self, name: &[u8]) -> u32 {
        let sum: usize = name.iter().map(|byte| usize::from(*byte)).sum();
        let shard = (sum + name.len()) % SHARDS;
        let mut table = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let number = match table.numbers.get(name) {
            Some(number) => *number,
            None => {
                let next = table.names.len() as u32;
                table.names.push(name.into());
                table.numbers.insert(name.into(), next);
                next
            }
        };
        number * SHARDS as u32 + shard as u32
    }

    fn name(&self, number: u32) -> Box<[u8]> {
        let shard = &self.shards[number as usize % SHARDS];
        let table = shard.lock().unwrap_or_else(PoisonError::into_inner);
        table.names[number as usize / SHARDS].clone()
    }

    /// The path of an object, from a root down; `None` for one that no tree holds.
    pub(super) fn path(&self, object: u32) -> Option<Vec<u8>> {
        let mut names = Vec::new();
        let mut at = object;
        while names.len() < MAX_DEPTH {
            let place = self.places[at as usize].load(Ordering::Relaxed);
            if place == NOWHERE {
                break;
            }
            names.push(self.name(place as u32));
            at = (place >> 32) as u32;
        }
        names.reverse();
        (!names.is_empty()).then(|| names.join(&b'/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_do_not_depend_on_the_order_of_telling() {
        let told =
            [(1, 5, "b"), (0, 5, "z"), (0, 5, "a"), (2, 0, "lib"), (3, 1, "src"), (0, 6, "é")];
        for turn in 0..told.len() {
            let names = Names::new(7);
            for at in 0..told.len() {
                let (tree, object, name) = told[(at + turn) % told.len()];
                names.tell(tree, object, name.as_bytes());
            }
            let path = |object| names.path(object).map(|path| String::from_utf8(path).unwrap());
            assert_eq!(path(5).as_deref(), Some("lib/a"));
            assert_eq!(path(6).as_deref(), Some("lib/é"));
            assert_eq!(path(1).as_deref(), Some("src"));
            assert_eq!(path(4), None);
        }
    }
}
