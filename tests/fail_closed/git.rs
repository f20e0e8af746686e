//! Repositories that cannot be looked at, or in part: what a commit hook and a gate do then.

use super::super::support::{Outcome, Sandbox, planted, run};
use super::as_nobody;

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write("base", "nothing\n");
    sandbox.git_commit_all("base");
    sandbox
}

fn staged(sandbox: &Sandbox) -> Outcome {
    sandbox.leakspan(["scan", "--staged", "-f", "jsonl"])
}

#[track_caller]
fn is_3_for(outcome: Outcome, reason: &str) {
    let outcome = outcome.exits(3);
    assert_eq!(outcome.of_type("problem")[0]["reason"], reason);
    assert_eq!(outcome.summary()["complete"], false);
}

/// Where git keeps a loose object.
fn object(sandbox: &Sandbox, name: &str) -> std::path::PathBuf {
    let id = sandbox.git(["rev-parse", name]);
    sandbox.path().join(".git/objects").join(&id[..2]).join(&id[2..])
}

#[test]
fn unborn_head_is_scanned_whole() {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    let outcome = staged(&sandbox).exits(0);
    assert_eq!(outcome.summary()["notes"][0], "nothing is staged");
    sandbox.write("a.env", planted(1));
    sandbox.git(["add", "-A"]);
    assert_eq!(staged(&sandbox).exits(1).findings().len(), 1);
    sandbox.leakspan(["scan", "--range", "HEAD~1..HEAD"]).exits(2);
    sandbox.leakspan(["scan", "--since", "HEAD"]).exits(2);
}

#[test]
fn what_nobody_may_read_of_a_repository_is_3() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let sandbox = repository();
    sandbox.write("a.env", planted(1));
    sandbox.git(["add", "-A"]);
    let staged = ["scan", "-f", "jsonl", "--staged"];
    as_nobody(&sandbox, &staged).exits(1);
    for closed in [sandbox.path().join(".git/index"), object(&sandbox, ":a.env")] {
        let before = closed.metadata().unwrap().permissions();
        set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
        is_3_for(as_nobody(&sandbox, &staged), "unreadable");
        as_nobody(&sandbox, &["hook", "run", "pre-commit"]).exits(3);
        set_permissions(&closed, before).unwrap();
    }
    // Of a history every object counts, this one too.
    let closed = object(&sandbox, ":a.env");
    set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    is_3_for(as_nobody(&sandbox, &["scan", "-f", "jsonl", "--history"]), "unreadable");
}

#[test]
fn corrupt_and_cut_objects_of_a_history_are_3() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = repository();
    let history = ["scan", "-f", "jsonl", "--history"];
    sandbox.leakspan(history).exits(0);
    for name in ["HEAD:base", "HEAD^{tree}", "HEAD"] {
        let path = object(&sandbox, name);
        let whole = std::fs::read(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        for broken in [&whole[..whole.len() / 2], b"garbage"] {
            std::fs::write(&path, broken).unwrap();
            is_3_for(sandbox.leakspan(history), "corrupt");
        }
        std::fs::remove_file(&path).unwrap();
        let outcome = sandbox.leakspan(history);
        // The commit itself is missed by its branch, the others by what names them.
        is_3_for(outcome, "object-missing");
        std::fs::write(&path, whole).unwrap();
    }
    sandbox.leakspan(history).exits(0);
}

#[test]
fn no_identity_is_no_excuse() {
    let sandbox = Sandbox::new();
    sandbox.git(["init", "-q"]);
    sandbox.write("a.env", planted(1));
    sandbox.git(["add", "-A"]);
    let mut command = sandbox.command(["scan", "--staged"]);
    run(command.env_remove("HOME").env("GIT_CONFIG_GLOBAL", "/nowhere"), b"").exits(1);
}

#[test]
fn corrupt_index_is_3() {
    let sandbox = repository();
    sandbox.write("a.env", planted(1));
    sandbox.git(["add", "-A"]);
    let index = sandbox.path().join(".git/index");
    let whole = std::fs::read(&index).unwrap();
    for broken in [&whole[..40], &whole[1..], b"", &[0x5a; 300]] {
        std::fs::write(&index, broken).unwrap();
        is_3_for(staged(&sandbox), "corrupt");
        sandbox.leakspan(["hook", "run", "pre-commit"]).exits(3);
    }
}

