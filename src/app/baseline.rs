//! `leakspan baseline`: what is known when a team begins to look.

use std::path::Path;

use anyhow::{Context, ensure};

use super::baselines::Baseline;
use super::fingerprints::names;
use super::gate::Exit;
use super::options::Options;
use super::output::to_shared_file;
use super::salt::new_salt;
use super::scan::{Rules, scan};
use super::stop::Stop;
use crate::model::FingerprintKey;

/// What to do with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make it; one that is there stays as it is.
    Create,
    /// Bring it up to date: what is gone leaves it, what is new joins it.
    Update,
}

/// Scans and writes the baseline; says in a sentence what it holds.
///
/// # Errors
/// A file that is there (create) or is not (update), and what stops a scan.
pub fn write(action: Action, file: &Path, options: &Options) -> anyhow::Result<(Exit, String)> {
    let exists = file.symlink_metadata().is_ok();
    let shown = file.display();
    let old = match action {
        Action::Create => {
            ensure!(!exists, "{shown} exists; bring it up to date with `leakspan baseline update`");
            None
        }
        Action::Update => {
            ensure!(exists, "{shown} does not exist; make it with `leakspan baseline create`");
            Some(Baseline::read(file)?)
        }
    };
    let mut options = options.clone();
    options.suppress.baseline = None;
    let rules = Rules::open(&options)?;
    let salt = match (&old, &rules.suppressions) {
        (Some(old), _) => old.salt.clone(),
        (None, Some(suppressions)) => suppressions.salt.clone(),
        (None, None) => new_salt()?,
    };
    let stop = Stop::after(options.timeout);
    let report = scan(&options, &stop)?;
    let key = match &options.fingerprint_key {
        Some(key) => FingerprintKey::Secret(key.clone()),
        None => FingerprintKey::PublicSalt(salt.clone()),
    };
    let named = names(&key, report.findings.iter().map(|finding| &finding.secret), &stop);
    if report.findings.iter().any(|finding| !named.contains_key(&finding.secret)) {
        let exit = if stop.interrupted() { Exit::Interrupted } else { Exit::Incomplete };
        return Ok((
            exit,
            format!("{shown} is as it was: not every finding could be named in time"),
        ));
    }
    let baseline = Baseline { salt, known: named.into_values().collect() };
    to_shared_file(file, baseline.text().as_bytes())
        .with_context(|| format!("cannot write {shown}"))?;
    let count = baseline.known.len();
    let (gone, new) = match &old {
        Some(old) => (
            old.known.difference(&baseline.known).count(),
            baseline.known.difference(&old.known).count(),
        ),
        None => (0, count),
    };
    let mut told = format!("{shown}: {count} fingerprints, {new} of them new, {gone} gone");
    let exit = if report.summary.complete { Exit::Clean } else { Exit::Incomplete };
    if exit == Exit::Incomplete {
        told.push_str("; not everything could be looked at, see `leakspan scan`");
    }
    Ok((exit, told))
}
