//! `human`: for a person at a terminal.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Color};

use super::format::{Format, Style};
use super::record::{listed, reasons};
use super::shown::{Shown, problem_path};
use crate::model::{
    BlobPath, Commit, Finding, Force, OriginKind, Report, Severity, Sighting, Status, Verdict,
};
use crate::text::{printable, width};

/// Findings with their source lines, then what was not looked at, then a summary.
pub(super) struct Human;

/// Problems that are listed one by one without `-v`; the rest is counted.
const MANY_PROBLEMS: usize = 100;
/// Characters of the line that are shown before a secret and behind it.
const MOST_BEFORE: usize = 70;
/// See [`MOST_BEFORE`].
const MOST_AFTER: usize = 50;

impl Format for Human {
    fn name(&self) -> &'static str {
        "human"
    }

    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Page { out, style };
        for shown in Shown::all(&report.findings, style) {
            page.finding(&shown)?;
        }
        if style.verbose > 0 {
            for shown in Shown::all(&report.suppressed, style) {
                page.finding(&shown)?;
            }
        }
        page.problems(report)?;
        page.summary(report)
    }
}

const BOLD: Color = Color::new().bold();
const DIM: Color = Color::new().dimmed();
const RED: Color = AnsiColor::Red.on_default().bold();
const YELLOW: Color = AnsiColor::Yellow.on_default().bold();
const GREEN: Color = AnsiColor::Green.on_default().bold();
const BLUE: Color = AnsiColor::Cyan.on_default();

/// A report as it is written for a person.
pub(super) struct Page<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) style: Style,
}

