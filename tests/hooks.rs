//! The hook, driven by real commits.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{Outcome, Sandbox, run};

/// A GitHub token that no one has, checksum and all; made here, so that no file holds one.
fn token() -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let body = ["aQ7", "mZ2", "pL9", "vT4", "kW8", "nR5", "jH3", "bF6", "yD1", "cS0"].concat();
    let mut sum = crc32fast::hash(body.as_bytes());
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[sum as usize % 62];
        sum /= 62;
    }
    format!("gh{}_{body}{}", 'p', String::from_utf8_lossy(&digits))
}

fn leak() -> String {
    format!("GITHUB_TOKEN={}\n", token())
}

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox
}

fn with_hook() -> Sandbox {
    let sandbox = repository();
    sandbox.leakspan(["hook", "install"]).exits(0);
    sandbox
}

/// `git commit` in the sandbox, with leakspan in PATH.
fn commit(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    commit_in(sandbox, sandbox.path(), arguments)
}

fn commit_in(sandbox: &Sandbox, folder: &Path, arguments: &[&str]) -> Outcome {
    let mut command = sandbox.clean("git");
    command.current_dir(folder).args(["commit", "-m", "a change"]).args(arguments);
    command.env("PATH", path_with_leakspan());
    run(&mut command, b"")
}

