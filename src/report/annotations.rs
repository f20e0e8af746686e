//! `github` and `azure`: lines that the log of a CI job turns into notes on the changed files.

use std::io::{self, Write};

use super::format::{Format, Style};
use super::record::listed;
use super::shown::{Shown, problem_path};
use crate::model::Report;
use crate::text::printable;

/// Workflow commands of GitHub Actions.
pub(super) struct Github;
/// Logging commands of Azure Pipelines.
pub(super) struct Azure;

/// Bytes of one annotation at most.
const MOST: usize = 4096;
/// Annotations at most: GitHub shows ten a step, and a log of a million lines helps nobody.
const MANY: usize = 1000;

impl Format for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        write_notes(report, style, out, github_line)
    }
}

impl Format for Azure {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        write_notes(report, style, out, azure_line)
    }
}

/// One annotation; its texts are printable, not yet escaped for a command.
struct Note {
    level: Level,
    path: Option<String>,
    /// Line, and columns where they are known.
    place: Option<(u64, Option<(u64, u64)>)>,
    title: String,
    message: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

fn write_notes(
    report: &Report,
    style: Style,
    out: &mut dyn Write,
    line: fn(&Note) -> String,
) -> io::Result<()> {
    for shown in Shown::all(&report.findings, style).iter().take(MANY) {
        writeln!(out, "{}", line(&finding_note(shown)))?;
    }
    for problem in listed(&report.problems, style).take(MANY) {
        let level = if problem.reason.incomplete() { Level::Warning } else { Level::Notice };
        let path = printable(&problem_path(problem, report, style));
        let message = format!("{}: {path}: {}", problem.reason.name(), printable(&problem.detail));
        let title = "leakspan could not look at this".to_owned();
        writeln!(out, "{}", line(&Note { level, path: Some(path), place: None, title, message }))?;
    }
    writeln!(out, "{}", line(&summary_note(report)))
}

fn finding_note(shown: &Shown<'_>) -> Note {
    let finding = shown.finding;
    let print = finding.fingerprint.map_or_else(String::new, |p| format!(", fingerprint {p}"));
    let revoke =
        finding.revoke.as_ref().map_or_else(String::new, |at| format!("; revoke it at {at}"));
    let message = format!(
        "{} ({}, {}) {}{print}{revoke}",
        finding.title,
        finding.signature,
        finding.severity.name(),
        shown.secret
    );
    Note {
        level: Level::Error,
        path: Some(printable(&shown.path)),
        place: (!shown.in_name()).then(|| (finding.line, shown.utf16_columns())),
        title: printable(&format!("leakspan: {}", finding.title)),
        message: printable(&message),
    }
}

fn summary_note(report: &Report) -> Note {
    let summary = &report.summary;
    let state = if summary.complete { "complete" } else { "incomplete" };
    let message = format!(
        "{} secrets in {} files ({} bytes, {} signatures); {} suppressed, {} not looked at; {state}",
        report.findings.len(),
        summary.files,
        summary.bytes,
        summary.signatures,
        summary.suppressed.values().sum::<u64>(),
        report.problems.len(),
    );
    let level = if summary.complete { Level::Notice } else { Level::Warning };
    Note { level, path: None, place: None, title: "leakspan".to_owned(), message }
}

/// `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`
fn github_line(note: &Note) -> String {
    let data = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")];
    let property = [data.as_slice(), &[(":", "%3A"), (",", "%2C")]].concat();
    let mut properties = Vec::new();
    if let Some(path) = &note.path {
        properties.push(format!("file={}", escaped(path, &property, MOST / 4)));
    }
    if let Some((line, columns)) = note.place {
        properties.push(format!("line={line},endLine={line}"));
        if let Some((start, end)) = columns {
            properties.push(format!("col={start},endColumn={end}"));
        }
    }
    properties.push(format!("title={}", escaped(&note.title, &property, MOST / 8)));
    let level = match note.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    format!("::{level} {}::{}", properties.join(","), escaped(&note.message, &data, MOST / 2))
}

/// `##vso[task.logissue type=error;sourcepath=…;linenumber=…;columnnumber=…]message`; Azure knows no
/// notices, so those are plain lines.
fn azure_line(note: &Note) -> String {
    let level = match note.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => return format!("leakspan: {}", note.message),
    };
    let data = [("%", "%AZP25"), ("\r", "%0D"), ("\n", "%0A")];
    let property = [data.as_slice(), &[("]", "%5D"), (";", "%3B")]].concat();
    let mut line = format!("##vso[task.logissue type={level};");
    if let Some(path) = &note.path {
        line.push_str(&format!("sourcepath={};", escaped(path, &property, MOST / 4)));
    }
    if let Some((number, columns)) = note.place {
        line.push_str(&format!("linenumber={number};"));
        if let Some((start, _)) = columns {
            line.push_str(&format!("columnnumber={start};"));
        }
    }
    format!("{line}]{}", escaped(&note.message, &data, MOST / 2))
}

/// Text with the characters replaced that would end its part of a command, cut to `most` bytes.
fn escaped(text: &str, table: &[(&str, &str)], most: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let plain = c.encode_utf8(&mut [0; 4]).to_owned();
        let piece =
            table.iter().find(|(from, _)| *from == plain).map_or(plain.as_str(), |(_, to)| to);
        if out.len() + piece.len() > most {
            return out + "…";
        }
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_is_cut_between_escapes() {
        let table = [("%", "%25")];
        assert_eq!(escaped("a%b%c", &table, 5), "a%25b…");
        assert_eq!(escaped("a%b", &table, 5), "a%25b");
    }
}
