//! The straight line: a target is opened, scanned and reported.
//!
//! ```text
//! options -> source -> collector (engine, one a thread) -> sort -> fingerprints -> suppressions
//!         -> report -> outputs, exit code
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::Context;

use super::collect::{Collector, Gathered};
use super::fingerprints;
use super::gate::Exit;
use super::options::{Options, Target};
use super::output::{self, Output};
use super::stop::Stop;
use crate::engine::{self, Scanner};
use crate::git;
use crate::model::{
    BlobPath, FingerprintKey, Problem, Reason, Report, SignatureSet, Sink, Summary,
};
use crate::signatures;
use crate::sources::{ChangeOptions, FileOptions, Files, Source, Staged, Stdin};

/// Scans, writes the reports and says how it ends.
///
/// # Errors
/// A usage or configuration error: exit code 2.
pub fn run(options: &Options) -> anyhow::Result<Exit> {
    let stop = Stop::after(options.timeout);
    let report = scan(options, &stop)?;
    let exit = options.gate.judge(&report);
    let exit = if stop.interrupted() { Exit::Interrupted } else { exit };
    Ok(tell(options, &report, exit))
}

/// Scans and returns what is there, sorted.
///
/// # Errors
/// A usage or configuration error.
pub fn scan(options: &Options, stop: &Stop) -> anyhow::Result<Report> {
    let started = Instant::now();
    let sources = open(options)?;
    let set = Arc::new(signature_set(options)?);
    let signatures = set.signatures.len() as u64;
    let scanner = Scanner::new(set, engine_options(options));
    let mut gathered = gather(options, stop, &scanner, &sources)?;
    if let Some(limit) = stop.timed_out() {
        let detail = format!("the time limit of {limit:?} was over before everything was read");
        gathered.problems.push(Problem::new(BlobPath::new("."), Reason::Timeout, detail));
    }
    let mut report = sorted(gathered);
    report.summary.signatures = signatures;
    let key = FingerprintKey::PublicSalt(FingerprintKey::CONSTANT_SALT.to_vec());
    fingerprints::name_all(&key, report.findings.iter_mut());
    finish(&mut report, options, started);
    Ok(report)
}

/// Opens what is to be scanned.
fn open(options: &Options) -> anyhow::Result<Vec<Box<dyn Source>>> {
    let paths = match &options.target {
        Target::Paths(paths) => paths,
        Target::Staged(path) => {
            let environment = git::Environment::of_hook(std::env::vars_os());
            let changes = ChangeOptions {
                git: git::Options { environment, ..git::Options::default() },
                archives: options.archives.clone(),
                threads: options.jobs,
            };
            return Ok(vec![Box::new(Staged::open(path, changes)?)]);
        }
    };
    let (dashes, paths): (Vec<_>, Vec<_>) =
        paths.iter().cloned().partition(|path: &PathBuf| path.as_os_str() == "-");
    let mut opened: Vec<Box<dyn Source>> = Vec::new();
    if !dashes.is_empty() {
        let name = options.stdin_name.as_encoded_bytes();
        opened.push(Box::new(Stdin::new(name, options.archives.clone())));
    }
    if !paths.is_empty() {
        opened.push(Box::new(Files::open(&paths, file_options(options))?));
    }
    Ok(opened)
}

fn file_options(options: &Options) -> FileOptions {
    FileOptions {
        jobs: options.jobs,
        archives: options.archives.clone(),
        ignore_files: true,
        ignores: Vec::new(),
    }
}

fn engine_options(options: &Options) -> engine::Options {
    engine::Options { decode_depth: options.decode_depth, ..engine::Options::default() }
}

fn signature_set(options: &Options) -> anyhow::Result<SignatureSet> {
    let _ = options;
    Ok(signatures::builtin())
}

/// Runs every blob of the sources through the engine.
fn gather(
    options: &Options,
    stop: &Stop,
    scanner: &Scanner,
    sources: &[Box<dyn Source>],
) -> anyhow::Result<Gathered> {
    let collector = Collector {
        scanner,
        stop,
        ignores: None,
        min_severity: options.min_severity,
        min_confidence: options.min_confidence,
        watched: None,
        gathered: Mutex::default(),
    };
    for source in sources {
        // Also what panics outside of a blob's scan must end in a report, and not in a clean one.
        match catch_unwind(AssertUnwindSafe(|| source.visit(&collector))) {
            Ok(visited) => visited.context("cannot read the target")?,
            Err(_) => {
                let detail = "an internal error ended the walk; please report it";
                let problem = Problem::new(BlobPath::new("."), Reason::WorkerError, detail);
                collector.worker().problem(problem);
            }
        }
    }
    Ok(collector.into_gathered())
}

/// The same bytes whatever the threads did: sorted, and each problem once.
fn sorted(gathered: Gathered) -> Report {
    let Gathered { mut findings, mut problems, files, bytes, .. } = gathered;
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    problems.sort();
    problems.dedup();
    let (suppressed, findings) = findings.into_iter().partition(|f| f.suppression.is_some());
    let summary = Summary { files, bytes, ..Summary::default() };
    Report { findings, suppressed, problems, summary }
}

/// The last counts, when all else is settled.
fn finish(report: &mut Report, options: &Options, started: Instant) {
    let summary = &mut report.summary;
    summary.complete = !report.problems.iter().any(|problem| problem.reason.incomplete());
    summary.seconds = options.timings.then(|| started.elapsed().as_secs_f64());
    if summary.files == 0 && summary.complete {
        summary.notes.push("there was nothing to scan".to_owned());
    }
}

/// Writes all outputs. A report that cannot be written is told on standard error, so that no finding
/// is lost, and is exit code 5.
fn tell(options: &Options, report: &Report, exit: Exit) -> Exit {
    let mut worst = exit;
    for output in &options.outputs {
        match output::write(output, report, options.style) {
            Ok(()) => {}
            Err(output::Error::BrokenPipe) => worst = Exit::BrokenPipe,
            Err(error) => {
                worst = Exit::Failed;
                lament(output, &error, report, options);
            }
        }
    }
    worst
}

fn lament(output: &Output, error: &output::Error, report: &Report, options: &Options) {
    use std::io::Write;
    let mut out = std::io::stderr().lock();
    let mut cause: &dyn std::error::Error = error;
    let mut text = error.to_string();
    while let Some(deeper) = cause.source() {
        text.push_str(&format!(": {deeper}"));
        cause = deeper;
    }
    // Standard error is the last way out: when it fails too, the exit code is all that is left.
    drop(writeln!(out, "leakspan: {text}; what it would have said follows"));
    drop(output.format.write(
        report,
        crate::report::Style { color: false, ..options.style },
        &mut out,
    ));
}
