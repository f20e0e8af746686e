//! `leakspan import`: shows what there is, asks for what was not given, takes it over.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;
use jiff::ToSpan;

use super::args::ImportArguments;
use super::options;
use super::print::print;
use crate::app::gate::Exit;
use crate::app::options::Target;
use crate::app::{import as app, suppressions};
use crate::config;
use crate::text::printable;

/// For how many days entries count where nobody says until when.
const DAYS: i64 = 90;

pub(super) fn import(arguments: ImportArguments) -> anyhow::Result<Exit> {
    let ImportArguments { path, owner, reason, until, yes, common } = arguments;
    let folders = config::upwards(&path);
    let root = folders.last().map_or_else(|| path.clone(), PathBuf::clone);
    let options = options::common(common, Target::Paths(vec![root.clone()]))?;
    let offer = app::look(&root)?;
    if offer.is_empty() {
        return Ok(say(&format!("{}: no files of other scanners\n", root.display())));
    }
    let asks = !yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !yes && !asks {
        let told = offer.told();
        return Ok(say(&format!("{told}nothing is written; --yes takes this over\n")));
    }
    let told = say(&offer.told());
    if told != Exit::Clean {
        return Ok(told);
    }
    let in_days = options.today.checked_add(DAYS.days()).context("the calendar ends")?;
    let user = || std::env::var("USER").ok().filter(|name| !name.is_empty());
    let answer = |given: Option<String>, what: &str, default: String| match given {
        Some(given) => Ok(given),
        None if asks => ask(what, default),
        None => Ok(default),
    };
    let owner = answer(owner, "owner", user().unwrap_or_else(|| "unassigned".to_owned()))?;
    let reason = answer(reason, "reason", "imported".to_owned())?;
    let until = suppressions::date(&answer(until, "until", in_days.to_string())?)?;
    if asks && !ask("take this over?", "no".to_owned())?.to_lowercase().starts_with('y') {
        return Ok(say("nothing is written\n"));
    }
    let terms = app::Terms { owner, reason, until };
    Ok(say(&offer.take_over(&terms, &options)?))
}

/// An answer from the terminal; an empty one is the default.
fn ask(what: &str, default: String) -> anyhow::Result<String> {
    write!(std::io::stderr(), "{what} [{}]: ", printable(&default))?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let line = line.trim();
    Ok(if line.is_empty() { default } else { line.to_owned() })
}

/// Names of files and ids come from outside: none reaches the terminal raw.
fn say(text: &str) -> Exit {
    let lines: String = text.lines().map(|line| format!("{}\n", printable(line))).collect();
    print(lines.as_bytes())
}