#[test]
fn corrupt_and_missing_objects_are_3() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = repository();
    sandbox.write("a.env", planted(1));
    sandbox.git(["add", "-A"]);
    let path = object(&sandbox, ":a.env");
    let whole = std::fs::read(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    is_3_for(staged(&sandbox), "corrupt");
    std::fs::remove_file(&path).unwrap();
    is_3_for(staged(&sandbox), "object-missing");
    std::fs::write(&path, whole).unwrap();
    sandbox.git_commit_all("secret");
    let range = ["scan", "-f", "jsonl", "--range", "HEAD~1..HEAD"];
    sandbox.leakspan(range).exits(1);
    let tree = object(&sandbox, "HEAD^{tree}");
    std::fs::set_permissions(&tree, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(&tree, b"garbage").unwrap();
    is_3_for(sandbox.leakspan(range), "corrupt");
}

#[test]
fn corrupt_head_is_3() {
    let sandbox = repository();
    sandbox.write(".git/HEAD", "neither a reference nor an id\n");
    is_3_for(staged(&sandbox), "corrupt");
    is_3_for(sandbox.leakspan(["scan", "-f", "jsonl", "--since", "HEAD~1"]), "corrupt");
}

#[test]
fn bare_repository_has_nothing_staged_and_is_2() {
    let sandbox = repository();
    sandbox.write("a.env", planted(1));
    sandbox.git_commit_all("secret");
    sandbox.git(["clone", "-q", "--bare", ".", "../bare.git"]);
    sandbox.leakspan(["scan", "--staged", "../bare.git"]).exits(2);
    sandbox.leakspan(["hook", "install", "-C", "../bare.git"]).exits(2);
    sandbox.leakspan(["scan", "--range", "HEAD~1..HEAD", "../bare.git"]).exits(1);
}

#[test]
fn linked_worktree_is_looked_at_and_one_without_its_repository_is_3() {
    let sandbox = repository();
    sandbox.git(["worktree", "add", "-q", "../linked"]);
    let linked = sandbox.outside().join("linked");
    std::fs::write(linked.join("a.env"), planted(1)).unwrap();
    sandbox.git(["-C", "../linked", "add", "-A"]);
    let arguments = ["scan", "--staged", "-f", "jsonl", "../linked"];
    assert_eq!(sandbox.leakspan(arguments).exits(1).findings()[0]["path"], "a.env");
    std::fs::rename(sandbox.path().join(".git"), sandbox.outside().join("moved")).unwrap();
    is_3_for(sandbox.leakspan(arguments), "unreadable");
}

#[test]
fn shallow_clone_without_the_base_is_3_with_the_line_that_mends_it() {
    let origin = repository();
    let base = origin.git(["rev-parse", "HEAD"]);
    origin.write("a.env", planted(1));
    origin.git_commit_all("secret");
    let clone = Sandbox::new();
    let url = format!("file://{}", origin.path().display());
    clone.git(["clone", "-q", "--depth", "1", &url, "."]);
    let range = format!("{base}..HEAD");
    let outcome = clone.leakspan(["scan", "-f", "jsonl", "--range", &range]).exits(3);
    let problem = &outcome.of_type("problem")[0];
    assert_eq!(problem["reason"], "object-missing");
    assert!(problem["detail"].to_string().contains("git fetch --unshallow"), "{problem}");
}

#[test]
fn bad_ranges_are_2_and_empty_ones_3() {
    let sandbox = repository();
    for range in ["nope..HEAD", "HEAD..nope", "HEAD", "", "HEAD@{u}..HEAD", "../..HEAD"] {
        sandbox.leakspan(["scan", &format!("--range={range}")]).exits(2);
    }
    for revision in ["nope", "", "0000000000000000000000000000000000000000"] {
        sandbox.leakspan(["scan", &format!("--since={revision}")]).exits(2);
    }
    is_3_for(
        sandbox.leakspan(["scan", "-f", "jsonl", "--range", "HEAD..HEAD"]),
        "listing-incomplete",
    );
    let outside = Sandbox::new();
    outside.leakspan(["scan", "--range", "a..b"]).exits(2);
    outside.leakspan(["scan", "--staged"]).exits(2);
}

#[test]
fn variables_that_git_sets_for_a_hook_lead_to_what_is_committed_and_nowhere_else() {
    let (sandbox, other) = (repository(), repository());
    sandbox.write("a.env", planted(1));
    sandbox.git(["add", "-A"]);
    let hook = ["hook", "run", "pre-commit"];
    let git = sandbox.path().join(".git");
    let index = git.join("index");
    let own = [("GIT_DIR", git.as_path()), ("GIT_INDEX_FILE", index.as_path())];
    run(sandbox.command(hook).envs(own), b"").exits(1);
    // In a folder below, with the relative names that git sets.
    std::fs::create_dir(sandbox.path().join("sub")).unwrap();
    let relative = [("GIT_DIR", "../.git"), ("GIT_INDEX_FILE", "../.git/index")];
    let mut command = sandbox.command(hook);
    run(command.current_dir(sandbox.path().join("sub")).envs(relative), b"").exits(1);
    // Another repository, whose index is clean, must not answer for this one.
    run(sandbox.command(hook).env("GIT_DIR", other.path().join(".git")), b"").exits(3);
    let elsewhere = other.path().join(".git/index");
    run(sandbox.command(hook).env("GIT_INDEX_FILE", elsewhere), b"").exits(3);
    run(sandbox.command(hook).env("GIT_DIR", "/nowhere"), b"").exits(3);
}

#[test]
fn extension_that_is_not_known_is_3() {
    let sandbox = repository();
    sandbox.git(["config", "core.repositoryFormatVersion", "1"]);
    let config = sandbox.read(".git/config");
    sandbox.write(".git/config", format!("{config}[extensions]\n\tnosuchthing = true\n"));
    is_3_for(staged(&sandbox), "unsupported-repository");
}
