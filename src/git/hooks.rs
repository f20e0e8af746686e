//! Where git looks for hooks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use gix::config::file::{includes, init};
use gix::config::path::interpolate;
use gix::config::{File, Source};

use super::error::{Error, refuse};
use super::layout::{self, Options};
use crate::model::Reason;

/// Where the hooks of a repository are, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksPlace {
    /// The folder that git looks in; it need not be there.
    pub folder: PathBuf,
    /// The folder that git looks in unless it is told otherwise, shared by all linked worktrees.
    pub usual: PathBuf,
    /// The file that sets `core.hooksPath`, where one does.
    pub set_by: Option<PathBuf>,
    /// The work tree, or the git directory of a bare repository.
    pub root: PathBuf,
    /// Whether there is no work tree: nothing is committed there.
    pub bare: bool,
}

impl HooksPlace {
    /// Finds the hooks of the repository at or above a folder, as git would: `core.hooksPath` of the
    /// system, the user, the repository and the worktree, includes followed, `~` and relative paths
    /// resolved. `variable` looks up the environment (`HOME`, `XDG_CONFIG_HOME`, `GIT_CONFIG_GLOBAL`, …).
    ///
    /// # Errors
    /// [`Error`]: not there, not a repository, or configuration that cannot be read.
    pub fn find(path: &Path, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let layout = layout::discover(path, &Options::default())?;
        let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = set("HOME");
        let mut files = user_files(&set, home.as_deref());
        files.push((Source::Local, layout.common_dir.join("config")));
        files.push((Source::Worktree, layout.git_dir.join("config.worktree")));
        let mut worktree_config = false;
        let mut found = None;
        for (source, file) in files {
            if source == Source::Worktree && !worktree_config || !file.is_file() {
                continue;
            }
            let config = read(&file, source, home.as_deref(), &layout.git_dir)?;
            worktree_config |=
                matches!(config.boolean("extensions.worktreeConfig"), Ok(Some(true)));
            if let Some(value) = config.path("core.hooksPath") {
                let context =
                    interpolate::Context { home_dir: home.as_deref(), ..Default::default() };
                let value = value.interpolate(context).map_err(|_| {
                    refuse(&file, Reason::Corrupt, "its core.hooksPath cannot be resolved")
                })?;
                found = Some((layout.root.join(value), file));
            }
        }
        let usual = layout.common_dir.join("hooks");
        let (folder, set_by) = found.map_or((usual.clone(), None), |(path, by)| (path, Some(by)));
        Ok(Self { folder, usual, set_by, bare: layout.bare, root: layout.root })
    }
}

/// The configuration of system and user, the weakest first.
fn user_files(
    set: &dyn Fn(&str) -> Option<PathBuf>,
    home: Option<&Path>,
) -> Vec<(Source, PathBuf)> {
    let mut files = Vec::new();
    if set("GIT_CONFIG_NOSYSTEM").is_none() {
        let system = set("GIT_CONFIG_SYSTEM").unwrap_or_else(|| "/etc/gitconfig".into());
        files.push((Source::System, system));
    }
    if let Some(global) = set("GIT_CONFIG_GLOBAL") {
        files.push((Source::User, global));
        return files;
    }
    let folder = set("XDG_CONFIG_HOME").or_else(|| home.map(|home| home.join(".config")));
    files.extend(folder.map(|folder| (Source::Git, folder.join("git/config"))));
    files.extend(home.map(|home| (Source::User, home.join(".gitconfig"))));
    files
}

fn read(file: &Path, source: Source, home: Option<&Path>, git_dir: &Path) -> Result<File, Error> {
    let unreadable = || refuse(file, Reason::Unreadable, "this git configuration cannot be read");
    let mut config =
        File::from_path_no_includes(file.to_owned(), source).map_err(|_| unreadable())?;
    let context = interpolate::Context { home_dir: home, ..Default::default() };
    let conditional = includes::conditional::Context { git_dir: Some(git_dir), branch_name: None };
    let follow = includes::Options {
        // Git passes over an include that is not there.
        err_on_missing_config_path: false,
        ..includes::Options::follow(context, conditional)
    };
    let options = init::Options { includes: follow, ..Default::default() };
    config.resolve_includes(options).map_err(|_| unreadable())?;
    Ok(config)
}
