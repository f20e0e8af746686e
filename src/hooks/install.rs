//! Puts the hook in place and takes it out again.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::block::{self, Left};
use super::error::{Error, io};
use super::hook::Hook;
use super::manager::{self, Manager};
use super::script::{self, Written};
use crate::git::HooksPlace;

/// Installs the hook; what was there is moved aside and called first. Doing it twice changes nothing.
///
/// `program` is the fallback where the PATH of a commit has no leakspan. Returns what was done, in
/// sentences.
///
/// # Errors
/// [`Error`]; everything is then as it was.
pub fn install(place: &HooksPlace, program: &Path, hook: Hook) -> Result<Vec<String>, Error> {
    match manager::detect(&place.root, &place.folder, hook) {
        Manager::Husky(file) => install_block(&file, hook),
        Manager::Writes { file, .. } if manager::calls_us(&file, hook) => {
            Ok(vec![format!("{} calls leakspan already", file.display())])
        }
        Manager::Writes { by, file, add } => Err(Error::Managed { by, file, add }),
        Manager::None => install_file(place, program, hook),
    }
}

/// Takes the hook out, wherever git looked for hooks when it was installed, and puts back what was
/// there: bytes and mode. Returns what was done, in sentences.
///
/// # Errors
/// [`Error`]; everything is then as it was.
pub fn remove(place: &HooksPlace, hook: Hook) -> Result<Vec<String>, Error> {
    let mut done = Vec::new();
    if let Manager::Husky(file) = manager::detect(&place.root, &place.folder, hook) {
        done.extend(remove_block(&file)?);
    }
    if let Manager::Writes { by, file, .. } = manager::detect(&place.root, &place.folder, hook)
        && manager::calls_us(&file, hook)
    {
        done.push(format!("{by} calls leakspan: take its lines out of {}", file.display()));
    }
    done.extend(remove_file(&place.folder, hook)?);
    if place.usual != place.folder {
        done.extend(remove_file(&place.usual, hook)?);
    }
    if done.is_empty() {
        done.push("no hook of leakspan is installed here".to_owned());
    }
    Ok(done)
}

fn install_file(place: &HooksPlace, program: &Path, which: Hook) -> Result<Vec<String>, Error> {
    let folder = &place.folder;
    let made_folder = !folder.exists();
    if made_folder {
        fs::create_dir_all(folder).map_err(io("make the folder", folder))?;
    } else if !folder.is_dir() {
        return Err(Error::NoFolder(folder.clone()));
    }
    let hook = folder.join(which.name());
    let aside = aside(folder, which);
    let mut done = Vec::new();
    let old = read(&hook)?;
    let made_folder = match old.as_deref().map(script::written) {
        Some(Written::Changed) => return Err(Error::Changed(hook)),
        Some(Written::ByUs { made_folder }) => made_folder,
        Some(Written::ByOthers) => {
            if aside.symlink_metadata().is_ok() {
                return Err(Error::InTheWay(aside));
            }
            done.push(format!("the hook that was there is called first: {}", aside.display()));
            made_folder
        }
        None => made_folder,
    };
    let text = script::hook(which, program, made_folder);
    if old.as_deref() == Some(&text[..]) && executable(&hook) {
        return Ok(vec![format!("installed already: {}", hook.display())]);
    }
    let beside = folder.join(format!(".{}.{}.new", which.name(), std::process::id()));
    write_new(&beside, &text, 0o755).map_err(io("write", &beside))?;
    let placed = (|| {
        if !done.is_empty() {
            fs::rename(&hook, &aside)?;
        }
        fs::rename(&beside, &hook).inspect_err(|_| {
            if !done.is_empty() {
                // Best effort: the error that is told matters more than this one.
                drop(fs::rename(&aside, &hook));
            }
        })
    })();
    if placed.is_err() {
        drop(fs::remove_file(&beside));
    }
    placed.map_err(io("write", &hook))?;
    done.insert(0, format!("installed: {}", hook.display()));
    done.extend(shared_folder(place));
    Ok(done)
}

/// A sentence for hooks that other repositories run too.
fn shared_folder(place: &HooksPlace) -> Option<String> {
    let by = place.set_by.as_ref()?;
    let own =
        by.starts_with(&place.root) || place.usual.parent().is_some_and(|p| by.starts_with(p));
    (!own).then(|| {
        format!(
            "{} sets core.hooksPath, so every repository that it holds for runs this hook",
            by.display()
        )
    })
}

fn install_block(file: &Path, hook: Hook) -> Result<Vec<String>, Error> {
    let done = match read(file)? {
        None => {
            let folder = file.parent().unwrap_or(file);
            fs::create_dir_all(folder).map_err(io("make the folder", folder))?;
            replace(file, &block::alone(hook), 0o755)?;
            format!("installed: {}", file.display())
        }
        Some(content) => {
            let with = block::added(&content, hook);
            if with == content {
                return Ok(vec![format!("installed already: {}", file.display())]);
            }
            replace(file, &with, mode(file)?)?;
            format!("added to husky's script: {}", file.display())
        }
    };
    let shared = "it is part of the work tree: everyone who has it needs leakspan in PATH";
    Ok(vec![done, shared.to_owned()])
}

fn remove_block(file: &Path) -> Result<Option<String>, Error> {
    let Some(content) = read(file)? else { return Ok(None) };
    match block::removed(&content) {
        Left::AsItIs => return Ok(None),
        Left::Nothing => fs::remove_file(file).map_err(io("remove", file))?,
        Left::Lines(lines) => replace(file, &lines, mode(file)?)?,
    }
    Ok(Some(format!("removed from husky's script: {}", file.display())))
}

fn remove_file(folder: &Path, which: Hook) -> Result<Option<String>, Error> {
    let (hook, aside) = (folder.join(which.name()), aside(folder, which));
    let moved = aside.symlink_metadata().is_ok();
    let made_folder = match read(&hook)?.as_deref().map(script::written) {
        Some(Written::Changed) => return Err(Error::Changed(hook)),
        Some(Written::ByUs { made_folder }) => made_folder,
        // An install that was cut short has moved the old hook and not yet written the new one.
        None if moved => false,
        Some(Written::ByOthers) | None => return Ok(None),
    };
    if moved {
        fs::rename(&aside, &hook).map_err(io("put back", &hook))?;
        return Ok(Some(format!("removed, and put back what was there: {}", hook.display())));
    }
    fs::remove_file(&hook).map_err(io("remove", &hook))?;
    if made_folder {
        // Somebody else's files keep the folder.
        drop(fs::remove_dir(folder));
    }
    Ok(Some(format!("removed: {}", hook.display())))
}

/// Where a hook that was there before is kept.
pub(super) fn aside(folder: &Path, hook: Hook) -> PathBuf {
    folder.join(format!("{}.before-leakspan", hook.name()))
}

/// The content of a hook. A link that leads nowhere counts as a hook of somebody else.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(path.symlink_metadata().is_ok().then(Vec::new))
        }
        Err(error) => Err(io("read", path)(error)),
    }
}

/// Whether git would run it.
pub(super) fn executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

fn mode(path: &Path) -> Result<u32, Error> {
    path.metadata().map(|about| about.permissions().mode() & 0o7777).map_err(io("read", path))
}

fn replace(path: &Path, content: &[u8], mode: u32) -> Result<(), Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(name);
    let written = write_new(&beside, content, mode).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        drop(fs::remove_file(&beside));
    }
    written.map_err(io("write", path))
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    use std::io::Write;
    let mut file = fs::File::create_new(path)?;
    file.write_all(content)?;
    // Whatever the umask is: git runs what is executable.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}
