//! Rule files of other scanners, read as signatures: gitleaks TOML, betterleaks TOML 1 and 2.
//!
//! `raw` (keys checked) -> `extend` (files that it builds on) -> `convert` (our signatures, and notes on
//! what they do not carry over) -> used as they are (`--signatures`), or `write` (a file of ours).
//!
//! Nothing that is left out hides a finding: a filter that cannot be run drops nothing. What cannot be read
//! is an error with file, line and key. To add a dialect: a row in `dialect`.

mod convert;
mod dialect;
mod extend;
mod fields;
mod note;
mod raw;
mod write;

use std::path::Path;

use toml::de::DeTable;

pub use note::Note;
pub use write::to_file;

use super::error::Error;
use super::file::{self, Entry};
use super::load;

/// The signatures of files, ours or others'.
#[derive(Debug, Default)]
pub struct Loaded {
    /// In the order of the files.
    pub entries: Vec<Entry>,
    /// What was not carried over; none for files of ours.
    pub notes: Vec<Note>,
    /// Whether a file was one of another scanner.
    pub foreign: bool,
}

/// The signatures of a file, or of all `*.toml` of a folder (not of folders in it), in the order of names.
///
/// # Errors
/// What cannot be read or is wrong. A folder or file without a signature is an error.
pub fn read(path: &Path) -> Result<Loaded, Error> {
    let mut loaded = Loaded::default();
    for file in load::files(path)? {
        let Loaded { entries, notes, foreign } = parse(&file, &extend::text_of(&file)?)?;
        loaded.foreign |= foreign;
        loaded.entries.extend(entries);
        loaded.notes.extend(notes);
    }
    if loaded.entries.is_empty() && !loaded.foreign {
        return Err(Error::Empty(path.to_owned()));
    }
    Ok(loaded)
}

/// The signatures of a file's text, ours or another scanner's. `path` names it in errors.
///
/// # Errors
/// As [`read`]; files that it builds on are read too.
pub fn parse(path: &Path, text: &str) -> Result<Loaded, Error> {
    let foreign = DeTable::parse(text).is_ok_and(|table| raw::is_foreign(table.get_ref()));
    if !foreign {
        return Ok(Loaded { entries: file::parse(path, text)?, ..Loaded::default() });
    }
    let whole = extend::whole(extend::parsed(path, text)?, 0)?;
    let on_default = whole.on_default;
    let (entries, notes) = convert::convert(whole)?;
    // With the default rules alone a file may be all allowlists: the built-in signatures are there.
    if entries.is_empty() && !on_default {
        return Err(Error::Empty(path.to_owned()));
    }
    Ok(Loaded { entries, notes, foreign })
}

/// The notes, each sort told once: for a run that has other things to say.
#[must_use]
pub fn summary(notes: &[Note]) -> Vec<String> {
    let mut told: Vec<(String, usize)> = Vec::new();
    for note in notes {
        let sentence = format!("{}: `{}`: {}", note.path.display(), note.key, note.what);
        match told.iter_mut().find(|(known, _)| *known == sentence) {
            Some((_, count)) => *count += 1,
            None => told.push((sentence, 1)),
        }
    }
    told.into_iter()
        .map(|(sentence, count)| match count {
            1 => sentence,
            count => format!("{sentence} ({count} times)"),
        })
        .collect()
}
