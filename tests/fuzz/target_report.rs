//! Report writers: whatever stands in a field, other programs read back what was written.

use std::sync::Arc;

use leakspan::model::{
    BlobPath, Commit, Confidence, Excerpt, Facts, Finding, Fingerprint, Origin, OriginKind,
    Problem, Reason, Report, SecretBytes, Severity, Span, Summary, Suppression, Verdict,
};
use leakspan::report::{FORMATS, Style};

use super::input::Input;

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let style = Style { color: false, show_secrets: input.flag(), verbose: input.byte() & 1 };
    let report = report(&mut input);
    for format in FORMATS {
        let mut out = Vec::new();
        format.write(&report, style, &mut out).expect("memory takes every byte");
        let mut again = Vec::new();
        format.write(&report, style, &mut again).expect("memory takes every byte");
        assert_eq!(out, again, "{} writes the same twice", format.name());
        let text = String::from_utf8(out).unwrap_or_else(|_| panic!("{} is UTF-8", format.name()));
        reread(format.name(), &text, &report);
    }
}

/// Reads a report as its consumers do.
fn reread(format: &str, text: &str, report: &Report) {
    let known = report.findings.len() + report.problems.len() + report.suppressed.len();
    match format {
        "json" => {
            let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
            let findings = json["findings"].as_array().expect("a list");
            assert!(findings.len() >= report.findings.len());
        }
        "jsonl" => {
            let lines: Vec<serde_json::Value> =
                text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
            assert!(lines.len() > report.findings.len() && lines.len() <= known + 1);
            assert_eq!(lines.last().expect("a summary")["type"], "summary");
        }
        "sarif" | "gitlab" | "gitleaks" => {
            serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        }
        "csv" => reread_csv(text, known),
        "junit" => reread_xml(text),
        "human" | "github" | "azure" => reread_lines(format, text, known),
        other => panic!("{other}: say here how its consumers read it"),
    }
}

fn reread_csv(text: &str, known: usize) {
    let mut rows = 0;
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.expect("every row has all columns");
        rows += 1;
        for cell in &record {
            assert!(!cell.starts_with(['=', '+', '@', '\t', '\r']), "a formula: {cell:?}");
            assert!(!cell.contains('\0'));
        }
    }
    assert!(rows <= known);
}

fn reread_xml(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut depth: i64 = 0;
    loop {
        match reader.read_event().expect("XML") {
            quick_xml::events::Event::Start(element) => {
                depth += 1;
                for attribute in element.attributes() {
                    attribute.expect("an attribute that parses");
                }
            }
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    assert!(text.chars().all(allowed), "only characters that XML 1.0 allows");
}

/// Terminals and CI logs: no control character, and no command but our own.
fn reread_lines(format: &str, text: &str, known: usize) {
    let control = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(control, None, "{format} prints a control character");
    // Azure reads its commands anywhere in a line, GitHub at its start.
    let command = |line: &&str| line.trim_start().starts_with("::") || line.contains("##vso[");
    let commands: Vec<&str> = text.split('\n').filter(command).collect();
    let most = if format == "human" { 0 } else { known + 1 };
    assert!(commands.len() <= most, "{format} gives a command that it did not mean: {commands:?}");
}

fn report(input: &mut Input<'_>) -> Report {
    let mut report = Report {
        findings: Vec::new(),
        suppressed: Vec::new(),
        problems: Vec::new(),
        summary: Summary {
            notes: vec![input.text()],
            complete: input.flag(),
            ..Summary::default()
        },
    };
    while !input.is_empty() && report.findings.len() < 8 {
        match input.below(3) {
            0 => {
                let reason = Reason::ALL[input.below(Reason::ALL.len())];
                report.problems.push(Problem::new(
                    BlobPath::new(input.bytes()),
                    reason,
                    input.text(),
                ));
            }
            1 => report.findings.push(finding(input)),
            _ => {
                let suppression = if input.flag() {
                    Suppression::Inline(input.text())
                } else {
                    let (owner, reason, until) = (input.text(), input.text(), input.text());
                    Suppression::File { owner, reason, until }
                };
                let finding = Finding { suppression: Some(suppression), ..finding(input) };
                report.suppressed.push(finding);
            }
        }
    }
    report
}

fn finding(input: &mut Input<'_>) -> Finding {
    let (signature, secret, line) = (input.text(), input.bytes().to_vec(), input.bytes().to_vec());
    let hidden = input.below(line.len() + 1);
    let start = input.below(1000) as u64;
    let column = input.below(300) as u64 + 1;
    let commit = input.flag().then(|| Commit {
        id: input.text(),
        author: input.text(),
        email: input.text(),
        date: input.text(),
    });
    let mut facts = Facts::new();
    facts.insert(input.text(), input.text().into());
    Finding {
        signatures: vec![signature.clone(), input.text()],
        signature,
        provider: input.text(),
        title: input.text(),
        kind: input.text(),
        severity: Severity::High,
        confidence: Confidence::Low,
        revoke: input.flag().then(|| input.text()),
        path: BlobPath::new(input.bytes()),
        origin: Arc::new(Origin { commit, ..Origin::of(OriginKind::File) }),
        line: start + 1,
        column,
        end_line: start + 1,
        end_column: column + secret.len() as u64,
        span: Span::new(start, start + secret.len() as u64),
        fingerprint: Some(Fingerprint([input.byte(); 32])),
        secret: SecretBytes::new(secret),
        decoded: vec![input.text()],
        facts,
        excerpt: Excerpt {
            hidden: std::iter::once(hidden..line.len()).collect(),
            line: SecretBytes::new(line),
            cut: (input.flag(), input.flag()),
        },
        nearby: None,
        suppression: None,
        expired: input.flag().then(|| input.text()),
        verdict: Verdict::not_checked(),
        sightings: 1,
        history: None,
    }
}
