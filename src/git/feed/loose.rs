//! Objects that stand in files of their own.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::hash::Kind as Hash;
use gix::objs::Kind;
use gix::zlib::Inflate;

use crate::git::objects::Unread;
use crate::model::Reason;

/// More than any header of a loose object has; git's own limit is 32.
const HEADER: usize = 64;
/// Packed bytes that hold a header for sure.
const HEAD: u64 = 4096;

/// An object in a file of its own.
pub(super) struct Loose {
    pub(super) id: ObjectId,
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    pub(super) size: u64,
}

/// Something that stands among the loose objects and cannot be read.
pub(super) type Fault = (PathBuf, Unread);

/// Lists the loose objects of a store, in the order of their ids. No file is opened.
pub(super) fn list(store: &Path, hash: Hash, faults: &mut Vec<Fault>) -> Vec<Loose> {
    let mut found = Vec::new();
    for (name, folder) in sorted(store, 2, faults) {
        if !name.bytes().all(|byte| byte.is_ascii_hexdigit()) || !admitted(store, &folder, faults) {
            continue;
        }
        for (rest, path) in sorted(&folder, hash.len_in_hex() - 2, faults) {
            let Ok(id) = ObjectId::from_hex(format!("{name}{rest}").as_bytes()) else { continue };
            if !admitted(store, &path, faults) {
                continue;
            }
            found.push(Loose { id, path, kind: Kind::Blob, size: 0 });
        }
    }
    found
}

/// Reads the kind and the size of each; those where that fails are taken out and returned.
pub(super) fn load(loose: &mut Vec<Loose>) -> Vec<(ObjectId, Unread)> {
    let mut inflate = Inflate::default();
    let mut broken = Vec::new();
    loose.retain_mut(|loose| match header(&loose.path, &mut inflate) {
        Ok(about) => {
            (loose.kind, loose.size) = about;
            true
        }
        Err(unread) => {
            broken.push((loose.id, unread));
            false
        }
    });
    broken
}

/// The entries of a folder whose names have this length, in order.
fn sorted(folder: &Path, length: usize, faults: &mut Vec<Fault>) -> Vec<(String, PathBuf)> {
    let listed = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = match listed {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            faults.push((folder.to_owned(), unreadable(&error)));
            return Vec::new();
        }
    };
    let names = entries.into_iter().filter_map(|entry| {
        let name = entry.file_name().into_string().ok().filter(|name| name.len() == length)?;
        Some((name, entry.path()))
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// Whether a file or folder lies in the store: a link to outside is refused, and said.
fn admitted(store: &Path, path: &Path, faults: &mut Vec<Fault>) -> bool {
    let linked = path.symlink_metadata().is_ok_and(|about| about.is_symlink());
    let real = if linked { path.canonicalize().ok() } else { None };
    if !linked || real.is_some_and(|real| real.starts_with(store)) {
        return true;
    }
    let detail = "it is a link to outside of the repository's objects, which is not followed";
    let reason = Reason::ExternalObjectStore;
    faults.push((path.to_owned(), Unread { reason, detail: detail.to_owned() }));
    false
}

fn header(path: &Path, inflate: &mut Inflate) -> Result<(Kind, u64), Unread> {
    let mut packed = Vec::new();
    let file = open(path)?;
    file.take(HEAD).read_to_end(&mut packed).map_err(|error| unreadable(&error))?;
    let (kind, size, _) = parsed(&packed, inflate)?;
    Ok((kind, size))
}

/// The kind, the size, and the length of the header.
fn parsed(packed: &[u8], inflate: &mut Inflate) -> Result<(Kind, u64, usize), Unread> {
    let mut head = [0; HEADER];
    inflate.reset();
    let (_, _, written) = inflate.prefix(packed, &mut head).map_err(|_| corrupt())?;
    gix::objs::decode::loose_header(&head[..written]).map_err(|_| corrupt())
}

/// Opens a regular file. Anything else (a pipe would wait for ever) is corrupt.
fn open(path: &Path) -> Result<File, Unread> {
    let about = path.metadata().map_err(|error| unreadable(&error))?;
    if !about.is_file() {
        return Err(corrupt());
    }
    File::open(path).map_err(|error| unreadable(&error))
}

impl Loose {
    /// Reads the object; the buffer then holds its header too, whose length is returned.
    pub(super) fn read(
        &self,
        inflate: &mut Inflate,
        packed: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<usize, Unread> {
        packed.clear();
        // What cannot be made smaller is stored, which costs a few bytes a block.
        let longest = self.size + self.size / 1000 + HEAD;
        open(&self.path)?.take(longest).read_to_end(packed).map_err(|error| unreadable(&error))?;
        let (kind, size, header) = parsed(packed, inflate)?;
        if (kind, size) != (self.kind, self.size) {
            return Err(corrupt());
        }
        let whole = super::inflate::whole(inflate, packed, header + size as usize, out);
        if whole { Ok(header) } else { Err(corrupt()) }
    }
}

fn corrupt() -> Unread {
    let detail = "this loose object cannot be read; `git fsck` says more".to_owned();
    Unread { reason: Reason::Corrupt, detail }
}

fn unreadable(error: &std::io::Error) -> Unread {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => Reason::Vanished,
        std::io::ErrorKind::PermissionDenied => Reason::Unreadable,
        _ => Reason::IoError,
    };
    Unread { reason, detail: error.to_string() }
}