fn path_with_leakspan() -> std::ffi::OsString {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_leakspan"));
    let own = program.parent().expect("a program has a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)))
        .expect("no folder of PATH has a colon")
}

#[track_caller]
fn blocked(outcome: &Outcome) {
    assert_ne!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("leakspan stopped this commit"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains(&token()[4..12]), "{}", outcome.stderr);
}

#[track_caller]
fn passes(outcome: &Outcome) {
    assert_eq!(outcome.code, 0, "{}\n{}", outcome.stdout, outcome.stderr);
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[test]
fn a_staged_secret_stops_the_first_commit_and_the_ways_on_are_told() {
    let sandbox = with_hook();
    sandbox.write("src/app.env", format!("A=1\n{}", leak()));
    sandbox.git(["add", "-A"]);
    let outcome = commit(&sandbox, &[]);
    blocked(&outcome);
    for words in [
        "src/app.env:2:14",
        "GitHub",
        "1 remove it",
        "2 move it",
        "3 allow it",
        "--owner",
        "--reason",
        "--until",
        "--no-verify",
    ] {
        assert!(outcome.stderr.contains(words), "{words} in {}", outcome.stderr);
    }
    assert!(outcome.stderr.lines().count() <= 15, "{}", outcome.stderr);
    sandbox.write("src/app.env", "A=1\n");
    sandbox.git(["add", "-A"]);
    passes(&commit(&sandbox, &[]));
}

#[test]
fn the_index_is_scanned_and_not_the_working_tree() {
    let sandbox = with_hook();
    sandbox.write("a.env", "A=1\n");
    sandbox.git(["add", "-A"]);
    // Not staged: no reason to stop.
    sandbox.write("a.env", leak());
    passes(&commit(&sandbox, &[]));
    sandbox.git(["add", "-A"]);
    // Staged, and already gone from the working tree.
    sandbox.write("a.env", "A=1\n");
    blocked(&commit(&sandbox, &[]));
}

#[test]
fn of_a_file_staged_in_part_that_part_alone_counts() {
    let sandbox = with_hook();
    let lines = |first: &str, last: &str| format!("{first}\n{}{last}\n", "-\n".repeat(9));
    sandbox.write("a.env", lines("A=1", "Z=1"));
    sandbox.git_commit_all("start");
    for (staged, working, stops) in [
        (lines("A=2", "Z=1"), lines("A=2", leak().trim()), false),
        (lines(leak().trim(), "Z=1"), lines("A=2", "Z=2"), true),
    ] {
        sandbox.write("a.env", staged);
        sandbox.git(["add", "a.env"]);
        sandbox.write("a.env", working);
        let outcome = commit(&sandbox, &[]);
        if stops { blocked(&outcome) } else { passes(&outcome) }
    }
}

#[test]
fn commit_all_and_commit_of_a_path_are_checked() {
    let sandbox = with_hook();
    sandbox.write("a.env", "A=1\n");
    sandbox.write("b.env", "B=1\n");
    sandbox.git_commit_all("start");
    sandbox.write("a.env", leak());
    sandbox.write("b.env", "B=2\n");
    blocked(&commit(&sandbox, &["-a"]));
    blocked(&commit(&sandbox, &["--", "a.env"]));
    passes(&commit(&sandbox, &["--", "b.env"]));
}

#[test]
fn amending_is_checked() {
    let sandbox = with_hook();
    sandbox.write("a.env", "A=1\n");
    sandbox.git_commit_all("start");
    sandbox.write("a.env", leak());
    sandbox.git(["add", "-A"]);
    blocked(&commit(&sandbox, &["--amend"]));
}

#[test]
fn a_repository_without_identity_is_checked() {
    let sandbox = Sandbox::new();
    sandbox.git(["init", "-q"]);
    sandbox.leakspan(["hook", "install"]).exits(0);
    sandbox.write("a.env", leak());
    sandbox.git(["add", "-A"]);
    let outcome = sandbox.leakspan(["hook", "run", "pre-commit"]).exits(1);
    blocked(&outcome);
}

#[test]
fn a_linked_worktree_is_checked() {
    let sandbox = with_hook();
    sandbox.write("a.env", "A=1\n");
    sandbox.git_commit_all("start");
    let linked = sandbox.outside().join("linked");
    sandbox.git(["worktree", "add", "-q", linked.to_str().expect("UTF-8")]);
    std::fs::write(linked.join("b.env"), leak()).expect("it can be written");
    run(sandbox.clean("git").current_dir(&linked).args(["add", "-A"]), b"").exits(0);
    blocked(&commit_in(&sandbox, &linked, &[]));
    // Nothing of it is staged in the first one.
    sandbox.write("c.txt", "c\n");
    sandbox.git(["add", "c.txt"]);
    passes(&commit(&sandbox, &[]));
}

#[test]
fn hooks_path_is_honoured_wherever_it_is_set() {
    for (scope, value) in [("--local", "tools/hooks"), ("--global", "~/hooks")] {
        let sandbox = repository();
        sandbox.git(["config", scope, "core.hooksPath", value]);
        sandbox.leakspan(["hook", "install"]).exits(0);
        let folder = match value.strip_prefix("~/") {
            Some(name) => sandbox.outside().join("home").join(name),
            None => sandbox.path().join(value),
        };
        assert!(folder.join("pre-commit").is_file(), "{scope}");
        assert!(!sandbox.path().join(".git/hooks/pre-commit").exists());
        sandbox.write("a.env", leak());
        sandbox.git(["add", "a.env"]);
        blocked(&commit(&sandbox, &[]));
        sandbox.leakspan(["hook", "status"]).exits(0);
        sandbox.leakspan(["hook", "remove"]).exits(0);
        assert!(!folder.exists(), "{scope}: the folder was made for it");
    }
}

#[test]
fn hooks_path_of_a_worktree_is_honoured() {
    let sandbox = repository();
    sandbox.git(["config", "extensions.worktreeConfig", "true"]);
    sandbox.git(["config", "--worktree", "core.hooksPath", "mine"]);
    sandbox.leakspan(["hook", "install"]).exits(0);
    assert!(sandbox.path().join("mine/pre-commit").is_file());
}

#[test]
fn a_hook_that_was_there_is_called_first_and_its_exit_code_kept() {
    let sandbox = repository();
    let hook = sandbox.write(
        ".git/hooks/pre-commit",
        "#!/bin/sh\necho \"first $#\" >&2\ntest ! -e stop || exit 7\n",
    );
    set_mode(&hook, 0o750);
    let before = std::fs::read(&hook).expect("it is there");
    sandbox.leakspan(["hook", "install"]).exits(0);
    sandbox.leakspan(["hook", "install"]).exits(0);
    sandbox.write("a.txt", "a\n");
    sandbox.git(["add", "a.txt"]);
    let outcome = commit(&sandbox, &[]);
    passes(&outcome);
    assert!(outcome.stderr.contains("first 0"), "{}", outcome.stderr);
    let direct = |sandbox: &Sandbox| {
        let mut command = sandbox.clean(&hook);
        command.env("PATH", path_with_leakspan());
        run(&mut command, b"").code
    };
    assert_eq!(direct(&sandbox), 0);
    sandbox.write("stop", "");
    assert_eq!(direct(&sandbox), 7);
    sandbox.leakspan(["hook", "remove"]).exits(0);
    assert_eq!(std::fs::read(&hook).expect("it is back"), before);
    assert_eq!(mode(&hook), 0o750);
    assert_eq!(
        names(&sandbox.path().join(".git/hooks"), "pre-commit"),
        ["pre-commit", "pre-commit.sample"]
    );
}

fn names(folder: &Path, start: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("it is readable").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(start) || name.starts_with('.'))
        .collect();
    names.sort();
    names
}

#[test]
fn installing_twice_changes_nothing_and_removing_leaves_nothing() {
    let sandbox = repository();
    let hooks = sandbox.path().join(".git/hooks");
    let before = names(&hooks, "");
    sandbox.leakspan(["hook", "install"]).exits(0);
    let once = std::fs::read(hooks.join("pre-commit")).expect("it is there");
    let outcome = sandbox.leakspan(["hook", "install"]).exits(0);
    assert!(outcome.stdout.contains("installed already"), "{}", outcome.stdout);
    assert_eq!(std::fs::read(hooks.join("pre-commit")).expect("it is there"), once);
    sandbox.leakspan(["hook", "remove"]).exits(0);
    assert_eq!(names(&hooks, ""), before);
    let outcome = sandbox.leakspan(["hook", "remove"]).exits(0);
    assert!(outcome.stdout.contains("no hook of leakspan"), "{}", outcome.stdout);
}

#[test]
fn a_hook_that_was_changed_by_hand_is_left_alone() {
    let sandbox = with_hook();
    let hook = sandbox.path().join(".git/hooks/pre-commit");
    let mut text = std::fs::read(&hook).expect("it is there");
    text.extend_from_slice(b"make lint\n");
    std::fs::write(&hook, &text).expect("it can be written");
    for verb in ["install", "remove"] {
        let outcome = sandbox.leakspan(["hook", verb]).exits(2);
        assert!(outcome.stderr.contains("changed by hand"), "{}", outcome.stderr);
        assert_eq!(std::fs::read(&hook).expect("it is there"), text);
    }
}

#[test]
fn without_the_program_a_commit_is_stopped_with_a_clear_message() {
    let sandbox = repository();
    // A plain copy of the script knows no program but that of PATH.
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/hooks/pre-commit");
    let hook = sandbox.path().join(".git/hooks/pre-commit");
    std::fs::copy(script, &hook).expect("the script is in the package");
    set_mode(&hook, 0o755);
    sandbox.write("a.txt", "a\n");
    sandbox.git(["add", "a.txt"]);
    let mut command = sandbox.clean("git");
    command.args(["commit", "-m", "a"]).env("PATH", "/usr/bin:/bin");
    let outcome = run(&mut command, b"");
    assert_ne!(outcome.code, 0);
    assert!(
        outcome.stderr.contains("the program is not found, so nothing was checked"),
        "{}",
        outcome.stderr
    );
    passes(&commit(&sandbox, &[]));
}

#[test]
fn an_installed_hook_finds_its_program_without_path() {
    let sandbox = with_hook();
    sandbox.write("a.env", leak());
    sandbox.git(["add", "a.env"]);
    let mut command = sandbox.clean("git");
    command.args(["commit", "-m", "a"]).env("PATH", "/usr/bin:/bin");
    blocked(&run(&mut command, b""));
}

#[test]
fn husky_gets_lines_that_are_taken_out_exactly() {
    let sandbox = repository();
    sandbox.git(["config", "core.hooksPath", ".husky/_"]);
    let proxy = sandbox.write(
        ".husky/_/pre-commit",
        "#!/bin/sh\nsh -e \"$(dirname \"$0\")/../pre-commit\" \"$@\"\n",
    );
    set_mode(&proxy, 0o755);
    let text = "#!/bin/sh\nexec echo theirs";
    let script = sandbox.write(".husky/pre-commit", text);
    set_mode(&script, 0o640);
    sandbox.leakspan(["hook", "install"]).exits(0);
    sandbox.leakspan(["hook", "install"]).exits(0);
    sandbox.write("a.env", leak());
    sandbox.git(["add", "a.env"]);
    blocked(&commit(&sandbox, &[]));
    let outcome =
        run(sandbox.command(["hook", "status"]).env("PATH", path_with_leakspan()), b"").exits(0);
    assert!(outcome.stdout.contains("husky"), "{}", outcome.stdout);
    sandbox.leakspan(["hook", "remove"]).exits(0);
    assert_eq!(sandbox.read(".husky/pre-commit"), text);
    assert_eq!(mode(&script), 0o640);
}

#[test]
fn managers_that_write_hooks_get_words_and_keep_their_files() {
    for (config, hook, words) in [
        ("lefthook.yml", "#!/bin/sh\ncall_lefthook run pre-commit\n", "jobs:"),
        (
            ".pre-commit-config.yaml",
            "#!/bin/sh\n# File generated by pre-commit: x\n",
            "- id: leakspan",
        ),
    ] {
        let sandbox = repository();
        sandbox.write(config, "# ours\n");
        let file = sandbox.write(".git/hooks/pre-commit", hook);
        set_mode(&file, 0o755);
        let outcome = sandbox.leakspan(["hook", "install"]).exits(2);
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
        // What is to be added can be taken as it is printed: a list of YAML whose keys stand in line.
        let indent = |start: &str| {
            let mut lines = outcome.stderr.lines();
            lines.find_map(|line| line.find(start).filter(|at| line[..*at].trim().is_empty()))
        };
        for (item, key) in [("- repo: local", "hooks:"), ("- id: leakspan", "name:")] {
            assert_eq!(indent(item).map(|at| at + 2), indent(key).filter(|_| words != "jobs:"));
        }
        assert_eq!(sandbox.read(".git/hooks/pre-commit"), hook);
        sandbox.leakspan(["hook", "status"]).exits(3);
        sandbox.write(config, "      run: leakspan hook run pre-commit\n");
        sandbox.leakspan(["hook", "install"]).exits(0);
        run(sandbox.command(["hook", "status"]).env("PATH", path_with_leakspan()), b"").exits(0);
    }
}

#[test]
fn status_and_doctor_see_what_switches_a_hook_off() {
    let sandbox = with_hook();
    let said = |words: &str| {
        let outcome = sandbox.leakspan(["hook", "status"]);
        assert!(outcome.stdout.contains(words), "{words}: {}", outcome.stdout);
        let doctor = sandbox.leakspan(["doctor"]).exits(0);
        assert!(doctor.stdout.contains(words), "{words}: {}", doctor.stdout);
        outcome.code
    };
    assert_eq!(said("active: commits are checked"), 0);
    let hook = sandbox.path().join(".git/hooks/pre-commit");
    set_mode(&hook, 0o644);
    assert_eq!(said("not executable"), 3);
    set_mode(&hook, 0o755);
    sandbox.git(["config", "core.hooksPath", "elsewhere"]);
    assert_eq!(said("git does not look there"), 3);
    // Removing finds it all the same.
    sandbox.leakspan(["hook", "remove"]).exits(0);
    assert!(!hook.exists());
}

#[test]
fn doctor_names_git_limits_and_versions_also_outside_of_a_repository() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.leakspan(["doctor"]).exits(0);
    for words in [
        "git version",
        "signatures built in",
        "open files",
        "not in a git repository",
        env!("CARGO_PKG_VERSION"),
    ] {
        assert!(outcome.stdout.contains(words), "{words}: {}", outcome.stdout);
    }
}

