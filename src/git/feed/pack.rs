//! One pack: mapped, its index checked, the header of each entry read once.
//!
//! Entries refer to their base, so they form a forest. What is not below a whole object of the same pack
//! (a base that is missing, a circle) has no kind and is never walked.

use std::path::{Path, PathBuf};

use gix::hash::Kind as Hash;
use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;
use gix::odb::pack::data::{Entry as Parsed, File as Data, Version};
use gix::odb::pack::index::File as Index;
use gix::oid;

use super::copy::Role;

/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// One object of a pack, or a delta that makes one.
pub(super) struct Entry {
    pub(super) offset: u64,
    /// Bytes that its stream inflates to: the object's, or the delta's.
    pub(super) size: u64,
    /// Bytes of the header before the stream.
    header: u16,
    /// The kind of the object; `None` where it cannot be made.
    pub(super) kind: Option<Kind>,
    /// Which copy of the object it is.
    pub(super) role: Role,
    /// The object's place in the index, until all ids are known; then its number.
    pub(super) number: u32,
    /// The entry that a delta changes.
    pub(super) base: u32,
    /// The first delta on this entry.
    pub(super) child: u32,
    /// The next delta on the same base.
    pub(super) next: u32,
}

/// A mapped pack.
pub(super) struct Pack {
    pub(super) path: PathBuf,
    data: Data,
    index: Index,
    /// In the order of the file.
    pub(super) entries: Vec<Entry>,
    /// What is wrong with it as a whole; its objects are read all the same.
    pub(super) faults: Vec<String>,
}

impl Pack {
    /// Maps a pack by the path of its index.
    ///
    /// The files of packs are mapped because git never writes into one: it makes a new file and
    /// removes the old.
    ///
    /// # Errors
    /// In words, where index or pack cannot be used at all.
    pub(super) fn open(index: &Path, hash: Hash) -> Result<Self, String> {
        // Foreign code on bytes that nobody vouches for: its panic is a corrupt pack as well.
        let opened = std::panic::catch_unwind(|| {
            let read = Index::at(index, hash).map_err(|_| "its index cannot be read")?;
            let path = index.with_extension("pack");
            let data = Data::at(&path, hash).map_err(|_| "the pack cannot be read")?;
            Ok::<_, &str>((path, data, read))
        });
        let (path, data, index) = opened.unwrap_or(Err("the pack cannot be read"))?;
        let mut pack = Self { path, data, index, entries: Vec::new(), faults: Vec::new() };
        pack.check();
        Ok(pack)
    }

    fn check(&mut self) {
        let (packed, indexed) = (self.data.num_objects(), self.index.num_objects());
        if packed != indexed {
            self.faults.push(format!("it says it holds {packed} objects, its index {indexed}"));
        }
        if self.data.version() != Version::V2 {
            self.faults.push("it has a version that git does not write".to_owned());
        }
        if self.data.checksum() != self.index.pack_checksum() {
            self.faults.push("its checksum is another than its index says".to_owned());
        }
    }

    /// The id of the object at a place of the index.
    pub(super) fn id_at(&self, place: u32) -> &oid {
        self.index.oid_at_index(place)
    }

    /// How many objects the index names.
    pub(super) fn len(&self) -> u32 {
        self.index.num_objects()
    }

    /// Reads the header of each entry.
    pub(super) fn load(&mut self, hash: Hash) {
        self.read_headers(hash);
        self.spread_kinds();
    }

    fn read_headers(&mut self, hash: Hash) {
        let mut places: Vec<(u64, u32)> =
            (0..self.len()).map(|place| (self.index.pack_offset_at_index(place), place)).collect();
        places.sort_unstable();
        let mut entry_at = vec![NONE; places.len()];
        for (entry, (_, place)) in places.iter().enumerate() {
            entry_at[*place as usize] = entry as u32;
        }
        self.entries = Vec::with_capacity(places.len());
        let end = self.data.pack_end() as u64;
        for (at, &(offset, place)) in places.iter().enumerate() {
            let next = places.get(at + 1).map_or(end, |next| next.0.min(end));
            let mut entry = Entry {
                offset,
                size: 0,
                header: 0,
                kind: None,
                role: Role::None,
                number: place,
                base: NONE,
                child: NONE,
                next: NONE,
            };
            let bytes = self.data.entry_slice(offset..next).filter(|bytes| !bytes.is_empty());
            let parsed = bytes.and_then(|bytes| Parsed::from_bytes(bytes, offset, hash).ok());
            if let Some(parsed) = parsed {
                entry.size = parsed.decompressed_size;
                entry.header = parsed.encoded_header_size;
                entry.kind = parsed.header.as_kind();
                entry.base = match parsed.header {
                    Header::OfsDelta { base_distance } => {
                        let base = parsed.checked_base_pack_offset(base_distance);
                        let before = &places[..at];
                        base.and_then(|base| before.binary_search_by_key(&base, |p| p.0).ok())
                            .map_or(NONE, |entry| entry as u32)
                    }
                    Header::RefDelta { base_id } => {
                        self.index.lookup(base_id).map_or(NONE, |place| entry_at[place as usize])
                    }
                    _ => NONE,
                };
            }
            self.entries.push(entry);
        }
        // From the last to the first, so that deltas on one base are visited in the order of the file.
        for at in (0..self.entries.len()).rev() {
            let base = self.entries[at].base;
            if base != NONE && base as usize != at {
                self.entries[at].next = self.entries[base as usize].child;
                self.entries[base as usize].child = at as u32;
            }
        }
    }

    /// Gives deltas the kind of the object at their root.
    fn spread_kinds(&mut self) {
        let mut open: Vec<u32> = self.roots().collect();
        while let Some(at) = open.pop() {
            let kind = self.entries[at as usize].kind;
            let mut child = self.entries[at as usize].child;
            while child != NONE {
                self.entries[child as usize].kind = kind;
                open.push(child);
                child = self.entries[child as usize].next;
            }
        }
    }

    /// Entries that hold whole objects.
    pub(super) fn roots(&self) -> impl Iterator<Item = u32> {
        let entries = self.entries.iter().enumerate();
        entries.filter(|(_, e)| e.base == NONE && e.kind.is_some()).map(|(at, _)| at as u32)
    }

    /// The entry that holds an object.
    pub(super) fn entry_of(&self, id: &oid) -> Option<u32> {
        let offset = self.index.pack_offset_at_index(self.index.lookup(id)?);
        let at = self.entries.binary_search_by_key(&offset, |entry| entry.offset).ok()?;
        u32::try_from(at).ok()
    }

    /// The stream of an entry, up to where the next entry begins, and the size it inflates to.
    pub(super) fn stream(&self, at: u32) -> Option<&[u8]> {
        let entry = self.entries.get(at as usize)?;
        let start = entry.offset.checked_add(u64::from(entry.header))?;
        let next = self.entries.get(at as usize + 1).map(|next| next.offset);
        let end = self.data.pack_end() as u64;
        self.data.entry_slice(start..next.unwrap_or(end).min(end))
    }
}
