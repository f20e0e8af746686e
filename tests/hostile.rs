//! Repositories that mean harm: nothing of theirs runs, nothing outside of them is read.

mod history;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{Outcome, Sandbox, planted, run};

/// Configuration keys that make git run a program, with the value that names it.
const KEYS: &[(&str, &str)] = &[
    ("core.fsmonitor", "{}"),
    ("core.sshCommand", "{}"),
    ("core.pager", "{}"),
    ("core.editor", "{}"),
    ("core.askPass", "{}"),
    ("core.gitProxy", "{}"),
    ("core.alternateRefsCommand", "{}"),
    ("core.hooksPath", "hooks-of-theirs"),
    ("credential.helper", "!{}"),
    ("diff.external", "{}"),
    ("diff.evil.textconv", "{}"),
    ("diff.evil.command", "{}"),
    ("filter.evil.clean", "{}"),
    ("filter.evil.smudge", "{}"),
    ("filter.evil.process", "{}"),
    ("gpg.program", "{}"),
    ("gpg.ssh.program", "{}"),
    ("alias.scan", "!{}"),
    ("uploadpack.packObjectsHook", "{}"),
    ("merge.evil.driver", "{}"),
    ("sequence.editor", "{}"),
    ("remote.origin.uploadpack", "{}"),
    ("protocol.ext.allow", "always"),
    ("remote.origin.url", "ext::{}"),
    ("remote.origin.promisor", "true"),
    ("extensions.partialClone", "origin"),
    ("log.showSignature", "true"),
    ("include.path", "../included"),
];

/// Hooks that git runs at reads and writes.
const HOOKS: &[&str] =
    &["post-index-change", "pre-commit", "reference-transaction", "post-checkout"];

struct Trap {
    sandbox: Sandbox,
    marker: PathBuf,
}

/// A repository in which every key and hook names a script that leaves a marker. Its last commit and its
/// index hold a secret each.
fn trap() -> Trap {
    let sandbox = Sandbox::new();
    let marker = sandbox.outside().join("marker");
    let script = sandbox.outside().join("script");
    program(&script, &format!("#!/bin/sh\necho \"$0 $*\" >> {}\ncat\n", marker.display()));
    sandbox.git_init();
    sandbox.write("base", "nothing\n");
    sandbox.git_commit_all("base");
    sandbox.git(["tag", "base"]);
    sandbox.write("committed.env", planted(1));
    sandbox.git_commit_all("a secret");
    sandbox.write("staged.env", planted(2));
    sandbox.git(["add", "-A"]);
    let linked = sandbox.outside().join("linked");
    sandbox.git(["worktree", "add", "-q", linked.to_str().unwrap()]);
    std::fs::write(linked.join("linked.env"), planted(3)).unwrap();
    sandbox.git(["-C", linked.to_str().unwrap(), "add", "-A"]);
    sandbox.git(["clone", "-q", "--bare", ".", "../bare.git"]);
    // From here on the trap is set, and git itself must not be called any more.
    sandbox.write(".gitattributes", "* diff=evil filter=evil merge=evil\n");
    sandbox.write("included", format!("[core]\n\tfsmonitor = {}\n", script.display()));
    let mut config = sandbox.read(".git/config");
    for (key, value) in KEYS {
        let (section, name) = key.rsplit_once('.').unwrap();
        let section = match section.split_once('.') {
            Some((section, sub)) => format!("{section} \"{sub}\""),
            None => section.to_owned(),
        };
        let value = value.replace("{}", script.to_str().unwrap());
        config.push_str(&format!("[{section}]\n\t{name} = \"{value}\"\n"));
    }
    let config = config.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    sandbox.write(".git/config", &config);
    let bare = sandbox.outside().join("bare.git");
    std::fs::write(bare.join("config"), config.replace("bare = false", "bare = true")).unwrap();
    for hook in HOOKS {
        for folder in [sandbox.path().join(".git/hooks"), sandbox.path().join("hooks-of-theirs")] {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::copy(&script, folder.join(hook)).unwrap();
        }
    }
    Trap { sandbox, marker }
}

