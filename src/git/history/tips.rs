//! Everything that leads into a history: references in either format, their logs, indexes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gix::ObjectId;

use crate::git::config::RefFormat;
use crate::git::index;
use crate::git::layout::Layout;
use crate::git::listing::{self, MAX_DEPTH, broken, resolved};
use crate::git::reftable::{self, Logged, Target};
use crate::model::{Problem, Reach};

/// What leads into a history.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tip {
    pub(super) id: ObjectId,
    pub(super) reach: Reach,
    /// Whether it stands in a log, which may be all that leads there.
    pub(super) logged: bool,
}

impl Tip {
    fn of(id: ObjectId, reach: Reach) -> Self {
        Self { id, reach, logged: false }
    }
}

/// Where histories begin.
#[derive(Default)]
pub(super) struct Tips {
    /// The commit of `HEAD`.
    pub(super) head: Option<ObjectId>,
    pub(super) tips: Vec<Tip>,
    /// Blobs that an index names, with their paths.
    pub(super) staged: Vec<(ObjectId, Vec<u8>)>,
    /// Whether references replace objects, which is not followed.
    pub(super) replaced: bool,
    pub(super) problems: Vec<Problem>,
}

/// Reads them all. What cannot be read is a problem: a label could be wrong.
pub(super) fn read(layout: &Layout) -> Tips {
    let mut tips = Tips::default();
    let common = &layout.common_dir;
    let mut heads = BTreeMap::new();
    for folder in worktrees(layout).into_iter().chain([layout.git_dir.clone()]) {
        heads.entry(folder).or_insert_with_key(|folder| head(folder, layout, &mut tips.problems));
    }
    let names = heads.values().flatten().filter_map(|head| match head {
        Target::Symbolic(name) => Some(name.clone()),
        Target::Object(_) => None,
    });
    let (mut found, mut replaced) = (Found::default(), false);
    let refs = listing::each(layout, names.collect(), &mut tips.problems, &mut |name, id| {
        replaced |= name.starts_with(b"refs/replace/");
        // Reftables also hold names such as ORIG_HEAD, which are no references to git either.
        if name.starts_with(b"refs/") {
            found.push(Tip::of(id, reach(name)));
        }
    });
    let grafts = common.join("info/grafts").metadata();
    tips.replaced = replaced || grafts.is_ok_and(|file| file.len() > 0);
    let of = |folder: &Path| heads.get(folder)?.as_ref().and_then(|head| resolved(head, &refs));
    tips.head = of(&layout.git_dir);
    tips.tips.extend(tips.head.map(|id| Tip::of(id, Reach::Head)));
    tips.tips.append(&mut found.tips);
    for folder in worktrees(layout) {
        if folder != layout.git_dir {
            tips.tips.extend(of(&folder).map(|id| Tip::of(id, Reach::Branch)));
        }
        own(&folder, layout, &mut tips);
        match layout.format.refs {
            RefFormat::Files => logs(&folder.join("logs"), &mut tips, 0),
            RefFormat::Reftable => table_logs(&folder, layout, &mut tips),
        }
        staged(&folder.join("index"), layout, &mut tips);
    }
    tips
}

/// The git directories of all worktrees, the shared one first.
fn worktrees(layout: &Layout) -> Vec<PathBuf> {
    let listed = fs::read_dir(layout.common_dir.join("worktrees")).into_iter().flatten().flatten();
    let folders = listed.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<_> = folders.map(|entry| entry.path()).collect();
    folders.sort();
    folders.insert(0, layout.common_dir.clone());
    folders
}

fn reach(name: &[u8]) -> Reach {
    let begins = |start: &[u8]| name.starts_with(start);
    match name {
        b"refs/stash" => Reach::Stash,
        _ if begins(b"refs/heads/") || begins(b"refs/remotes/") => Reach::Branch,
        _ if begins(b"refs/tags/") => Reach::Tag,
        _ if begins(b"refs/notes/") => Reach::Note,
        _ => Reach::Ref,
    }
}