#[test]
fn doctor_names_the_configuration_in_use() {
    let sandbox = repository();
    assert!(sandbox.leakspan(["doctor"]).exits(0).stdout.contains("the defaults"));
    sandbox.write(".leakspan.toml", "");
    let mut command = sandbox.command(["doctor"]);
    let outcome = run(command.env("LEAKSPAN_JOBS", "1"), b"").exits(0);
    assert!(outcome.stdout.contains("/.leakspan.toml"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("LEAKSPAN_JOBS is set"), "{}", outcome.stdout);
}

#[test]
fn hooks_that_are_not_ours_are_refused() {
    let sandbox = repository();
    for name in ["post-receive", "post-commit", "commit-msg"] {
        sandbox.leakspan(["hook", "install", name]).exits(2);
        sandbox.leakspan(["hook", "run", name]).exits(2);
    }
    Sandbox::new().leakspan(["hook", "install"]).exits(2);
}

#[test]
fn what_cannot_be_looked_at_stops_the_commit_with_words() {
    let sandbox = repository();
    sandbox.write("a.txt", "a\n");
    sandbox.git(["add", "a.txt"]);
    sandbox.write(".git/index", "not an index");
    let outcome = sandbox.leakspan(["hook", "run", "pre-commit"]).exits(3);
    assert!(outcome.stderr.contains("could not look at everything"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("--no-verify"), "{}", outcome.stderr);
    let nowhere = Sandbox::new().leakspan(["hook", "run", "pre-commit"]).exits(2);
    assert!(nowhere.stderr.contains("--no-verify"), "{}", nowhere.stderr);
}
