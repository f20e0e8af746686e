//! From what was typed to what is meant: command line, environment, configuration, defaults.

use std::io::{IsTerminal, Read};
use std::path::Path;

use anyhow::{Context, bail, ensure};

use super::args::{CiArguments, CommonArguments, HookRunArguments, ScanArguments};
use super::ask::VerifyingArguments;
use super::values;
use super::variables;

use crate::app::ci::CiOptions;
use crate::app::gate::{FailOn, Gate};
use crate::app::options::{Suppress, Target};
use crate::app::output::{Destination, Output};
use crate::app::{Options, keys, suppressions};
use crate::config::{self, Config, Trust, VerifyConfig};
use crate::git::{Push, RangeOptions, Revisions};
use crate::hooks::Hook;
use crate::model::{Confidence, Reason, Severity, Sightings};
use crate::report::Style;
use crate::signatures::{self, Selection};
use crate::sources::ArchiveOptions;

/// The options of a scan.
pub(super) fn scan(arguments: ScanArguments) -> anyhow::Result<Options> {
    let ScanArguments {
        mut paths,
        staged,
        range,
        since,
        history,
        state,
        history_mode,
        all_sightings,
        verifying,
        common: typed,
    } = arguments;
    if history {
        let options = verified(typed, Target::History(paths, state), verifying)?;
        let sightings = if all_sightings { Sightings::Listed } else { Sightings::Counted };
        return Ok(Options { by_changes: history_mode == "changes", sightings, ..options });
    }
    let revisions = match (range, since) {
        (Some(range), _) => Some(Revisions::parse(&range)?),
        (None, Some(revision)) => Some(Revisions::since(&revision)),
        (None, None) => None,
    };
    if revisions.is_none() && !staged {
        return verified(typed, Target::Paths(paths), verifying);
    }
    ensure!(paths.len() == 1, "--staged, --range and --since take one repository");
    let path = paths.remove(0);
    let target = match revisions {
        Some(revisions) => Target::Range(path, revisions, RangeOptions::default()),
        None => Target::Staged(path),
    };
    verified(typed, target, verifying)
}

/// The options of a scan that may ask providers.
fn verified(
    typed: CommonArguments,
    target: Target,
    verifying: VerifyingArguments,
) -> anyhow::Result<Options> {
    let (options, configured) = with_config(typed, target, verifying.is_on())?;
    Ok(Options { verify: verifying.of_scan(configured)?, ..options })
}

/// The options of a gate: a scan whose target the environment will name.
pub(super) fn ci(arguments: CiArguments) -> anyhow::Result<(Options, CiOptions)> {
    let CiArguments { path, system, print_plan, verifying, common: typed } = arguments;
    let options = verified(typed, Target::Paths(vec![path.clone()]), verifying)?;
    Ok((options, CiOptions { path, system, print_plan }))
}

/// The options of a hook: a scan of what is staged, whose report goes to nobody unless asked for.
pub(super) fn hook(arguments: HookRunArguments) -> anyhow::Result<Options> {
    let HookRunArguments { name, arguments, common: typed } = arguments;
    let target = match values::hook(&name) {
        Hook::PreCommit => Target::Staged(".".into()),
        Hook::PrePush => {
            let remote = arguments.first().map(|name| name.as_encoded_bytes()).unwrap_or_default();
            Target::Push(".".into(), Push::sending(remote, &pushed()?)?)
        }
        Hook::PreReceive => Target::Push(".".into(), Push::receiving(&pushed()?)?),
        Hook::Update => {
            let [name, old, new] = arguments.as_slice() else {
                anyhow::bail!("git gives the update hook a reference and its two ids");
            };
            let [name, old, new] = [name, old, new].map(|text| text.as_encoded_bytes());
            Target::Push(".".into(), Push::receiving(&[old, new, name].join(&b' '))?)
        }
    };
    let told_by_hook = typed.format.is_none() && typed.output.is_none() && !typed.quiet;
    let mut options = common(typed, target)?;
    if told_by_hook && !options.outputs.is_empty() {
        options.outputs.remove(0);
    }
    Ok(options)
}

/// What git says of a push: a line for each reference.
fn pushed() -> anyhow::Result<Vec<u8>> {
    let mut lines = Vec::new();
    let most = 64 << 20;
    let read = std::io::stdin().take(most).read_to_end(&mut lines);
    read.context("cannot read what is pushed from standard input")?;
    ensure!((lines.len() as u64) < most, "more references are pushed than can be checked");
    Ok(lines)
}

/// The options that all scans share, of those that ask nobody.
pub(super) fn common(typed: CommonArguments, target: Target) -> anyhow::Result<Options> {
    with_config(typed, target, false).map(|(options, _)| options)
}

