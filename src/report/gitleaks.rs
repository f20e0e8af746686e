//! `gitleaks`: a JSON array with the keys of gitleaks' report, for tools that read that one.

use std::io::{self, Write};

use serde::Serialize;

use super::format::{Format, Style};
use super::json::{Layout, write_json};
use super::shown::Shown;
use crate::model::{Commit, Report, Sighting};
use crate::text::entropy;

/// gitleaks-shaped findings; always redacted unless secrets are shown. Problems have no place in it.
pub(super) struct Gitleaks;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Leak<'a> {
    #[serde(rename = "RuleID")]
    rule_id: &'a str,
    description: &'a str,
    start_line: u64,
    end_line: u64,
    start_column: u64,
    end_column: u64,
    r#match: &'a str,
    secret: &'a str,
    file: String,
    symlink_file: &'a str,
    commit: &'a str,
    entropy: f32,
    author: &'a str,
    email: &'a str,
    date: &'a str,
    message: &'a str,
    tags: Vec<String>,
    fingerprint: String,
}

impl Format for Gitleaks {
    fn name(&self) -> &'static str {
        "gitleaks"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let findings = Shown::all(&report.findings, style);
        let leaks = findings.iter().flat_map(|shown| {
            // That tool writes a row for each commit.
            let sighted = shown.sightings().iter().map(|sighting| sighted(leak(shown), sighting));
            let sighted: Vec<_> = sighted.collect();
            if sighted.is_empty() { vec![leak(shown)] } else { sighted }
        });
        write_json(&leaks.collect::<Vec<_>>(), Layout::Pretty, out)
    }
}

fn leak<'a>(shown: &'a Shown<'_>) -> Leak<'a> {
    let finding = shown.finding;
    let commit = shown.commit.as_ref();
    let of = |field: fn(&crate::model::Commit) -> &String| commit.map_or("", |c| field(c).as_str());
    let sha = of(|c| &c.id);
    let place = format!("{}:{}:{}", shown.path, finding.signature, finding.line);
    // gitleaks measures from the newline: one more on every line but the first. Its end is inclusive.
    let column = |line: u64, column: u64| column + u64::from(line > 1);
    Leak {
        rule_id: &finding.signature,
        description: &finding.title,
        start_line: finding.line,
        end_line: finding.end_line,
        start_column: column(finding.line, finding.column),
        end_column: column(finding.end_line, finding.end_column.saturating_sub(1)),
        r#match: &shown.secret,
        secret: &shown.secret,
        file: shown.path.clone(),
        symlink_file: "",
        commit: sha,
        entropy: entropy(finding.secret.reveal()),
        author: of(|c| &c.author),
        email: of(|c| &c.email),
        date: of(|c| &c.date),
        message: "",
        tags: finding.decoded.iter().map(|decoder| format!("decoded:{decoder}")).collect(),
        fingerprint: if sha.is_empty() { place } else { format!("{sha}:{place}") },
    }
}

/// The same for one of its places.
fn sighted<'a>(leak: Leak<'a>, sighting: &'a Sighting) -> Leak<'a> {
    let commit = sighting.commit.as_ref();
    let of = |field: fn(&Commit) -> &String| commit.map_or("", |c| field(c).as_str());
    let file = sighting.path.display();
    let place = format!("{file}:{}:{}", leak.rule_id, sighting.line);
    let sha = of(|c| &c.id);
    let lines = leak.end_line - leak.start_line;
    let start_column = sighting.column + u64::from(sighting.line > 1);
    let width = leak.end_column.saturating_sub(leak.start_column);
    Leak {
        start_line: sighting.line,
        end_line: sighting.line + lines,
        start_column,
        end_column: if lines == 0 { start_column + width } else { leak.end_column },
        file,
        commit: sha,
        author: of(|c| &c.author),
        email: of(|c| &c.email),
        date: of(|c| &c.date),
        fingerprint: if sha.is_empty() { place } else { format!("{sha}:{place}") },
        ..leak
    }
}
