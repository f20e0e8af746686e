//! The ids of all objects of a repository, sorted: each object has a number, its place in this table.

use gix::hash::Kind;
use gix::{ObjectId, oid};

/// Distinct ids in ascending order. 20 or 32 bytes an object, and a quarter of a megabyte.
pub(crate) struct Ids {
    width: usize,
    bytes: Vec<u8>,
    /// For each first two bytes, how many ids are not greater.
    fan: Vec<u32>,
}

impl Ids {
    /// Sorts ids and drops the doubles.
    pub(crate) fn new<'a>(hash: Kind, ids: impl Iterator<Item = &'a oid>) -> Self {
        let width = hash.len_in_bytes();
        let mut all: Vec<&[u8]> = ids.map(oid::as_bytes).filter(|id| id.len() == width).collect();
        // Stable, because it is quick where long stretches are sorted, and those of packs are.
        all.sort();
        all.dedup();
        let mut fan = vec![0_u32; 1 << 16];
        let mut bytes = Vec::with_capacity(all.len() * width);
        for id in all {
            fan[first(id)] += 1;
            bytes.extend_from_slice(id);
        }
        let mut sum = 0;
        for count in &mut fan {
            sum += *count;
            *count = sum;
        }
        Self { width, bytes, fan }
    }

    /// Bytes of an id.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// The id of a number.
    ///
    /// # Panics
    /// For a number that is not in the table.
    pub(crate) fn id(&self, number: u32) -> &oid {
        let start = number as usize * self.width;
        oid::try_from_bytes(&self.bytes[start..start + self.width]).expect("ids have their width")
    }

    /// The id of a number, owned.
    pub(crate) fn owned(&self, number: u32) -> ObjectId {
        self.id(number).to_owned()
    }

    /// The number of an id; `None` where no such object is in the repository.
    pub(crate) fn number(&self, id: &[u8]) -> Option<u32> {
        if id.len() != self.width {
            return None;
        }
        let first = first(id);
        let mut high = self.fan[first] as usize;
        let mut low = first.checked_sub(1).map_or(0, |before| self.fan[before] as usize);
        while low < high {
            let middle = low.midpoint(high);
            let found = &self.bytes[middle * self.width..(middle + 1) * self.width];
            match found.cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return u32::try_from(middle).ok(),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

fn first(id: &[u8]) -> usize {
    usize::from(id[0]) << 8 | usize::from(id[1])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_id_is_found_and_no_other(seeds in proptest::collection::vec(0_u32..400, 0..200)) {
            let id = |seed: u32| {
                // Few first bytes, so that ids share them.
                let mut bytes = [0; 20];
                bytes[1] = (seed % 3) as u8;
                bytes[2..6].copy_from_slice(&seed.to_be_bytes());
                ObjectId::from_bytes_or_panic(&bytes)
            };
            let some: Vec<_> = seeds.iter().map(|seed| id(*seed)).collect();
            let ids = Ids::new(Kind::Sha1, some.iter().map(|id| id.as_ref()));
            let distinct: std::collections::BTreeSet<_> = some.iter().collect();
            prop_assert_eq!(ids.len(), distinct.len());
            for (number, known) in distinct.iter().enumerate() {
                prop_assert_eq!(ids.number(known.as_bytes()), Some(number as u32));
                prop_assert_eq!(ids.id(number as u32), known.as_ref());
            }
            for seed in (0..400).filter(|seed| !seeds.contains(seed)) {
                prop_assert_eq!(ids.number(id(seed).as_bytes()), None);
            }
        }
    }
}