impl Page<'_> {
    /// Text in a colour, or plain where there is none.
    fn paint(&self, color: Color, text: &str) -> String {
        if self.style.color { format!("{color}{text}{color:#}") } else { text.to_owned() }
    }

    /// Severity, `path:line:column`, what it is.
    pub(super) fn place(&mut self, shown: &Shown<'_>) -> io::Result<()> {
        let finding = shown.finding;
        // The severity comes first: what a line starts with is ours, never a path.
        let severity = self.paint(severity_color(finding.severity), finding.severity.name());
        let place = format!("{}{}", printable(&shown.path), shown.position());
        let title = self.paint(BOLD, &printable(&finding.title));
        writeln!(self.out, "{severity}  {}  {title}", self.paint(BLUE, &place))
    }

    fn finding(&mut self, shown: &Shown<'_>) -> io::Result<()> {
        self.place(shown)?;
        self.excerpt(shown)?;
        for (name, value) in details(shown) {
            let name = self.paint(DIM, &format!("{name:<12}"));
            writeln!(self.out, "  {name} {}", printable(&value))?;
        }
        writeln!(self.out)
    }

    /// The source line, its secrets masked, this one underlined.
    pub(super) fn excerpt(&mut self, shown: &Shown<'_>) -> io::Result<()> {
        let finding = shown.finding;
        let excerpt = &finding.excerpt;
        if excerpt.line.is_empty() {
            return Ok(());
        }
        let own = own_piece(shown);
        let (mut before, mut under, mut after) = (String::new(), String::new(), String::new());
        for (at, piece) in shown.line.iter().enumerate() {
            let text = printable(&piece.text.replace('\t', "    "));
            match own.map(|own| at.cmp(&own)) {
                Some(Ordering::Equal) => under = text,
                Some(Ordering::Less) => before.push_str(&text),
                _ => after.push_str(&text),
            }
        }
        let before = last_chars(&before, MOST_BEFORE, excerpt.cut.0);
        let after = first_chars(&after, MOST_AFTER, excerpt.cut.1);
        // Pieces that are harmless alone may join to a command of a CI runner.
        let text = printable(&format!("{before}{under}{after}"));
        let number = finding.line.to_string();
        let bar = self.paint(DIM, "|");
        writeln!(self.out, "  {} {bar} {}", self.paint(DIM, &number), text.trim_end())?;
        if !under.is_empty() {
            let carets = "^".repeat(width(&under));
            let carets = self.paint(severity_color(finding.severity), &carets);
            let margin = " ".repeat(number.len());
            writeln!(self.out, "  {margin} {bar} {}{carets}", " ".repeat(width(&before)))?;
        }
        Ok(())
    }

    fn problems(&mut self, report: &Report) -> io::Result<()> {
        let most = if self.style.verbose > 0 { usize::MAX } else { MANY_PROBLEMS };
        let all: Vec<_> = listed(&report.problems, self.style).collect();
        for problem in all.iter().take(most) {
            let color = if problem.reason.incomplete() { YELLOW } else { DIM };
            writeln!(
                self.out,
                "{}  {}  {}",
                self.paint(color, problem.reason.name()),
                printable(&problem_path(problem, report, self.style)),
                printable(&problem.detail)
            )?;
        }
        if all.len() > most {
            writeln!(self.out, "… and {} more problems; -v lists them all", all.len() - most)?;
        }
        if all.is_empty() { Ok(()) } else { writeln!(self.out) }
    }

    fn summary(&mut self, report: &Report) -> io::Result<()> {
        let summary = &report.summary;
        for note in &summary.notes {
            writeln!(self.out, "{} {}", self.paint(BOLD, "note:"), printable(note))?;
        }
        let found = match report.findings.len() {
            0 if !summary.complete => self.paint(YELLOW, "no secrets in what could be read"),
            0 => self.paint(GREEN, "no secrets found"),
            1 => self.paint(RED, "1 secret found"),
            n => self.paint(RED, &format!("{n} secrets found")),
        };
        let levels = severities(&report.findings);
        let levels = if levels.is_empty() { levels } else { format!(" ({levels})") };
        let mut scanned = format!("{}, {}", counted(summary.files, "file"), size(summary.bytes));
        if let Some(objects) = summary.objects {
            scanned.push_str(&format!(", {}", counted(objects, "git object")));
        }
        scanned.push_str(&format!(", {}", counted(summary.signatures, "signature")));
        let time = summary.seconds.map_or_else(String::new, |s| format!(", {s:.3} s"));
        writeln!(self.out, "{found}{levels}; scanned {scanned}{time}")?;
        self.left_out(report)
    }

    /// What was not scanned and what does not gate, in words.
    fn left_out(&mut self, report: &Report) -> io::Result<()> {
        let (open, planned): (Vec<_>, Vec<_>) =
            report.problems.iter().partition(|p| p.reason.incomplete());
        let of = |want: bool| {
            let names: Vec<_> = reasons(report)
                .into_iter()
                .filter(|(name, _)| {
                    report
                        .problems
                        .iter()
                        .any(|p| p.reason.name() == *name && p.reason.incomplete() == want)
                })
                .map(|(name, n)| format!("{n} {name}"))
                .collect();
            names.join(", ")
        };
        if !open.is_empty() {
            let state =
                if report.summary.complete { "accepted" } else { "this scan is incomplete" };
            let line = format!("could not be scanned: {} ({}); {state}", open.len(), of(true));
            writeln!(self.out, "{}", self.paint(YELLOW, &line))?;
        } else if !report.summary.complete {
            writeln!(self.out, "{}", self.paint(YELLOW, "this scan is incomplete"))?;
        }
        if !planned.is_empty() {
            let hint = if self.style.verbose > 0 { "" } else { "; -v lists them" };
            writeln!(self.out, "left out: {} ({}){hint}", planned.len(), of(false))?;
        }
        let suppressed = &report.summary.suppressed;
        let total: u64 = suppressed.values().sum();
        if total > 0 {
            let by: Vec<_> = suppressed.iter().map(|(name, n)| format!("{n} {name}")).collect();
            writeln!(self.out, "suppressed: {total} ({})", printable(&by.join(", ")))?;
        }
        Ok(())
    }
}