fn program(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Every way to look at the trap: name, arguments, what must be found.
const MODES: &[(&str, &[&str], &str)] = &[
    ("folder", &["scan", "-f", "jsonl", "."], "staged.env"),
    ("staged", &["scan", "-f", "jsonl", "--staged"], "staged.env"),
    ("range", &["scan", "-f", "jsonl", "--range", "base..HEAD"], "committed.env"),
    ("since", &["scan", "-f", "jsonl", "--since", "base"], "committed.env"),
    ("worktree", &["scan", "-f", "jsonl", "--staged", "../linked"], "linked.env"),
    ("bare", &["scan", "-f", "jsonl", "--range", "base..HEAD", "../bare.git"], "committed.env"),
    ("gate", &["ci", "-f", "jsonl"], "committed.env"),
    ("history", &["scan", "-f", "jsonl", "--history"], "committed.env"),
    ("history of a worktree", &["scan", "-f", "jsonl", "--history", "../linked"], "linked.env"),
    ("history, bare", &["scan", "-f", "jsonl", "--history", "../bare.git"], "committed.env"),
    ("hook", &["hook", "run", "pre-commit", "-f", "jsonl"], "staged.env"),
];

fn found_in(outcome: &Outcome, path: &str) -> bool {
    outcome.findings().iter().any(|finding| finding["path"].as_str() == Some(path))
}

#[test]
fn g1_no_program_that_a_repository_names_is_run() {
    let trap = trap();
    for (mode, arguments, path) in MODES {
        let mut command = trap.sandbox.command(*arguments);
        command.env("LEAKSPAN_BASE", "base");
        let outcome = run(&mut command, b"").exits(1);
        assert!(found_in(&outcome, path), "{mode}: {}", outcome.stdout);
        let marks = std::fs::read_to_string(&trap.marker).unwrap_or_default();
        assert_eq!(marks, "", "{mode} ran something");
    }
    // The trap does work: git walks into it.
    drop(trap.sandbox.clean("git").args(["status"]).output());
    assert!(trap.marker.exists(), "the trap is not set");
}

#[test]
fn g1_no_process_is_started_and_no_connection_opened() {
    let trap = trap();
    for (mode, arguments, _) in MODES {
        let calls = trap.sandbox.outside().join("calls");
        let mut command = trap.sandbox.clean("strace");
        command.args(["-f", "-e", "trace=execve,execveat,connect,socket", "-o"]).arg(&calls);
        command.arg(env!("CARGO_BIN_EXE_leakspan")).args(*arguments).env("LEAKSPAN_BASE", "base");
        run(&mut command, b"").exits(1);
        let calls = std::fs::read_to_string(&calls).unwrap();
        let made: Vec<_> = calls.lines().filter(|line| line.contains('(')).collect();
        assert_eq!(made.len(), 1, "{mode}: only leakspan itself is started: {made:#?}");
    }
}

#[test]
fn g2_a_missing_object_of_a_promisor_is_not_fetched() {
    let trap = trap();
    let objects = trap.sandbox.path().join(".git/objects");
    // Without git: every loose object but the newest trees and commits goes, so a blob is missing.
    let mut removed = 0;
    for folder in
        std::fs::read_dir(&objects).unwrap().flatten().filter(|f| f.file_name().len() == 2)
    {
        for object in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let id = format!(
                "{}{}",
                folder.file_name().to_str().unwrap(),
                object.file_name().to_str().unwrap()
            );
            if id == blob_id(&planted(2)) {
                std::fs::remove_file(object.path()).unwrap();
                removed += 1;
            }
        }
    }
    assert_eq!(removed, 1);
    let outcome = trap.sandbox.leakspan(["scan", "-f", "jsonl", "--staged"]).exits(3);
    let reasons: Vec<_> = outcome
        .of_type("problem")
        .iter()
        .map(|p| p["reason"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(reasons, ["object-missing"]);
    assert!(!trap.marker.exists(), "something was fetched");
}

/// What git would call a blob.
fn blob_id(content: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("x", content);
    sandbox.git(["hash-object", "x"])
}

#[test]
fn g4_nothing_outside_of_the_repository_is_read_unless_it_is_allowed() {
    let (sandbox, other) = (Sandbox::new(), Sandbox::new());
    other.git_init();
    other.write("theirs", planted(1));
    other.git_commit_all("theirs");
    let commit = other.git(["rev-parse", "HEAD"]);
    sandbox.git_init();
    sandbox.write("ours", "nothing\n");
    sandbox.git_commit_all("ours");
    let store = other.path().join(".git/objects");
    sandbox.write(".git/objects/info/alternates", format!("{}\n", store.display()));
    let range = format!("HEAD..{commit}");
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl", "--range", &range]).exits(3);
    let problem = &outcome.of_type("problem")[0];
    assert_eq!(problem["reason"], "external-object-store");
    assert!(problem["detail"].as_str().unwrap().contains(store.to_str().unwrap()));
    let allow = other.path().to_str().unwrap();
    let arguments = ["scan", "-f", "jsonl", "--range", &range, "--allow-external-objects", allow];
    let outcome = sandbox.leakspan(arguments).exits(1);
    assert!(found_in(&outcome, "theirs"), "{}", outcome.stdout);
}

#[test]
fn g5_variables_of_git_are_ignored_and_that_is_said() {
    let (sandbox, evil) = (Sandbox::new(), Sandbox::new());
    for (place, seed) in [(&sandbox, 1), (&evil, 2)] {
        place.git_init();
        place.write("base", "x");
        place.git_commit_all("base");
        place.write(format!("secret-{seed}"), planted(seed));
        place.git_commit_all("secret");
    }
    let arguments = ["scan", "-f", "jsonl", "--range", "HEAD~1..HEAD"];
    let plain = sandbox.leakspan(arguments).exits(1);
    let mut command = sandbox.command(arguments);
    command.env("GIT_DIR", evil.path().join(".git")).env("GIT_INDEX_FILE", "/nowhere");
    let outcome = run(&mut command, b"").exits(1);
    assert_eq!(outcome.findings(), plain.findings());
    assert!(found_in(&outcome, "secret-1"));
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(said.contains("GIT_DIR, GIT_INDEX_FILE ignored"), "{said}");
}

#[test]
fn g15_whatever_reaches_a_commit_is_found_once() {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write("base", "x\n");
    sandbox.git_commit_all("base");
    sandbox.git(["tag", "base"]);
    let mut secrets = Vec::new();
    let mut next = || {
        secrets.push(planted(100 + secrets.len() as u64));
        secrets.last().unwrap().clone()
    };
    sandbox.write("plain", next());
    sandbox.git_commit_all("plain");
    sandbox.git(["rm", "-q", "plain"]);
    sandbox.git(["commit", "-q", "-m", &format!("removed\n\n{}", next())]);
    sandbox.git(["checkout", "-q", "-b", "side", "base"]);
    sandbox.write("second-parent", next());
    sandbox.git_commit_all("side");
    sandbox.git(["checkout", "-q", "main"]);
    sandbox.git(["merge", "-q", "--no-commit", "side"]);
    sandbox.write("only-in-the-merge", next());
    sandbox.git_commit_all("merge");
    let name = next();
    let author = format!("{} <a@example.com>", name.trim());
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "author", "--author", &author]);
    sandbox.write(".gitattributes", "*.bin binary -diff export-ignore linguist-generated\n");
    sandbox.write("hidden.bin", next());
    sandbox.git_commit_all("attributes");
    std::os::unix::fs::symlink(next().trim(), sandbox.path().join("link")).unwrap();
    sandbox.git_commit_all("link");
    let arguments = ["scan", "-f", "jsonl", "--show-secrets", "--range", "base..HEAD"];
    let outcome = sandbox.leakspan(arguments).exits(1);
    let found: Vec<_> =
        outcome.findings().iter().map(|f| f["secret"].as_str().unwrap().to_owned()).collect();
    for secret in &secrets {
        let value = secret.trim().split_once('=').unwrap().1;
        let times = found.iter().filter(|found| *found == value).count();
        assert_eq!(times, 1, "{value}: {}", outcome.stdout);
    }
}
