//! All references of a repository, in either format.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use gix::ObjectId;

use super::config::RefFormat;
use super::layout::Layout;
use super::reftable::{self, Target};
use crate::model::{BlobPath, Problem, Reason};

/// A reference is a line.
const MAX_REF: u64 = 4096;
/// The largest list of references or log that is read, in bytes.
const MAX_LIST: u64 = 1 << 30;
/// The longest line of one.
const MAX_LINE: u64 = 1 << 20;
/// How many problems with references are told one by one.
const TOLD: usize = 1000;
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
            packed(common, problems, &mut |name, id| {
                refs.insert(name.to_owned(), Target::Object(id));
            });
            loose(&common.join("refs"), b"refs", &mut refs, problems, 0);
        }
        RefFormat::Reftable => refs = tables(layout, problems),
    }
    refs
}

/// Shows every reference that all worktrees share with the object that it leads to, in no order, some twice.
/// Returns those by which a name can be looked up: the ones of `names`, and what these point to.
///
/// There may be millions of them in one file, of which nothing is kept.
pub(super) fn each(
    layout: &Layout,
    names: BTreeSet<Vec<u8>>,
    problems: &mut Vec<Problem>,
    see: &mut dyn FnMut(&[u8], ObjectId),
) -> Refs {
    let common = &layout.common_dir;
    let mut refs = Refs::new();
    match layout.format.refs {
        RefFormat::Files => {
            loose(&common.join("refs"), b"refs", &mut refs, problems, 0);
            let mut names = names;
            names.extend(refs.values().filter_map(|target| match target {
                Target::Symbolic(name) if !refs.contains_key(name) => Some(name.clone()),
                _ => None,
            }));
            let mut named = Vec::new();
            packed(common, problems, &mut |name, id| {
                // A file of its own is younger than the list.
                if !refs.contains_key(name) {
                    see(name, id);
                    if names.contains(name) {
                        named.push((name.to_owned(), Target::Object(id)));
                    }
                }
            });
            refs.extend(named);
        }
        RefFormat::Reftable => refs = tables(layout, problems),
    }
    for (name, target) in &refs {
        if let Some(id) = resolved(target, &refs) {
            see(name, id);
        }
    }
    refs
}

fn tables(layout: &Layout, problems: &mut Vec<Problem>) -> Refs {
    let common = &layout.common_dir;
    reftable::all(common, layout.format.hash).unwrap_or_else(|_| {
        tell(problems, broken(&common.join("reftable"), "a table cannot be read, or is too large"));
        Refs::new()
    })
}

fn packed(common: &Path, problems: &mut Vec<Problem>, see: &mut dyn FnMut(&[u8], ObjectId)) {
    lines(&common.join("packed-refs"), problems, &mut |line| {
        let Some(space) = memchr::memchr(b' ', line) else { return };
        if let Ok(id) = ObjectId::from_hex(&line[..space]) {
            see(line[space + 1..].trim_ascii_end(), id);
        }
    });
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
    let listed = fs::read_dir(folder).and_then(|listed| {
        listed.map(|entry| entry.and_then(|e| Ok((e.file_name(), e.file_type()?)))).collect()
    });
    let mut entries: Vec<(std::ffi::OsString, fs::FileType)> = match listed {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        Err(error) => return tell(problems, broken(folder, &error.to_string())),
    };
    if depth > MAX_DEPTH {
        return tell(problems, broken(folder, "references are nested too deep"));
    }
    // What is told must not depend on the order of a disk.
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (own, kind) in entries {
        let (path, name) = (folder.join(&own), [prefix, b"/", own.as_bytes()].concat());
        if kind.is_dir() {
            loose(&path, &name, refs, problems, depth + 1);
        } else if !kind.is_file() {
            tell(problems, broken(&path, "it is neither a file nor a folder"));
        } else if !name.ends_with(b".lock")
            // A lock is a reference that is being written.
            && let Some(target) = target_in(&path, problems)
        {
            refs.insert(name, target);
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
        tell(problems, broken(path, "it holds no reference"));
    }
    id.map(Target::Object)
}

/// The content of a short regular file; `None` where it is not there, or is a problem.
fn file(path: &Path, most: u64, problems: &mut Vec<Problem>) -> Option<Vec<u8>> {
    let about = path.metadata().ok()?;
    if !about.is_file() || about.len() > most {
        tell(problems, broken(path, "it is no file, or too large"));
        return None;
    }
    let read = fs::read(path);
    if let Err(error) = &read {
        tell(problems, broken(path, &error.to_string()));
    }
    read.ok()
}

/// Shows the lines of a regular file, without their ends; nothing of it is kept.
pub(super) fn lines(path: &Path, problems: &mut Vec<Problem>, see: &mut dyn FnMut(&[u8])) {
    let Ok(about) = path.metadata() else { return };
    if !about.is_file() || about.len() > MAX_LIST {
        return tell(problems, broken(path, "it is no file, or too large"));
    }
    let mut line = Vec::new();
    let read = fs::File::open(path).and_then(|file| {
        let mut file = BufReader::with_capacity(1 << 16, file.take(MAX_LIST));
        loop {
            line.clear();
            file.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
            if line.len() as u64 == MAX_LINE {
                return Err(std::io::Error::other("a line of it is too long"));
            }
            if line.is_empty() {
                return Ok(());
            }
            see(line.strip_suffix(b"\n").unwrap_or(&line));
        }
    });
    if let Err(error) = read {
        tell(problems, broken(path, &error.to_string()));
    }
}

/// Adds a problem. There may be millions of them: the first are told one by one.
pub(super) fn tell(problems: &mut Vec<Problem>, problem: Problem) {
    if problems.len() < TOLD {
        problems.push(problem);
    } else if problems.len() == TOLD {
        let words = "more references cannot be read, and are not told one by one";
        problems.push(Problem::new(BlobPath::new("refs"), Reason::Corrupt, words));
    }
}

/// A reference that cannot be read.
pub(super) fn broken(path: &Path, why: &str) -> Problem {
    use std::os::unix::ffi::OsStrExt;
    let path = BlobPath::new(path.as_os_str().as_bytes());
    let detail = format!("{why}; what this reference leads to is not known");
    Problem::new(path, Reason::Corrupt, detail)
}
