//! `leakspan hook`: the hook that checks a commit, put in place, taken out, looked at, run.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::gate::Exit;
use super::names;
use super::options::Options;
use super::output;
use super::scan;
use super::stop::Stop;
use crate::git::{self, HooksPlace};
use crate::hooks::{self, Hook};
use crate::model::Report;
use crate::report::{Deed, stopped};
use crate::text::printable;

/// Installs the hook; says what was done.
///
/// # Errors
/// Where there is no repository, or the hook cannot be placed.
pub fn install(path: &Path, hook: Hook) -> anyhow::Result<String> {
    let program = std::env::current_exe().context("cannot find out where this program is")?;
    Ok(lines(&hooks::install(&place(path, hook)?, &program, hook)?))
}

/// Takes the hook out; says what was done.
///
/// # Errors
/// Where there is no repository, or the hook cannot be taken out.
pub fn remove(path: &Path, hook: Hook) -> anyhow::Result<String> {
    Ok(lines(&hooks::remove(&place(path, hook)?, hook)?))
}

/// Says whether commits are checked: [`Exit::Clean`] where they are, else [`Exit::Incomplete`].
///
/// # Errors
/// Where there is no repository, or a hook cannot be read.
pub fn status(path: &Path, hook: Hook) -> anyhow::Result<(Exit, String)> {
    let status = look(path, hook)?;
    let mut text = lines(&status.lines);
    let exit = if status.active { Exit::Clean } else { Exit::Incomplete };
    let (state, verb) = if status.active { ("active", "are") } else { ("not active", "are not") };
    writeln!(text, "{state}: {} {verb} checked", hook.checks())?;
    Ok((exit, text))
}

/// Looks at everything between `git commit` and this program.
pub(super) fn look(path: &Path, hook: Hook) -> anyhow::Result<hooks::Status> {
    let search: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    Ok(hooks::status(&place(path, hook)?, &search, hook)?)
}

fn place(path: &Path, hook: Hook) -> anyhow::Result<HooksPlace> {
    let place = HooksPlace::find(path, &|name| std::env::var_os(name))?;
    if place.bare && !hook.receives() {
        return Err(git::Error::Bare(path.display().to_string()).into());
    }
    Ok(place)
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

/// Scans what is staged or pushed and says on standard error what stops it and how to go on. Every exit
/// code but 0 stops it.
#[must_use]
pub fn run(hook: Hook, options: anyhow::Result<Options>, quiet: bool) -> Exit {
    let mut told = String::new();
    let exit = check(hook, options, quiet, &mut told).unwrap_or_else(|error| {
        let words =
            format!("leakspan could not check this {}, so it is stopped:", deed(hook).name());
        told = lines(&[format!("{words}\n{}", names::masked(&format!("{error:#}")))]);
        Exit::Usage
    });
    let around = match hook {
        Hook::PreCommit => "git commit --no-verify",
        Hook::PrePush => "git push --no-verify",
        // Whoever pushes cannot go around the server.
        Hook::PreReceive | Hook::Update => "",
    };
    if exit != Exit::Clean && !around.is_empty() {
        told.push_str(&format!("\nonce only, and unchecked: {around}\n"));
    }
    // A commit is stopped by the exit code; what cannot be said changes nothing in that.
    drop(std::io::stderr().write_all(told.as_bytes()));
    exit
}

fn deed(hook: Hook) -> Deed {
    match hook {
        Hook::PreCommit => Deed::Commit,
        Hook::PrePush | Hook::PreReceive | Hook::Update => Deed::Push,
    }
}

fn check(
    hook: Hook,
    options: anyhow::Result<Options>,
    quiet: bool,
    told: &mut String,
) -> anyhow::Result<Exit> {
    let options = options?;
    let stop = Stop::after(options.timeout);
    let report = scan::scan(&options, &stop)?;
    let exit = if stop.interrupted() { Exit::Interrupted } else { options.gate.judge(&report) };
    let written = further_reports(&options, &report, told);
    if exit != Exit::Clean {
        told.push_str(&why_stopped(deed(hook), &options, &report));
    } else if !quiet {
        told.push_str(&passed(deed(hook), &report));
    }
    Ok(if written || exit != Exit::Clean { exit } else { Exit::Failed })
}

/// Writes the reports that were asked for; whether all could be written.
fn further_reports(options: &Options, report: &Report, told: &mut String) -> bool {
    let mut all = true;
    for output in &options.outputs {
        if let Err(error) = output::write(output, report, options.style) {
            let text = names::masked(&format!("{:#}", anyhow::Error::from(error)));
            told.push_str(&lines(&[format!("leakspan: {text}")]));
            all = false;
        }
    }
    all
}

fn why_stopped(deed: Deed, options: &Options, report: &Report) -> String {
    let mut out = Vec::new();
    let gates = |finding: &_| options.gate.counts(finding);
    stopped(deed, report, &gates, options.style, &mut out).expect("memory takes everything");
    String::from_utf8_lossy(&out).into_owned()
}

fn passed(deed: Deed, report: &Report) -> String {
    let summary = &report.summary;
    let suppressed: u64 = summary.suppressed.values().sum();
    let mut text = match summary.files {
        n if deed == Deed::Push => {
            format!("leakspan: no secrets in {n} new files and messages ({} bytes)", summary.bytes)
        }
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
