//! `sarif`: SARIF 2.1.0, as GitHub, Azure and editors read it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::format::{Format, Style};
use super::json::{Layout, write_json};
use super::record::listed;
use super::shown::{Shown, problem_path, uri};
use crate::model::{Finding, OriginKind, Report, Severity, Sighting, Suppression};
use crate::text::printable;

/// One run with a rule a signature, a result a finding, a notification a problem.
pub(super) struct Sarif;

/// Results that GitHub takes in one run; the worst are kept.
const MOST_RESULTS: usize = 25_000;
/// Problems that are listed one by one.
const MOST_NOTIFICATIONS: usize = 10_000;
/// What paths are relative to, by the name that its readers know.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

impl Format for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let mut shown = Shown::all(&report.findings, style);
        shown.extend(Shown::all(&report.suppressed, style));
        let left_out = keep_worst(&mut shown, MOST_RESULTS);
        let rules = rules(&shown);
        let run = json!({
            "tool": {"driver": {
                "name": "leakspan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|finding| rule(finding)).collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of what was scanned."}}},
            "invocations": [invocation(report, style, left_out)],
            "results": results(&shown, &rules),
        });
        let schema = "https://json.schemastore.org/sarif-2.1.0.json";
        write_json(&Log { schema, version: "2.1.0", runs: [run] }, Layout::Pretty, out)
    }
}

/// Drops all but the worst; says how many went.
fn keep_worst(shown: &mut Vec<Shown<'_>>, most: usize) -> usize {
    let left_out = shown.len().saturating_sub(most);
    if left_out > 0 {
        // What gates before what does not, the grave before the slight; ties keep the report's order.
        let mut order: Vec<usize> = (0..shown.len()).collect();
        order.sort_by_key(|at| {
            let finding = shown[*at].finding;
            (finding.suppression.is_some(), std::cmp::Reverse(finding.severity))
        });
        let mut kept = vec![false; shown.len()];
        order[..most].iter().for_each(|at| kept[*at] = true);
        let mut kept = kept.into_iter();
        shown.retain(|_| kept.next().is_some_and(|kept| kept));
    }
    left_out
}

/// The signatures of these findings, by id, each with one finding that tells about it.
fn rules<'a>(shown: &[Shown<'a>]) -> BTreeMap<&'a str, &'a Finding> {
    let mut rules = BTreeMap::new();
    for one in shown {
        rules.entry(one.finding.signature.as_str()).or_insert(one.finding);
    }
    rules
}

fn rule(finding: &Finding) -> Value {
    let title = message(&finding.title);
    let revoke = finding.revoke.as_ref().filter(|url| url.starts_with("https://"));
    let where_to = revoke.map_or_else(String::new, |url| format!(" Revoke it at {url}"));
    let advice = "Revoke it at its provider, replace it, and keep the new one in a secret store. \
        Taking it out of the file is not enough: whoever read it has it.";
    let mut rule = json!({
        "id": finding.signature,
        "name": finding.signature,
        "shortDescription": {"text": title},
        "fullDescription": {"text": format!("A credential of {}: {title}.", message(&finding.provider))},
        "help": {"text": format!("{advice}{where_to}"), "markdown": format!("{advice}{where_to}")},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {
            "tags": ["security", "secret"],
            "precision": match finding.confidence.name() { "high" => "very-high", other => other },
            "security-severity": match finding.severity {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::Low => "2.0",
            },
        },
    });
    if let Some(url) = revoke {
        rule["helpUri"] = json!(url);
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn results(shown: &[Shown<'_>], rules: &BTreeMap<&str, &Finding>) -> Vec<Value> {
    let indices: BTreeMap<&str, usize> =
        rules.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    // The n-th time that a secret stands in a file: moving lines changes nothing, a copy is another.
    let mut times: BTreeMap<(&str, String), usize> = BTreeMap::new();
    shown
        .iter()
        .map(|one| {
            let print = one.finding.fingerprint.map_or_else(String::new, |print| print.to_string());
            let n = times.entry((one.path.as_str(), print.clone())).or_default();
            *n += 1;
            result(one, indices[one.finding.signature.as_str()], &print, *n)
        })
        .collect()
}

fn result(shown: &Shown<'_>, rule: usize, print: &str, n: usize) -> Value {
    let finding = shown.finding;
    let mut text = format!("{} found: {}", message(&finding.title), message(&shown.secret));
    if let Some(date) = &finding.expired {
        text.push_str(&format!(" (its suppression ran out on {date})"));
    }
    let mut result = json!({
        "ruleId": finding.signature,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": shown.uri, "uriBaseId": ROOT},
        }}],
        "properties": {
            "confidence": finding.confidence.name(),
            "kind": finding.kind,
            "provider": finding.provider,
            "verdict": finding.verdict.status.name(),
            "length": finding.secret.len(),
        },
    });
    // A name has no place in the content.
    if !shown.in_name() {
        result["locations"][0]["physicalLocation"]["region"] = region(shown);
    }
    if !shown.sightings().is_empty() {
        result["relatedLocations"] = shown.sightings().iter().map(related).collect();
    }
    if !print.is_empty() {
        result["partialFingerprints"] = json!({
            "primaryLocationLineHash": format!("{}:{n}", &print[..16]),
            "leakspanSecret/v1": print,
        });
    }
    if let Some(suppression) = &finding.suppression {
        let kind =
            if matches!(suppression, Suppression::Inline(_)) { "inSource" } else { "external" };
        let why = shown.suppressed_by().unwrap_or_default();
        result["suppressions"] =
            json!([{"kind": kind, "status": "accepted", "justification": why}]);
    }
    result
}

