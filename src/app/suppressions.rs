//! `.leakspan-suppressions.toml`: secrets that somebody answers for, until a date.
//!
//! An entry is bound to the secret's fingerprint, so a new value on an old line is a new finding, and a
//! line that moves is not.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, ensure};
use jiff::civil::Date;
use serde::Deserialize;

use super::salt::{hex, unhex};
use crate::config::{Trust, regular_text, unquoted};
use crate::model::{Finding, Fingerprint, Suppression};

/// The name of the file inside of a target.
pub const FILE: &str = ".leakspan-suppressions.toml";

const HEAD: &str = "\
# Secrets that somebody answers for, until a date; then they are reported again.
# Written by `leakspan suppress`. Fingerprints are keyed with this salt: leave it as it is.
";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    salt: String,
    #[serde(default)]
    suppression: Vec<EntryText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText {
    fingerprint: String,
    owner: String,
    reason: String,
    until: toml::Value,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which secret.
    pub fingerprint: Fingerprint,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Date,
}

/// A file of suppressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressions {
    /// What fingerprints are keyed with, where there is no secret key.
    pub salt: Vec<u8>,
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

impl Suppressions {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, is no TOML, lacks its salt, or holds an entry that lacks something.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = regular_text(path, Trust::Harmless)
            .with_context(|| format!("cannot read the suppressions {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in the suppressions {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let parsed: Text = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |at| 1 + text[..at.start].matches('\n').count());
            anyhow::anyhow!("line {line}: {}", unquoted(error.message()))
        })?;
        let salt = unhex(&parsed.salt).context("the salt is not made of hex digits")?;
        let entries = parsed.suppression.into_iter().enumerate();
        let entries = entries
            .map(|(at, text)| entry(text).with_context(|| format!("entry {}", at + 1)))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { salt, entries })
    }

    /// Marks what entries of today suppress, and what expired ones no longer do.
    pub fn apply(&self, findings: &mut [Finding], today: Date) {
        for finding in findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
            let of_finding = |entry: &&Entry| Some(entry.fingerprint) == finding.fingerprint;
            let Some(entry) = self.entries.iter().filter(of_finding).max_by_key(|e| e.until) else {
                continue;
            };
            let until = entry.until.to_string();
            if entry.until < today {
                finding.expired = Some(until);
            } else {
                let (owner, reason) = (entry.owner.clone(), entry.reason.clone());
                finding.suppression = Some(Suppression::File { owner, reason, until });
            }
        }
    }
}

fn entry(text: EntryText) -> anyhow::Result<Entry> {
    let fingerprint = text.fingerprint.parse().map_err(anyhow::Error::msg)?;
    ensure!(!text.owner.trim().is_empty(), "owner is empty: somebody must answer for it");
    ensure!(!text.reason.trim().is_empty(), "reason is empty");
    let until = match &text.until {
        toml::Value::String(date) => date.clone(),
        other => other.to_string(),
    };
    Ok(Entry { fingerprint, owner: text.owner, reason: text.reason, until: date(&until)? })
}

/// A day, `YYYY-MM-DD`.
///
/// # Errors
/// Anything else.
pub fn date(text: &str) -> anyhow::Result<Date> {
    text.parse().ok().context("until is a date like 2030-01-31")
}

/// Adds an entry to the text of a file, or replaces the one of the same fingerprint; an empty text
/// becomes a file with this salt.
///
/// Entries are sorted by fingerprint, so that branches that add different ones seldom meet. What people
/// have written stays as it is, comments above an entry move with it.
///
/// # Errors
/// A text that is no file of suppressions.
pub fn with_entry(text: &str, salt: &[u8], new: &Entry) -> anyhow::Result<String> {
    let fresh = format!("{HEAD}salt = \"{}\"\n", hex(salt));
    let text = if text.trim().is_empty() { &fresh } else { text };
    let known = Suppressions::parse(text)?;
    let (head, blocks) = blocks(text);
    ensure!(blocks.len() == known.entries.len(), "write each entry as [[suppression]]");
    let mut blocks: Vec<(Fingerprint, String)> = known
        .entries
        .iter()
        .map(|entry| entry.fingerprint)
        .zip(blocks)
        .filter(|(fingerprint, _)| *fingerprint != new.fingerprint)
        .collect();
    blocks.push((new.fingerprint, block(new)));
    blocks.sort();
    let mut out = head.trim_end().to_owned();
    out.push('\n');
    for (_, block) in blocks {
        let _ = write!(out, "\n{}\n", block.trim_end());
    }
    Suppressions::parse(&out).context("what would be written is broken")?;
    Ok(out)
}

