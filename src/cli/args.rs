//! What can be typed: one struct a command.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use super::ask::{AskArguments, VerifyingArguments};

/// Finds leaked credentials.
#[derive(Debug, Parser)]
#[command(name = "leakspan", version, max_term_width = 100, propagate_version = false)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan files, folders, archives or standard input.
    Scan(Box<ScanArguments>),
    /// Check commits and pushes before they are made: install, remove, look at or run the hook.
    #[command(subcommand)]
    Hook(HookCommand),
    /// Scan what a push or pull request brings, in whatever CI this runs in.
    Ci(Box<CiArguments>),
    /// Ask providers whether the findings of a report still work.
    Verify(Box<VerifyArguments>),
    /// End a credential at its provider, where the credential itself can.
    Revoke(Box<RevokeArguments>),
    /// Say what would run here: program, git, hook, limits.
    Doctor(PlaceArguments),
    /// Say why a line is flagged, or why not.
    Explain(ExplainArguments),
    /// Suppress a finding until a date.
    Suppress(SuppressArguments),
    /// Take over what another scanner was told to leave alone, and its rules.
    Import(Box<ImportArguments>),
    /// Make or bring up to date a file of findings that are known.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// List, show or check signatures.
    #[command(subcommand)]
    Signatures(SignaturesCommand),
    /// Print the completions of a shell.
    Completions(CompletionsArguments),
    /// Print the manual page.
    Man,
}

