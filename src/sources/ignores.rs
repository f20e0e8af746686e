//! Which paths of a tree are left out: `.leakspanignore` anywhere, `.gitignore` for what git does not
//! track.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::git::{self, Tracked};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The name of the user's own ignore file.
pub const IGNORE_FILE: &str = ".leakspanignore";

/// A longer ignore file is not honoured: leaving nothing out is the safe side.
const MAX_IGNORE_FILE: u64 = 1 << 20;

/// A repository that a walk is inside of.
pub(super) struct Repository {
    work_tree: PathBuf,
    /// Read at the first ignored path; `None` where the index cannot be read.
    tracked: OnceLock<Option<Tracked>>,
}

impl Repository {
    /// Whether git tracks the file, or a file below the folder. An index that cannot be read says yes:
    /// then nothing is left out.
    fn tracks(&self, path: &[u8], is_folder: bool) -> bool {
        let read = || Tracked::open(&self.work_tree, &git::Options::default()).ok().flatten();
        let Some(tracked) = self.tracked.get_or_init(read) else { return true };
        let name = below(self.work_tree.as_os_str().as_bytes(), path);
        // A submodule is a folder that is tracked itself.
        tracked.contains(name) || (is_folder && tracked.below(name).next().is_some())
    }
}

/// The ignore files of one folder, and the folder above.
pub(super) struct Level {
    above: Option<Arc<Level>>,
    folder: Vec<u8>,
    git: Option<Gitignore>,
    own: Option<Gitignore>,
    repository: Option<Arc<Repository>>,
    /// Inside a folder that `.gitignore` names: only what git tracks counts.
    only_tracked: bool,
}

/// What is to be done with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Read it.
    Keep,
    /// Enter the folder for the files in it that git tracks.
    KeepTracked,
    /// Leave it out, named by this kind of file.
    LeaveOut(&'static str),
}

impl Level {
    /// The level of a walk's first folder: what lies above it up to the repository's root counts too.
    ///
    /// `folder` is absolute and resolved; `patterns` (gitignore lines) count from it.
    pub(super) fn of_root(folder: &Path, patterns: &[String]) -> Arc<Self> {
        let root = folder.ancestors().find(|above| is_work_tree(above));
        let mut chain: Vec<&Path> = folder.ancestors().collect();
        chain.reverse();
        let first = root
            .and_then(|root| chain.iter().position(|above| *above == root))
            .unwrap_or(chain.len() - 1);
        let mut level = Arc::new(Self {
            above: None,
            folder: folder.as_os_str().as_bytes().to_vec(),
            git: None,
            own: matcher(patterns.iter().map(String::as_str)),
            repository: None,
            only_tracked: false,
        });
        for above in &chain[first..] {
            level = Self::below(&level, above, Judgement::Keep);
        }
        level
    }

    /// The level of a folder: the same as the one above where it holds nothing of its own.
    pub(super) fn below(above: &Arc<Self>, folder: &Path, judgement: Judgement) -> Arc<Self> {
        let only_tracked = judgement == Judgement::KeepTracked;
        let own_repository = is_work_tree(folder).then(|| {
            let work_tree = folder.to_path_buf();
            Arc::new(Repository { work_tree, tracked: OnceLock::new() })
        });
        let borders = own_repository.is_some();
        let repository = own_repository.or_else(|| above.repository.clone());
        let git = repository.as_ref().and_then(|_| load(&folder.join(".gitignore")));
        let own = load(&folder.join(IGNORE_FILE));
        let only_tracked = !borders && (only_tracked || above.only_tracked);
        if git.is_none() && own.is_none() && !borders && only_tracked == above.only_tracked {
            return Arc::clone(above);
        }
        let folder = folder.as_os_str().as_bytes().to_vec();
        Arc::new(Self {
            above: Some(Arc::clone(above)),
            folder,
            git,
            own,
            repository,
            only_tracked,
        })
    }

    /// What is to be done with a path in this folder.
    pub(super) fn judge(&self, path: &[u8], is_folder: bool) -> Judgement {
        if self.first_match(path, is_folder, None, |level| level.own.as_ref()) {
            return Judgement::LeaveOut(IGNORE_FILE);
        }
        let Some(repository) = &self.repository else { return Judgement::Keep };
        let named = self.only_tracked
            || self.first_match(path, is_folder, Some(repository), |level| level.git.as_ref());
        match (named, named && repository.tracks(path, is_folder), is_folder) {
            (false, ..) | (true, true, false) => Judgement::Keep,
            (true, true, true) => Judgement::KeepTracked,
            (true, false, _) => Judgement::LeaveOut(".gitignore"),
        }
    }

