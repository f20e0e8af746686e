//! `leakspan signatures check`: every signature against its own samples, against all others, and against
//! text without a secret.

mod cost;
mod crossfire;
mod locator;
mod reference;
mod samples;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};

use self::crossfire::Crossfire;
pub(super) use self::locator::Locator;
use self::samples::Checker;
use crate::engine::{self, Scanner};
use crate::model::SignatureSet;
use crate::signatures::samples::Samples;
use crate::signatures::{self, import, lint, load};

/// What to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// A file or folder of signatures; none: those that are baked in.
    pub path: Option<PathBuf>,
    /// How often each template is filled anew.
    pub rounds: u64,
    /// Whether the table of costs is written, with times.
    pub cost: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { path: None, rounds: 3, cost: false }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many signatures were checked.
    pub signatures: usize,
    /// How many samples were scanned.
    pub samples: usize,
    /// Which signatures fire on the samples of another beyond what gives way by design, a line each.
    pub crossfire: Vec<String>,
    /// What is wrong, a sentence each, in the order of ids. Empty: all is well.
    pub complaints: Vec<String>,
}

/// Loads, lints, scans the samples and the reference text; writes what was found and a last line.
///
/// A caller ends with code 2 where there is a complaint: a signature file is broken.
///
/// # Errors
/// Files that do not load, an `out` that cannot be written to.
pub fn check(options: &Options, out: &mut dyn Write) -> Result<Checked> {
    let base = signatures::builtin();
    let mut others = signatures::builtin_samples();
    let (set, samples) = match &options.path {
        None => (base, std::mem::take(&mut others)),
        Some(path) => {
            let entries = import::read(path)?.entries;
            let samples = lint::samples_of(&entries);
            others.retain(|other| samples.iter().all(|it| it.id != other.id));
            (load::add(&base, entries).context("signatures cannot be joined")?.set, samples)
        }
    };
    let set = Arc::new(set);
    let mut checked = check_among(&set, &samples, &others, options.rounds);
    let scanner = Scanner::new(Arc::clone(&set), engine::Options::default());
    let costs = cost::measure(&set, &mut scanner.thread());
    for (at, signature) in set.signatures.iter().enumerate() {
        if samples.iter().any(|it| it.id == signature.id) {
            checked.complaints.append(&mut costs.complaints(at, signature));
        }
    }
    checked.complaints.sort();
    if options.cost {
        out.write_all(costs.table(&set).as_bytes())?;
    }
    for line in &checked.crossfire {
        writeln!(out, "cross-fire: {line}")?;
    }
    for complaint in &checked.complaints {
        writeln!(out, "{complaint}")?;
    }
    let Checked { signatures, samples, complaints, crossfire } = &checked;
    let (crossfire, count) = (crossfire.len(), complaints.len());
    writeln!(
        out,
        "{signatures} signatures, {samples} samples, {crossfire} cross-fires, {count} complaints"
    )?;
    Ok(checked)
}

/// Lints the signatures that `samples` names and scans each sample with the whole set.
#[must_use]
pub fn check_samples(set: SignatureSet, samples: &[Samples], rounds: u64) -> Checked {
    check_among(&Arc::new(set), samples, &[], rounds)
}

/// The same; the samples of `others` are scanned for what the checked ones find in them.
fn check_among(
    set: &Arc<SignatureSet>,
    samples: &[Samples],
    others: &[Samples],
    rounds: u64,
) -> Checked {
    let options = engine::Options { explain: true, ..engine::Options::default() };
    let scanner = Scanner::new(Arc::clone(set), options);
    let mut checker = Checker {
        set,
        thread: scanner.thread(),
        crossfire: Crossfire::new(set),
        complaints: Vec::new(),
        scanned: 0,
    };
    let named = |id: &str| set.signatures.iter().find(|it| it.id == id);
    for samples in samples {
        if let Some(signature) = named(&samples.id) {
            checker.check(signature, samples, rounds);
        }
    }
    for samples in others {
        if let Some(signature) = named(&samples.id) {
            checker.look(signature, samples);
        }
    }
    let checked: BTreeSet<&str> = samples.iter().map(|it| &*it.id).collect();
    let all: Vec<Samples> = samples.iter().chain(others).cloned().collect();
    let Checker { mut complaints, scanned, crossfire, .. } = checker;
    let (crossfire, mut unexplained) = crossfire.judge(&all, &checked, rounds);
    complaints.append(&mut unexplained);
    Checked { signatures: samples.len(), samples: scanned, crossfire, complaints }
}
