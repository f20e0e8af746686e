//! Everything that leads into a history: references in either format, their logs, indexes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gix::ObjectId;

use crate::git::config::RefFormat;
use crate::git::index;
use crate::git::layout::Layout;
use crate::git::listing::{self, MAX_DEPTH, MAX_LIST, Refs, broken, resolved};
use crate::git::reftable::{self, Logged};
use crate::model::{Problem, Reach};

/// What leads into a history.
#[derive(Clone, Copy)]
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
    let refs = listing::all(layout, &mut tips.problems);
    tips.replaced = refs.keys().any(|name| name.starts_with(b"refs/replace/"))
        || common.join("info/grafts").metadata().is_ok_and(|file| file.len() > 0);
    tips.head = head(&layout.git_dir, layout, &refs, &mut tips);
    tips.tips.extend(tips.head.map(|id| Tip::of(id, Reach::Head)));
    // Reftables also hold names such as ORIG_HEAD, which are no references to git either.
    for (name, target) in refs.iter().filter(|(name, _)| name.starts_with(b"refs/")) {
        if let Some(id) = resolved(target, &refs) {
            tips.tips.push(Tip::of(id, reach(name)));
        }
    }
    for folder in worktrees(layout) {
        if folder != layout.git_dir {
            let head = head(&folder, layout, &refs, &mut tips);
            tips.tips.extend(head.map(|id| Tip::of(id, Reach::Branch)));
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

/// The commit of a worktree's `HEAD`; `None` for an unborn branch.
fn head(folder: &Path, layout: &Layout, refs: &Refs, tips: &mut Tips) -> Option<ObjectId> {
    let target = match layout.format.refs {
        RefFormat::Files => listing::target_in(&folder.join("HEAD"), &mut tips.problems)?,
        RefFormat::Reftable => {
            let found = reftable::find(folder, b"HEAD", layout.format.hash);
            found.unwrap_or_else(|_| {
                tips.problems.push(broken(folder, "its HEAD cannot be read"));
                None
            })?
        }
    };
    resolved(&target, refs)
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
                let Some(text) = listing::file(&entry.path(), MAX_LIST, &mut tips.problems) else {
                    continue;
                };
                // The stash is a log: all but its top stand there alone.
                let stash = entry.path().ends_with("logs/refs/stash");
                let reach = if stash { Reach::Stash } else { Reach::Reflog };
                let words = text.split(|byte| *byte == b'\n');
                let ids = words.flat_map(|line| line.split(|byte| *byte == b' ').take(2));
                let ids = ids.filter_map(|hex| ObjectId::from_hex(hex).ok());
                let ids = ids.filter(|id| !id.is_null());
                tips.tips.extend(ids.map(|id| Tip { id, reach, logged: true }));
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
