//! Findings, problems and the summary as the interface names their keys.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::format::Style;
use super::shown::{Shown, problem_path};
use crate::model::{
    BlobPath, Clock, Commit, Facts, History, Move, OriginKind, Problem, Report, Sighting,
    Suppression, Verdict, Window,
};

/// The name of this set of keys.
pub(super) const SCHEMA: &str = "leakspan/1";

/// A finding, key by key.
#[derive(Serialize)]
pub(super) struct FindingRecord<'a> {
    r#type: &'static str,
    schema: &'static str,
    signature: &'a str,
    signatures: &'a [String],
    provider: &'a str,
    title: &'a str,
    kind: &'a str,
    severity: &'static str,
    confidence: &'static str,
    path: &'a str,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    byte_start: u64,
    byte_end: u64,
    secret: &'a str,
    fingerprint: Option<String>,
    length: usize,
    origin: OriginRecord<'a>,
    context: Option<Value>,
    owner: Option<Value>,
    verdict: &'a Verdict,
    facts: &'a Facts,
    decoded: &'a [String],
    sightings: u64,
    suppression: Option<SuppressionRecord<'a>>,
    expired: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<HistoryRecord<'a>>,
}

/// Of scans of a whole history alone.
#[derive(Serialize)]
struct HistoryRecord<'a> {
    reach: &'static str,
    committer: &'a str,
    committer_email: &'a str,
    committed: &'a str,
    clock: Option<Clock>,
    paths: Vec<String>,
    removed: Option<CommitRecord<'a>>,
    windows: Vec<WindowRecord<'a>>,
    moves: Vec<MoveRecord<'a>>,
    last_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_sightings: Option<Vec<SightingRecord<'a>>>,
}

#[derive(Serialize)]
struct MoveRecord<'a> {
    path: String,
    #[serde(flatten)]
    commit: CommitRecord<'a>,
}

/// One place of a secret.
#[derive(Serialize)]
struct SightingRecord<'a> {
    path: String,
    kind: OriginKind,
    line: u64,
    column: u64,
    object: &'a str,
    reach: &'static str,
    commit: Option<&'a str>,
    author: Option<&'a str>,
    email: Option<&'a str>,
    date: Option<&'a str>,
    suppressed: bool,
}

impl<'a> SightingRecord<'a> {
    fn new(sighting: &'a Sighting) -> Self {
        let commit = sighting.commit.as_ref();
        Self {
            path: sighting.path.display(),
            kind: sighting.kind,
            line: sighting.line,
            column: sighting.column,
            object: &sighting.object,
            reach: sighting.reach.name(),
            commit: commit.map(|c| c.id.as_str()),
            author: commit.map(|c| c.author.as_str()),
            email: commit.map(|c| c.email.as_str()),
            date: commit.map(|c| c.date.as_str()),
            suppressed: sighting.suppressed,
        }
    }
}

#[derive(Serialize)]
struct WindowRecord<'a> {
    from: CommitRecord<'a>,
    until: Option<CommitRecord<'a>>,
}

#[derive(Clone, Copy, Serialize)]
struct CommitRecord<'a> {
    commit: &'a str,
    author: &'a str,
    email: &'a str,
    date: &'a str,
}

impl<'a> CommitRecord<'a> {
    fn new(commit: &'a Commit) -> Self {
        let Commit { id, author, email, date } = commit;
        Self { commit: id, author, email, date }
    }
}

impl<'a> HistoryRecord<'a> {
    fn new(history: &'a History) -> Self {
        let window = |window: &'a Window| WindowRecord {
            from: CommitRecord::new(&window.from),
            until: window.until.as_ref().map(CommitRecord::new),
        };
        let step = |step: &'a Move| MoveRecord {
            path: step.path.display(),
            commit: CommitRecord::new(&step.commit),
        };
        let sightings = history.sightings.as_ref();
        Self {
            reach: history.reach.name(),
            committer: &history.committer,
            committer_email: &history.committer_email,
            committed: &history.committed,
            clock: history.clock,
            paths: history.paths.iter().map(BlobPath::display).collect(),
            removed: history.removed().map(CommitRecord::new),
            windows: history.windows.iter().map(window).collect(),
            moves: history.moves.iter().map(step).collect(),
            last_path: history.last_path.as_ref().map(BlobPath::display),
            all_sightings: sightings.map(|all| all.iter().map(SightingRecord::new).collect()),
        }
    }
}

