//! `jsonl`: one object a line; findings, then problems, the summary last.

use std::io::{self, Write};

use super::format::{Format, Style};
use super::json::{Layout, write_json};
use super::record::{FindingRecord, ProblemRecord, SummaryRecord};
use super::shown::Shown;
use crate::model::Report;

/// One object a line.
pub(super) struct JsonLines;

impl Format for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let suppressed = if style.verbose > 0 { report.suppressed.as_slice() } else { &[] };
        for (name, findings) in [("finding", &*report.findings), ("suppressed", suppressed)] {
            for shown in Shown::all(findings, style) {
                write_json(&FindingRecord::new(name, &shown), Layout::Line, out)?;
            }
        }
        for record in ProblemRecord::all(report, style) {
            write_json(&record, Layout::Line, out)?;
        }
        write_json(&SummaryRecord::new(report), Layout::Line, out)
    }
}
