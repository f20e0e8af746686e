//! `leakspan import`: what other scanners were told to leave alone, taken over with owner, reason and date.
//!
//! `formats` (what their files say) -> `places` (which secrets those mean, by a scan) -> suppressions bound
//! to the secrets, ignored paths, a signature file. What cannot be taken over is listed and gates as before.

mod formats;
mod places;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use jiff::civil::Date;

use super::options::Options;
use super::output::to_shared_file;
use super::salt::new_salt;
use super::signatures::import as import_rules;
use super::suppressions::{self, Entry, Suppressions, with_entry};
use crate::config::{Trust, regular_text};
use crate::model::{FingerprintKey, SecretBytes};
use crate::sources::IGNORE_FILE;
use formats::{FORMATS, Said};

/// Where imported rules go.
const SIGNATURES: &str = "leakspan-signatures.toml";

/// Who answers for what is taken over.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Who.
    pub owner: String,
    /// Why; the file that an entry comes from is added.
    pub reason: String,
    /// The last day.
    pub until: Date,
}

/// What a folder holds of other scanners' files.
#[derive(Debug, Default)]
pub struct Offer {
    /// The folder.
    root: PathBuf,
    /// Name of a file, and what it says.
    files: Vec<(String, Said)>,
    /// Files with rules.
    rules: Vec<String>,
}

/// Looks for files of other scanners in the folder.
///
/// # Errors
/// A file that cannot be read or is broken: half of an ignore list would be a wrong one.
pub fn look(root: &Path) -> anyhow::Result<Offer> {
    let mut offer = Offer { root: root.to_owned(), ..Offer::default() };
    for format in FORMATS {
        for name in format.names {
            let path = root.join(name);
            if path.symlink_metadata().is_err() {
                continue;
            }
            let Some(read) = format.read else {
                offer.rules.push((*name).to_owned());
                continue;
            };
            let text = regular_text(&path, Trust::Harmless)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let said = read(&text).with_context(|| format!("in {}", path.display()))?;
            offer.files.push(((*name).to_owned(), said));
        }
    }
    Ok(offer)
}

