//! What a run says: findings, problems, and a summary of what was looked at.

use std::collections::BTreeMap;

use super::{Finding, Problem};

/// The outcome of a scan, sorted: output never depends on threads.
#[derive(Clone, Debug)]
pub struct Report {
    /// What gates and is shown.
    pub findings: Vec<Finding>,
    /// What a comment, the suppressions file or the baseline keeps from the gate.
    pub suppressed: Vec<Finding>,
    /// What was not looked at.
    pub problems: Vec<Problem>,
    /// Counts.
    pub summary: Summary,
}

/// Counts of a scan.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Blobs that were scanned (files, members of archives, staged blobs).
    pub files: u64,
    /// Bytes that were scanned.
    pub bytes: u64,
    /// Objects of a repository that were read; `None` where no repository was.
    pub objects: Option<u64>,
    /// Signatures that were active.
    pub signatures: u64,
    /// Suppressed findings by what suppresses them (`inline`, `suppressions file`, `baseline`).
    pub suppressed: BTreeMap<String, u64>,
    /// Whether everything that was planned was looked at.
    pub complete: bool,
    /// Wall time in seconds, with `--timings` alone.
    pub seconds: Option<f64>,
    /// When it began and ended, UTC to the second (`2026-01-31T08:00:00`), with `--timings` alone: some
    /// formats have a place for it.
    pub times: Option<(String, String)>,
    /// Sentences for the reader: «nothing is staged», «the baseline hides half of all findings».
    pub notes: Vec<String>,
}
