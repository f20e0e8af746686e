//! `leakspan ci`: finds out which CI it runs in, picks the range, annotates, gates.
//!
//! To add a system: a file with a [`System`] and a row in [`SYSTEMS`]. What is scanned, and how, is
//! [`super::scan`]'s: a gate is a scan whose target the environment names.

mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod git;
mod github;
mod gitlab;
mod jenkins;
mod system;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::gate::Exit;
use super::options::{Options, Target};
use super::output::{Destination, Output};
use super::scan;
use crate::git::RangeOptions;
use crate::report;
pub use system::{Plan, Scope, System, Variables};

/// Every system; the first that recognises the environment is it.
pub const SYSTEMS: &[&dyn System] = &[
    &github::Github,
    &gitlab::Gitlab,
    &azure::Azure,
    &bitbucket::Bitbucket,
    &circleci::CircleCi,
    &buildkite::Buildkite,
    &jenkins::Jenkins,
    &git::Git,
];

/// What the gate is asked to do beside a scan.
#[derive(Clone, Debug)]
pub struct CiOptions {
    /// The repository.
    pub path: PathBuf,
    /// The system by name, where it is not to be found out.
    pub system: Option<String>,
    /// Whether to print what would be scanned, and scan nothing.
    pub print_plan: bool,
}

/// Runs the gate.
///
/// # Errors
/// A usage error, or an environment that names a system but not its change: exit code 2.
pub fn run(
    mut options: Options,
    ci: &CiOptions,
    variables: &Variables<'_>,
) -> anyhow::Result<Exit> {
    let (system, plan) = plan(ci, variables)?;
    if ci.print_plan {
        return Ok(tell(std::io::stdout().lock(), &describe(system, &plan)));
    }
    if !machine_readable(&options.outputs) {
        options.outputs.extend(annotations(system));
    }
    tell(std::io::stderr().lock(), &describe(system, &plan));
    options.target = match plan.scope {
        // The reports that were asked for are written all the same: a later step may want them.
        Scope::Nothing => Target::Paths(Vec::new()),
        Scope::Tree => Target::Paths(vec![ci.path.clone()]),
        Scope::Range(revisions) => {
            let range = RangeOptions { mend: system.mend().to_owned(), or_tip: true };
            Target::Range(ci.path.clone(), revisions, range)
        }
    };
    scan::run(&options)
}

/// The system and what it wants scanned. `LEAKSPAN_BASE` and `LEAKSPAN_HEAD` win over what it says.
///
/// # Errors
/// An unknown name, or an environment that does not say what it should.
pub fn plan(
    ci: &CiOptions,
    variables: &Variables<'_>,
) -> anyhow::Result<(&'static dyn System, Plan)> {
    let set = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    let found = match &ci.system {
        Some(name) => SYSTEMS.iter().find(|system| system.name() == name),
        None => SYSTEMS.iter().find(|system| system.detect(&set)),
    };
    let Some(system) = found else {
        let names: Vec<_> = SYSTEMS.iter().map(|system| system.name()).collect();
        bail!("no such CI system; there are {}", names.join(", "));
    };
    if let Some(base) = set("LEAKSPAN_BASE") {
        let head = set("LEAKSPAN_HEAD").unwrap_or_else(|| "HEAD".to_owned());
        let default = set("LEAKSPAN_DEFAULT_BRANCH");
        let plan = match system::is_zero(&base) {
            true => Plan::push(&base, &head, "the branch", default.as_deref()),
            false => Plan::range(&base, &head, "LEAKSPAN_BASE"),
        };
        return Ok((*system, plan));
    }
    let plan = system
        .plan(&set)
        .with_context(|| format!("cannot tell what {} builds; set LEAKSPAN_BASE", system.name()))?;
    Ok((*system, plan))
}

fn describe(system: &dyn System, plan: &Plan) -> String {
    let what = match &plan.scope {
        Scope::Range(range) => format!("{}..{}", range.hidden.join(","), range.tips.join(",")),
        Scope::Tree => "all files of the checkout".to_owned(),
        Scope::Nothing => "nothing".to_owned(),
    };
    let why = crate::text::printable(&plan.why);
    format!("leakspan ci: {}: {} ({why})", system.name(), crate::text::printable(&what))
}

fn tell(mut out: impl Write, line: &str) -> Exit {
    match writeln!(out, "{line}") {
        Ok(()) => Exit::Clean,
        Err(_) => Exit::BrokenPipe,
    }
}

/// Whether standard output carries a report for a program, which further lines would spoil.
fn machine_readable(outputs: &[Output]) -> bool {
    let mut printed = outputs.iter().filter(|output| output.destination == Destination::Stdout);
    printed.any(|output| output.format.name() != "human")
}

fn annotations(system: &dyn System) -> Option<Output> {
    let format = report::named(system.annotations()?)?;
    Some(Output { format, destination: Destination::Stdout })
}
