//! The few keys of a repository's own configuration that say how to read it. Includes are not followed.

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::hash::Kind;

use super::error::{Error, refuse};
use crate::model::Reason;

/// How references are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefFormat {
    Files,
    Reftable,
}

/// What the configuration says of the format.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) hash: Kind,
    pub(super) refs: RefFormat,
    pub(super) bare: Option<bool>,
    pub(super) work_tree: Option<PathBuf>,
    /// Whether objects may be absent because a remote promises them.
    pub(super) partial: bool,
}

/// Extensions that change nothing in how objects, the index and references are read.
const HARMLESS: &[&str] = &[
    "noop",
    "noop-v1",
    "preciousobjects",
    "relativeworktrees",
    "worktreeconfig",
    "compatobjectformat",
];

/// Reads `config` of a common directory. A missing file means git's defaults.
///
/// # Errors
/// [`Error::Refused`] where it cannot be read, or names a format that this reader does not know: a
/// guess could miss content without a word.
pub(super) fn read(common_dir: &Path) -> Result<Format, Error> {
    let path = common_dir.join("config");
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(refuse(&path, Reason::Unreadable, error.to_string())),
    };
    let config = gix::config::File::from_bytes_no_includes(
        &bytes,
        gix::config::file::Metadata::from(gix::config::Source::Local),
        gix::config::file::init::Options::default(),
    )
    .map_err(|_| refuse(&path, Reason::Corrupt, "the repository's config cannot be parsed"))?;
    let mut format = Format {
        hash: Kind::Sha1,
        refs: RefFormat::Files,
        bare: None,
        work_tree: None,
        partial: false,
    };
    for section in config.sections() {
        let header = section.header();
        let name = header.name().to_str_lossy().to_lowercase();
        for key in section.value_names() {
            let value = section.value(&key);
            let key = key.to_lowercase();
            let text = value.as_ref().map(|value| value.to_str_lossy().into_owned());
            match (name.as_str(), key.as_str()) {
                ("extensions", _) => extension(&path, &mut format, &key, text.as_deref())?,
                ("core", "repositoryformatversion") => version(&path, text.as_deref())?,
                ("core", "bare") => format.bare = Some(truth(text.as_deref())),
                ("core", "worktree") => format.work_tree = text.map(PathBuf::from),
                ("remote", "promisor") => format.partial |= truth(text.as_deref()),
                _ => {}
            }
        }
    }
    Ok(format)
}

fn truth(value: Option<&str>) -> bool {
    value.is_none_or(|text| matches!(text.to_lowercase().as_str(), "true" | "yes" | "on" | "1"))
}

fn version(path: &Path, value: Option<&str>) -> Result<(), Error> {
    match value.map(str::trim) {
        Some("0" | "1") => Ok(()),
        other => {
            Err(unknown(path, &format!("core.repositoryFormatVersion = {}", other.unwrap_or(""))))
        }
    }
}

fn extension(
    path: &Path,
    format: &mut Format,
    key: &str,
    value: Option<&str>,
) -> Result<(), Error> {
    let value = value.unwrap_or("").to_lowercase();
    match (key, value.as_str()) {
        ("objectformat", "sha1") => format.hash = Kind::Sha1,
        ("objectformat", "sha256") => format.hash = Kind::Sha256,
        ("refstorage", "files") => format.refs = RefFormat::Files,
        ("refstorage", "reftable") => format.refs = RefFormat::Reftable,
        ("partialclone", _) => format.partial = true,
        _ if HARMLESS.contains(&key) => {}
        _ => return Err(unknown(path, &format!("extensions.{key} = {value}"))),
    }
    Ok(())
}

fn unknown(path: &Path, what: &str) -> Error {
    let words = format!("the repository uses {what}, which this reader does not know");
    refuse(path, Reason::UnsupportedRepository, words)
}