#[derive(Debug, Args)]
pub(super) struct ScanArguments {
    /// Files and folders; - is standard input. With the options of git: the repository.
    #[arg(value_name = "PATH|-", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Scan what `git commit` would record instead of the working tree.
    #[arg(long, help_heading = "Git")]
    pub(super) staged: bool,
    /// Scan the commits of A..B: what is new in them, and their messages.
    #[arg(long, value_name = "A..B", conflicts_with = "staged", help_heading = "Git")]
    pub(super) range: Option<String>,
    /// Scan the commits since a revision, as --range REV..HEAD.
    #[arg(long, value_name = "REV", conflicts_with_all = ["staged", "range"], help_heading = "Git")]
    pub(super) since: Option<String>,
    /// Scan every object of the repositories, whatever leads to it, each once.
    #[arg(long, conflicts_with_all = ["staged", "range", "since"], help_heading = "Git")]
    pub(super) history: bool,
    /// Leave out objects that an earlier run has looked at, and remember those of this one.
    #[arg(long, value_name = "FILE", requires = "history", help_heading = "Git")]
    pub(super) state: Option<PathBuf>,
    /// Whether every version of a file is scanned whole, or of most only their changes; both find the same.
    #[arg(
        long,
        value_name = "MODE",
        requires = "history",
        default_value = "full",
        help_heading = "Git"
    )]
    #[arg(value_parser = ["full", "changes"])]
    pub(super) history_mode: String,
    /// List every place of a secret: each object that holds it, under each of its paths.
    #[arg(long, requires = "history", help_heading = "Git")]
    pub(super) all_sightings: bool,
    #[command(flatten)]
    pub(super) verifying: VerifyingArguments,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(super) struct CiArguments {
    /// The repository.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
    /// The CI system, instead of the one that the environment shows.
    #[arg(long, value_name = "NAME", env = "LEAKSPAN_CI", value_parser = systems())]
    pub(super) system: Option<String>,
    /// Print what would be scanned, and scan nothing.
    #[arg(long)]
    pub(super) print_plan: bool,
    #[command(flatten)]
    pub(super) verifying: VerifyingArguments,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

/// Options of every command that scans.
#[derive(Debug, Args)]
pub(super) struct CommonArguments {
    /// Format of the report.
    #[arg(short, long, env = "LEAKSPAN_FORMAT", value_parser = formats(), help_heading = "Output")]
    pub(super) format: Option<String>,
    /// Write the report to a file instead of standard output.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// Write a further report; may be given several times.
    #[arg(long, value_name = "FORMAT=FILE", help_heading = "Output")]
    pub(super) report: Vec<OsString>,
    /// Show secrets in full instead of masked.
    #[arg(long, help_heading = "Output")]
    pub(super) show_secrets: bool,
    /// Say in the summary how long it took.
    #[arg(long, help_heading = "Output")]
    pub(super) timings: bool,
    /// Show no progress bar.
    #[arg(long, help_heading = "Output")]
    pub(super) no_progress: bool,
    /// When to use colours; NO_COLOR is honoured.
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output",
          value_parser = ["auto", "always", "never"])]
    pub(super) color: String,
    /// Print no report on standard output, only the exit code.
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub(super) quiet: bool,
    /// List harmless problems and suppressed findings too.
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(super) verbose: u8,

    /// Leave out findings below this severity [default: low].
    #[arg(long, value_name = "SEVERITY", env = "LEAKSPAN_MIN_SEVERITY", help_heading = "Selection",
          value_parser = ["low", "medium", "high", "critical"])]
    pub(super) min_severity: Option<String>,
    /// Leave out findings below this confidence [default: medium].
    #[arg(long, value_name = "CONFIDENCE", env = "LEAKSPAN_MIN_CONFIDENCE",
          help_heading = "Selection", value_parser = ["low", "medium", "high"])]
    pub(super) min_confidence: Option<String>,
    /// Open no archives.
    #[arg(long, env = "LEAKSPAN_NO_ARCHIVES", help_heading = "Selection",
          value_parser = super::values::switch)]
    pub(super) no_archives: bool,
    /// Undo no encodings.
    #[arg(long, env = "LEAKSPAN_NO_DECODE", help_heading = "Selection",
          value_parser = super::values::switch)]
    pub(super) no_decode: bool,
    /// Use signatures of a file or folder too; may be given several times.
    #[arg(long, value_name = "DIR|FILE", env = "LEAKSPAN_SIGNATURES", help_heading = "Selection")]
    pub(super) signatures: Vec<PathBuf>,
    /// Use these signatures alone; may be given several times.
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        env = "LEAKSPAN_ENABLE",
        help_heading = "Selection"
    )]
    pub(super) enable: Vec<String>,
    /// Do not use these signatures; may be given several times.
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        env = "LEAKSPAN_DISABLE",
        help_heading = "Selection"
    )]
    pub(super) disable: Vec<String>,
    /// Read objects of this folder too, though it lies outside of the repository.
    #[arg(
        long,
        value_name = "DIR",
        env = "LEAKSPAN_ALLOW_EXTERNAL_OBJECTS",
        help_heading = "Selection"
    )]
    pub(super) allow_external_objects: Vec<PathBuf>,
    /// The name of standard input in the report.
    #[arg(long, value_name = "NAME", default_value = "<stdin>", help_heading = "Selection")]
    pub(super) stdin_name: OsString,

    /// Findings in this file are known and do not count.
    #[arg(long, value_name = "FILE", env = "LEAKSPAN_BASELINE", help_heading = "Suppression")]
    pub(super) baseline: Option<PathBuf>,
    /// Pay no heed to comments that suppress.
    #[arg(long, env = "LEAKSPAN_IGNORE_INLINE", help_heading = "Suppression",
          value_parser = super::values::switch)]
    pub(super) ignore_inline: bool,
    /// Suppress nothing and leave no path out, whatever files and comments say.
    #[arg(long, env = "LEAKSPAN_NO_SUPPRESS", help_heading = "Suppression",
          value_parser = super::values::switch)]
    pub(super) no_suppress: bool,
    /// A file with the secret key of fingerprints.
    #[arg(
        long,
        value_name = "FILE",
        env = "LEAKSPAN_FINGERPRINT_KEY_FILE",
        help_heading = "Suppression"
    )]
    pub(super) fingerprint_key: Option<PathBuf>,

    /// Which findings end in exit code 1 [default: any].
    #[arg(long, value_name = "WHAT", env = "LEAKSPAN_FAIL_ON", help_heading = "Exit code",
          value_parser = ["any", "low", "medium", "high", "critical", "live"])]
    pub(super) fail_on: Option<String>,
    /// The code for findings [default: 1].
    #[arg(long, value_name = "N", env = "LEAKSPAN_EXIT_CODE", help_heading = "Exit code",
          value_parser = clap::value_parser!(u8).range(1..))]
    pub(super) exit_code: Option<u8>,
    /// End in 0 whatever is found; what could not be looked at still ends in 3.
    #[arg(long, help_heading = "Exit code")]
    pub(super) exit_zero: bool,
    /// Accept a run that is incomplete for these reasons alone.
    #[arg(long, value_name = "REASON", value_delimiter = ',', env = "LEAKSPAN_ALLOW_INCOMPLETE",
          help_heading = "Exit code", value_parser = reasons())]
    pub(super) allow_incomplete: Vec<String>,
    /// Give up after this time (90, 90s, 5m, 1h, 250ms) and report what was found.
    #[arg(long, value_name = "DURATION", env = "LEAKSPAN_TIMEOUT", help_heading = "Exit code",
          value_parser = super::values::duration)]
    pub(super) timeout: Option<std::time::Duration>,

    /// Your own configuration, instead of the one in your home.
    #[arg(long, value_name = "FILE", env = "LEAKSPAN_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Believe the configuration inside of what is scanned.
    #[arg(long)]
    pub(super) trust_repo_config: bool,
    /// Threads [default: one a core].
    #[arg(short, long, value_name = "N", env = "LEAKSPAN_JOBS",
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
}

/// What to do with the hook.
#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Put the hook in place; what was there is called first.
    Install(HookArguments),
    /// Take the hook out and put back what was there.
    Remove(HookArguments),
    /// Say whether commits or pushes are checked; exit code 3 where they are not.
    Status(HookArguments),
    /// Do what the hook does: check what is staged or pushed.
    Run(Box<HookRunArguments>),
}

