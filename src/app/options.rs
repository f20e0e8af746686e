//! What a scan is asked to do, merged from arguments, environment and configuration.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::gate::Gate;
use super::output::Output;
use super::verify::VerifyOptions;
use crate::git::{Push, RangeOptions, Revisions};
use crate::model::{Confidence, Severity, Sightings};
use crate::report::Style;
use crate::signatures;
use crate::sources::ArchiveOptions;

/// What is scanned.
#[derive(Clone, Debug)]
pub enum Target {
    /// Files and folders, in this order; `-` among them is standard input. None: nothing is scanned.
    Paths(Vec<PathBuf>),
    /// What `git commit` would record in the repository at or above the path.
    Staged(PathBuf),
    /// What a push brings, in the repository at or above the path.
    Push(PathBuf, Push),
    /// Every object of the repositories at or above the paths. Where a state is named, those that an
    /// earlier run has looked at are left out.
    History(Vec<PathBuf>, Option<PathBuf>),
    /// Commits of the repository at or above the path.
    Range(PathBuf, Revisions, RangeOptions),
}

impl Target {
    /// Where files that belong to the target are looked for.
    #[must_use]
    pub fn place(&self) -> &Path {
        match self {
            Self::Paths(paths) | Self::History(paths, _) => {
                let named = paths.iter().find(|path| path.as_os_str() != "-");
                named.map_or(Path::new("."), PathBuf::as_path)
            }
            Self::Staged(path) | Self::Range(path, ..) | Self::Push(path, _) => path,
        }
    }
}

/// What keeps findings from the gate and paths from being read.
#[derive(Clone, Debug, Default)]
pub struct Suppress {
    /// The suppressions file, where there is one.
    pub file: Option<PathBuf>,
    /// The baseline, where one is used.
    pub baseline: Option<PathBuf>,
    /// Whether comments beside a secret count.
    pub inline: bool,
    /// Whether `.leakspanignore` and `ignores` count.
    pub ignore_files: bool,
    /// Gitignore lines of the configuration, counted from the target.
    pub ignores: Vec<String>,
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
    /// Whether a history is scanned by its changes, and not every version of every file whole. What is found
    /// is the same.
    pub by_changes: bool,
    /// Whether every sighting of a secret in a history is listed.
    pub sightings: Sightings,
    /// Folders outside of a repository whose objects may be read.
    pub external_objects: Vec<PathBuf>,
    /// Which signatures are used.
    pub signatures: signatures::Options,
    /// Findings below are left out.
    pub min_severity: Severity,
    /// Findings below are left out.
    pub min_confidence: Confidence,
    /// What keeps findings from the gate.
    pub suppress: Suppress,
    /// The secret key of fingerprints; without one a public salt is used.
    pub fingerprint_key: Option<Zeroizing<Vec<u8>>>,
    /// Whether and how providers are asked; without it nothing is sent.
    pub verify: Option<VerifyOptions>,
    /// What makes the exit code.
    pub gate: Gate,
    /// When a scan that is not done gives up.
    pub timeout: Option<Duration>,
    /// The day on which suppressions are judged.
    pub today: Date,
    /// Whether the summary says how long it took.
    pub timings: bool,
    /// Where reports go.
    pub outputs: Vec<Output>,
    /// How reports look.
    pub style: Style,
    /// Whether a bar may be shown.
    pub progress: bool,
}

impl Options {
    /// The defaults, for a target and a day.
    #[must_use]
    pub fn of(target: Target, today: Date) -> Self {
        Self {
            target,
            today,
            stdin_name: "<stdin>".into(),
            jobs: 1,
            archives: ArchiveOptions::default(),
            decode_depth: crate::engine::Options::default().decode_depth,
            by_changes: false,
            sightings: Sightings::default(),
            external_objects: Vec::new(),
            signatures: signatures::Options::default(),
            min_severity: Severity::Low,
            min_confidence: Confidence::Medium,
            suppress: Suppress { inline: true, ignore_files: true, ..Suppress::default() },
            fingerprint_key: None,
            verify: None,
            gate: Gate::default(),
            timeout: None,
            timings: false,
            outputs: Vec::new(),
            style: Style::default(),
            progress: false,
        }
    }
}
