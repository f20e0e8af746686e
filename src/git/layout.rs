//! Where the parts of a repository lie, and whether they lie in it.

use std::path::{Path, PathBuf};

use super::config::{self, Format};
use super::environment::Environment;
use super::error::{Error, refuse};
use crate::model::Reason;

/// What may be read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folders outside of the repository whose objects may be read all the same.
    pub allow_external: Vec<PathBuf>,
    /// What git said when it called us; empty for a scan that a person started.
    pub environment: Environment,
}

/// The places of a repository, all canonical.
#[derive(Debug)]
pub(super) struct Layout {
    /// The work tree, or the git directory of a bare repository.
    pub(super) root: PathBuf,
    pub(super) git_dir: PathBuf,
    pub(super) common_dir: PathBuf,
    pub(super) bare: bool,
    /// Object directories, the first one first: a push in quarantine has two.
    pub(super) objects: Vec<PathBuf>,
    /// Object directories that the first one borrows from; inside, or allowed.
    pub(super) alternates: Vec<PathBuf>,
    pub(super) index: PathBuf,
    pub(super) format: Format,
    /// What was used although it lies outside, by permission.
    pub(super) external: Vec<PathBuf>,
}

/// Finds the repository that holds `path` (upwards) and proves that all of it lies inside.
///
/// # Errors
/// [`Error::NoTarget`], [`Error::NotARepository`], or [`Error::Refused`] for what leads outside.
pub(super) fn discover(path: &Path, options: &Options) -> Result<Layout, Error> {
    let start = path.canonicalize().map_err(|_| Error::NoTarget(path.display().to_string()))?;
    let found = search(&start)?;
    let (root, git_dir) = match (&options.environment.git_dir, found) {
        (None, Some(found)) => found,
        (None, None) => return Err(Error::NotARepository(path.display().to_string())),
        (Some(named), found) => by_environment(&start, named, found, options)?,
    };
    let common_dir = common_dir(&git_dir)?;
    let format = config::read(&common_dir)?;
    let mut guard = Guard { allowed: canonical(&options.allow_external), external: Vec::new() };
    let owned = git_dir.starts_with(&root) && common_dir.starts_with(&root);
    if !owned && !points_back(&root, &git_dir, &common_dir, &format) {
        guard.admit(&common_dir, "the repository's own directory lies outside of it")?;
    }
    let mut objects = vec![inside(&mut guard, &common_dir, &common_dir.join("objects"))?];
    if let Some(named) = &options.environment.objects {
        let named = start.join(named);
        let place = inside(&mut guard, &common_dir, &named)?;
        if place != objects[0] {
            objects.insert(0, place);
        }
    }
    let mut alternates = Vec::new();
    for store in &objects {
        let found = gix::odb::alternate::resolve(store.clone(), &start)
            .map_err(|_| refuse(store, Reason::Corrupt, "info/alternates cannot be read"))?;
        for place in found {
            alternates.push(inside(&mut guard, &common_dir, &place)?);
        }
    }
    let index = match &options.environment.index_file {
        Some(named) => {
            inside_either(&mut guard, &[&git_dir, &common_dir, &root], &start.join(named))?
        }
        None => git_dir.join("index"),
    };
    let linked = git_dir != common_dir;
    let bare = !linked && root == git_dir && options.environment.work_tree.is_none()
        || !linked && format.bare == Some(true) && options.environment.work_tree.is_none();
    let external = guard.external;
    Ok(Layout { root, git_dir, common_dir, bare, objects, alternates, index, format, external })
}

/// The work tree and git directory at or above a folder.
fn search(start: &Path) -> Result<Option<(PathBuf, PathBuf)>, Error> {
    for folder in start.ancestors() {
        let dot_git = folder.join(".git");
        if dot_git.is_file() {
            return Ok(Some((folder.to_owned(), follow(&dot_git)?)));
        }
        if is_git_dir(&dot_git) {
            let git_dir = dot_git.canonicalize();
            let git_dir =
                git_dir.map_err(|e| refuse(&dot_git, Reason::Unreadable, e.to_string()))?;
            return Ok(Some((folder.to_owned(), git_dir)));
        }
        if is_git_dir(folder) {
            let inside_dot_git = folder.file_name().is_some_and(|name| name == ".git");
            let root = folder.parent().filter(|_| inside_dot_git).unwrap_or(folder);
            return Ok(Some((root.to_owned(), folder.to_owned())));
        }
    }
    Ok(None)
}

/// The directory that `GIT_DIR` names: the one that was found, or the only one where none was found.
fn by_environment(
    start: &Path,
    named: &Path,
    found: Option<(PathBuf, PathBuf)>,
    options: &Options,
) -> Result<(PathBuf, PathBuf), Error> {
    let place = start.join(named);
    let git_dir = place.canonicalize().map_err(|_| {
        refuse(&place, Reason::Unreadable, "GIT_DIR names a directory that cannot be reached")
    })?;
    if !is_git_dir(&git_dir) {
        return Err(Error::NotARepository(place.display().to_string()));
    }
    let work_tree = options.environment.work_tree.as_ref().map(|tree| start.join(tree));
    let work_tree = work_tree.and_then(|tree| tree.canonicalize().ok());
    let Some((root, found)) = found else {
        return Ok((work_tree.unwrap_or_else(|| git_dir.clone()), git_dir));
    };
    let shared = common_dir(&found)?;
    let allowed = canonical(&options.allow_external);
    if git_dir == found
        || git_dir.starts_with(&shared)
        || git_dir.starts_with(&root)
        || allowed.iter().any(|folder| git_dir.starts_with(folder))
    {
        return Ok((work_tree.unwrap_or(root), git_dir));
    }
    // Ignoring it would scan another index than the one that is about to be committed.
    let words = format!(
        "GIT_DIR names it, but the scan is of {}; unset GIT_DIR, or give --allow-external-objects",
        root.display()
    );
    Err(refuse(&git_dir, Reason::ExternalObjectStore, words))
}

