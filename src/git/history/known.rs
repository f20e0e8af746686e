//! Objects that an earlier run has looked at: their ids, exactly, sorted.

use crate::git::feed::Ids;

/// Sets of ids, one for each length of hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownObjects {
    /// SHA-1 ids one behind the other, in ascending order.
    sha1: Vec<u8>,
    /// SHA-256 ids, likewise.
    sha256: Vec<u8>,
}

impl KnownObjects {
    /// Takes ids that were written; `None` where they do not stand in ascending order.
    #[must_use]
    pub fn from_bytes(sha1: Vec<u8>, sha256: Vec<u8>) -> Option<Self> {
        let sorted = |ids: &[u8], width: usize| {
            ids.len().is_multiple_of(width)
                && ids.chunks(width).is_sorted_by(|one, next| one < next)
        };
        (sorted(&sha1, 20) && sorted(&sha256, 32)).then_some(Self { sha1, sha256 })
    }

    /// The ids, to be written: SHA-1, SHA-256.
    #[must_use]
    pub fn bytes(&self) -> (&[u8], &[u8]) {
        (&self.sha1, &self.sha256)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sha1.len() / 20 + self.sha256.len() / 32
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sha1.is_empty() && self.sha256.is_empty()
    }

    /// Adds the ids of another set.
    pub fn join(&mut self, other: &Self) {
        self.sha1 = joined(&self.sha1, &other.sha1, 20);
        self.sha256 = joined(&self.sha256, &other.sha256, 32);
    }

    /// Marks the objects of a repository that are known.
    pub(super) fn mark(&self, ids: &Ids) -> Vec<bool> {
        let width = ids.width();
        let known = if width == 20 { &self.sha1 } else { &self.sha256 };
        let mut known = known.chunks_exact(width).peekable();
        let mark = |number: u32| {
            let id = ids.id(number).as_bytes();
            while known.next_if(|known| *known < id).is_some() {}
            known.peek().is_some_and(|known| *known == id)
        };
        (0..ids.len() as u32).map(mark).collect()
    }

    /// The objects of a repository for which the answer is yes.
    pub(super) fn of(ids: &Ids, which: impl Fn(u32) -> bool) -> Self {
        let numbers = (0..ids.len() as u32).filter(|number| which(*number));
        let bytes = numbers.flat_map(|number| ids.id(number).as_bytes().iter().copied()).collect();
        match ids.width() {
            20 => Self { sha1: bytes, sha256: Vec::new() },
            _ => Self { sha1: Vec::new(), sha256: bytes },
        }
    }
}

fn joined(one: &[u8], other: &[u8], width: usize) -> Vec<u8> {
    let (mut one, mut other) = (one.chunks(width).peekable(), other.chunks(width).peekable());
    let mut all = Vec::new();
    loop {
        let next = match (one.peek(), other.peek()) {
            (Some(a), Some(b)) if a == b => {
                one.next();
                other.next()
            }
            (Some(a), Some(b)) if a < b => one.next(),
            (Some(_), None) => one.next(),
            (_, Some(_)) => other.next(),
            (None, None) => return all,
        };
        all.extend_from_slice(next.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set(ids: &BTreeSet<u8>) -> KnownObjects {
        let bytes = |width| ids.iter().flat_map(|id| vec![*id; width]).collect();
        KnownObjects::from_bytes(bytes(20), bytes(32)).unwrap()
    }

    proptest! {
        #[test]
        fn joining_is_the_union(a: BTreeSet<u8>, b: BTreeSet<u8>) {
            let mut joined = set(&a);
            joined.join(&set(&b));
            prop_assert_eq!(joined, set(&a.union(&b).copied().collect()));
        }

        #[test]
        fn what_is_known_is_marked_and_nothing_else(
            ids: BTreeSet<u8>, known: BTreeSet<u8>,
        ) {
            let hashes: Vec<_> =
                ids.iter().map(|id| gix::ObjectId::from_bytes_or_panic(&[*id; 20])).collect();
            let table = Ids::new(gix::hash::Kind::Sha1, hashes.iter().map(|id| id.as_ref()));
            let marked = set(&known).mark(&table);
            let right: Vec<_> = ids.iter().map(|id| known.contains(id)).collect();
            prop_assert_eq!(&marked, &right);
            let kept = KnownObjects::of(&table, |number| marked[number as usize]);
            prop_assert_eq!(kept.len(), ids.intersection(&known).count());
        }
    }

    #[test]
    fn ids_out_of_order_are_refused() {
        assert!(KnownObjects::from_bytes([[2; 20], [1; 20]].concat(), Vec::new()).is_none());
        assert!(KnownObjects::from_bytes([[1; 20], [1; 20]].concat(), Vec::new()).is_none());
        assert!(KnownObjects::from_bytes(vec![1; 19], Vec::new()).is_none());
    }
}