impl Offer {
    /// Whether there is nothing to take over.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.rules.is_empty()
    }

    /// What was found, a line each.
    #[must_use]
    pub fn told(&self) -> String {
        let mut told = String::new();
        for name in &self.rules {
            told.push_str(&format!("{name}: rules, to become {SIGNATURES}\n"));
        }
        for (name, said) in &self.files {
            let (secrets, paths) = (said.secrets.len(), said.paths.len());
            told.push_str(&format!("{name}: {secrets} known secrets, {paths} ignored paths\n"));
        }
        told
    }

    /// Writes suppressions, ignored paths and signatures; says in lines what became of everything.
    ///
    /// # Errors
    /// Rules that are broken, a signature file that is there already, what stops a scan, and files that
    /// cannot be written.
    pub fn take_over(&self, terms: &Terms, options: &Options) -> anyhow::Result<String> {
        for (name, value) in [("--owner", &terms.owner), ("--reason", &terms.reason)] {
            ensure!(!value.trim().is_empty(), "{name} is empty");
            ensure!(!value.chars().any(char::is_control), "{name} holds a control character");
        }
        ensure!(terms.until >= options.today, "--until {} is over already", terms.until);
        let mut told = String::new();
        // The rules first: when one is broken nothing is written.
        let mut options = options.clone();
        if let Some(name) = self.rules.first() {
            // What an entry lets pass may be found by these rules alone.
            options.signatures.files.extend(self.write_rules(name, &mut told)?);
        }
        self.suppress(terms, &options, &mut told)?;
        self.ignore(&mut told)?;
        for (name, said) in &self.files {
            for left in &said.left {
                told.push_str(&format!("not taken over: {name}: {left}\n"));
            }
        }
        Ok(told)
    }

    /// Writes the rules of a file as signatures, where it has any of its own; says where.
    fn write_rules(&self, name: &str, told: &mut String) -> anyhow::Result<Option<PathBuf>> {
        let target = self.root.join(SIGNATURES);
        let imported = import_rules(&self.root.join(name))?;
        told.push_str(&imported.told);
        for other in &self.rules[1..] {
            let why = format!("{name} is read in its place, as its scanner does");
            told.push_str(&format!("not taken over: {other}: {why}\n"));
        }
        let Some(text) = imported.text else {
            told.push_str(&format!("{name}: no rules of its own\n"));
            return Ok(None);
        };
        let exists = target.symlink_metadata().is_ok();
        ensure!(!exists, "{} exists; move it away to import {name}", target.display());
        to_shared_file(&target, text.as_bytes())
            .with_context(|| format!("cannot write {}", target.display()))?;
        told.push_str(&format!("{SIGNATURES}: written; scan with --signatures {SIGNATURES}\n"));
        Ok(Some(target))
    }

    fn suppress(&self, terms: &Terms, options: &Options, told: &mut String) -> anyhow::Result<()> {
        let all = self
            .files
            .iter()
            .flat_map(|(name, said)| said.secrets.iter().map(move |known| (name.as_str(), known)));
        let all: Vec<_> = all.collect();
        if all.is_empty() {
            return Ok(());
        }
        let meant = places::find(&all, &self.root, options)?;
        let file = self.root.join(suppressions::FILE);
        let exists = file.symlink_metadata().is_ok();
        let mut text = if exists { regular_text(&file, Trust::Harmless)? } else { String::new() };
        let (salt, known) = if exists {
            let known = Suppressions::read(&file)?;
            (known.salt, known.entries)
        } else {
            (new_salt()?, Vec::new())
        };
        let key = match &options.fingerprint_key {
            Some(key) => FingerprintKey::Secret(key.clone()),
            None => FingerprintKey::PublicSalt(salt.clone()),
        };
        let mut added = 0;
        for (name, secret) in &meant.secrets {
            let entry = entry(&key, secret, name, terms);
            if known.iter().all(|it| it.fingerprint != entry.fingerprint) {
                text = with_entry(&text, &salt, &entry)
                    .with_context(|| format!("in {}", file.display()))?;
                added += 1;
            }
        }
        if added > 0 {
            to_shared_file(&file, text.as_bytes())
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let (owner, until) = (&terms.owner, terms.until);
        told.push_str(&format!(
            "{}: {added} secrets suppressed until {until}, {owner} answers for them\n",
            suppressions::FILE
        ));
        for (name, what) in meant.unknown {
            told.push_str(&format!("not taken over: {name}: {what}\n"));
        }
        Ok(())
    }

    fn ignore(&self, told: &mut String) -> anyhow::Result<()> {
        let file = self.root.join(IGNORE_FILE);
        let exists = file.symlink_metadata().is_ok();
        let mut text = if exists { regular_text(&file, Trust::Harmless)? } else { String::new() };
        let mut added = 0;
        for (name, said) in &self.files {
            let is_new = |path: &&String| !text.lines().any(|line| line == path.as_str());
            let new: Vec<&String> = said.paths.iter().filter(is_new).collect();
            if new.is_empty() {
                continue;
            }
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!("# from {name}\n"));
            for path in new {
                text.push_str(&format!("{path}\n"));
                added += 1;
            }
        }
        if added > 0 {
            to_shared_file(&file, text.as_bytes())
                .with_context(|| format!("cannot write {}", file.display()))?;
            told.push_str(&format!("{IGNORE_FILE}: {added} paths added\n"));
        }
        Ok(())
    }
}

fn entry(key: &FingerprintKey, secret: &SecretBytes, name: &str, terms: &Terms) -> Entry {
    Entry {
        fingerprint: key.fingerprint(secret.reveal()),
        owner: terms.owner.clone(),
        reason: format!("{} ({name})", terms.reason),
        until: terms.until,
    }
}
