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

use super::baselines::Baseline;
use super::collect::{Collector, Counters, Gathered};
use super::fingerprints::name_all;
use super::gate::Exit;
use super::history;
use super::keys;
use super::names;
use super::options::{Options, Target};
use super::output::write_all;
use super::people;
use super::progress;
use super::state::State;
use super::stop::Stop;
use super::suppressions::Suppressions;
use super::verify;
use crate::engine::{self, Scanner};
use crate::git::{self, Environment, KnownObjects};
use crate::model::{
    BlobPath, Finding, FingerprintKey, OriginKind, Problem, Reason, Report, SecretBytes,
    SignatureSet, Sink, Summary, Suppression,
};
use crate::signatures;
use crate::sources::{
    ChangeOptions, FileOptions, Files, History, Ignores, Range, Source, Staged, Stdin,
};

/// Bytes of text on each side of a secret that a run which verifies looks at.
const NEARBY: usize = 2048;

/// Scans, writes the reports and says how it ends.
///
/// # Errors
/// A usage or configuration error: exit code 2.
pub fn run(options: &Options) -> anyhow::Result<Exit> {
    let stop = Stop::after(options.timeout);
    let mut report = scan(options, &stop)?;
    match &options.verify {
        Some(asked) if asked.dry_run => return verify::dry_run(&report, options, asked),
        Some(asked) => verify::verify(&mut report, options, asked, &stop)?,
        None => {}
    }
    let exit = options.gate.judge(&report);
    let exit = if stop.interrupted() { Exit::Interrupted } else { exit };
    Ok(write_all(&options.outputs, &report, options.style, exit))
}

/// Scans and returns what is there, sorted.
///
/// # Errors
/// A usage or configuration error.
pub fn scan(options: &Options, stop: &Stop) -> anyhow::Result<Report> {
    let (started, began) = (Instant::now(), jiff::Timestamp::now());
    let rules = Rules::open(options)?;
    let (set, replaced) = signature_set(options)?;
    let state = match &options.target {
        Target::History(_, Some(path)) => Some((State::read(path, &set, options), path)),
        _ => None,
    };
    let mut opened = open(options, state.as_ref().map(|(state, _)| &state.known))?;
    let active = set.signatures.len() as u64;
    let scanner = Scanner::new(Arc::new(set), engine_options(options));

    let gathered = gather(options, stop, &scanner, &opened)?;
    let mut findings = gathered.findings;
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    settle_earlier(&mut findings, &opened.sources);
    names::join(&mut findings);
    rules.apply(&mut findings, options, stop);

    let (suppressed, findings) = findings.into_iter().partition(|f| f.suppression.is_some());
    let mut problems = gathered.problems;
    if let Some((state, path)) = state {
        let mut known = state.known.clone();
        opened.sources.iter().filter_map(|it| it.clean()).for_each(|clean| known.join(&clean));
        if known != state.known {
            problems.extend(state.write(path, &known));
        }
        opened.notes.extend(state.note);
    }
    problems.sort();
    problems.dedup();
    opened.notes.extend(replaced);
    opened.notes.extend(opened.sources.iter().flat_map(|source| source.notes()));
    let mut summary =
        Summary { files: gathered.files, bytes: gathered.bytes, ..Summary::default() };
    summary.signatures = active;
    summary.objects =
        opened.sources.iter().filter_map(|source| source.objects()).reduce(|a, b| a + b);
    summary.notes = opened.notes;
    let mut report = Report { findings, suppressed, problems, summary };
    finish(&mut report, options, stop, started);
    if !options.style.show_secrets {
        let named: Vec<SecretBytes> = gathered.named.into_iter().collect();
        people::veil(&mut report, &gathered.spoken);
        names::veil(&mut report, &named, &scanner);
    }
    // Asked for alone: the same input gives the same bytes.
    report.summary.times =
        options.timings.then(|| (to_the_second(began), to_the_second(jiff::Timestamp::now())));
    Ok(report)
}

