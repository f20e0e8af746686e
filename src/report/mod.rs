//! Writes a report in each format.
//!
//! To add one: a file with a [`Format`] and a row in [`FORMATS`]; the command line reads its names there.

mod annotations;
mod commit;
mod csv;
mod format;
mod gitlab;
mod gitleaks;
mod human;
mod json;
mod jsonl;
mod junit;
mod record;
mod sarif;
mod shown;
#[cfg(test)]
mod tests;

pub use commit::{Deed, stopped};
pub use format::{Format, Style};

/// Every format, by its name on the command line.
pub const FORMATS: &[&dyn Format] = &[
    &human::Human,
    &json::Json,
    &jsonl::JsonLines,
    &sarif::Sarif,
    &csv::Csv,
    &junit::Junit,
    &gitlab::Gitlab,
    &annotations::Github,
    &annotations::Azure,
    &gitleaks::Gitleaks,
];

/// The format of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