/// One of its places in a history.
fn related(sighting: &Sighting) -> Value {
    let from = sighting.commit.as_ref().map_or_else(|| "no commit".to_owned(), |c| c.id.clone());
    let mut place = json!({
        "physicalLocation": {"artifactLocation": {
            "uri": uri(sighting.path.display().as_bytes()), "uriBaseId": ROOT,
        }},
        "message": {"text": format!("in {from}, {}", sighting.reach.name())},
    });
    if sighting.kind != OriginKind::Path {
        let region = json!({"startLine": sighting.line});
        place["physicalLocation"]["region"] = region;
    }
    place
}

/// Where it stands: lines always, bytes always, columns where the line is whole.
fn region(shown: &Shown<'_>) -> Value {
    let finding = shown.finding;
    let mut region = json!({
        "startLine": finding.line,
        "endLine": finding.end_line,
        "byteOffset": finding.span.start,
        "byteLength": finding.span.len(),
    });
    if let Some((start, end)) = shown.utf16_columns() {
        region["startColumn"] = json!(start);
        region["endColumn"] = json!(end);
    }
    region
}

fn invocation(report: &Report, style: Style, left_out: usize) -> Value {
    let mut notes: Vec<Value> = listed(&report.problems, style)
        .take(MOST_NOTIFICATIONS)
        .map(|problem| {
            let path = problem_path(problem, report, style);
            let level = if problem.reason.incomplete() { "warning" } else { "note" };
            let mut note = notice(level, &format!("{path}: {}", problem.detail));
            note["descriptor"] = json!({"id": problem.reason.name()});
            let uri = uri(path.as_bytes());
            if !uri.is_empty() {
                note["locations"] = json!([{"physicalLocation": {
                    "artifactLocation": {"uri": uri, "uriBaseId": ROOT},
                }}]);
            }
            note
        })
        .collect();
    let more = listed(&report.problems, style).count().saturating_sub(MOST_NOTIFICATIONS);
    if more > 0 {
        notes.push(notice("warning", &format!("{more} more problems are left out here")));
    }
    if left_out > 0 {
        let text = format!(
            "{left_out} less severe results are left out: readers take {MOST_RESULTS} at most"
        );
        notes.push(notice("warning", &text));
    }
    notes.extend(report.summary.notes.iter().map(|text| notice("note", text)));
    json!({
        "executionSuccessful": report.summary.complete,
        "toolExecutionNotifications": notes,
    })
}

fn notice(level: &str, text: &str) -> Value {
    json!({"level": level, "message": {"text": message(text)}})
}

/// Text of a message: printable, and no link or placeholder of SARIF (3.11.5, 3.11.6).
fn message(text: &str) -> String {
    printable(text)
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
        .replace('{', "(")
        .replace('}', ")")
}
