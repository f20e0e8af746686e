//! The command line: arguments in, exit code out.

mod args;
mod ask;
mod commands;
mod import;
mod options;
mod print;
mod process;
mod values;
mod variables;
mod verify;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::app::gate::Exit;
use crate::app::{ci, doctor, hook, names, scan, stop};
use crate::text::printable;
use args::{Arguments, Command, HookCommand};
use print::print;

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    keep_panics_quiet();
    keep_memory_private();
    process::give_back();
    process::outlive_file_limit();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => {
            // Help and version come this way too, on standard output and with code 0.
            return ExitCode::from(match answer.print() {
                Ok(()) => u8::try_from(answer.exit_code()).unwrap_or(2),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Exit::BrokenPipe.code(),
                Err(_) => Exit::Failed.code(),
            });
        }
    };
    stop::listen();
    let exit = dispatch(arguments.command).unwrap_or_else(|error| {
        // A message may quote a path or a line of a file: nothing of it reaches the terminal raw.
        let text = names::masked(&format!("{error:#}"));
        let text: Vec<_> = text.lines().map(printable).collect();
        drop(writeln!(std::io::stderr(), "leakspan: {}", text.join("\n  ")));
        Exit::Usage
    });
    ExitCode::from(exit.code())
}

/// One arm a command.
fn dispatch(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Scan(arguments) => scan::run(&options::scan(*arguments)?),
        Command::Ci(arguments) => {
            let (options, gate) = options::ci(*arguments)?;
            ci::run(options, &gate, &|name| std::env::var(name).ok())
        }
        Command::Hook(command) => hook(command),
        Command::Verify(arguments) => verify::verify(*arguments),
        Command::Revoke(arguments) => verify::revoke(*arguments),
        Command::Doctor(arguments) => {
            Ok(print(doctor::examine(&arguments.path, variables::told()).as_bytes()))
        }
        Command::Explain(arguments) => commands::explain(arguments),
        Command::Suppress(arguments) => commands::suppress(arguments),
        Command::Baseline(command) => commands::baseline(command),
        Command::Import(arguments) => import::import(*arguments),
        Command::Signatures(command) => commands::signatures(command),
        Command::Completions(arguments) => {
            let mut text = Vec::new();
            clap_complete::generate(
                arguments.shell,
                &mut Arguments::command(),
                "leakspan",
                &mut text,
            );
            Ok(print(&text))
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Arguments::command()).render(&mut text)?;
            Ok(print(&text))
        }
    }
}

fn hook(command: HookCommand) -> anyhow::Result<Exit> {
    match command {
        HookCommand::Install(typed) => {
            Ok(print(hook::install(&typed.repository, values::hook(&typed.name))?.as_bytes()))
        }
        HookCommand::Remove(typed) => {
            Ok(print(hook::remove(&typed.repository, values::hook(&typed.name))?.as_bytes()))
        }
        HookCommand::Status(typed) => {
            let (exit, text) = hook::status(&typed.repository, values::hook(&typed.name))?;
            Ok(Some(print(text.as_bytes())).filter(|told| *told != Exit::Clean).unwrap_or(exit))
        }
        HookCommand::Run(typed) => {
            let quiet = typed.common.quiet;
            let hook = values::hook(&typed.name);
            Ok(hook::run(hook, options::hook(*typed), quiet))
        }
    }
}

/// No core file and no other process of the same user gets to see what is being scanned.
fn keep_memory_private() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, setrlimit};
    // A system that knows neither call runs the scan all the same.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// A panic says where, not what: its message could quote what is being scanned.
fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |at| format!(" at {at}"));
        let text = format!("leakspan: internal error{place}; please report it\n");
        drop(std::io::stderr().write_all(text.as_bytes()));
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "the next test runs it in a process of its own"]
    fn panics_with_data() {
        keep_panics_quiet();
        std::panic::panic_any("what was being scanned".to_owned());
    }

    #[test]
    fn a_panic_says_where_and_not_what() {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "cli::tests::panics_with_data", "--include-ignored"]);
        let output = command.env("RUST_BACKTRACE", "full").output().unwrap();
        assert!(!output.status.success());
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(told.contains("leakspan: internal error at src/cli/mod.rs:"), "{told}");
        assert!(!told.contains("what was being scanned"), "{told}");
    }
}