/// What a worktree's `HEAD` holds.
fn head(folder: &Path, layout: &Layout, problems: &mut Vec<Problem>) -> Option<Target> {
    match layout.format.refs {
        RefFormat::Files => listing::target_in(&folder.join("HEAD"), problems),
        RefFormat::Reftable => {
            let found = reftable::find(folder, b"HEAD", layout.format.hash);
            found.unwrap_or_else(|_| {
                listing::tell(problems, broken(folder, "its HEAD cannot be read"));
                None
            })
        }
    }
}

/// Tips as they are found: each once, as far as that saves memory.
#[derive(Default)]
struct Found {
    tips: Vec<Tip>,
    /// How many there were when they were last sorted.
    sorted: usize,
}

impl Found {
    fn push(&mut self, tip: Tip) {
        if self.tips.last() == Some(&tip) {
            return;
        }
        self.tips.push(tip);
        if self.tips.len() > 2 * self.sorted + (1 << 16) {
            self.tips.sort_unstable();
            self.tips.dedup();
            self.sorted = self.tips.len();
        }
    }
}

/// The references that a linked worktree has for itself (`refs/bisect`, `refs/worktree`, …).
fn own(folder: &Path, layout: &Layout, tips: &mut Tips) {
    if folder == layout.common_dir {
        return;
    }
    let mut refs = BTreeMap::new();
    match layout.format.refs {
        RefFormat::Files => {
            listing::loose(&folder.join("refs"), b"refs", &mut refs, &mut tips.problems, 0);
        }
        RefFormat::Reftable => {
            refs.extend(reftable::all(folder, layout.format.hash).unwrap_or_default());
            refs.retain(|name, _| name.starts_with(b"refs/"));
        }
    }
    let ids = refs.values().filter_map(|target| resolved(target, &refs));
    tips.tips.extend(ids.map(|id| Tip::of(id, Reach::Ref)));
}

/// The ids of the logs in reftables.
fn table_logs(folder: &Path, layout: &Layout, tips: &mut Tips) {
    let Ok(logged) = reftable::logs(folder, layout.format.hash) else {
        let why = "the log of its references cannot be read";
        return tips.problems.push(broken(&folder.join("reftable"), why));
    };
    for Logged { name, ids } in logged {
        let reach = if name == b"refs/stash" { Reach::Stash } else { Reach::Reflog };
        let ids = ids.into_iter().filter(|id| !id.is_null());
        tips.tips.extend(ids.map(|id| Tip { id, reach, logged: true }));
    }
}

/// The ids of reflogs: `old new who`, a line each.
fn logs(folder: &Path, tips: &mut Tips, depth: usize) {
    let Ok(listed) = fs::read_dir(folder) else { return };
    for entry in listed.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => {
                logs(&entry.path(), tips, depth + 1);
            }
            Ok(kind) if kind.is_file() => {
                // The stash is a log: all but its top stand there alone.
                let stash = entry.path().ends_with("logs/refs/stash");
                let reach = if stash { Reach::Stash } else { Reach::Reflog };
                let Tips { tips, problems, .. } = &mut *tips;
                listing::lines(&entry.path(), problems, &mut |line| {
                    let ids = line.split(|byte| *byte == b' ').take(2);
                    let ids = ids.filter_map(|hex| ObjectId::from_hex(hex).ok());
                    for id in ids.filter(|id| !id.is_null()) {
                        let tip = Tip { id, reach, logged: true };
                        // A line begins with what the one before it ends with.
                        if tips.last() != Some(&tip) {
                            tips.push(tip);
                        }
                    }
                });
            }
            _ => {}
        }
    }
}

/// The blobs that an index names.
fn staged(path: &Path, layout: &Layout, tips: &mut Tips) {
    match index::read_at(path, layout.format.hash) {
        Ok(state) => {
            let entries = state.entries().iter();
            tips.staged.extend(entries.map(|entry| (entry.id, entry.path(&state).to_vec())));
        }
        Err(crate::git::error::Error::Refused(problem)) => tips.problems.push(problem),
        Err(_) => {}
    }
}