/// Name and value of everything beside the source line that helps whoever must act.
fn details(shown: &Shown<'_>) -> Vec<(&'static str, String)> {
    let finding = shown.finding;
    let mut details = vec![
        ("signature", finding.signature.clone()),
        ("confidence", format!("{}, {}", finding.confidence.name(), finding.kind)),
        ("secret", format!("{} ({} bytes)", shown.secret, finding.secret.len())),
    ];
    if !finding.decoded.is_empty() {
        details.push(("decoded", finding.decoded.join(", then ")));
    }
    if let Some(commit) = &shown.commit {
        details.push((
            "commit",
            format!("{} by {} <{}>, {}", commit.id, commit.author, commit.email, commit.date),
        ));
    }
    if let Some(history) = &shown.history {
        let today = match (finding.origin.in_head, history.removed()) {
            (Some(true), _) => "; it still stands there".to_owned(),
            (_, Some(removed)) => format!("; taken out by {} on {}", removed.id, removed.date),
            _ => String::new(),
        };
        details.push(("reached from", format!("{}{today}", history.reach.name())));
        if history.paths.len() > 1 {
            let paths: Vec<_> = history.paths.iter().map(BlobPath::display).collect();
            details.push(("paths", paths.join(", ")));
        }
        for step in &history.moves {
            let Commit { id, date, .. } = &step.commit;
            details.push(("moved to", format!("{} by {id} on {date}", step.path.display())));
        }
    }
    if finding.sightings > 1 || !shown.sightings().is_empty() {
        details.push(("sightings", finding.sightings.to_string()));
    }
    details.extend(shown.sightings().iter().map(|one| ("seen", sighting(one))));
    for (name, value) in &shown.facts {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        details.push(("fact", format!("{name}: {value}")));
    }
    details.extend(verdict(&finding.verdict));
    if let Some(print) = finding.fingerprint {
        details.push(("fingerprint", print.to_string()));
    }
    if let Some(revoke) = &finding.revoke {
        details.push(("revoke at", revoke.clone()));
    }
    if let Some(date) = &finding.expired {
        details.push(("expired", format!("its suppression ran out on {date}, so it counts again")));
    }
    if let Some(words) = shown.suppressed_by() {
        details.push(("suppressed", words));
    }
    details
}

/// Whether it works, and who it is: «live», «revoked (weak): expired».
fn verdict(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let Verdict { status, reason, force, identity, .. } = verdict;
    if *status == Status::NotChecked {
        return Vec::new();
    }
    let force = if *force == Some(Force::Weak) { " (weak)" } else { "" };
    let reason = reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let mut details = vec![("verdict", format!("{}{force}{reason}", status.name()))];
    for (name, value) in identity {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        details.push(("identity", format!("{name}: {value}")));
    }
    details
}

/// A place of a secret, in a line.
fn sighting(one: &Sighting) -> String {
    let place = match one.kind {
        OriginKind::Path => format!("{} (its name)", one.path.display()),
        _ => format!("{}:{}:{}", one.path.display(), one.line, one.column),
    };
    let from = match &one.commit {
        Some(Commit { id, author, email, date }) => format!("{id} by {author} <{email}>, {date}"),
        None => format!("no commit, object {}", one.object),
    };
    let suppressed = if one.suppressed { ", suppressed" } else { "" };
    format!("{place} in {from}, {}{suppressed}", one.reach.name())
}

/// The piece of the line that is the finding's own secret. Where the line was cut or decoded, its
/// column is another than in the excerpt: then it is the masked stretch that is as long as the secret.
fn own_piece(shown: &Shown<'_>) -> Option<usize> {
    let finding = shown.finding;
    let column = usize::try_from(finding.column.saturating_sub(1)).unwrap_or(usize::MAX);
    let whole = !finding.excerpt.cut.0;
    let length = finding.end_column.saturating_sub(finding.column);
    let find = |is: &dyn Fn(&std::ops::Range<usize>) -> bool| {
        shown.line.iter().position(|piece| piece.hides.as_ref().is_some_and(is))
    };
    find(&|hides| whole && hides.contains(&column))
        .or_else(|| find(&|hides| hides.len() as u64 == length))
        .or_else(|| find(&|_| true))
}

/// The end of a text, with `…` before it where something is missing.
fn last_chars(text: &str, most: usize, cut: bool) -> String {
    let skip = text.chars().count().saturating_sub(most);
    let dots = if cut || skip > 0 { "…" } else { "" };
    dots.chars().chain(text.chars().skip(skip)).collect()
}

/// The start of a text, with `…` behind it where something is missing.
fn first_chars(text: &str, most: usize, cut: bool) -> String {
    let dots = if cut || text.chars().count() > most { "…" } else { "" };
    text.chars().take(most).chain(dots.chars()).collect()
}

fn severity_color(severity: Severity) -> Color {
    match severity {
        Severity::Critical | Severity::High => RED,
        Severity::Medium => YELLOW,
        Severity::Low => BLUE,
    }
}

/// `1 critical, 2 high`, the worst first.
fn severities(findings: &[Finding]) -> String {
    let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.severity).or_default() += 1;
    }
    let words: Vec<_> =
        counts.iter().rev().map(|(level, n)| format!("{n} {}", level.name())).collect();
    words.join(", ")
}

fn counted(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Bytes in the unit that a person reads most easily.
fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return counted(bytes, "byte");
    }
    let power = (bytes.ilog2() as usize / 10).min(units.len());
    format!("{:.1} {}", bytes as f64 / 1024_f64.powi(power as i32), units[power - 1])
}
