//! `leakspan doctor`: what would run here, with which limits.

use std::path::Path;
use std::process::Command;

use super::hook;
use super::suppressions;
use crate::config;
use crate::hooks::Hook;
use crate::signatures;
use crate::text::printable;

/// Says which programs, limits and hooks are in force at a place. Never fails: what cannot be found
/// out is said. `variables` are sentences on those of the environment that are ours.
#[must_use]
pub fn examine(path: &Path, variables: Vec<String>) -> String {
    let mut text = String::new();
    let mut section = |title: &str, lines: Vec<String>| {
        text.push_str(title);
        text.push('\n');
        for line in lines.iter().flat_map(|line| line.lines()) {
            text.push_str(&format!("  {}\n", printable(line)));
        }
    };
    section("program", program());
    section("git", vec![git()]);
    section("hook", hook_lines(path));
    section("configuration", configuration(path, variables));
    section("limits", limits());
    text
}

fn program() -> Vec<String> {
    let place = std::env::current_exe()
        .map_or_else(|error| format!("its place is unknown: {error}"), |p| p.display().to_string());
    vec![format!("leakspan {}", env!("CARGO_PKG_VERSION")), place]
}

/// Scans never run git: this is for whoever reads the answer.
fn git() -> String {
    match Command::new("git").arg("--version").output() {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        Ok(output) => {
            format!("git in PATH fails: {}", String::from_utf8_lossy(&output.stderr).trim())
        }
        Err(error) => {
            format!("there is no git in PATH ({error}); leakspan reads repositories without it")
        }
    }
}

fn hook_lines(path: &Path) -> Vec<String> {
    let status = match hook::look(path, Hook::PreCommit) {
        Ok(status) => status,
        Err(error) => return vec![format!("{error:#}")],
    };
    let mut lines = status.lines;
    if let Some(version) = status.program.as_deref().and_then(version) {
        let own = format!("leakspan {}", env!("CARGO_PKG_VERSION"));
        let differs = if version == own { "" } else { ": not the version that you ask" };
        lines.push(format!("that is {version}{differs}"));
    }
    let words = if status.active {
        "active: commits are checked"
    } else {
        "not active: commits are not checked"
    };
    lines.push(words.to_owned());
    lines
}

fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|text| !text.is_empty())
}

/// The files that a scan of this place reads, the strongest first.
fn configuration(path: &Path, variables: Vec<String>) -> Vec<String> {
    let folders = config::upwards(path);
    let inside = config::find(&folders, config::FILE);
    let answered = config::find(&folders, suppressions::FILE);
    let files = [inside, config::of_user(), answered];
    let mut lines: Vec<_> =
        files.into_iter().flatten().map(|file| file.display().to_string()).collect();
    lines.extend(variables);
    if lines.is_empty() {
        lines.push("no file and no variable: the defaults".to_owned());
    }
    lines
}

fn limits() -> Vec<String> {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let open = files.current.map_or_else(|| "unlimited".to_owned(), |n| n.to_string());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    vec![
        format!("{} signatures built in", signatures::builtin().signatures.len()),
        format!("{open} open files, {threads} threads"),
        "archives: 8 deep, ratio 200 after the first 10 MiB, 1 GiB out, 100,000 entries, 30 s a file".to_owned(),
        "encodings: 5 deep".to_owned(),
    ]
}
