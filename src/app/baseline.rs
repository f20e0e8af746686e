//! Baselines: the fingerprints of what was known when a team began to look.
//!
//! No secret and no line number, sorted, one a line: branches that add different ones merge without a
//! conflict, or with one that a sort mends.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, ensure};

use super::gate::Exit;
use super::keys::{self, hex, unhex};
use super::options::Options;
use super::stop::Stop;
use super::{fingerprints, scan};
use crate::config::{Trust, regular_text};
use crate::model::{Finding, Fingerprint, FingerprintKey, Suppression};

const TITLE: &str = "# leakspan baseline 1";

/// A file of known fingerprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// What they are keyed with, where there is no secret key.
    pub salt: Vec<u8>,
    /// What is known.
    pub known: BTreeSet<Fingerprint>,
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, or a line in it that is neither a comment nor a fingerprint.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = regular_text(path, Trust::Full)
            .with_context(|| format!("cannot read the baseline {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in the baseline {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        ensure!(text.starts_with(TITLE), "the first line is not `{TITLE}`");
        let mut salt = None;
        let mut known = BTreeSet::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(value) = line.strip_prefix("# salt ") {
                salt = unhex(value.trim());
            } else if !line.is_empty() && !line.starts_with('#') {
                let fingerprint: Result<Fingerprint, _> = line.parse();
                let fingerprint = fingerprint.map_err(anyhow::Error::msg);
                known.insert(fingerprint.with_context(|| format!("line {}", at + 1))?);
            }
        }
        Ok(Self { salt: salt.context("there is no line `# salt` with hex digits")?, known })
    }

    fn text(&self) -> String {
        let mut text = format!("{TITLE}: fingerprints of findings that were known\n");
        text.push_str(&format!("# salt {}\n", hex(&self.salt)));
        for fingerprint in &self.known {
            text.push_str(&format!("{fingerprint}\n"));
        }
        text
    }

    /// Marks what is known. Findings are named under `key`; a baseline with a salt of its own names
    /// them once more.
    pub fn apply(&self, findings: &mut [Finding], key: &FingerprintKey) {
        let own = match key {
            FingerprintKey::PublicSalt(salt) if *salt != self.salt => {
                let own = FingerprintKey::PublicSalt(self.salt.clone());
                Some(fingerprints::names(&own, findings.iter().map(|finding| &finding.secret)))
            }
            _ => None,
        };
        for finding in findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
            let name = match &own {
                Some(names) => names.get(&finding.secret).copied(),
                None => finding.fingerprint,
            };
            if name.is_some_and(|name| self.known.contains(&name)) {
                finding.suppression = Some(Suppression::Baseline);
            }
        }
    }
}

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
    let rules = scan::Rules::open(&options)?;
    let salt = match (&old, &rules.suppressions) {
        (Some(old), _) => old.salt.clone(),
        (None, Some(suppressions)) => suppressions.salt.clone(),
        (None, None) => keys::new_salt()?,
    };
    let stop = Stop::after(options.timeout);
    let report = scan::scan(&options, &stop)?;
    let key = match &options.fingerprint_key {
        Some(key) => FingerprintKey::Secret(key.clone()),
        None => FingerprintKey::PublicSalt(salt.clone()),
    };
    let names = fingerprints::names(&key, report.findings.iter().map(|finding| &finding.secret));
    let baseline = Baseline { salt, known: names.into_values().collect() };
    super::output::to_shared_file(file, baseline.text().as_bytes())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_sorted_and_read_back() {
        let known = [9, 1, 5].map(|byte| Fingerprint([byte; 32])).into();
        let baseline = Baseline { salt: vec![1, 2, 3], known };
        let text = baseline.text();
        assert_eq!(Baseline::parse(&text).unwrap(), baseline);
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert!(lines.is_sorted());
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn a_line_that_is_no_fingerprint_is_refused() {
        let text = format!("{TITLE}\n# salt 00\n<<<<<<< ours\n");
        assert!(format!("{:#}", Baseline::parse(&text).unwrap_err()).contains("line 3"));
        assert!(Baseline::parse("").is_err());
        assert!(Baseline::parse(TITLE).is_err());
    }
}
