//! Which signatures of a set a run uses.

use std::collections::BTreeSet;
use std::path::PathBuf;

use regex_automata::nfa::thompson;
use regex_automata::util::syntax;

use super::error::{Error, Fault};
use super::file::Entry;
use super::import;
use super::load::{self, joined, parts};
use super::nearest::nearest;
use crate::foreign::rule::Compiled;
use crate::model::{Matcher, Signature, SignatureSet};
use crate::probes;

/// The largest program of one pattern, in bytes; the engine's own limit.
const LARGEST_PROGRAM: usize = 2 << 20;

/// What the user wants of a set.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// If any: these alone.
    pub enable: Vec<String>,
    /// Not these, whatever `enable` says.
    pub disable: Vec<String>,
}

fn compiles(signature: &Signature) -> bool {
    let Matcher::Pattern(pattern) = &signature.matcher else { return true };
    let config = thompson::Config::new().utf8(false).nfa_size_limit(Some(LARGEST_PROGRAM));
    let syntax = syntax::Config::new().unicode(false).utf8(false).nest_limit(64);
    thompson::Compiler::new().configure(config).syntax(syntax).build(pattern).is_ok()
}

/// The chosen signatures. An empty choice is the set as it is, at no cost; else the tables are made anew
/// (about 20 microseconds a signature).
///
/// # Errors
/// An id that the set has not (naming the nearest); a choice that leaves none.
pub fn select(set: SignatureSet, choice: &Selection) -> Result<SignatureSet, Error> {
    if choice.enable.is_empty() && choice.disable.is_empty() {
        return Ok(set);
    }
    let wanted = known(&set, &choice.enable)?;
    let unwanted = known(&set, &choice.disable)?;
    let kept: Vec<_> = parts(&set)
        .into_iter()
        .filter(|(signature, _)| wanted.is_empty() || wanted.contains(&*signature.id))
        .filter(|(signature, _)| !unwanted.contains(&*signature.id))
        .collect();
    if kept.is_empty() {
        return Err(Error::NoneLeft);
    }
    joined(kept)
}

/// Which signatures a run uses: what is baked in, with files and a choice on top.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files or folders to add, in this order (`--signatures`).
    pub files: Vec<PathBuf>,
    /// The choice among them all (`--enable`, `--disable`).
    pub choice: Selection,
}

/// A set that is ready to scan with.
#[derive(Debug)]
pub struct Opened {
    /// The signatures.
    pub set: SignatureSet,
    /// Ids of the base that a file has replaced, for a line to the user.
    pub replaced: Vec<String>,
    /// What of other scanners' rule files was not carried over.
    pub notes: Vec<import::Note>,
}

/// Adds files to `base` and makes the choice. Costs nothing without options.
///
/// # Errors
/// A file that is wrong or empty, an id that does not exist, a choice that leaves nothing.
pub fn open(base: SignatureSet, options: &Options) -> Result<Opened, Error> {
    let mut opened = Opened { set: base, replaced: Vec::new(), notes: Vec::new() };
    for path in &options.files {
        let import::Loaded { entries, notes, .. } = import::read(path)?;
        opened.notes.extend(notes);
        // What the engine cannot compile it would never find, and say nothing.
        if let Some(entry) = entries.iter().find(|entry| !compiles(&entry.signature)) {
            return Err(entry.fault(Fault::TooLarge));
        }
        for entry in &entries {
            check_probe(entry)?;
            let Matcher::Rule(rule) = &entry.signature.matcher else { continue };
            Compiled::new(rule).map_err(|error| entry.fault(Fault::Rule(error.to_string())))?;
        }
        let added = load::add(&opened.set, entries)?;
        opened.set = added.set;
        opened.replaced.extend(added.replaced);
    }
    opened.set = select(opened.set, &options.choice)?;
    Ok(opened)
}

/// A probe of a file is checked when the file is loaded, not when a finding first needs it.
fn check_probe(entry: &Entry) -> Result<(), Error> {
    let Some(probe) = &entry.signature.probe else { return Ok(()) };
    let wrong = |message: String| Error::Probe {
        path: entry.path.clone(),
        line: entry.probe_line.unwrap_or(entry.line),
        id: probe.id.clone().into_owned(),
        message,
    };
    let table = probe.toml.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    probes::parse(&table, &entry.signature.file).map_err(|fault| wrong(fault.to_string()))?;
    Ok(())
}

fn known<'i>(set: &SignatureSet, ids: &'i [String]) -> Result<BTreeSet<&'i str>, Error> {
    let all = || set.signatures.iter().map(|signature| &*signature.id);
    if let Some(id) = ids.iter().find(|id| !all().any(|known| known == **id)) {
        return Err(unknown_id(set, id));
    }
    Ok(ids.iter().map(String::as_str).collect())
}

/// The error for an id that the set has not.
#[must_use]
pub fn unknown_id(set: &SignatureSet, id: &str) -> Error {
    let all = set.signatures.iter().map(|signature| &*signature.id);
    let nearest = nearest(id, all).unwrap_or_default().to_owned();
    Error::UnknownId { id: id.to_owned(), nearest }
}

#[cfg(test)]
mod tests {
    use crate::probes;
    use crate::signatures::builtin;
    use std::collections::BTreeSet;

    #[test]
    fn every_built_in_probe_can_be_used() {
        let mut ids = BTreeSet::new();
        let mut faults = Vec::new();
        for signature in builtin().signatures.iter() {
            let Some(text) = &signature.probe else { continue };
            let table = text.toml.parse().expect("the build has parsed it");
            match probes::parse(&table, &signature.file) {
                Ok(probe) => drop(ids.insert(probe.id)),
                Err(fault) => faults.push(format!("{}: {}: {fault}", signature.file, text.id)),
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(ids.len() >= 300, "{}", ids.len());
    }
}
