//! Walks one folder in parallel.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

use super::ignores::{Judgement, Level};
use super::open;
use super::open::Near;
use super::read::Reader;
use super::root::{Root, as_path, split};
use crate::model::{Blob, Problem, Reason, Sink, Worker};

/// The ignore files met so far, by folder; a folder without any is not in it.
type Levels = Mutex<HashMap<PathBuf, Arc<Level>>>;

/// Pushes every file below the root into the sink.
pub(super) fn visit(root: &Root<'_>, sink: &dyn Sink) {
    if open::is_of_the_kernel(&root.path) {
        let name = root.name(&root.path);
        let problem = Problem::new(name, Reason::SpecialFile, "a file system of the kernel's own");
        return sink.worker().problem(problem);
    }
    let top = root.options.ignore_files.then(|| Level::of_root(&root.path, &root.options.ignores));
    let levels = Mutex::new(HashMap::new());
    if let Some(level) = &top {
        levels.lock().expect("nobody holds it yet").insert(root.path.clone(), Arc::clone(level));
    }
    WalkBuilder::new(&root.path)
        .standard_filters(false)
        .follow_links(false)
        .threads(root.options.jobs)
        .build_parallel()
        .visit(&mut Builder { root, sink, levels: &levels });
}

struct Builder<'a> {
    root: &'a Root<'a>,
    sink: &'a dyn Sink,
    levels: &'a Levels,
}

impl<'a> ParallelVisitorBuilder<'a> for Builder<'a> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 'a> {
        Box::new(Visitor {
            root: self.root,
            levels: self.levels,
            worker: self.sink.worker(),
            reader: Reader::new(&self.root.options.archives),
            near: Near::default(),
            last: None,
        })
    }
}

/// One thread of the walk.
struct Visitor<'a> {
    root: &'a Root<'a>,
    levels: &'a Levels,
    worker: Box<dyn Worker + 'a>,
    reader: Reader,
    near: Near,
    /// The folder whose level was asked for last.
    last: Option<(PathBuf, Option<Arc<Level>>)>,
}

impl ParallelVisitor for Visitor<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        if self.worker.stopped() {
            return WalkState::Quit;
        }
        match entry {
            Ok(entry) if entry.depth() == 0 => WalkState::Continue,
            Ok(entry) => self.entry(&entry),
            Err(error) => {
                self.walk_error(&error, None);
                WalkState::Continue
            }
        }
    }
}

impl Visitor<'_> {
    fn entry(&mut self, entry: &DirEntry) -> WalkState {
        let path = entry.path();
        // What git keeps for itself: `scan --history` reads it, and better.
        if entry.file_name() == ".git" {
            return WalkState::Skip;
        }
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        if let Some(level) = self.level_above(path) {
            let judgement = level.judge(path.as_os_str().as_bytes(), kind.is_dir());
            if let Judgement::LeaveOut(by) = judgement {
                self.problem(path, Reason::ExcludedByUser, format!("left out by {by}"));
                return WalkState::Skip;
            }
            if kind.is_dir() {
                self.enter(&level, path, judgement);
            }
        }
        if kind.is_dir() {
            return self.folder(path);
        }
        if kind.is_file() {
            self.file(path);
        } else if kind.is_symlink() {
            self.link(path);
        } else {
            let detail = "a pipe, socket or device: only regular files are read";
            self.problem(path, Reason::SpecialFile, detail);
        }
        WalkState::Continue
    }

    fn file(&mut self, path: &Path) {
        let below = self.root.below(path);
        let (folder, name) = split(below);
        let opened = self.near.open(&self.root.tree, folder, name);
        let blob = Blob { path: self.root.name(path), origin: Arc::clone(&self.root.origin) };
        match opened {
            Ok(file) => self.reader.read(file, &blob, self.worker.as_mut()),
            Err(error) => {
                let (reason, detail) = open::reason(error);
                self.worker.problem(Problem::new(blob.path, reason, detail));
            }
        }
    }

    fn folder(&mut self, path: &Path) -> WalkState {
        if open::is_of_the_kernel(path) {
            self.problem(path, Reason::SpecialFile, "a file system of the kernel's own");
            return WalkState::Skip;
        }
        WalkState::Continue
    }

    /// A link whose end lies inside is read there; one that leads out is listed; a dead one leads
    /// nowhere.
    fn link(&mut self, path: &Path) {
        let leaves = path.canonicalize().is_ok_and(|end| !end.starts_with(&self.root.path));
        if leaves {
            let detail = "a link that leads out of the target is not followed";
            self.problem(path, Reason::SymlinkOutside, detail);
        }
    }

    fn level_above(&mut self, path: &Path) -> Option<Arc<Level>> {
        if !self.root.options.ignore_files {
            return None;
        }
        let folder = path.parent()?;
        if let Some((last, level)) = &self.last
            && last.as_os_str() == folder.as_os_str()
        {
            return level.clone();
        }
        let levels = self.levels.lock().expect("no thread panics while it holds this lock");
        let level = match (levels.len(), levels.values().next()) {
            // In most trees there is but the root's.
            (1, only) => only,
            _ => folder.ancestors().find_map(|above| levels.get(above)),
        };
        let level = level.map(Arc::clone);
        drop(levels);
        self.last = Some((folder.to_path_buf(), level.clone()));
        level
    }

    /// Remembers the level of a folder before the walk goes into it.
    fn enter(&mut self, above: &Arc<Level>, folder: &Path, judgement: Judgement) {
        let level = Level::below(above, folder, judgement);
        if !Arc::ptr_eq(&level, above) {
            let mut levels = self.levels.lock().expect("no thread panics while it holds this lock");
            levels.insert(folder.to_path_buf(), level);
        }
    }

    fn walk_error(&mut self, error: &ignore::Error, path: Option<&Path>) {
        match error {
            ignore::Error::WithPath { path, err } => self.walk_error(err, Some(path)),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                self.walk_error(err, path);
            }
            ignore::Error::Partial(errors) => {
                errors.iter().for_each(|error| self.walk_error(error, path));
            }
            ignore::Error::Io(error) => {
                let (reason, detail) = open::reason_of(error);
                self.problem(path.unwrap_or(as_path(b"")), reason, detail);
            }
            other => {
                let detail = other.to_string();
                self.problem(path.unwrap_or(as_path(b"")), Reason::IoError, detail);
            }
        }
    }

    fn problem(&mut self, path: &Path, reason: Reason, detail: impl Into<String>) {
        self.worker.problem(Problem::new(self.root.name(path), reason, detail));
    }
}
