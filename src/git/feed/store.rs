//! All objects of a repository: packs and loose ones, merged by id.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use gix::hash::Kind as Hash;
use gix::objs::Kind;

use super::copy::{Copy, Role};
use super::doubles::Doubles;
use super::ids::Ids;
use super::loose::{self, Fault, Loose};
use super::pack::{NONE, Pack};
use crate::git::objects::Unread;
use crate::model::Reason;

/// Every object of the given object directories.
pub(crate) struct Store {
    hash: Hash,
    pub(crate) ids: Ids,
    pub(super) packs: Vec<Pack>,
    pub(super) loose: Vec<Loose>,
    /// Which copies the loose objects are.
    pub(super) loose_roles: Vec<Role>,
    /// Objects of which there are several copies.
    pub(super) doubled: HashSet<u32>,
    /// What their copies have proven.
    pub(super) doubles: Doubles,
    /// The numbers of the loose objects in order, and their places in the list.
    loose_numbers: Vec<(u32, u32)>,
    kinds: Vec<Option<Kind>>,
    /// Why objects without a kind have none, where that is known.
    broken: BTreeMap<u32, Unread>,
    /// What of the stores could not be used.
    pub(crate) faults: Vec<Fault>,
}

impl Store {
    /// Maps packs and lists loose objects: enough to know all ids.
    pub(crate) fn open(folders: &[PathBuf], hash: Hash) -> Self {
        let mut faults = Vec::new();
        let mut packs = Vec::new();
        let mut loose = Vec::new();
        for folder in folders {
            for index in indices(&folder.join("pack"), &mut faults) {
                match Pack::open(&index, hash) {
                    Ok(pack) => packs.push(pack),
                    Err(detail) => faults.push((index, corrupt(detail))),
                }
            }
            loose.extend(loose::list(folder, hash, &mut faults));
        }
        for pack in &mut packs {
            let told = std::mem::take(&mut pack.faults);
            faults.extend(told.into_iter().map(|fault| (pack.path.clone(), corrupt(fault))));
        }
        let packed = packs.iter().flat_map(|pack| (0..pack.len()).map(|at| pack.id_at(at)));
        let ids = Ids::new(hash, packed.chain(loose.iter().map(|loose| loose.id.as_ref())));
        let kinds = vec![None; ids.len()];
        let (loose_roles, loose_numbers) = (Vec::new(), Vec::new());
        let broken = BTreeMap::new();
        let (doubled, doubles) = (HashSet::new(), Doubles::default());
        Self {
            hash,
            ids,
            packs,
            loose,
            loose_roles,
            doubled,
            doubles,
            loose_numbers,
            kinds,
            broken,
            faults,
        }
    }

    /// Whether some object stands in several places; known before it is loaded.
    pub(crate) fn has_doubles(&self) -> bool {
        let packed: usize = self.packs.iter().map(|pack| pack.len() as usize).sum();
        packed + self.loose.len() > self.ids.len()
    }

    /// Whether an object stands in several places, once it is loaded.
    pub(crate) fn is_doubled(&self, number: u32) -> bool {
        self.doubled.contains(&number)
    }

    /// Reads all headers, so that objects can be visited; nothing is decoded.
    ///
    /// An object that several packs hold is shown once, in the first of them by folder and name; the other
    /// copies are decoded as well, and shown where they do not prove their id.
    pub(crate) fn load(&mut self) {
        for pack in &mut self.packs {
            pack.load(self.hash);
        }
        for (id, unread) in loose::load(&mut self.loose) {
            if let Some(number) = self.ids.number(id.as_bytes()) {
                self.broken.insert(number, unread);
            }
        }
        let number = |loose: &Loose| self.ids.number(loose.id.as_bytes()).unwrap_or(NONE);
        self.loose_numbers = self.loose.iter().map(number).zip(0..).collect();
        self.loose_numbers.sort_unstable();
        self.loose_roles = vec![Role::None; self.loose.len()];
        self.claim();
    }

