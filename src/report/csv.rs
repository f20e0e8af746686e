//! `csv`: one finding or problem a row, for spreadsheets; quoted by RFC 4180.

use std::io::{self, Write};

use super::format::{Format, Style};
use super::record::listed;
use super::shown::{Shown, problem_path};
use crate::model::{Commit, Report, Sighting};
use crate::text::printable;

/// One row a finding, then one row a problem.
pub(super) struct Csv;

const COLUMNS: [&str; 23] = [
    "type",
    "signature",
    "provider",
    "title",
    "kind",
    "severity",
    "confidence",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "secret",
    "length",
    "fingerprint",
    "commit",
    "author",
    "email",
    "date",
    "verdict",
    "decoded",
    "suppressed",
    "detail",
];

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let mut table =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        table.write_record(COLUMNS)?;
        for shown in Shown::all(&report.findings, style) {
            table.write_record(row("finding", &shown))?;
            for sighting in shown.sightings() {
                table.write_record(sighted(row("sighting", &shown), sighting))?;
            }
        }
        if style.verbose > 0 {
            for shown in Shown::all(&report.suppressed, style) {
                table.write_record(row("suppressed", &shown))?;
            }
        }
        for problem in listed(&report.problems, style) {
            let mut row = vec![String::new(); COLUMNS.len()];
            row[0] = "problem".to_owned();
            row[1] = problem.reason.name().to_owned();
            row[7] = cell(&problem_path(problem, report, style));
            row[22] = cell(&problem.detail);
            table.write_record(row)?;
        }
        table.flush()
    }
}

/// The row of a finding, for one of its places.
fn sighted(mut row: Vec<String>, sighting: &Sighting) -> Vec<String> {
    let commit = sighting.commit.as_ref();
    let of = |field: fn(&Commit) -> &String| commit.map_or_else(String::new, |c| cell(field(c)));
    row[7] = cell(&sighting.path.display());
    row[8] = sighting.line.to_string();
    row[9] = sighting.column.to_string();
    // The ends are those of the first place alone.
    row[10..12].iter_mut().for_each(String::clear);
    row[15..19].clone_from_slice(&[
        of(|c| &c.id),
        of(|c| &c.author),
        of(|c| &c.email),
        of(|c| &c.date),
    ]);
    row[22] = format!("{}, object {}", sighting.reach.name(), sighting.object);
    row
}

fn row(r#type: &str, shown: &Shown<'_>) -> Vec<String> {
    let finding = shown.finding;
    let commit = shown.commit.as_ref();
    [
        r#type.to_owned(),
        finding.signature.clone(),
        finding.provider.clone(),
        finding.title.clone(),
        finding.kind.clone(),
        finding.severity.name().to_owned(),
        finding.confidence.name().to_owned(),
        shown.path.clone(),
        finding.line.to_string(),
        finding.column.to_string(),
        finding.end_line.to_string(),
        finding.end_column.to_string(),
        shown.secret.clone(),
        finding.secret.len().to_string(),
        finding.fingerprint.map_or_else(String::new, |print| print.to_string()),
        commit.map_or_else(String::new, |c| c.id.clone()),
        commit.map_or_else(String::new, |c| c.author.clone()),
        commit.map_or_else(String::new, |c| c.email.clone()),
        commit.map_or_else(String::new, |c| c.date.clone()),
        finding.verdict.status.name().to_owned(),
        finding.decoded.join(" "),
        shown.suppressed_by().unwrap_or_default(),
        finding.expired.as_ref().map_or_else(String::new, |on| format!("suppression expired {on}")),
    ]
    .iter()
    .map(|text| cell(text))
    .collect()
}

/// Text that a spreadsheet takes for text: what would start a formula gets a leading `'`.
fn cell(text: &str) -> String {
    let text = printable(text);
    // Some programs look behind spaces, and some languages write full-width signs.
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_begins_a_formula() {
        for text in ["=cmd|' /C calc'!A0", "+1", "-1", "@sum", "\t=1", "\r=1", " =1", "＝1"] {
            let cell = cell(text);
            assert!(cell.starts_with(['\'', '\\']), "{text:?} became {cell:?}");
        }
        assert_eq!(cell("src/a=b.env"), "src/a=b.env");
    }
}
