//! What a hook says of a commit or push that it stops.

use std::io::{self, Write};

use super::format::Style;
use super::human::Page;
use super::shown::{Shown, problem_path};
use crate::model::{Finding, Report};
use crate::text::printable;

/// Findings that are told one by one; more help nobody to mend a commit.
const MANY: usize = 20;

/// What is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A commit of what is staged.
    Commit,
    /// A push of commits and tags.
    Push,
}

impl Deed {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Push => "push",
        }
    }

    fn would(self) -> &'static str {
        match self {
            Self::Commit => "it would record",
            Self::Push => "it would publish",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Commit => "everything that is staged",
            Self::Push => "everything that is pushed",
        }
    }

    /// The command that tells more.
    fn more(self) -> &'static str {
        match self {
            Self::Commit => "leakspan scan --staged",
            Self::Push => "leakspan scan --range",
        }
    }
}

/// Says what stops a commit or push and how to go on: at most ten lines a finding, file, line and what it is
/// first. `gates` says which findings stop it.
///
/// # Errors
/// What the writer says.
pub fn stopped(
    deed: Deed,
    report: &Report,
    gates: &dyn Fn(&Finding) -> bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let findings: Vec<Finding> = report.findings.iter().filter(|f| gates(f)).cloned().collect();
    let shown = Shown::all(&findings, style);
    if !shown.is_empty() {
        let secrets = if shown.len() == 1 { "a secret" } else { "secrets" };
        writeln!(
            out,
            "leakspan stopped this {}: {} {secrets} ({})",
            deed.name(),
            deed.would(),
            shown.len()
        )?;
    }
    for one in shown.iter().take(MANY) {
        writeln!(out)?;
        finding(deed, one, style, out)?;
    }
    if shown.len() > MANY {
        writeln!(out, "\n… and {} more: {}", shown.len() - MANY, deed.more())?;
    }
    let open: Vec<_> = report.problems.iter().filter(|p| p.reason.incomplete()).collect();
    if !open.is_empty() {
        let stopped = format!("so this {} is stopped", deed.name());
        let stopped = if shown.is_empty() { &stopped } else { "either" };
        writeln!(out, "\nleakspan could not look at {}, {stopped}:", deed.what())?;
    }
    for problem in open.iter().take(MANY) {
        let path = printable(&problem_path(problem, report, style));
        writeln!(out, "  {}  {path}  {}", problem.reason.name(), printable(&problem.detail))?;
    }
    if open.len() > MANY {
        writeln!(out, "  … and {} more: {}", open.len() - MANY, deed.more())?;
    }
    if !open.is_empty() {
        writeln!(out, "  mend what is named, or accept it for this {}: set", deed.name())?;
        writeln!(out, "  LEAKSPAN_ALLOW_INCOMPLETE={}", reasons(report))?;
    }
    Ok(())
}

/// Eight lines: the place, the source line with its caret, the three ways on.
fn finding(deed: Deed, shown: &Shown<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    Page { out: &mut *out, style }.place(shown)?;
    Page { out: &mut *out, style }.excerpt(shown)?;
    let revoke = shown.finding.revoke.as_ref();
    let revoke = revoke.map_or_else(String::new, |at| format!(" at {}", printable(at)));
    writeln!(out, "  signature    {}", printable(&shown.finding.signature))?;
    let from = match deed {
        Deed::Commit => "from the file, then `git add` that",
        Deed::Push => "from the commits (`git commit --amend`, `git rebase -i`)",
    };
    writeln!(out, "  1 remove it  {from}; was it pushed before, revoke it{revoke}")?;
    if let (Deed::Push, Some(commit)) = (deed, &shown.commit) {
        writeln!(out, "  commit       {} by {}", commit.id, printable(&commit.author))?;
    }
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
