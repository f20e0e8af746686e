//! What git would run before a commit.

use std::path::{Path, PathBuf};

use super::block;
use super::error::Error;
use super::hook::Hook;
use super::install;
use super::manager::{self, Manager};
use super::script::{self, Written};
use crate::git::HooksPlace;

/// Whether commits are checked here, and how that is known.
#[derive(Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether `git commit` runs leakspan.
    pub active: bool,
    /// The program that it runs.
    pub program: Option<PathBuf>,
    /// What was looked at, in sentences.
    pub lines: Vec<String>,
}

/// Looks at everything between `git commit` and leakspan. `search` is the PATH, split.
///
/// # Errors
/// [`Error::Io`] for a hook that cannot be read.
pub fn status(place: &HooksPlace, search: &[PathBuf], hook: Hook) -> Result<Status, Error> {
    let mut lines = vec![match &place.set_by {
        Some(by) => {
            format!("hooks are in {} (core.hooksPath of {})", place.folder.display(), by.display())
        }
        None => format!("hooks are in {}", place.folder.display()),
    }];
    let found =
        search.iter().map(|folder| folder.join("leakspan")).find(|p| install::executable(p));
    let called = match manager::detect(&place.root, &place.folder, hook) {
        Manager::Husky(file) => husky(place, &file, hook, &mut lines)?,
        Manager::Writes { by, file, .. } => {
            let calls = manager::calls_us(&file, hook);
            let verb = if calls { "calls" } else { "does not call" };
            lines.push(format!("{by} runs the hooks, and {} {verb} leakspan", file.display()));
            calls && runs(&place.folder.join(hook.name()), &mut lines)
        }
        Manager::None => plain(place, hook, &mut lines)?,
    };
    let known = known(place, hook)?.filter(|path| install::executable(path));
    let program = found.or(known);
    match &program {
        Some(path) => lines.push(format!("the program is {}", path.display())),
        None if called => lines.push("leakspan is not in PATH: every commit is stopped".to_owned()),
        None => lines.push("leakspan is not in PATH".to_owned()),
    }
    let other = place.usual.join(hook.name());
    if place.usual != place.folder && ours(&other)? {
        lines.push(format!("{} is leakspan's, but git does not look there", other.display()));
    }
    Ok(Status { active: called && program.is_some(), program, lines })
}

fn husky(
    place: &HooksPlace,
    file: &Path,
    hook: Hook,
    lines: &mut Vec<String>,
) -> Result<bool, Error> {
    let content = install::read(file)?.unwrap_or_default();
    let calls = block::found(&content).is_some() || manager::calls_us(file, hook);
    let verb = if calls { "calls" } else { "does not call" };
    lines.push(format!("husky runs the hooks, and {} {verb} leakspan", file.display()));
    Ok(calls && runs(&place.folder.join(hook.name()), lines))
}

fn plain(place: &HooksPlace, hook: Hook, lines: &mut Vec<String>) -> Result<bool, Error> {
    let file = place.folder.join(hook.name());
    let Some(content) = install::read(&file)? else {
        let name = hook.name();
        let more = if hook == Hook::PreCommit { String::new() } else { format!(" {name}") };
        lines.push(format!("there is no {name} hook: `leakspan hook install{more}` makes one"));
        return Ok(false);
    };
    let by = match script::written(&content) {
        Written::ByUs { .. } => "leakspan's",
        Written::Changed => "leakspan's, changed by hand",
        Written::ByOthers if manager::calls_us(&file, hook) => "somebody else's and calls leakspan",
        Written::ByOthers => {
            lines.push(format!("{} is somebody else's and does not call leakspan", file.display()));
            return Ok(false);
        }
    };
    lines.push(format!("{} is {by}", file.display()));
    let aside = install::aside(&place.folder, hook);
    if aside.symlink_metadata().is_ok() {
        let verb =
            if install::executable(&aside) { "is called first" } else { "is not executable" };
        lines.push(format!("{} {verb}", aside.display()));
    }
    Ok(runs(&file, lines))
}

/// Whether git runs a hook file: it must be executable.
fn runs(hook: &Path, lines: &mut Vec<String>) -> bool {
    let runs = install::executable(hook);
    if !runs {
        lines
            .push(format!("{} is not there or not executable: git passes it over", hook.display()));
    }
    runs
}

fn ours(hook: &Path) -> Result<bool, Error> {
    Ok(install::read(hook)?.is_some_and(|text| script::written(&text) != Written::ByOthers))
}

/// The program that the hook falls back on.
fn known(place: &HooksPlace, hook: Hook) -> Result<Option<PathBuf>, Error> {
    let content = install::read(&place.folder.join(hook.name()))?;
    Ok(content.and_then(|text| script::known_program(&text)).map(PathBuf::from))
}