fn block(entry: &Entry) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    format!(
        "[[suppression]]\nfingerprint = \"{}\"\nowner = {}\nreason = {}\nuntil = {}\n",
        entry.fingerprint,
        quoted(&entry.owner),
        quoted(&entry.reason),
        entry.until
    )
}

/// The text before the first entry, and each entry with the comments right above it.
fn blocks(text: &str) -> (String, Vec<String>) {
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "[[suppression]]" {
            let last = parts.last_mut().expect("there is always one");
            let comments = trailing_comments(last);
            let block = last.split_off(comments);
            parts.push(block);
        }
        parts.last_mut().expect("there is always one").push_str(line);
    }
    let head = parts.remove(0);
    (head, parts)
}

/// Where the comment lines at the end of a text begin.
fn trailing_comments(text: &str) -> usize {
    let mut at = text.len();
    for line in text.split_inclusive('\n').rev() {
        if !line.starts_with('#') {
            break;
        }
        at -= line.len();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn made(byte: u8, owner: &str, until: &str) -> Entry {
        Entry {
            fingerprint: Fingerprint([byte; 32]),
            owner: owner.into(),
            reason: "a \"test\" key".into(),
            until: date(until).unwrap(),
        }
    }

    #[test]
    fn entries_are_sorted_and_comments_move_with_theirs() {
        let first = with_entry("", b"salt", &made(9, "team-a", "2030-01-01")).unwrap();
        let commented = first.replace("[[suppression]]", "# ask Ann first\n[[suppression]]");
        let both = with_entry(&commented, b"other", &made(1, "team-b", "2031-01-01")).unwrap();
        let parsed = Suppressions::parse(&both).unwrap();
        assert_eq!(parsed.salt, b"salt");
        assert_eq!(parsed.entries[0].owner, "team-b");
        assert_eq!(parsed.entries[1].owner, "team-a");
        assert!(both.find("# ask Ann").unwrap() > both.find("team-b").unwrap());
        let again = with_entry(&both, b"salt", &made(1, "team-c", "2031-01-01")).unwrap();
        assert!(!again.contains("team-b") && again.contains("team-c"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let fails = |text: &str| format!("{:#}", Suppressions::parse(text).unwrap_err());
        assert!(fails("").contains("salt"));
        let head = "salt = \"00\"\n[[suppression]]\n";
        assert!(fails(head).contains("fingerprint"));
        let print = format!("{head}fingerprint = \"{}\"\n", "0".repeat(64));
        assert!(fails(&print).contains("owner"));
        let owned = format!("{print}owner = \"a\"\nreason = \"b\"\n");
        assert!(fails(&owned).contains("until"));
        assert!(fails(&format!("{owned}until = \"soon\"\n")).contains("2030-01-31"));
        assert!(fails(&format!("{owned}until = 2030-01-01\nuntill = 1\n")).contains("untill"));
        assert!(Suppressions::parse(&format!("{owned}until = 2030-01-01\n")).is_ok());
        assert!(Suppressions::parse(&format!("{owned}until = \"2030-01-01\"\n")).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(owner in "[^\\p{C}]{1,40}", prints in proptest::collection::vec(0_u8..20, 1..8)) {
            prop_assume!(!owner.trim().is_empty());
            let mut text = String::new();
            for print in &prints {
                text = with_entry(&text, b"salt", &made(*print, &owner, "2030-01-01")).unwrap();
            }
            let mut expected = prints;
            expected.sort_unstable();
            expected.dedup();
            let read = Suppressions::parse(&text).unwrap();
            let bytes: Vec<u8> = read.entries.iter().map(|e| e.fingerprint.0[0]).collect();
            prop_assert_eq!(bytes, expected);
            prop_assert!(read.entries.iter().all(|entry| entry.owner == owner));
        }
    }
}
