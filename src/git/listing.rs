//! All references of a repository, in either format.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gix::ObjectId;

use super::config::RefFormat;
use super::layout::Layout;
use super::reftable::{self, Target};
use crate::model::{BlobPath, Problem, Reason};

/// A reference is a line.
const MAX_REF: u64 = 4096;
/// The largest list of references or log that is read, in bytes.
pub(super) const MAX_LIST: u64 = 1 << 30;
/// Folders of references are nested no deeper.
pub(super) const MAX_DEPTH: usize = 64;

/// References by their full names.
pub(super) type Refs = BTreeMap<Vec<u8>, Target>;

/// The object that a reference leads to.
pub(super) fn resolved(target: &Target, refs: &Refs) -> Option<ObjectId> {
    let mut target = target;
    for _ in 0..5 {
        match target {
            Target::Object(id) => return Some(*id),
            Target::Symbolic(name) => target = refs.get(name)?,
        }
    }
    None
}

/// Lists the references that all worktrees share. One that cannot be read is a problem.
pub(super) fn all(layout: &Layout, problems: &mut Vec<Problem>) -> Refs {
    let mut refs = BTreeMap::new();
    let common = &layout.common_dir;
    match layout.format.refs {
        RefFormat::Files => {
            packed(common, &mut refs, problems);
            loose(&common.join("refs"), b"refs", &mut refs, problems, 0);
        }
        RefFormat::Reftable => match reftable::all(common, layout.format.hash) {
            Ok(all) => refs.extend(all),
            Err(_) => problems.push(broken(&common.join("reftable"), "a table cannot be read")),
        },
    }
    refs
}

fn packed(common: &Path, refs: &mut Refs, problems: &mut Vec<Problem>) {
    let Some(text) = file(&common.join("packed-refs"), MAX_LIST, problems) else { return };
    for line in text.split(|byte| *byte == b'\n') {
        let Some(space) = memchr::memchr(b' ', line) else { continue };
        if let Ok(id) = ObjectId::from_hex(&line[..space]) {
            refs.insert(line[space + 1..].trim_ascii_end().to_owned(), Target::Object(id));
        }
    }
}

/// The references below a folder, each in a file.
pub(super) fn loose(
    folder: &Path,
    prefix: &[u8],
    refs: &mut Refs,
    problems: &mut Vec<Problem>,
    depth: usize,
) {
    use std::os::unix::ffi::OsStrExt;
    let Ok(listed) = fs::read_dir(folder) else { return };
    if depth > MAX_DEPTH {
        return problems.push(broken(folder, "references are nested too deep"));
    }
    for entry in listed.flatten() {
        let name = [prefix, b"/", entry.file_name().as_bytes()].concat();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => loose(&entry.path(), &name, refs, problems, depth + 1),
            Ok(kind) if kind.is_file() => {
                // A lock is a reference that is being written.
                if !name.ends_with(b".lock")
                    && let Some(target) = target_in(&entry.path(), problems)
                {
                    refs.insert(name, target);
                }
            }
            _ => problems.push(broken(&entry.path(), "it is neither a file nor a folder")),
        }
    }
}

/// What a reference file holds.
pub(super) fn target_in(path: &Path, problems: &mut Vec<Problem>) -> Option<Target> {
    let text = file(path, MAX_REF, problems)?;
    let line = text.trim_ascii();
    if let Some(name) = line.strip_prefix(b"ref:") {
        return Some(Target::Symbolic(name.trim_ascii().to_owned()));
    }
    let id = ObjectId::from_hex(line).ok();
    if id.is_none() {
        problems.push(broken(path, "it holds no reference"));
    }
    id.map(Target::Object)
}

/// The content of a regular file; `None` where it is not there, or is a problem.
pub(super) fn file(path: &Path, most: u64, problems: &mut Vec<Problem>) -> Option<Vec<u8>> {
    let about = path.metadata().ok()?;
    if !about.is_file() || about.len() > most {
        problems.push(broken(path, "it is no file, or too large"));
        return None;
    }
    let read = fs::read(path);
    if let Err(error) = &read {
        problems.push(broken(path, &error.to_string()));
    }
    read.ok()
}

/// A reference that cannot be read.
pub(super) fn broken(path: &Path, why: &str) -> Problem {
    use std::os::unix::ffi::OsStrExt;
    let path = BlobPath::new(path.as_os_str().as_bytes());
    let detail = format!("{why}; what this reference leads to is not known");
    Problem::new(path, Reason::Corrupt, detail)
}
