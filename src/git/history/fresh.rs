//! What a tree says that the tree it is a change of does not say: most trees differ in one entry.
//!
//! An entry counts as copied only where all of it is, and where an entry begins there in the base as
//! well: the instructions of a delta are anybody's, and copies may begin in the midst of a name.

use super::entries::{Entries, Entry, Malformed};
use crate::model::Copied;

/// Where the entries of a tree begin, and where the last ends; of a malformed one as far as it can be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds(Vec<u32>);

impl Bounds {
    /// How much memory they take.
    pub(super) fn size(&self) -> u64 {
        4 * self.0.capacity() as u64
    }

    /// The bounds of a whole tree.
    pub(super) fn of(tree: &[u8], width: usize) -> Self {
        let mut bounds = Self::default();
        drop(visit(tree, width, None, &mut bounds, |_| {}));
        bounds
    }
}

/// Calls `each` with the entries of a tree that its base does not have, in order, and leaves the bounds of
/// all. Ends in an error where the tree is malformed.
pub(super) fn visit<'t>(
    tree: &'t [u8],
    width: usize,
    base: Option<(&Bounds, &[Copied])>,
    bounds: &mut Bounds,
    mut each: impl FnMut(Entry<'t>),
) -> Result<(), Malformed> {
    bounds.0.clear();
    let (known, mut copies) =
        base.map_or((&[][..], &[][..]), |(bounds, copies)| (bounds.0.as_slice(), copies));
    let mut at = 0;
    while at < tree.len() {
        while copies.first().is_some_and(|copy| copy.to_end() as usize <= at) {
            copies = &copies[1..];
        }
        if let Some(copy) = copies.first().filter(|copy| copy.to as usize <= at) {
            let there = copy.from + (at as u32 - copy.to);
            let first = known.partition_point(|bound| *bound < there);
            let same = &known[first..];
            let same = &same[..same.partition_point(|bound| *bound <= copy.from_end())];
            if let [start, .., last] = same
                && *start == there
            {
                // Where a change moves an entry, all behind it move alike.
                let moved = |bound: &u32| bound - copy.from + copy.to;
                bounds.0.extend(same[..same.len() - 1].iter().map(moved));
                at = moved(last) as usize;
                continue;
            }
        }
        bounds.0.push(at as u32);
        let mut entries = Entries::new(&tree[at..], width);
        match entries.next() {
            Some(Ok(entry)) => each(entry),
            Some(Err(malformed)) => return Err(malformed),
            None => break,
        }
        at = tree.len() - entries.left();
    }
    bounds.0.push(at as u32);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(tree: &[u8], base: Option<(&Bounds, &[Copied])>) -> (Vec<String>, Bounds, bool) {
        let mut names = Vec::new();
        let mut bounds = Bounds::default();
        let whole = visit(tree, 20, base, &mut bounds, |entry| {
            names.push(String::from_utf8_lossy(entry.name).into_owned());
        });
        (names, bounds, whole.is_ok())
    }

    fn tree(names: &[&str]) -> Vec<u8> {
        let entry = |name: &&str| [b"100644 ", name.as_bytes(), b"\0", &[7; 20]].concat();
        names.iter().flat_map(entry).collect()
    }

    fn copied(from: usize, to: usize, length: usize) -> Copied {
        Copied { from: from as u32, to: to as u32, length: length as u32 }
    }

    #[test]
    fn entries_of_the_base_are_passed_over() {
        let base = tree(&["a", "b", "c", "d"]);
        let made = tree(&["a", "x", "c", "d"]);
        let one = base.len() / 4;
        let bounds = Bounds::of(&base, 20);
        let copies = [copied(0, 0, one), copied(2 * one, 2 * one, 2 * one)];
        let (seen, made_bounds, whole) = names(&made, Some((&bounds, &copies)));
        assert_eq!((seen, whole), (vec!["x".to_owned()], true));
        assert_eq!(made_bounds, Bounds::of(&made, 20));
        // Without the last byte of an entry that entry is another's.
        let copies = [copied(0, 0, one), copied(2 * one, 2 * one, 2 * one - 1)];
        assert_eq!(names(&made, Some((&bounds, &copies))).0, ["x", "d"]);
    }

    #[test]
    fn a_copy_from_the_midst_of_an_entry_is_read() {
        let hidden = tree(&["hidden"]);
        let base = [b"100644 a".as_slice(), &hidden, b"\0", &[7; 20]].concat();
        let bounds = Bounds::of(&base, 20);
        let made = &base[8..8 + hidden.len()];
        let copies = [copied(8, 0, made.len())];
        assert_eq!(names(made, Some((&bounds, &copies))).0, ["hidden"]);
    }

    #[test]
    fn a_malformed_copy_is_malformed_again() {
        let base = [tree(&["a", "b"]), b"x".to_vec()].concat();
        let bounds = Bounds::of(&base, 20);
        let (seen, _, whole) = names(&base, Some((&bounds, &[copied(0, 0, base.len())])));
        assert_eq!((seen.len(), whole), (0, false));
    }

    proptest! {
        #[test]
        fn what_is_new_and_what_is_copied_are_all(
            old in proptest::collection::vec("[a-c]{1,3}", 0..8),
            cuts in proptest::collection::vec((0_usize..300, 0_usize..90, "[a-c]{0,2}"), 0..6),
        ) {
            let base = tree(&old.iter().map(String::as_str).collect::<Vec<_>>());
            let (mut made, mut copies) = (Vec::new(), Vec::new());
            for (from, length, new) in &cuts {
                if !new.is_empty() {
                    made.extend(tree(&[new]));
                }
                let (from, end) = (base.len().min(*from), base.len().min(from + length));
                Copied::push(&mut copies, from..end, made.len());
                made.extend_from_slice(&base[from..end]);
            }
            let bounds = Bounds::of(&base, 20);
            let (all, whole_bounds, well) = names(&made, None);
            let (new, new_bounds, also) = names(&made, Some((&bounds, &copies)));
            prop_assert_eq!((whole_bounds, well), (new_bounds, also));
            let in_base = |name: &String| old.contains(name);
            prop_assert!(all.iter().filter(|name| !in_base(name)).all(|name| new.contains(name)));
            prop_assert!(new.iter().all(|name| all.contains(name)));
        }
    }
}