    /// Whether the deepest file that says anything about the path names it.
    fn first_match(
        &self,
        path: &[u8],
        is_folder: bool,
        inside: Option<&Arc<Repository>>,
        file: impl Fn(&Self) -> Option<&Gitignore>,
    ) -> bool {
        let mut level = Some(self);
        while let Some(here) = level {
            let left = inside.is_some_and(|repository| {
                !here.repository.as_ref().is_some_and(|r| Arc::ptr_eq(r, repository))
            });
            if left {
                return false;
            }
            if let Some(matcher) = file(here) {
                let name = Path::new(OsStr::from_bytes(below(&here.folder, path)));
                match matcher.matched(name, is_folder) {
                    Match::Ignore(_) => return true,
                    Match::Whitelist(_) => return false,
                    Match::None => {}
                }
            }
            level = here.above.as_deref();
        }
        false
    }
}

/// The kind of file that makes a scan of the folders around a file leave it out.
#[must_use]
pub fn left_out(file: &Path, patterns: &[String]) -> Option<&'static str> {
    let file = file.canonicalize().ok()?;
    let folder = file.parent()?;
    let root = folder.ancestors().find(|above| is_work_tree(above)).unwrap_or(folder);
    let mut level = Level::of_root(root, patterns);
    let mut at = root.to_path_buf();
    for step in file.strip_prefix(root).ok()? {
        at.push(step);
        let judgement = level.judge(at.as_os_str().as_bytes(), at != file);
        if let Judgement::LeaveOut(by) = judgement {
            return Some(by);
        }
        level = Level::below(&level, &at, judgement);
    }
    None
}

/// `.leakspanignore` and patterns of the configuration, for paths that come out of git.
///
/// Ignore files are read from the work tree, once each.
pub struct Ignores {
    root: PathBuf,
    patterns: Option<Gitignore>,
    files: std::sync::Mutex<std::collections::HashMap<PathBuf, Option<Arc<Gitignore>>>>,
}

impl Ignores {
    /// For paths relative to `root`; `patterns` are gitignore lines that count from it.
    #[must_use]
    pub fn new(root: &Path, patterns: &[String]) -> Self {
        let patterns = matcher(patterns.iter().map(String::as_str));
        Self { root: root.to_path_buf(), patterns, files: std::sync::Mutex::default() }
    }

    /// Whether an ignore file or a pattern names the path or a folder that it stands in.
    ///
    /// # Panics
    /// Where another thread panicked while it read an ignore file.
    #[must_use]
    pub fn leaves_out(&self, path: &[u8]) -> bool {
        let path = Path::new(OsStr::from_bytes(path));
        // From the top: what a folder's ignore leaves out, a file below cannot take back (as in git).
        let mut names: Vec<&Path> =
            path.ancestors().filter(|p| !p.as_os_str().is_empty()).collect();
        names.reverse();
        names.iter().any(|name| self.names(name, *name != path))
    }

