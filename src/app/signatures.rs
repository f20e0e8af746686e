//! `leakspan signatures`: what there is, what one of them is, and whether they work.

mod check;
mod import;
mod words;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::model::{Matcher, Signature, SignatureSet};
use crate::probes;
use crate::signatures::import::read;
use crate::signatures::samples::Samples;
use crate::signatures::{self, lint};
use crate::text::printable;

pub use check::{Checked, Options as CheckOptions, check, check_samples};
pub use import::{Imported, import, write_new};
pub use words::sample;

/// Lines of a sample that are shown.
const SAMPLE_LINES: usize = 12;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFormat {
    /// A line each, in columns.
    Text,
    /// A list of objects.
    Json,
}

/// The samples of the built-in signatures and of those of files, which come first.
///
/// # Errors
/// Files that do not load.
pub fn samples(files: &[PathBuf]) -> Result<Vec<Samples>> {
    let mut samples = Vec::new();
    for file in files {
        samples.append(&mut lint::samples_of(&read(file)?.entries));
    }
    samples.append(&mut signatures::builtin_samples());
    Ok(samples)
}

#[derive(Serialize)]
struct Row<'s> {
    id: &'s str,
    provider: &'s str,
    title: &'s str,
    severity: &'static str,
    confidence: &'static str,
    kind: &'s str,
    docs: Option<&'s str>,
    revoke: Option<&'s str>,
    probe: Option<&'s str>,
}

impl<'s> Row<'s> {
    fn of(signature: &'s Signature) -> Self {
        Self {
            id: &signature.id,
            provider: &signature.provider,
            title: &signature.title,
            severity: signature.severity.name(),
            confidence: signature.confidence.name(),
            kind: &signature.kind,
            docs: signature.docs.as_deref(),
            revoke: signature.revoke.as_deref(),
            probe: signature.probe.as_ref().map(|probe| &*probe.id),
        }
    }
}

/// Writes all signatures, sorted by id.
///
/// # Errors
/// Where `out` cannot be written to.
pub fn list(set: &SignatureSet, format: ListFormat, out: &mut dyn Write) -> Result<()> {
    let rows: Vec<Row<'_>> = set.signatures.iter().map(Row::of).collect();
    if format == ListFormat::Json {
        serde_json::to_writer_pretty(&mut *out, &rows)?;
        writeln!(out)?;
        return Ok(());
    }
    let width = |of: fn(&Row<'_>) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (id, provider) = (width(|row| row.id.len()), width(|row| row.provider.chars().count()));
    for row in &rows {
        writeln!(
            out,
            "{:id$}  {:provider$}  {:8}  {}",
            row.id, row.provider, row.severity, row.kind
        )?;
    }
    writeln!(out, "{} signatures", rows.len())?;
    Ok(())
}

/// Writes everything about one signature: what it finds in words, a sample of that (made up, of its own
/// `samples`), and the literals that lead to it.
///
/// # Errors
/// An id that there is not, naming the nearest; an `out` that cannot be written to.
pub fn show(set: &SignatureSet, samples: &[Samples], id: &str, out: &mut dyn Write) -> Result<()> {
    let Some(index) = set.signatures.iter().position(|signature| signature.id == id) else {
        bail!(crate::signatures::unknown_id(set, id));
    };
    let signature = &set.signatures[index];
    let words = |words: &[std::borrow::Cow<'static, str>]| words.join(", ");
    let (kind, matcher) = match &signature.matcher {
        Matcher::Pattern(pattern) => ("pattern", &**pattern),
        Matcher::Named(name) => ("matcher", &**name),
        Matcher::Rule(rule) => ("rule", rule.pattern.as_deref().unwrap_or("its path alone")),
    };
    let pair = signature.pair.as_ref().map(|pair| {
        let must = if pair.required { "required" } else { "wanted" };
        format!("{} within {} bytes, {must}", pair.with, pair.within)
    });
    let fields = [
        ("id", Some(signature.id.to_string())),
        ("title", Some(signature.title.to_string())),
        ("provider", Some(signature.provider.to_string())),
        ("severity", Some(signature.severity.name().to_owned())),
        ("confidence", Some(signature.confidence.name().to_owned())),
        ("kind", Some(signature.kind.to_string())),
        ("finds", Some(words::of(signature))),
        (kind, Some(matcher.to_string())),
        ("keywords", (!signature.keywords.is_empty()).then(|| words(&signature.keywords))),
        ("entropy", (signature.min_entropy > 0.0).then(|| signature.min_entropy.to_string())),
        ("digit", signature.require_digit.then(|| "required".to_owned())),
        ("proofs", (!signature.proofs.is_empty()).then(|| words(&signature.proofs))),
        ("pair", pair),
        ("rank", (signature.rank != 0).then(|| signature.rank.to_string())),
        ("docs", signature.docs.as_ref().map(ToString::to_string)),
        ("revoke", signature.revoke.as_ref().map(ToString::to_string)),
        ("probe", probe(signature)?),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            writeln!(out, "{name:10}  {value}")?;
        }
    }
    let own = samples.iter().find(|it| it.id == id);
    let sample = own.and_then(|own| words::sample(signature, own)).unwrap_or_default();
    for line in sample.lines().take(SAMPLE_LINES) {
        writeln!(out, "{}", printable(&format!("{:10}  {line}", "sample")))?;
    }
    let more = sample.lines().count().saturating_sub(SAMPLE_LINES);
    if more > 0 {
        writeln!(out, "{:10}  … {more} lines more", "sample")?;
    }
    for (literal, before, after) in literals(set, index as u32) {
        writeln!(out, "literal     \"{literal}\", match from -{before} to +{after} bytes")?;
    }
    Ok(())
}

/// How its provider is asked, in words.
fn probe(signature: &Signature) -> Result<Option<String>> {
    let Some(text) = &signature.probe else { return Ok(None) };
    let probe = probes::parse(&text.toml.parse()?, &signature.file)?;
    let off = if probe.class.is_harmless() { "" } else { ", off by default" };
    let revokes = if probe.revoke.is_some() { ", can revoke" } else { "" };
    let (class, basis) = (probe.class.name(), probe.basis.name());
    Ok(Some(format!("{} ({class}, {basis}{off}{revokes})", probe.id)))
}

/// The literals of a signature, printable, with the window around each.
fn literals(set: &SignatureSet, index: u32) -> Vec<(String, u32, u32)> {
    let anchors = &set.tables.anchors;
    set.tables
        .literals
        .iter()
        .flat_map(|literal| {
            let first = literal.first as usize;
            anchors[first..first + literal.count as usize]
                .iter()
                .map(move |anchor| (literal, anchor))
        })
        .filter(|(_, anchor)| anchor.signature == index)
        .map(|(literal, anchor)| {
            (literal.bytes.escape_ascii().to_string(), anchor.before, anchor.after)
        })
        .collect()
}
