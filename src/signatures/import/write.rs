//! Imported signatures as a file of ours.

use serde::Serialize;

use super::note::Note;
use crate::model::{Confidence, Matcher, Rule, Severity};
use crate::signatures::file::Entry;

#[derive(Serialize)]
struct File<'e> {
    provider: &'e str,
    signature: Vec<Out<'e>>,
}

#[derive(Serialize)]
struct Out<'e> {
    id: &'e str,
    title: &'e str,
    severity: Severity,
    confidence: Confidence,
    kind: &'e str,
    #[serde(skip_serializing_if = "is_zero")]
    min_entropy: f64,
    #[serde(skip_serializing_if = "is_none")]
    rank: i32,
    rule: &'e Rule,
}

fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

fn is_none(rank: &i32) -> bool {
    *rank == 0
}

/// The text of a signature file with these rules, and its notes in its head. It finds what they find.
///
/// # Errors
/// What TOML cannot say; nothing that was read from TOML.
pub fn to_file(entries: &[Entry], notes: &[Note]) -> Result<String, toml::ser::Error> {
    let out = entries.iter().filter_map(|entry| {
        let signature = &entry.signature;
        let Matcher::Rule(rule) = &signature.matcher else { return None };
        Some(Out {
            id: &signature.id,
            title: &signature.title,
            severity: signature.severity,
            confidence: signature.confidence,
            kind: &signature.kind,
            // Written as short as it was: a wider type would show digits that nobody has typed.
            min_entropy: signature.min_entropy.to_string().parse().unwrap_or_default(),
            rank: signature.rank,
            rule,
        })
    });
    let provider = entries.first().map_or("imported", |entry| &*entry.signature.provider);
    let file = File { provider, signature: out.collect() };
    let mut text = String::from("# Imported by `leakspan signatures import`.\n");
    if !notes.is_empty() {
        text.push_str("# Not carried over, or not as it was:\n");
    }
    for note in notes {
        // One line each: a description may hold line ends, and must not end the comment.
        let line: String =
            note.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        text.push_str(&format!("#   {line}\n"));
    }
    text.push('\n');
    text.push_str(&toml::to_string_pretty(&file)?);
    Ok(text)
}