/// UTC, for formats that demand the times of a scan.
fn to_the_second(moment: jiff::Timestamp) -> String {
    let moment = jiff::tz::Offset::UTC.to_datetime(moment);
    moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// What is to be scanned.
struct Opened {
    sources: Vec<Box<dyn Source>>,
    /// For sources that read git: what they leave out.
    ignores: Option<Ignores>,
    notes: Vec<String>,
}

fn open(options: &Options, known: Option<&KnownObjects>) -> anyhow::Result<Opened> {
    let mut notes = Vec::new();
    let by_git = matches!(options.target, Target::Staged(_) | Target::Push(..));
    if !by_git {
        notes.extend(Environment::ignored(std::env::vars_os()));
    }
    let environment =
        if by_git { Environment::of_hook(std::env::vars_os()) } else { Environment::default() };
    let changes = ChangeOptions {
        git: git::Options { allow_external: options.external_objects.clone(), environment },
        archives: options.archives.clone(),
        threads: options.jobs,
    };
    let ignores_of = |root: Option<&std::path::Path>| {
        let root = root.filter(|_| options.suppress.ignore_files)?;
        Some(Ignores::new(root, &options.suppress.ignores))
    };
    let (sources, ignores): (Vec<Box<dyn Source>>, _) = match &options.target {
        Target::Paths(paths) => (open_paths(paths, options)?, None),
        Target::Staged(path) => {
            let staged = Staged::open(path, changes)?;
            let ignores = ignores_of(staged.root());
            (vec![Box::new(staged)], ignores)
        }
        Target::History(paths, _) => {
            let (nothing, several) = (KnownObjects::default(), paths.len() > 1);
            let open = |path: &PathBuf| {
                let name = [path.as_os_str().as_encoded_bytes(), b"/"].concat();
                let prefix = if several { name.as_slice() } else { b"" };
                History::open(path, prefix, known.unwrap_or(&nothing), changes.clone())
            };
            let histories = paths.iter().map(open).collect::<Result<Vec<_>, _>>()?;
            let alone = histories.first().filter(|_| histories.len() == 1);
            let ignores = ignores_of(alone.and_then(History::root));
            (histories.into_iter().map(|it| Box::new(it) as Box<dyn Source>).collect(), ignores)
        }
        Target::Push(path, push) => {
            let range = Range::of_push(path, push, changes)?;
            let ignores = ignores_of(range.root());
            (vec![Box::new(range)], ignores)
        }
        Target::Range(path, revisions, range) => {
            let range = Range::open(path, revisions, range, changes)?;
            let ignores = ignores_of(range.root());
            (vec![Box::new(range)], ignores)
        }
    };
    Ok(Opened { sources, ignores, notes })
}

fn open_paths(paths: &[PathBuf], options: &Options) -> anyhow::Result<Vec<Box<dyn Source>>> {
    let (dashes, paths): (Vec<_>, Vec<_>) =
        paths.iter().cloned().partition(|path| path.as_os_str() == "-");
    let mut opened: Vec<Box<dyn Source>> = Vec::new();
    if !dashes.is_empty() {
        let name = options.stdin_name.as_encoded_bytes();
        opened.push(Box::new(Stdin::new(name, options.archives.clone())));
    }
    if !paths.is_empty() {
        let files = FileOptions {
            jobs: options.jobs,
            archives: options.archives.clone(),
            ignore_files: options.suppress.ignore_files,
            ignores: options.suppress.ignores.clone(),
        };
        opened.push(Box::new(Files::open(&paths, files)?));
    }
    Ok(opened)
}

fn engine_options(options: &Options) -> engine::Options {
    engine::Options {
        decode_depth: options.decode_depth,
        inline: options.suppress.inline,
        // What else a request needs stands beside the secret, if anywhere.
        nearby: if options.verify.is_some() { NEARBY } else { 0 },
        ..engine::Options::default()
    }
}

/// The signatures of the run, and sentences on what files have replaced or could not bring along.
pub(super) fn signature_set(options: &Options) -> anyhow::Result<(SignatureSet, Vec<String>)> {
    let opened = signatures::open(signatures::builtin(), &options.signatures)?;
    let told = |id: String| format!("the signature {id} is replaced by one of yours");
    let mut notes: Vec<String> = opened.replaced.into_iter().map(told).collect();
    notes.extend(signatures::import::summary(&opened.notes));
    Ok((opened.set, notes))
}

/// Runs every blob of the sources through the engine.
fn gather(
    options: &Options,
    stop: &Stop,
    scanner: &Scanner,
    opened: &Opened,
) -> anyhow::Result<Gathered> {
    let counters = Counters::default();
    let collector = Collector {
        scanner,
        stop,
        ignores: opened.ignores.as_ref(),
        by_changes: options.by_changes,
        min_severity: options.min_severity,
        min_confidence: options.min_confidence,
        watched: options.progress.then_some(&counters),
        gathered: Mutex::default(),
    };
    progress::shown_while(options.progress.then_some(&counters), &options.target, || {
        opened.sources.iter().try_for_each(|source| {
            let from = collector.so_far().findings.len();
            visit(source.as_ref(), &collector)?;
            let now = jiff::Timestamp::now().as_second();
            let ignores = opened.ignores.as_ref();
            let ask = history::Ask { ignores, now, sightings: options.sightings };
            history::settle(source.as_ref(), &mut collector.so_far(), from, ask);
            anyhow::Ok(())
        })
    })?;
    Ok(collector.into_gathered())
}

/// Also what panics outside of a blob's scan must end in a report, and not in a clean one.
fn visit(source: &dyn Source, collector: &Collector<'_>) -> anyhow::Result<()> {
    match catch_unwind(AssertUnwindSafe(|| source.visit(collector))) {
        Ok(visited) => visited.context("cannot read the target"),
        Err(_) => {
            let detail = "an internal error ended the walk; please report it";
            let problem = Problem::new(BlobPath::new("."), Reason::WorkerError, detail);
            collector.worker().problem(problem);
            Ok(())
        }
    }
}

/// Sets aside secrets that the version before the change holds as well.
fn settle_earlier(findings: &mut [Finding], sources: &[Box<dyn Source>]) {
    for same_blob in findings.chunk_by_mut(|a, b| (&a.path, &a.origin) == (&b.path, &b.origin)) {
        let (path, origin) = (same_blob[0].path.clone(), Arc::clone(&same_blob[0].origin));
        if origin.kind == OriginKind::Path {
            if sources.iter().any(|source| source.had(&path, &origin)) {
                same_blob.iter_mut().for_each(|it| it.suppression = Some(Suppression::Earlier));
            }
            continue;
        }
        let earlier: Vec<SecretBytes> = sources
            .iter()
            .flat_map(|source| source.earlier(&path, &origin))
            .map(SecretBytes::new)
            .collect();
        for finding in same_blob.iter_mut().filter(|finding| finding.suppression.is_none()) {
            let secret = finding.secret.reveal();
            if !secret.is_empty() && earlier.iter().any(|text| holds(text.reveal(), secret)) {
                finding.suppression = Some(Suppression::Earlier);
            }
        }
    }
}

/// Whether a text holds a value as a whole: a short password that is part of a longer word there is
/// another one.
fn holds(text: &[u8], value: &[u8]) -> bool {
    memchr::memmem::find_iter(text, value).any(|at| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let after = text.get(at + value.len());
        ![before, after].into_iter().flatten().any(u8::is_ascii_alphanumeric)
    })
}

