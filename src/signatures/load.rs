//! Reads signature files from disk and joins them to a set.
//!
//! Shared with the build script by `#[path]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::{Error, Fault, MOST_SIGNATURES};
use super::file::{self, Entry};
use super::literals::LiteralWindow;
use super::tables;
use crate::model::{Anchor, Signature, SignatureSet};

/// The signatures of a file, or of all `*.toml` of a folder (not of folders in it), in the order of
/// names.
///
/// # Errors
/// What cannot be read or is wrong. A folder without a signature is an error.
pub fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for file in files(path)? {
        let unreadable = |source| Error::Read { path: file.clone(), source };
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        entries.append(&mut file::parse(&file, &text)?);
    }
    if entries.is_empty() {
        return Err(Error::Empty(path.to_owned()));
    }
    Ok(entries)
}

/// A file itself, or all `*.toml` of a folder, sorted.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |source| Error::Read { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// A set made of entries alone, sorted by id, with the entries in the same order.
///
/// # Errors
/// Ids used twice, partners that do not exist, more than the limits allow.
pub fn assemble(entries: Vec<Entry>) -> Result<(SignatureSet, Vec<Entry>), Error> {
    let entries = sorted(entries)?;
    let set = joined(
        entries.iter().map(|entry| (entry.signature.clone(), entry.windows.clone())).collect(),
    )?;
    check_partners(&set, &entries)?;
    Ok((set, entries))
}

/// A set with more signatures.
#[derive(Debug)]
pub struct Added {
    /// All of them.
    pub set: SignatureSet,
    /// Ids that the base had and an entry has replaced.
    pub replaced: Vec<String>,
}

/// Adds entries to a set; an entry replaces the signature of the same id.
///
/// # Errors
/// As [`assemble`].
pub fn add(base: &SignatureSet, entries: Vec<Entry>) -> Result<Added, Error> {
    let entries = sorted(entries)?;
    let mut all: BTreeMap<_, _> =
        parts(base).into_iter().map(|part| (part.0.id.clone(), part)).collect();
    let mut replaced = Vec::new();
    for entry in &entries {
        let part = (entry.signature.clone(), entry.windows.clone());
        if all.insert(part.0.id.clone(), part).is_some() {
            replaced.push(entry.signature.id.clone().into_owned());
        }
    }
    let set = joined(all.into_values().collect())?;
    check_partners(&set, &entries)?;
    Ok(Added { set, replaced })
}

/// A signature and the literals that lead to it.
pub(super) type Part = (Signature, Vec<LiteralWindow>);

/// Takes a set apart: the literals of each signature are read back from the tables.
pub(super) fn parts(set: &SignatureSet) -> Vec<Part> {
    let mut parts: Vec<Part> =
        set.signatures.iter().map(|signature| (signature.clone(), Vec::new())).collect();
    for literal in set.tables.literals.iter() {
        let first = literal.first as usize;
        for anchor in &set.tables.anchors[first..first + literal.count as usize] {
            let Anchor { signature, before, after, upper, lower, run, boundary, lane } = *anchor;
            let bytes = literal.bytes.to_vec();
            parts[signature as usize].1.push(LiteralWindow {
                bytes,
                before,
                after,
                upper,
                lower,
                run,
                boundary,
                lane,
            });
        }
    }
    parts
}

/// Puts parts, sorted by id, together to a set with tables.
pub(super) fn joined(parts: Vec<Part>) -> Result<SignatureSet, Error> {
    if parts.len() > MOST_SIGNATURES {
        return Err(Error::TooMany(parts.len()));
    }
    let mut signatures = Vec::with_capacity(parts.len());
    let mut literals = Vec::with_capacity(parts.len());
    for (at, (signature, windows)) in parts.into_iter().enumerate() {
        signatures.push(signature);
        literals.push((at as u32, windows));
    }
    let tables = tables::build(&literals)?;
    Ok(SignatureSet { signatures: signatures.into(), tables })
}

fn sorted(mut entries: Vec<Entry>) -> Result<Vec<Entry>, Error> {
    entries.sort_by(|a, b| a.signature.id.cmp(&b.signature.id));
    match entries.windows(2).find(|pair| pair[0].signature.id == pair[1].signature.id) {
        Some(pair) => Err(pair[1].fault(Fault::Twice(pair[0].path.clone()))),
        None => Ok(entries),
    }
}

fn check_partners(set: &SignatureSet, entries: &[Entry]) -> Result<(), Error> {
    let known =
        |id: &str| set.signatures.binary_search_by(|signature| (*signature.id).cmp(id)).is_ok();
    for entry in entries {
        if let Some(pair) = entry.signature.pair.as_ref().filter(|pair| !known(&pair.with)) {
            return Err(entry.fault(Fault::Partner(pair.with.clone().into_owned())));
        }
        if let Some((id, _)) = entry.overlaps.iter().find(|(id, _)| !known(id)) {
            return Err(entry.fault(Fault::Overlap(id.clone())));
        }
    }
    Ok(())
}
