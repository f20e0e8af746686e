//! From the findings of a report to their verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use anyhow::{Context as _, bail};

use super::options::{VerifyOptions, client};
use super::store::Store;
use crate::app::gate::Exit;
use crate::app::options::Options;
use crate::app::scan::signature_set;
use crate::app::stop::Stop;
use crate::model::{BlobPath, Finding, Problem, Reason, Report, SignatureSet, Status, Verdict};
use crate::signatures::nearest;
use crate::verify::{self, Context, Plan, Probes};

/// Asks about the findings of a report, and writes down what was said.
///
/// What cannot be told is a problem of the report: a gate that fails on live credentials must not pass
/// because a provider was down.
///
/// # Errors
/// A name that does not exist, a proxy or a file that cannot be used.
pub fn verify(
    report: &mut Report,
    options: &Options,
    asked: &VerifyOptions,
    stop: &Stop,
) -> anyhow::Result<()> {
    let (set, _) = signature_set(options)?;
    check_names(&set, asked)?;
    let mut store = Store::open(asked)?;
    let client = client(asked)?;
    let (_, plan) = planned(report, &set, asked, store.key())?;
    let Plan { questions, settled } = plan;
    let clock = jiff::Timestamp::now;
    let stopped = || stop.stopped();
    let (cache, journal) = store.parts();
    let context =
        Context { client: &client, options: &asked.room, journal, clock: &clock, stop: &stopped };
    let outcome = verify::run(questions, cache, context).context("verification cannot start")?;
    for (finding, settled) in report.findings.iter_mut().zip(settled) {
        finding.verdict = match settled {
            Ok(key) => outcome.verdicts.get(&key).cloned().unwrap_or_else(Verdict::not_checked),
            Err(verdict) => *verdict,
        };
    }
    report.problems.extend(untold(&report.findings, &set));
    report.problems.extend(store.close(clock().as_second()));
    report.problems.sort();
    report.summary.complete &= !report.problems.iter().any(|problem| problem.reason.incomplete());
    report.summary.notes.extend(notes(&report.findings, asked, outcome.requests));
    Ok(())
}

/// Prints what would be sent, one line a request, and sends nothing.
///
/// # Errors
/// As [`verify()`].
pub fn dry_run(report: &Report, options: &Options, asked: &VerifyOptions) -> anyhow::Result<Exit> {
    let (set, _) = signature_set(options)?;
    check_names(&set, asked)?;
    client(asked)?;
    let (findings, plan) = planned(report, &set, asked, b"dry run")?;
    let mut text = String::new();
    let mut requests = 0;
    let by_key: BTreeMap<_, _> = plan.questions.iter().map(|it| (it.key, it)).collect();
    let mut told = BTreeSet::new();
    for (finding, settled) in findings.iter().zip(&plan.settled) {
        let place = format!("{}:{}", finding.path.display(), finding.line);
        match settled {
            Ok(key) if told.insert(key) => {
                let lines = by_key.get(key).map(|question| question.shown()).unwrap_or_default();
                requests += lines.len();
                for line in lines {
                    text.push_str(&format!("{place}: {line}\n"));
                }
            }
            Ok(_) => text.push_str(&format!("{place}: the same question\n")),
            Err(verdict) => {
                let reason = verdict.reason.as_deref().unwrap_or_default();
                text.push_str(&format!("{place}: nothing: {} {reason}\n", verdict.status.name()));
            }
        }
    }
    text.push_str(&format!("{requests} requests at most; nothing was sent\n"));
    let text: String = text.lines().map(|line| crate::text::printable(line) + "\n").collect();
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => Ok(Exit::Clean),
        Err(_) => Ok(Exit::BrokenPipe),
    }
}

/// The findings of a report, and what is to be asked about them.
fn planned<'r>(
    report: &'r Report,
    set: &SignatureSet,
    asked: &VerifyOptions,
    key: &[u8],
) -> anyhow::Result<(Vec<&'r Finding>, Plan)> {
    let findings: Vec<&Finding> = report.findings.iter().collect();
    let ids = findings.iter().flat_map(|finding| finding.signatures.iter().map(String::as_str));
    let probes = Probes::of(set, ids).map_err(anyhow::Error::msg)?;
    let plan = verify::plan(&findings, &probes, &asked.room, key, jiff::Timestamp::now());
    Ok((findings, plan))
}

/// A name that is typed wrong would silently ask nobody.
fn check_names(set: &SignatureSet, asked: &VerifyOptions) -> anyhow::Result<()> {
    let files: BTreeSet<&str> = set.signatures.iter().map(|signature| &*signature.file).collect();
    let probes =
        || set.signatures.iter().filter_map(|signature| Some(&*signature.probe.as_ref()?.id));
    let room = &asked.room;
    for name in room.providers.iter().chain(room.endpoints.keys()) {
        if !files.contains(name.as_str()) {
            let near = nearest(name, files.iter().copied()).unwrap_or_default();
            bail!("there is no provider of that name; the nearest is `{near}`");
        }
    }
    for id in &room.allowed {
        if !probes().any(|known| known == id) {
            let near = nearest(id, probes()).unwrap_or_default();
            bail!("there is no probe of that name; the nearest is `{near}`");
        }
    }
    Ok(())
}

/// What was asked and not told, one problem for each provider and reason.
fn untold(findings: &[Finding], set: &SignatureSet) -> Vec<Problem> {
    let provider = |finding: &Finding| {
        let at = set.signatures.binary_search_by(|it| (*it.id).cmp(finding.signature.as_str()));
        at.map_or_else(|_| finding.provider.clone(), |at| set.signatures[at].file.to_string())
    };
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for finding in findings.iter().filter(|it| it.verdict.status == Status::Unknown) {
        let reason = finding.verdict.reason.clone().unwrap_or_default();
        *counts.entry((provider(finding), reason)).or_default() += 1;
    }
    let problem = |((provider, reason), count)| {
        let them = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
        let detail = format!("{provider} does not tell whether {them} still work: {reason}");
        Problem::new(BlobPath::new("."), Reason::Unverified, detail)
    };
    counts.into_iter().map(problem).collect()
}

fn notes(findings: &[Finding], asked: &VerifyOptions, requests: u64) -> Vec<String> {
    let mut counts: BTreeMap<Status, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.verdict.status).or_default() += 1;
    }
    let counts: Vec<_> =
        counts.iter().map(|(status, count)| format!("{count} {}", status.name())).collect();
    let mut notes = Vec::new();
    if !counts.is_empty() {
        let plural = if requests == 1 { "request" } else { "requests" };
        let seen = if requests == 0 { "" } else { "; owners can see them" };
        notes.push(format!("verified with {requests} {plural}{seen}: {}", counts.join(", ")));
    }
    for (provider, endpoint) in &asked.room.endpoints {
        notes.push(format!(
            "requests of {provider} went to {}, not to its own hosts",
            endpoint.base
        ));
    }
    notes
}