/// The files that keep findings from the gate. Read before the scan: a broken one must not cost a scan.
pub(super) struct Rules {
    pub(super) suppressions: Option<Suppressions>,
    baseline: Option<Baseline>,
    pub(super) key: FingerprintKey,
}

impl Rules {
    pub(super) fn open(options: &Options) -> anyhow::Result<Self> {
        let suppress = &options.suppress;
        let suppressions = suppress.file.as_deref().map(Suppressions::read).transpose()?;
        let baseline = suppress.baseline.as_deref().map(Baseline::read).transpose()?;
        let secret = options.fingerprint_key.as_ref();
        let key = keys::choose(secret, suppressions.as_ref(), baseline.as_ref());
        Ok(Self { suppressions, baseline, key })
    }

    /// Names the findings and marks what is suppressed.
    pub(super) fn apply(&self, findings: &mut [Finding], options: &Options, stop: &Stop) {
        name_all(&self.key, findings.iter_mut(), stop);
        if let Some(suppressions) = &self.suppressions {
            suppressions.apply(findings, options.today);
        }
        if let Some(baseline) = &self.baseline {
            baseline.apply(findings, &self.key, stop);
        }
    }
}

/// The last counts and sentences, when all else is settled.
fn finish(report: &mut Report, options: &Options, stop: &Stop, started: Instant) {
    let unnamed = report.findings.iter().filter(|it| it.fingerprint.is_none()).count();
    if let Some(limit) = stop.timed_out() {
        let before = match unnamed {
            0 => "everything was read",
            _ => "every finding had its fingerprint",
        };
        let detail = format!("the time limit of {limit:?} was over before {before}");
        report.problems.push(Problem::new(BlobPath::new("."), Reason::Timeout, detail));
        report.problems.sort();
    }
    let Report { findings, suppressed, problems, summary } = report;
    for finding in suppressed.iter() {
        let by = match finding.suppression {
            Some(Suppression::Inline(_)) => "inline",
            Some(Suppression::File { .. }) => "suppressions file",
            Some(Suppression::Baseline) => "baseline",
            Some(Suppression::Earlier) => "earlier version",
            None => continue,
        };
        *summary.suppressed.entry(by.to_owned()).or_default() += 1;
    }
    let hidden = suppressed.iter().filter(|f| f.suppression != Some(Suppression::Earlier)).count();
    if hidden > findings.len() {
        let all = hidden + findings.len();
        summary.notes.push(format!("{hidden} of {all} findings are suppressed; -v lists them"));
    }
    let expired = findings.iter().filter(|finding| finding.expired.is_some()).count();
    if expired > 0 {
        let count = match expired {
            1 => "1 finding counts".to_owned(),
            n => format!("{n} findings count"),
        };
        summary.notes.push(format!("{count} again: the suppression has expired"));
    }
    if unnamed > 0 {
        summary
            .notes
            .push(format!("{unnamed} findings have no fingerprint: no file could suppress them"));
    }
    if stop.interrupted() {
        summary.notes.push("interrupted: this is what was found until then".to_owned());
    }
    let incomplete = problems.iter().any(|problem| problem.reason.incomplete());
    summary.complete = !incomplete && !stop.interrupted();
    summary.seconds = options.timings.then(|| started.elapsed().as_secs_f64());
    if summary.files == 0 && summary.complete && summary.notes.is_empty() {
        summary.notes.push("there was nothing to scan".to_owned());
    }
}
