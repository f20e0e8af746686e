//! Baselines: the fingerprints of what was known when a team began to look.
//!
//! No secret and no line number, sorted, one a line: branches that add different ones merge without a
//! conflict, or with one that a sort mends.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, ensure};

use super::fingerprints::names;
use super::salt::{hex, unhex};
use super::stop::Stop;
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

    /// The file.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{TITLE}: fingerprints of findings that were known\n");
        text.push_str(&format!("# salt {}\n", hex(&self.salt)));
        for fingerprint in &self.known {
            text.push_str(&format!("{fingerprint}\n"));
        }
        text
    }

    /// Marks what is known. Findings are named under `key`; a baseline with a salt of its own names
    /// them once more.
    pub fn apply(&self, findings: &mut [Finding], key: &FingerprintKey, stop: &Stop) {
        let own = match key {
            FingerprintKey::PublicSalt(salt) if *salt != self.salt => {
                let own = FingerprintKey::PublicSalt(self.salt.clone());
                Some(names(&own, findings.iter().map(|finding| &finding.secret), stop))
            }
            _ => None,
        };
        for finding in findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
            let name = match &own {
                Some(own) => own.get(&finding.secret).copied(),
                None => finding.fingerprint,
            };
            if name.is_some_and(|name| self.known.contains(&name)) {
                finding.suppression = Some(Suppression::Baseline);
            }
        }
    }
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
