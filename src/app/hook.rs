//! `leakspan hook`: the hook that checks a commit, put in place, taken out, looked at, run.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::gate::Exit;
use super::options::Options;
use super::output;
use super::scan;
use super::stop::Stop;
use crate::git::HooksPlace;
use crate::hooks;
use crate::model::Report;
use crate::report::stopped_commit;
use crate::text::printable;

/// Installs the hook; says what was done.
///
/// # Errors
/// Where there is no repository, or the hook cannot be placed.
pub fn install(path: &Path) -> anyhow::Result<String> {
    let program = std::env::current_exe().context("cannot find out where this program is")?;
    Ok(lines(&hooks::install(&place(path)?, &program)?))
}

/// Takes the hook out; says what was done.
///
/// # Errors
/// Where there is no repository, or the hook cannot be taken out.
pub fn remove(path: &Path) -> anyhow::Result<String> {
    Ok(lines(&hooks::remove(&place(path)?)?))
}

/// Says whether commits are checked: [`Exit::Clean`] where they are, else [`Exit::Incomplete`].
///
/// # Errors
/// Where there is no repository, or a hook cannot be read.
pub fn status(path: &Path) -> anyhow::Result<(Exit, String)> {
    let status = look(path)?;
    let mut text = lines(&status.lines);
    let exit = if status.active { Exit::Clean } else { Exit::Incomplete };
    let words = if status.active {
        "active: commits are checked"
    } else {
        "not active: commits are not checked"
    };
    writeln!(text, "{words}")?;
    Ok((exit, text))
}

/// Looks at everything between `git commit` and this program.
pub(super) fn look(path: &Path) -> anyhow::Result<hooks::Status> {
    let search: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    Ok(hooks::status(&place(path)?, &search)?)
}

fn place(path: &Path) -> anyhow::Result<HooksPlace> {
    Ok(HooksPlace::find(path, &|name| std::env::var_os(name))?)
}

/// Sentences, one a line. They quote paths, and some hold a piece of configuration of several lines.
fn lines(sentences: &[String]) -> String {
    let mut text = String::new();
    for line in sentences.iter().flat_map(|sentence| sentence.lines()) {
        text.push_str(&printable(line));
        text.push('\n');
    }
    text
}

/// Scans what is staged and says on standard error what stops the commit and how to go on. Every exit
/// code but 0 stops it.
#[must_use]
pub fn run(options: anyhow::Result<Options>, quiet: bool) -> Exit {
    let mut told = String::new();
    let exit = check(options, quiet, &mut told).unwrap_or_else(|error| {
        let words = "leakspan could not check this commit, so it is stopped:";
        told = lines(&[format!("{words}\n{error:#}")]);
        Exit::Usage
    });
    if exit != Exit::Clean {
        told.push_str("\nonce only, and unchecked: git commit --no-verify\n");
    }
    // A commit is stopped by the exit code; what cannot be said changes nothing in that.
    drop(std::io::stderr().write_all(told.as_bytes()));
    exit
}

fn check(options: anyhow::Result<Options>, quiet: bool, told: &mut String) -> anyhow::Result<Exit> {
    let options = options?;
    let stop = Stop::after(options.timeout);
    let report = scan::scan(&options, &stop)?;
    let exit = if stop.interrupted() { Exit::Interrupted } else { options.gate.judge(&report) };
    let written = further_reports(&options, &report, told);
    if exit != Exit::Clean {
        told.push_str(&stopped(&options, &report));
    } else if !quiet {
        told.push_str(&passed(&report));
    }
    Ok(if written || exit != Exit::Clean { exit } else { Exit::Failed })
}

/// Writes the reports that were asked for; whether all could be written.
fn further_reports(options: &Options, report: &Report, told: &mut String) -> bool {
    let mut all = true;
    for output in &options.outputs {
        if let Err(error) = output::write(output, report, options.style) {
            told.push_str(&lines(&[format!("leakspan: {:#}", anyhow::Error::from(error))]));
            all = false;
        }
    }
    all
}

fn stopped(options: &Options, report: &Report) -> String {
    let mut out = Vec::new();
    let gates = |finding: &_| options.gate.counts(finding);
    stopped_commit(report, &gates, options.style, &mut out).expect("memory takes everything");
    String::from_utf8_lossy(&out).into_owned()
}

fn passed(report: &Report) -> String {
    let summary = &report.summary;
    let suppressed: u64 = summary.suppressed.values().sum();
    let mut text = match summary.files {
        0 => "leakspan: nothing is staged that could hold a secret".to_owned(),
        1 => format!("leakspan: no secrets in the staged file ({} bytes)", summary.bytes),
        n => format!("leakspan: no secrets in {n} staged files ({} bytes)", summary.bytes),
    };
    if !report.findings.is_empty() {
        text.push_str(&format!("; {} below the gate", report.findings.len()));
    }
    if suppressed > 0 {
        text.push_str(&format!("; {suppressed} suppressed"));
    }
    text + "\n"
}
