//! `leakspan signatures import`: another scanner's rule file as a file of ours.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::signatures::{self, import as room, load};

/// What came of a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The signature file; none where the file has no rules of its own.
    pub text: Option<String>,
    /// A line for each thing that is not carried over, and a last one that counts.
    pub told: String,
}

/// Reads a rule file and checks that the signatures of it can be run.
///
/// # Errors
/// What is wrong with the file, and a file that is one of ours already.
pub fn import(file: &Path) -> anyhow::Result<Imported> {
    let loaded = room::read(file)?;
    ensure!(
        loaded.foreign,
        "{} is a signature file already; nothing is to be done",
        file.display()
    );
    load::add(&signatures::builtin(), loaded.entries.clone()).context("they cannot be joined")?;
    let some = !loaded.entries.is_empty();
    let text = some.then(|| room::to_file(&loaded.entries, &loaded.notes)).transpose()?;
    let mut told = String::new();
    for note in &loaded.notes {
        told.push_str(&format!("{note}\n"));
    }
    let (rules, notes) = (loaded.entries.len(), loaded.notes.len());
    let things = if notes == 1 { "1 thing is" } else { &format!("{notes} things are") };
    told.push_str(&format!("{rules} signatures; {things} not carried over, or not as before\n"));
    Ok(Imported { text, told })
}

/// Writes a file that is not there yet.
///
/// # Errors
/// A file that is there, and one that cannot be written.
pub fn write_new(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut open = std::fs::OpenOptions::new();
    let opened = open.write(true).create_new(true).open(file);
    let mut opened = opened.with_context(|| format!("cannot make {}", file.display()))?;
    opened.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", file.display()))
}
