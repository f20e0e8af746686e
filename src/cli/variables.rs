//! Variables of the environment that are named like options.

use std::collections::BTreeSet;

use anyhow::bail;
use clap::{Command, CommandFactory};

use super::args::Arguments;
use super::print::eprint;
use crate::signatures;

/// What all of them begin with.
const PREFIX: &str = "LEAKSPAN_";

/// Those that belong to no option.
const FURTHER: [&str; 4] =
    ["LEAKSPAN_BASE", "LEAKSPAN_DEFAULT_BRANCH", "LEAKSPAN_FINGERPRINT_KEY", "LEAKSPAN_HEAD"];

/// Looks for variables that nothing reads.
///
/// One that is a slip of the finger away from an option is an error, as a misspelt option is: it may
/// have been meant to widen a scan. Of any other a sentence is told, because it may well belong to a
/// script around us.
///
/// # Errors
/// A slip of the finger.
pub(super) fn check() -> anyhow::Result<()> {
    let set = set();
    // The options are walked where something is set, and not at each start.
    if set.is_empty() {
        return Ok(());
    }
    for name in unknown(&set) {
        match meant(&name) {
            Some(known) => bail!("nothing reads the variable {name}; did you mean {known}?"),
            None => eprint(&format!(
                "leakspan: nothing reads the variable {name}; the nearest is {}",
                nearest(&name)
            )),
        }
    }
    Ok(())
}

/// Every variable that is set and named like an option, and whether one reads it; in order.
pub(super) fn told() -> Vec<String> {
    let set = set();
    let unknown: BTreeSet<String> = unknown(&set).collect();
    let tell = |name: &String| match unknown.contains(name) {
        false => format!("{name} is set"),
        true => format!("{name} is set, and nothing reads it; the nearest is {}", nearest(name)),
    };
    set.iter().map(tell).collect()
}

/// The names alone: a value may be a key.
fn set() -> BTreeSet<String> {
    std::env::vars_os()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .filter(|name| name.starts_with(PREFIX))
        .collect()
}

fn unknown(set: &BTreeSet<String>) -> impl Iterator<Item = String> {
    let known = known();
    set.clone().into_iter().filter(move |name| !known.contains(name))
}

fn meant(name: &str) -> Option<String> {
    let known = known();
    let words = known.iter().map(|name| &name[PREFIX.len()..]);
    signatures::slip(&name[PREFIX.len()..], words).map(|word| format!("{PREFIX}{word}"))
}

fn nearest(name: &str) -> String {
    let known = known();
    signatures::nearest(name, known.iter().map(String::as_str)).unwrap_or_default().to_owned()
}

/// What the definitions of the options read, and what is read beside them.
fn known() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = FURTHER.map(str::to_owned).into();
    add(&Arguments::command(), &mut known);
    known
}

fn add(command: &Command, known: &mut BTreeSet<String>) {
    let variables = command.get_arguments().filter_map(clap::Arg::get_env);
    known.extend(variables.map(|name| name.to_string_lossy().into_owned()));
    command.get_subcommands().for_each(|below| add(below, known));
}