fn is_git_dir(folder: &Path) -> bool {
    let head = folder.join("HEAD");
    head.symlink_metadata().is_ok()
        && (folder.join("objects").is_dir() && folder.join("refs").is_dir()
            || folder.join("commondir").is_file())
}

/// Follows a `.git` file.
fn follow(dot_git: &Path) -> Result<PathBuf, Error> {
    let unreachable = |why: String| refuse(dot_git, Reason::Unreadable, why);
    let text = std::fs::read(dot_git).map_err(|error| unreachable(error.to_string()))?;
    let target = text.strip_prefix(b"gitdir:").map(<[u8]>::trim_ascii);
    let target = target.ok_or_else(|| unreachable("it holds no `gitdir:` line".to_owned()))?;
    let place = dot_git.parent().unwrap_or(dot_git).join(bytes_to_path(target));
    let real = place.canonicalize().ok().filter(|real| is_git_dir(real));
    real.ok_or_else(|| unreachable(format!("gitdir not reachable: {}", place.display())))
}

/// The directory that a linked worktree shares with its repository, or the git directory itself.
fn common_dir(git_dir: &Path) -> Result<PathBuf, Error> {
    let file = git_dir.join("commondir");
    let text = match std::fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(git_dir.to_owned()),
        Err(error) => return Err(refuse(&file, Reason::Unreadable, error.to_string())),
    };
    let place = git_dir.join(bytes_to_path(text.trim_ascii()));
    place.canonicalize().map_err(|_| {
        refuse(&file, Reason::Unreadable, format!("not reachable: {}", place.display()))
    })
}

/// Whether a git directory outside of the root belongs to it all the same: git's own linked worktrees
/// and submodules are known there by their place, and nobody but the owner of that directory can say so.
fn points_back(root: &Path, git_dir: &Path, common_dir: &Path, format: &Format) -> bool {
    let same = |place: PathBuf| place.canonicalize().is_ok_and(|real| real == root);
    if git_dir != common_dir {
        let registered =
            git_dir.parent().is_some_and(|folder| folder == common_dir.join("worktrees"));
        let file = std::fs::read(git_dir.join("gitdir")).unwrap_or_default();
        let dot_git = git_dir.join(bytes_to_path(file.trim_ascii()));
        return registered && dot_git.parent().is_some_and(|folder| same(folder.to_owned()));
    }
    format.work_tree.as_ref().is_some_and(|tree| same(git_dir.join(tree)))
}

/// Lets places outside through where the user named them, and remembers which.
struct Guard {
    allowed: Vec<PathBuf>,
    external: Vec<PathBuf>,
}

impl Guard {
    fn admit(&mut self, place: &Path, why: &str) -> Result<(), Error> {
        if self.allowed.iter().any(|folder| place.starts_with(folder)) {
            self.external.push(place.to_owned());
            return Ok(());
        }
        let words = format!("{why}: {}; --allow-external-objects DIR reads it", place.display());
        Err(refuse(place, Reason::ExternalObjectStore, words))
    }
}

fn inside(guard: &mut Guard, home: &Path, place: &Path) -> Result<PathBuf, Error> {
    inside_either(guard, &[home], place)
}

/// The canonical form of a place (of its folder, where it does not exist), proven to lie in a home.
fn inside_either(guard: &mut Guard, homes: &[&Path], place: &Path) -> Result<PathBuf, Error> {
    let real = place.canonicalize().or_else(|_| {
        let name = place.file_name().ok_or(std::io::ErrorKind::NotFound)?;
        Ok::<_, std::io::Error>(place.parent().unwrap_or(place).canonicalize()?.join(name))
    });
    let real = real.map_err(|_| refuse(place, Reason::Unreadable, "not reachable"))?;
    if !homes.iter().any(|home| real.starts_with(home)) {
        guard.admit(&real, "it lies outside of the repository")?;
    }
    for linked in links_out(&real) {
        guard.admit(&linked, "a pack is a link to outside of the repository")?;
    }
    Ok(real)
}

/// Packs of an object directory that are symbolic links to other folders.
fn links_out(objects: &Path) -> Vec<PathBuf> {
    let packs = objects.join("pack");
    let folder = std::fs::read_dir(&packs).into_iter().flatten().flatten();
    let links = folder.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    let real = links.filter_map(|entry| entry.path().canonicalize().ok());
    real.filter(|real| !real.starts_with(objects)).collect()
}

fn canonical(folders: &[PathBuf]) -> Vec<PathBuf> {
    folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect()
}

fn bytes_to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}