/// The options that all scans share, and what the configuration says of verification. `verifies`: whether
/// this run asks providers.
pub(super) fn with_config(
    typed: CommonArguments,
    target: Target,
    verifies: bool,
) -> anyhow::Result<(Options, VerifyConfig)> {
    variables::check()?;
    let folders = config::upwards(target.place());
    let config = configuration(&typed, &folders)?;
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let timeout = match (typed.timeout, &config.timeout) {
        (Some(timeout), _) => Some(timeout),
        (None, Some(text)) => Some(values::duration(text).map_err(anyhow::Error::msg)?),
        (None, None) => None,
    };
    let defaults = Options::of(target, today);
    let archives = !typed.no_archives && config.archives.unwrap_or(true);
    let decode = !typed.no_decode && config.decode.unwrap_or(true);
    let min_confidence = typed.min_confidence.as_deref().map(confidence);
    let configured = config.verify.clone().unwrap_or_default();
    let options = Options {
        gate: gate(&typed, &config, verifies)?,
        style: style(&typed),
        outputs: outputs(&typed, &config)?,
        suppress: suppression(&typed, &config, &folders),
        fingerprint_key: fingerprint_key(&typed, &config)?,
        progress: std::io::stderr().is_terminal() && !typed.no_progress && !typed.quiet,
        jobs: typed.jobs.or(config.jobs).map_or_else(cores, |jobs| usize::from(jobs.max(1))),
        archives: ArchiveOptions { expand: archives, ..ArchiveOptions::default() },
        decode_depth: if decode { defaults.decode_depth } else { 0 },
        external_objects: typed.allow_external_objects,
        min_severity: typed
            .min_severity
            .as_deref()
            .map(severity)
            .or(config.min_severity)
            .unwrap_or(defaults.min_severity),
        min_confidence: min_confidence.or(config.min_confidence).unwrap_or(defaults.min_confidence),
        signatures: signatures::Options {
            files: or(typed.signatures, config.signatures),
            choice: Selection {
                enable: or(typed.enable, config.enable),
                disable: or(typed.disable, config.disable),
            },
        },
        timeout,
        timings: typed.timings,
        stdin_name: typed.stdin_name,
        ..defaults
    };
    Ok((options, configured))
}

/// What was typed, and where nothing was, what the configuration says.
fn or<T>(typed: Vec<T>, configured: Option<Vec<T>>) -> Vec<T> {
    if typed.is_empty() { configured.unwrap_or_default() } else { typed }
}

/// The file in the target over the user's own.
fn configuration(
    typed: &CommonArguments,
    folders: &[std::path::PathBuf],
) -> anyhow::Result<Config> {
    let own = typed.config.clone().or_else(config::of_user);
    let own = own.map(|path| config::read(&path, Trust::Full)).transpose()?.unwrap_or_default();
    let Some(inside) = config::find(folders, config::FILE) else { return Ok(own) };
    let named = typed.config.as_deref().is_some_and(|path| same_file(path, &inside));
    if named {
        return Ok(own);
    }
    let trust = if typed.trust_repo_config { Trust::Full } else { Trust::Harmless };
    Ok(config::read(&inside, trust)?.over(own))
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn suppression(
    typed: &CommonArguments,
    config: &Config,
    folders: &[std::path::PathBuf],
) -> Suppress {
    if typed.no_suppress {
        return Suppress::default();
    }
    let file = config.suppressions.clone().or_else(|| config::find(folders, suppressions::FILE));
    Suppress {
        file,
        baseline: typed.baseline.clone().or_else(|| config.baseline.clone()),
        inline: !typed.ignore_inline,
        ignore_files: true,
        ignores: config.ignore.clone(),
    }
}

fn fingerprint_key(
    typed: &CommonArguments,
    config: &Config,
) -> anyhow::Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
    if let Some(path) = &typed.fingerprint_key {
        return keys::from_file(path).map(Some);
    }
    if let Some(key) = std::env::var_os("LEAKSPAN_FINGERPRINT_KEY").filter(|key| !key.is_empty()) {
        let key = zeroize::Zeroizing::new(key.into_string().unwrap_or_default());
        return keys::from_text(&key).context("LEAKSPAN_FINGERPRINT_KEY").map(Some);
    }
    config.fingerprint_key_file.as_deref().map(keys::from_file).transpose()
}

/// The main report and the further ones.
fn outputs(typed: &CommonArguments, config: &Config) -> anyhow::Result<Vec<Output>> {
    let name = typed.format.as_deref().or(config.format.as_deref()).unwrap_or("human");
    let mut outputs = Vec::new();
    let main = typed.output.clone().map(|file| values::destination(file.into_os_string()));
    if main.is_some() || !typed.quiet {
        let format = values::format(name)?;
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

fn gate(typed: &CommonArguments, config: &Config, verifies: bool) -> anyhow::Result<Gate> {
    let fail_on = match typed.fail_on.as_deref().or(config.fail_on.as_deref()) {
        None | Some("any") => FailOn::Any,
        Some("live") if verifies => FailOn::Live,
        Some("live") => bail!("--fail-on live needs --verify: nobody was asked what works"),
        Some(name @ ("low" | "medium" | "high" | "critical")) => FailOn::Severity(severity(name)),
        Some(_) => bail!("fail_on is any, low, medium, high, critical or live"),
    };
    let reason = |name: &String| Reason::ALL.into_iter().find(|reason| reason.name() == name);
    let typed_reasons: Vec<_> = typed.allow_incomplete.iter().filter_map(reason).collect();
    let exit_code = typed.exit_code.or(config.exit_code).unwrap_or(1);
    ensure!(exit_code > 0, "exit_code 0 would pass every finding; say --exit-zero if you mean it");
    Ok(Gate {
        fail_on,
        exit_code,
        exit_zero: typed.exit_zero,
        allow_incomplete: or(typed_reasons, config.allow_incomplete.clone()),
    })
}

/// The severity of a name that was checked.
fn severity(name: &str) -> Severity {
    match name {
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        _ => Severity::Critical,
    }
}

/// The confidence of a name that was checked.
fn confidence(name: &str) -> Confidence {
    match name {
        "low" => Confidence::Low,
        "medium" => Confidence::Medium,
        _ => Confidence::High,
    }
}
