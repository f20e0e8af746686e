//! `gitlab`: `gl-secret-detection-report.json`, schema 15.1.4 of GitLab's security reports.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::format::{Format, Style};
use super::json::{Layout, write_json};
use super::record::listed;
use super::shown::{Shown, problem_path};
use crate::model::Report;
use crate::text::printable;

/// GitLab's secret detection report. What is suppressed has no place in it and is counted in a message.
pub(super) struct Gitlab;

/// The version of the schema that this report follows.
const VERSION: &str = "15.1.4";
/// The schema demands times, and without `--timings` a report of the same input has the same bytes.
const NO_TIME: &str = "1970-01-01T00:00:00";
/// What GitLab writes where there is no commit: its schema demands one.
const NO_COMMIT: &str = "0000000";

#[derive(Serialize)]
struct Document {
    version: &'static str,
    schema: String,
    scan: Value,
    vulnerabilities: Vec<Value>,
}

impl Format for Gitlab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let document = Document {
            version: VERSION,
            schema: format!(
                "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{VERSION}/dist/secret-detection-report-format.json"
            ),
            scan: scan(report, style),
            vulnerabilities: Shown::all(&report.findings, style)
                .iter()
                .map(vulnerability)
                .collect(),
        };
        write_json(&document, Layout::Pretty, out)
    }
}

fn scan(report: &Report, style: Style) -> Value {
    let tool = json!({
        "id": "leakspan", "name": "leakspan", "version": env!("CARGO_PKG_VERSION"),
        "vendor": {"name": "leakspan"},
    });
    let mut messages: Vec<Value> = listed(&report.problems, style)
        .map(|problem| {
            let path = printable(&problem_path(problem, report, style));
            let level = if problem.reason.incomplete() { "warn" } else { "info" };
            let text = format!("{}: {path}: {}", problem.reason.name(), printable(&problem.detail));
            json!({"level": level, "value": text})
        })
        .collect();
    for (by, n) in &report.summary.suppressed {
        messages.push(json!({"level": "info", "value": format!("{n} suppressed: {by}")}));
    }
    let (start, end) = match &report.summary.times {
        Some((start, end)) => (start.as_str(), end.as_str()),
        None => (NO_TIME, NO_TIME),
    };
    json!({
        "type": "secret_detection",
        "status": if report.summary.complete { "success" } else { "failure" },
        "start_time": start,
        "end_time": end,
        "analyzer": tool,
        "scanner": tool,
        "messages": messages,
    })
}

fn vulnerability(shown: &Shown<'_>) -> Value {
    let finding = shown.finding;
    let sha = shown.commit.as_ref().map_or(NO_COMMIT, |commit| commit.id.as_str());
    let mut commit = json!({"sha": sha});
    if let Some(known) = &shown.commit {
        commit["author"] = json!(printable(&format!("{} <{}>", known.author, known.email)));
        commit["date"] = json!(known.date);
    }
    // Names and descriptions are Markdown there: words of the signature, nothing from the file.
    let mut vulnerability = json!({
        "id": id(shown),
        "name": cut(&printable(&finding.title), 250),
        "description": format!(
            "{} ({}), confidence {}", printable(&finding.title), printable(&finding.provider), finding.confidence.name()
        ),
        "severity": capitalised(finding.severity.name()),
        "solution": "Revoke it, replace it, and move it to a secret store.",
        "identifiers": [{
            "type": "leakspan_signature",
            "name": format!("leakspan signature {}", finding.signature),
            "value": finding.signature,
        }],
        "location": {
            "file": shown.path,
            "start_line": finding.line,
            "end_line": finding.end_line,
            "commit": commit,
        },
        "raw_source_code_extract": printable(&shown.secret),
    });
    if let Some(revoke) = finding.revoke.as_ref().filter(|url| url.starts_with("https://")) {
        vulnerability["links"] = json!([{"name": "Revoke it", "url": revoke}]);
    }
    if let Some(print) = finding.fingerprint {
        vulnerability["details"] = json!({
            "fingerprint": {"type": "text", "name": "Fingerprint", "value": print.to_string()},
        });
    }
    vulnerability
}

/// A name of the finding in the form of a UUID: the same finding has the same one in every report.
fn id(shown: &Shown<'_>) -> String {
    let finding = shown.finding;
    let mut hash = Sha256::new();
    for part in [
        finding.signature.as_bytes(),
        shown.path.as_bytes(),
        finding.fingerprint.map_or([0; 32], |print| print.0).as_slice(),
        shown.commit.as_ref().map_or(&[][..], |commit| commit.id.as_bytes()),
        &finding.span.start.to_be_bytes(),
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes: [u8; 32] = hash.finalize().into();
    // Version 8 of RFC 9562: made by whoever made it.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

fn capitalised(word: &str) -> String {
    word[..1].to_ascii_uppercase() + &word[1..]
}