    fn names(&self, path: &Path, is_folder: bool) -> bool {
        for folder in path.ancestors().skip(1) {
            let Some(matcher) = self.file_of(folder) else { continue };
            let name = path.strip_prefix(folder).unwrap_or(path);
            match matcher.matched(name, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        self.patterns.as_ref().is_some_and(|all| all.matched(path, is_folder).is_ignore())
    }

    fn file_of(&self, folder: &Path) -> Option<Arc<Gitignore>> {
        let mut files = self.files.lock().expect("no thread panics while it holds this lock");
        if let Some(known) = files.get(folder) {
            return known.clone();
        }
        // A path from git is a label: one that climbs out of the root is never opened.
        let plain = folder.components().all(|c| matches!(c, std::path::Component::Normal(_)));
        let loaded =
            plain.then(|| load(&self.root.join(folder).join(IGNORE_FILE))).flatten().map(Arc::new);
        files.insert(folder.to_path_buf(), loaded.clone());
        loaded
    }
}

fn is_work_tree(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

/// The path below a folder, without the `/` between them.
fn below<'p>(folder: &[u8], path: &'p [u8]) -> &'p [u8] {
    let rest = path.strip_prefix(folder).unwrap_or(path);
    rest.strip_prefix(b"/").unwrap_or(rest)
}

/// An ignore file that is a regular file of sane length; everything else leaves nothing out.
fn load(path: &Path) -> Option<Gitignore> {
    use rustix::fs::{Mode, OFlags};
    use std::io::Read;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = std::fs::File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
    let about = file.metadata().ok()?;
    if !about.is_file() || about.len() > MAX_IGNORE_FILE {
        return None;
    }
    let mut text = Vec::new();
    file.take(MAX_IGNORE_FILE).read_to_end(&mut text).ok()?;
    matcher(String::from_utf8_lossy(&text).lines())
}

fn matcher<'l>(lines: impl Iterator<Item = &'l str>) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    for line in lines {
        // A line that is no pattern leaves nothing out.
        drop(builder.add_line(None, line));
    }
    builder.build().ok().filter(|matcher| !matcher.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the files, makes a repository where asked, and judges the path and the folders above it.
    fn judge(files: &[(&str, &str)], repository: Option<&[&str]>, path: &str) -> Judgement {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (name, text) in files {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), text).unwrap();
        }
        if let Some(tracked) = repository {
            git(&root, &["init", "-q"]);
            for name in tracked {
                std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
                std::fs::write(root.join(name), "").unwrap();
                git(&root, &["add", "-f", name]);
            }
        }
        let mut level = Level::of_root(&root, &[]);
        let parts: Vec<&str> = path.split('/').collect();
        let mut at = root;
        for (i, part) in parts.iter().enumerate() {
            at.push(part);
            let is_folder = i + 1 < parts.len();
            let judgement = level.judge(at.as_os_str().as_bytes(), is_folder);
            if !is_folder || matches!(judgement, Judgement::LeaveOut(_)) {
                return judgement;
            }
            level = Level::below(&level, &at, judgement);
        }
        unreachable!("a path has a last part")
    }

    fn git(folder: &Path, arguments: &[&str]) {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(folder).args(arguments).env("HOME", folder);
        assert!(command.env("GIT_CONFIG_NOSYSTEM", "1").status().unwrap().success());
    }

    const LEFT_OUT: Judgement = Judgement::LeaveOut(".gitignore");
    const IGNORED: (&str, &str) = (".gitignore", "*.env\nbuild/\n");

    #[test]
    fn gitignore_counts_in_a_repository_only() {
        assert_eq!(judge(&[IGNORED], None, "a.env"), Judgement::Keep);
        assert_eq!(judge(&[IGNORED], Some(&[]), "a.env"), LEFT_OUT);
        assert_eq!(judge(&[IGNORED], Some(&[]), "a.rs"), Judgement::Keep);
        assert_eq!(judge(&[IGNORED], Some(&[]), "build/a.rs"), LEFT_OUT);
    }

    #[test]
    fn what_git_tracks_is_kept_though_it_is_ignored() {
        let tracked: Option<&[&str]> = Some(&["a.env", "build/kept/a.rs"]);
        assert_eq!(judge(&[IGNORED], tracked, "a.env"), Judgement::Keep);
        assert_eq!(judge(&[IGNORED], tracked, "b.env"), LEFT_OUT);
        assert_eq!(judge(&[IGNORED], tracked, "build/kept/a.rs"), Judgement::Keep);
        assert_eq!(judge(&[IGNORED], tracked, "build/kept/b.rs"), LEFT_OUT);
        assert_eq!(judge(&[IGNORED], tracked, "build/other/b.rs"), LEFT_OUT);
    }

    #[test]
    fn an_index_that_cannot_be_read_leaves_nothing_out() {
        let broken = [IGNORED, (".git/index", "no index"), (".git/HEAD", "no head")];
        assert_eq!(judge(&broken, None, "a.env"), Judgement::Keep);
    }

    #[test]
    fn a_nested_repository_has_rules_of_its_own() {
        let files = [IGNORED, ("inner/.git", "gitdir: x\n")];
        assert_eq!(judge(&files, Some(&[]), "inner/a.env"), Judgement::Keep);
    }

    #[test]
    fn leakspanignore_counts_everywhere_and_the_deepest_wins() {
        let files = [(".leakspanignore", "*.env\n/only.rs\n"), ("sub/.leakspanignore", "!b.env\n")];
        let left_out = Judgement::LeaveOut(IGNORE_FILE);
        assert_eq!(judge(&files, None, "sub/a.env"), left_out);
        assert_eq!(judge(&files, None, "sub/b.env"), Judgement::Keep);
        assert_eq!(judge(&files, None, "only.rs"), left_out);
        assert_eq!(judge(&files, None, "sub/only.rs"), Judgement::Keep);
    }

    #[test]
    fn paths_from_git_are_left_out_by_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join(IGNORE_FILE), "vendor/\n").unwrap();
        std::fs::write(folder.path().join("sub").join(IGNORE_FILE), "*.pem\n").unwrap();
        let ignores = Ignores::new(folder.path(), &["docs/*.md".to_owned()]);
        assert!(ignores.leaves_out(b"vendor/deep/a.rs"));
        assert!(ignores.leaves_out(b"sub/deep/key.pem"));
        assert!(ignores.leaves_out(b"docs/a.md"));
        assert!(!ignores.leaves_out(b"key.pem"));
        assert!(!ignores.leaves_out(b"../vendor.rs"));
    }
}