#[derive(Serialize)]
struct OriginRecord<'a> {
    kind: OriginKind,
    commit: Option<&'a str>,
    author: Option<&'a str>,
    email: Option<&'a str>,
    date: Option<&'a str>,
    in_head: Option<bool>,
}

#[derive(Serialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
enum SuppressionRecord<'a> {
    Inline { marker: &'a str },
    File { owner: &'a str, reason: &'a str, until: &'a str },
    Baseline,
    Earlier,
}

impl<'a> FindingRecord<'a> {
    pub(super) fn new(r#type: &'static str, shown: &'a Shown<'a>) -> Self {
        let finding = shown.finding;
        let commit = shown.commit.as_ref();
        Self {
            r#type,
            schema: SCHEMA,
            signature: &finding.signature,
            signatures: &finding.signatures,
            provider: &finding.provider,
            title: &finding.title,
            kind: &finding.kind,
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            path: &shown.path,
            line: finding.line,
            column: finding.column,
            end_line: finding.end_line,
            end_column: finding.end_column,
            byte_start: finding.span.start,
            byte_end: finding.span.end,
            secret: &shown.secret,
            fingerprint: finding.fingerprint.map(|print| print.to_string()),
            length: finding.secret.len(),
            origin: OriginRecord {
                kind: finding.origin.kind,
                commit: commit.map(|c| c.id.as_str()),
                author: commit.map(|c| c.author.as_str()),
                email: commit.map(|c| c.email.as_str()),
                date: commit.map(|c| c.date.as_str()),
                in_head: finding.origin.in_head,
            },
            context: None,
            owner: None,
            verdict: &finding.verdict,
            facts: &shown.facts,
            decoded: &finding.decoded,
            sightings: finding.sightings,
            suppression: shown.suppression.as_ref().map(|suppression| match suppression {
                Suppression::Inline(marker) => SuppressionRecord::Inline { marker },
                Suppression::File { owner, reason, until } => {
                    SuppressionRecord::File { owner, reason, until }
                }
                Suppression::Baseline => SuppressionRecord::Baseline,
                Suppression::Earlier => SuppressionRecord::Earlier,
            }),
            expired: finding.expired.as_deref(),
            history: shown.history.as_ref().map(HistoryRecord::new),
        }
    }
}

/// A problem, key by key.
#[derive(Serialize)]
pub(super) struct ProblemRecord<'a> {
    r#type: &'static str,
    path: String,
    reason: &'static str,
    detail: &'a str,
}

impl<'a> ProblemRecord<'a> {
    /// The problems that a report lists: all with `-v`, else those that leave a run incomplete.
    pub(super) fn all(report: &'a Report, style: Style) -> Vec<Self> {
        listed(&report.problems, style)
            .map(|problem| Self {
                r#type: "problem",
                path: problem_path(problem, report, style),
                reason: problem.reason.name(),
                detail: &problem.detail,
            })
            .collect()
    }
}

/// The problems that are listed one by one; the others are counted in the summary alone.
pub(super) fn listed(problems: &[Problem], style: Style) -> impl Iterator<Item = &Problem> {
    problems.iter().filter(move |problem| style.verbose > 0 || problem.reason.incomplete())
}

/// The summary, key by key.
#[derive(Serialize)]
pub(super) struct SummaryRecord<'a> {
    r#type: &'static str,
    findings: usize,
    problems: usize,
    suppressed: u64,
    files: u64,
    bytes: u64,
    objects: Option<u64>,
    signatures: u64,
    complete: bool,
    seconds: Option<f64>,
    version: &'static str,
    problem_reasons: BTreeMap<&'static str, u64>,
    suppressed_by: &'a BTreeMap<String, u64>,
    notes: &'a [String],
}

impl<'a> SummaryRecord<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let summary = &report.summary;
        Self {
            r#type: "summary",
            findings: report.findings.len(),
            problems: report.problems.len(),
            suppressed: summary.suppressed.values().sum(),
            files: summary.files,
            bytes: summary.bytes,
            objects: summary.objects,
            signatures: summary.signatures,
            complete: summary.complete,
            seconds: summary.seconds,
            version: env!("CARGO_PKG_VERSION"),
            problem_reasons: reasons(report),
            suppressed_by: &summary.suppressed,
            notes: &summary.notes,
        }
    }
}

/// How often each reason stands among the problems.
pub(super) fn reasons(report: &Report) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for problem in &report.problems {
        *counts.entry(problem.reason.name()).or_default() += 1;
    }
    counts
}
