//! What a scan is asked to do, merged from arguments, environment and configuration.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::gate::Gate;
use super::output::Output;
use crate::model::{Confidence, Severity};
use crate::report::Style;
use crate::sources::ArchiveOptions;

/// What is scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Files and folders, in this order; `-` among them is standard input.
    Paths(Vec<PathBuf>),
    /// The index of the repository at or above this folder.
    Staged(PathBuf),
}

/// Everything that a scan needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is scanned.
    pub target: Target,
    /// The name of standard input in reports.
    pub stdin_name: OsString,
    /// Threads.
    pub jobs: usize,
    /// Whether and how far archives are opened.
    pub archives: ArchiveOptions,
    /// How many encodings are undone, one inside the other.
    pub decode_depth: u8,
    /// Findings below are left out.
    pub min_severity: Severity,
    /// Findings below are left out.
    pub min_confidence: Confidence,
    /// What makes the exit code.
    pub gate: Gate,
    /// When a scan that is not done gives up.
    pub timeout: Option<Duration>,
    /// Whether the summary says how long it took.
    pub timings: bool,
    /// Where reports go.
    pub outputs: Vec<Output>,
    /// How reports look.
    pub style: Style,
    /// Whether a bar may be shown.
    pub progress: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: Target::Paths(vec![".".into()]),
            stdin_name: "<stdin>".into(),
            jobs: 1,
            archives: ArchiveOptions::default(),
            decode_depth: 5,
            min_severity: Severity::Low,
            min_confidence: Confidence::Medium,
            gate: Gate::default(),
            timeout: None,
            timings: false,
            outputs: Vec::new(),
            style: Style::default(),
            progress: false,
        }
    }
}
