//! From what was typed to what is meant.

use std::io::IsTerminal;

use anyhow::bail;

use super::args::{CommonArguments, HookRunArguments, ScanArguments};
use super::values;
use crate::app::Options;
use crate::app::gate::{FailOn, Gate};
use crate::app::options::Target;
use crate::app::output::{Destination, Output};
use crate::model::{Confidence, Reason, Severity};
use crate::report::{self, Style};
use crate::sources::ArchiveOptions;

/// The options of a scan.
pub(super) fn scan(arguments: ScanArguments) -> anyhow::Result<Options> {
    let target = Target::Paths(arguments.paths);
    common(arguments.common, target)
}

/// The options of a hook: a scan of what is staged, whose report goes to nobody unless asked for.
pub(super) fn hook(arguments: HookRunArguments) -> anyhow::Result<Options> {
    let typed = arguments.common;
    let told_by_hook = typed.format.is_none() && typed.output.is_none() && !typed.quiet;
    let mut options = common(typed, Target::Staged(".".into()))?;
    if told_by_hook {
        options.outputs.remove(0);
    }
    Ok(options)
}

/// The options that all scans share.
pub(super) fn common(typed: CommonArguments, target: Target) -> anyhow::Result<Options> {
    let outputs = outputs(&typed)?;
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let terminal = std::io::stderr().is_terminal();
    Ok(Options {
        target,
        gate: gate(&typed)?,
        style: style(&typed),
        progress: terminal && !typed.no_progress && !typed.quiet,
        jobs: typed.jobs.map_or_else(cores, usize::from),
        archives: ArchiveOptions { expand: !typed.no_archives, ..ArchiveOptions::default() },
        decode_depth: if typed.no_decode { 0 } else { Options::default().decode_depth },
        min_severity: typed.min_severity.as_deref().map_or(Severity::Low, severity),
        min_confidence: typed.min_confidence.as_deref().map_or(Confidence::Medium, confidence),
        timeout: typed.timeout,
        timings: typed.timings,
        stdin_name: typed.stdin_name,
        outputs,
    })
}

/// The main report and the further ones.
fn outputs(typed: &CommonArguments) -> anyhow::Result<Vec<Output>> {
    let format = typed.format.as_deref().unwrap_or("human");
    let mut outputs = Vec::new();
    let main = typed.output.clone().map(|file| values::destination(file.into_os_string()));
    if main.is_some() || !typed.quiet {
        let format = report::named(format).expect("clap takes names of the table alone");
        outputs.push(Output { format, destination: main.unwrap_or(Destination::Stdout) });
    }
    for further in &typed.report {
        outputs.push(values::report(further)?);
    }
    Ok(outputs)
}

fn style(typed: &CommonArguments) -> Style {
    let color = match typed.color.as_str() {
        "always" => true,
        "never" => false,
        _ => {
            let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
            wanted && !dumb && std::io::stdout().is_terminal()
        }
    };
    Style { color, show_secrets: typed.show_secrets, verbose: typed.verbose }
}

fn gate(typed: &CommonArguments) -> anyhow::Result<Gate> {
    let fail_on = match typed.fail_on.as_deref() {
        None | Some("any") => FailOn::Any,
        Some("live") => bail!("--fail-on live needs --verify, and this build cannot verify"),
        Some(name) => FailOn::Severity(severity(name)),
    };
    let reason = |name: &String| Reason::ALL.into_iter().find(|reason| reason.name() == name);
    Ok(Gate {
        fail_on,
        exit_code: typed.exit_code.unwrap_or(1),
        exit_zero: typed.exit_zero,
        allow_incomplete: typed.allow_incomplete.iter().filter_map(reason).collect(),
    })
}

/// The severity of a name that clap has checked.
fn severity(name: &str) -> Severity {
    match name {
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        _ => Severity::Critical,
    }
}

/// The confidence of a name that clap has checked.
fn confidence(name: &str) -> Confidence {
    match name {
        "low" => Confidence::Low,
        "medium" => Confidence::Medium,
        _ => Confidence::High,
    }
}