#[derive(Debug, Args)]
pub(super) struct HookArguments {
    /// The hook.
    #[arg(value_name = "HOOK", default_value = "pre-commit", value_parser = hooks())]
    pub(super) name: String,
    /// A folder of the repository.
    #[arg(short = 'C', long, value_name = "DIR", default_value = ".")]
    pub(super) repository: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct HookRunArguments {
    /// The hook.
    #[arg(value_name = "HOOK", value_parser = hooks())]
    pub(super) name: String,
    /// What git gives to the hook: of a push the remote and its address.
    #[arg(value_name = "ARGUMENT")]
    pub(super) arguments: Vec<OsString>,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// A report in json or jsonl, - for standard input; without one, the target is scanned.
    #[arg(value_name = "REPORT")]
    pub(super) from: Option<PathBuf>,
    /// The target that the report was made of.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(super) root: PathBuf,
    #[command(flatten)]
    pub(super) ask: AskArguments,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArguments {
    /// The finding, as a report prints it.
    #[arg(value_name = "FINGERPRINT")]
    pub(super) fingerprint: String,
    /// What was scanned.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
    /// The fingerprint once more: without it the request is only printed.
    #[arg(long, value_name = "FINGERPRINT")]
    pub(super) confirm: Option<String>,
    #[command(flatten)]
    pub(super) ask: AskArguments,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(super) struct PlaceArguments {
    /// The folder to look at.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The file and the line, from 1.
    #[arg(value_name = "FILE:LINE")]
    pub(super) place: String,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(super) struct SuppressArguments {
    /// As the report prints it.
    #[arg(value_name = "FINGERPRINT")]
    pub(super) fingerprint: String,
    /// What was scanned; the file is written to the root of its repository.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
    /// Who answers for it.
    #[arg(long)]
    pub(super) owner: String,
    /// Why it may stay.
    #[arg(long)]
    pub(super) reason: String,
    /// The last day on which it is suppressed, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    pub(super) until: String,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// A folder of the repository; files are looked for, and written to, in its root.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
    /// Who answers for what is suppressed [default: the user's name].
    #[arg(long)]
    pub(super) owner: Option<String>,
    /// Why it is suppressed [default: imported].
    #[arg(long)]
    pub(super) reason: Option<String>,
    /// The last day on which it is suppressed, YYYY-MM-DD [default: in 90 days].
    #[arg(long, value_name = "DATE")]
    pub(super) until: Option<String>,
    /// Ask nothing and take everything over; without a terminal and without it, files are only listed.
    #[arg(short, long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

/// What to do with a baseline.
#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Scan, and write what is found to a new baseline.
    Create(BaselineArguments),
    /// Scan, and write what is found to the baseline that is there.
    Update(BaselineArguments),
}

#[derive(Debug, Args)]
pub(super) struct BaselineArguments {
    /// Files and folders to scan.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) common: CommonArguments,
}

/// What to do with signatures.
#[derive(Debug, Subcommand)]
pub(super) enum SignaturesCommand {
    /// List all signatures.
    List(SignaturesListArguments),
    /// Show everything about one signature.
    Show(SignaturesShowArguments),
    /// Run every signature over its samples, those of the others and ordinary text; exit code 2 where one
    /// fails, is slow or noisy, or fires with another unexplained.
    Check(SignaturesCheckArguments),
    /// Make signatures of a gitleaks or betterleaks rule file, and list what is not carried over.
    Import(SignaturesImportArguments),
}

#[derive(Debug, Args)]
pub(super) struct SignaturesListArguments {
    /// List signatures of a file or folder too.
    #[arg(long, value_name = "DIR|FILE")]
    pub(super) signatures: Vec<PathBuf>,
    /// How the list is written.
    #[arg(short, long, default_value = "human", value_parser = ["human", "json"])]
    pub(super) format: String,
}

#[derive(Debug, Args)]
pub(super) struct SignaturesShowArguments {
    /// Which one.
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Use signatures of a file or folder too.
    #[arg(long, value_name = "DIR|FILE")]
    pub(super) signatures: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SignaturesCheckArguments {
    /// A file or folder; without one, what is built in.
    #[arg(value_name = "DIR|FILE")]
    pub(super) path: Option<PathBuf>,
    /// Print what each signature costs on ordinary text, with times of this machine.
    #[arg(long)]
    pub(super) cost: bool,
}

#[derive(Debug, Args)]
pub(super) struct SignaturesImportArguments {
    /// The rule file.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Write the signatures to a new file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
}

/// The systems are read from their table.
fn systems() -> PossibleValuesParser {
    PossibleValuesParser::new(crate::app::ci::SYSTEMS.iter().map(|system| system.name()))
}

/// The hooks are read from their list.
fn hooks() -> PossibleValuesParser {
    PossibleValuesParser::new(crate::hooks::Hook::ALL.iter().map(|hook| hook.name()))
}

/// The formats are read from their table.
fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(crate::report::FORMATS.iter().map(|format| format.name()))
}

fn reasons() -> PossibleValuesParser {
    let incomplete = crate::model::Reason::ALL.into_iter().filter(|reason| reason.incomplete());
    PossibleValuesParser::new(incomplete.map(crate::model::Reason::name))
}
