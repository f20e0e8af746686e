//! What a hook says of a commit that it stops.

use std::io::{self, Write};

use super::format::Style;
use super::human::Page;
use super::shown::{Shown, problem_path};
use crate::model::{Finding, Report};
use crate::text::printable;

/// Findings that are told one by one; more help nobody to mend a commit.
const MANY: usize = 20;

/// Says what stops a commit and how to go on: at most ten lines a finding, file, line and what it is
/// first. `gates` says which findings stop it.
///
/// # Errors
/// What the writer says.
pub fn stopped_commit(
    report: &Report,
    gates: &dyn Fn(&Finding) -> bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let findings: Vec<Finding> = report.findings.iter().filter(|f| gates(f)).cloned().collect();
    let shown = Shown::all(&findings, style);
    if !shown.is_empty() {
        let secrets = if shown.len() == 1 { "a secret" } else { "secrets" };
        writeln!(out, "leakspan stopped this commit: it would record {secrets} ({})", shown.len())?;
    }
    for one in shown.iter().take(MANY) {
        writeln!(out)?;
        finding(one, style, out)?;
    }
    if shown.len() > MANY {
        writeln!(out, "\n… and {} more: leakspan scan --staged", shown.len() - MANY)?;
    }
    let open: Vec<_> = report.problems.iter().filter(|p| p.reason.incomplete()).collect();
    if !open.is_empty() {
        let stopped = if shown.is_empty() { "so this commit is stopped" } else { "either" };
        writeln!(out, "\nleakspan could not look at everything that is staged, {stopped}:")?;
    }
    for problem in open.iter().take(MANY) {
        let path = printable(&problem_path(problem, report, style));
        writeln!(out, "  {}  {path}  {}", problem.reason.name(), printable(&problem.detail))?;
    }
    if open.len() > MANY {
        writeln!(out, "  … and {} more: leakspan scan --staged", open.len() - MANY)?;
    }
    if !open.is_empty() {
        writeln!(out, "  mend what is named, or accept it for this commit: set")?;
        writeln!(out, "  LEAKSPAN_ALLOW_INCOMPLETE={}", reasons(report))?;
    }
    Ok(())
}

/// Eight lines: the place, the source line with its caret, the three ways on.
fn finding(shown: &Shown<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    Page { out: &mut *out, style }.place(shown)?;
    Page { out: &mut *out, style }.excerpt(shown)?;
    let revoke = shown.finding.revoke.as_ref();
    let revoke = revoke.map_or_else(String::new, |at| format!(" at {}", printable(at)));
    writeln!(out, "  signature    {}", printable(&shown.finding.signature))?;
    writeln!(
        out,
        "  1 remove it  from the file, then `git add` that; was it pushed before, revoke it{revoke}"
    )?;
    writeln!(out, "  2 move it    to a secret store or the environment, and read it from there")?;
    if let Some(date) = &shown.finding.expired {
        writeln!(out, "  its suppression ran out on {}; to renew it:", printable(date))?;
    }
    let print = shown.finding.fingerprint.map_or_else(String::new, |print| print.to_string());
    writeln!(
        out,
        "  3 allow it   leakspan suppress {print} --owner NAME --reason WHY --until YYYY-MM-DD"
    )
}

/// The reasons that leave the scan incomplete, each once.
fn reasons(report: &Report) -> String {
    let mut names: Vec<_> =
        report.problems.iter().filter(|p| p.reason.incomplete()).map(|p| p.reason.name()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}
