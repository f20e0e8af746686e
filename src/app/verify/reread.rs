//! `leakspan verify REPORT`: a report holds no secret, so what it names is found once more.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::ask::{dry_run, verify};
use super::options::VerifyOptions;
use crate::app::gate::Exit;
use crate::app::options::{Options, Target};
use crate::app::output::write_all;
use crate::app::scan;
use crate::app::stop::Stop;
use crate::model::{BlobPath, Finding, Problem, Reason};

/// No report is longer.
const MAX_LENGTH: u64 = 1 << 30;

/// What is needed of a finding of a report.
#[derive(Debug, Deserialize)]
struct Record {
    signature: String,
    path: String,
    line: u64,
    fingerprint: Option<String>,
    origin: Origin,
}

#[derive(Debug, Deserialize)]
struct Origin {
    commit: Option<String>,
}

/// Verifies the findings of a report (json or jsonl; `-` is standard input) below `root`, the target that it
/// was made of.
///
/// # Errors
/// A report that cannot be read or is none, and what a scan says.
pub fn reread(
    file: &Path,
    root: PathBuf,
    options: Options,
    asked: &VerifyOptions,
) -> anyhow::Result<Exit> {
    let records = records(&read(file)?)?;
    let history = records.iter().any(|record| record.origin.commit.is_some());
    let target =
        if history { Target::History(vec![root], None) } else { Target::Paths(vec![root]) };
    let options = Options { target, ..options };
    let stop = Stop::after(options.timeout);
    let mut report = scan::scan(&options, &stop)?;
    let wanted: BTreeSet<Name> = records.iter().map(Record::name).collect();
    report.findings.retain(|finding| names(finding).iter().any(|name| wanted.contains(name)));
    report.suppressed.clear();
    let found: BTreeSet<Name> = report.findings.iter().flat_map(names).collect();
    for record in records.iter().filter(|record| !found.contains(&record.name())) {
        let detail = format!(
            "{} of line {} of the report is not there any more",
            record.signature, record.line
        );
        report.problems.push(Problem::new(
            BlobPath::new(record.path.as_str()),
            Reason::Vanished,
            detail,
        ));
    }
    report.problems.sort();
    report.summary.complete &= found.len() >= wanted.len();
    if asked.dry_run {
        return dry_run(&report, &options, asked);
    }
    verify(&mut report, &options, asked, &stop)?;
    let exit = options.gate.judge(&report);
    let exit = if stop.interrupted() { Exit::Interrupted } else { exit };
    Ok(write_all(&options.outputs, &report, options.style, exit))
}

/// What a finding is known by: its fingerprint; its place where a report has none.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Fingerprint(String),
    Place(String, u64, String),
}

impl Record {
    fn name(&self) -> Name {
        match &self.fingerprint {
            Some(fingerprint) => Name::Fingerprint(fingerprint.clone()),
            None => Name::Place(self.path.clone(), self.line, self.signature.clone()),
        }
    }
}

fn names(finding: &Finding) -> Vec<Name> {
    let place = Name::Place(finding.path.display(), finding.line, finding.signature.clone());
    let fingerprint = finding.fingerprint.map(|print| Name::Fingerprint(print.to_string()));
    fingerprint.into_iter().chain([place]).collect()
}

fn read(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let reader: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let opened = std::fs::File::open(file);
        Box::new(opened.with_context(|| format!("cannot read the report {}", file.display()))?)
    };
    let read = reader.take(MAX_LENGTH).read_to_string(&mut text);
    read.with_context(|| format!("cannot read the report {}", file.display()))?;
    ensure!((text.len() as u64) < MAX_LENGTH, "the report is longer than 1 GiB");
    Ok(text)
}

/// The findings of a report in json or jsonl.
fn records(text: &str) -> anyhow::Result<Vec<Record>> {
    let findings: Vec<Value> = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(mut whole)) if whole.contains_key("findings") => {
            match whole.remove("findings") {
                Some(Value::Array(findings)) => findings,
                _ => bail!("the report's `findings` are no list"),
            }
        }
        _ => {
            let mut findings = Vec::new();
            for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                // A line may hold anything: the parser's words, which quote none of it, and the number.
                let value: Value = serde_json::from_str(line).ok().with_context(|| {
                    format!(
                        "line {} of the report is no JSON; give one of `-f json` or `-f jsonl`",
                        at + 1
                    )
                })?;
                if value["type"] == "finding" {
                    findings.push(value);
                }
            }
            findings
        }
    };
    let count = findings.len();
    let records = findings.into_iter().map(serde_json::from_value).collect::<Result<Vec<_>, _>>();
    let records = records
        .ok()
        .context("a finding of the report lacks what ours have: signature, path, line, origin")?;
    ensure!(count > 0 || text.contains("\"summary\""), "that is no report of ours");
    Ok(records)
}