    /// Numbers the entries and chooses the copy of each object that is shown.
    fn claim(&mut self) {
        let Self { ids, packs, loose, loose_roles, doubled, kinds, .. } = self;
        let mut claimed = vec![false; ids.len()];
        for pack in packs.iter_mut() {
            for at in 0..pack.entries.len() {
                let place = pack.entries[at].number;
                let number = ids.number(pack.id_at(place).as_bytes()).unwrap_or(NONE);
                let entry = &mut pack.entries[at];
                entry.number = number;
                let Some(claimed) = claimed.get_mut(number as usize) else { continue };
                if entry.kind.is_some() && !*claimed {
                    (*claimed, entry.role) = (true, Role::First);
                    kinds[number as usize] = entry.kind;
                } else if entry.kind.is_some() {
                    entry.role = Role::Further;
                    doubled.insert(number);
                }
            }
        }
        for (loose, role) in loose.iter().zip(loose_roles) {
            let Some(number) = ids.number(loose.id.as_bytes()) else { continue };
            if !claimed[number as usize] {
                (claimed[number as usize], *role) = (true, Role::First);
                kinds[number as usize] = Some(loose.kind);
            } else {
                *role = Role::Further;
                doubled.insert(number);
            }
        }
    }

    /// What an object is; `None` for one that a pack names and does not hold.
    pub(crate) fn kind(&self, number: u32) -> Option<Kind> {
        self.kinds.get(number as usize).copied().flatten()
    }

    /// The objects of which no copy can be read, known once it is loaded.
    pub(crate) fn unmade(&self) -> impl Iterator<Item = (u32, Unread)> {
        let numbers = (0..self.ids.len() as u32).filter(|number| self.kind(*number).is_none());
        numbers.map(|number| {
            let rootless = "it is neither whole nor a change of an object that is there";
            let why = self.broken.get(&number).cloned();
            (number, why.unwrap_or_else(|| corrupt(rootless.to_owned())))
        })
    }

    /// What a copy is; `None` for one that cannot be made.
    pub(super) fn kind_of(&self, copy: Copy) -> Option<Kind> {
        match copy {
            Copy::Loose(at) => Some(self.loose[at as usize].kind),
            Copy::Packed(pack, at) => self.packs[pack as usize].entries[at as usize].kind,
        }
    }

    /// Every copy of an object.
    pub(super) fn copies(&self, number: u32) -> Vec<Copy> {
        let id = self.ids.id(number);
        let packs = self.packs.iter().enumerate();
        let packed = packs
            .filter_map(|(pack, opened)| Some(Copy::Packed(pack as u32, opened.entry_of(id)?)));
        let from = self.loose_numbers.partition_point(|(known, _)| *known < number);
        let loose = self.loose_numbers[from..].iter().take_while(|(known, _)| *known == number);
        packed.chain(loose.map(|(_, at)| Copy::Loose(*at))).collect()
    }
}

/// The indices of a folder of packs, by name. A pack without one is told: git reads nothing of it.
fn indices(folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let unread = Unread { reason: Reason::Unreadable, detail: error.to_string() };
            faults.push((folder.to_owned(), unread));
            return Vec::new();
        }
    };
    let mut paths: Vec<_> = listed.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let ends = |path: &Path, name: &str| path.extension().is_some_and(|end| end == name);
    for pack in paths.iter().filter(|path| ends(path, "pack")) {
        if paths.binary_search(&pack.with_extension("idx")).is_err() {
            let words =
                "the pack has no index, so nothing of it was read; `git index-pack` makes one";
            faults.push((pack.clone(), corrupt(words.to_owned())));
        }
    }
    paths.retain(|path| ends(path, "idx"));
    paths
}

fn corrupt(detail: String) -> Unread {
    Unread { reason: Reason::Corrupt, detail }
}
