//! Which entries of a pack must be decoded: those that are wanted, and what they rest on.

use super::copy::Role;
use super::pack::{NONE, Pack};

/// Marks the entries that are wanted or have a wanted one above them in their chain.
pub(super) fn needed(pack: &Pack, wanted: &dyn Fn(u32) -> bool) -> Vec<bool> {
    let entries = &pack.entries;
    let mut needed = vec![false; entries.len()];
    let wanted =
        entries.iter().enumerate().filter(|(_, e)| e.role != Role::None && wanted(e.number));
    for (at, entry) in wanted {
        let mut at = at;
        // Every chain with a kind ends at a whole object, and no entry is marked twice.
        while !std::mem::replace(&mut needed[at], true) {
            match entries[at].base {
                NONE => break,
                base => at = base as usize,
            }
        }
        debug_assert!(entry.kind.is_some(), "only entries with a kind are wanted");
    }
    needed
}
