//! Staged content, held against git itself.

use std::collections::BTreeSet;

use leakspan::git::{Environment, Options, Repository};
use leakspan::sources::{ChangeOptions, Staged};
use proptest::prelude::*;

use crate::support::collect::Collected;
use crate::support::{Sandbox, planted};

/// What the staged source pushes for a sandbox's repository.
fn staged(sandbox: &Sandbox) -> Collected {
    Collected::of(&Staged::open(sandbox.path(), ChangeOptions::default()).unwrap())
}

/// The same, called as a hook is called, with these variables.
fn staged_in_hook(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Collected {
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let git = Options { environment: Environment::of_hook(variables), ..Options::default() };
    let options = ChangeOptions { git, ..ChangeOptions::default() };
    Collected::of(&Staged::open(sandbox.path(), options).unwrap())
}

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox
}

#[test]
fn the_index_is_read_and_not_the_working_tree() {
    let sandbox = repository();
    sandbox.write("a", "staged");
    sandbox.git(["add", "a"]);
    sandbox.write("a", "edited since");
    sandbox.write("b", "never added");
    let found = staged(&sandbox);
    assert_eq!(found.paths(), ["a"]);
    assert_eq!(found.content("a"), "staged");
}

#[test]
fn an_unborn_head_is_the_empty_tree() {
    let sandbox = repository();
    sandbox.write("dir/a", "x");
    sandbox.git(["add", "-A"]);
    assert_eq!(staged(&sandbox).paths(), ["dir/a"]);
}

#[test]
fn nothing_staged_is_said() {
    let sandbox = repository();
    sandbox.write("a", "x");
    sandbox.git_commit_all("one");
    use leakspan::sources::Source;
    let source = Staged::open(sandbox.path(), ChangeOptions::default()).unwrap();
    assert_eq!(source.notes(), ["nothing is staged"]);
    assert!(Collected::of(&source).blobs.is_empty());
}

#[test]
fn intent_to_add_promises_no_content() {
    let sandbox = repository();
    sandbox.write("a", "x");
    sandbox.git(["add", "-N", "a"]);
    assert!(staged(&sandbox).blobs.is_empty());
}

#[test]
fn both_sides_of_a_conflict_are_read_and_the_base_is_not() {
    let sandbox = repository();
    sandbox.write("a", "base\n");
    sandbox.git_commit_all("base");
    sandbox.git(["checkout", "-q", "-b", "other"]);
    sandbox.write("a", "theirs\n");
    sandbox.git_commit_all("theirs");
    sandbox.git(["checkout", "-q", "main"]);
    sandbox.write("a", "ours\n");
    sandbox.git_commit_all("ours");
    let mut merge = sandbox.clean("git");
    let merged = merge.args(["merge", "-q", "other"]).output().unwrap();
    assert!(!merged.status.success(), "the merge conflicts");
    let found = staged(&sandbox);
    let contents: Vec<_> = found.blobs.iter().map(|(_, content, _)| content.as_slice()).collect();
    // Our side is HEAD's own blob: nothing new.
    assert_eq!(contents, [b"theirs\n"]);
}

#[test]
fn the_target_of_a_symbolic_link_is_content() {
    let sandbox = repository();
    std::os::unix::fs::symlink("/somewhere/else", sandbox.path().join("link")).unwrap();
    sandbox.git(["add", "-A"]);
    assert_eq!(staged(&sandbox).content("link"), "/somewhere/else");
}

#[test]
fn a_submodule_is_named_and_not_followed() {
    let sandbox = repository();
    let id = "1234567890123456789012345678901234567890";
    sandbox.git(["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    let found = staged(&sandbox);
    assert_eq!(found.reasons(), ["submodule"]);
    assert!(!found.problems[0].reason.incomplete());
}

#[test]
fn an_lfs_pointer_is_scanned_and_named() {
    let sandbox = repository();
    sandbox.write("big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    sandbox.git(["add", "-A"]);
    let found = staged(&sandbox);
    assert_eq!((found.paths(), found.reasons()), (vec!["big.bin"], vec!["lfs-pointer"]));
}

#[test]
fn what_is_ignored_is_not_read_and_is_counted() {
    let sandbox = repository();
    sandbox.write("a.ignored", "x");
    sandbox.git(["add", "-A"]);
    let found = staged(&sandbox);
    assert_eq!((found.paths(), found.reasons()), (vec![], vec!["excluded-by-user"]));
}

#[test]
fn the_index_that_git_names_is_the_one_that_is_read() {
    let sandbox = repository();
    sandbox.write("a", "1");
    sandbox.write("b", "1");
    sandbox.git_commit_all("one");
    sandbox.write("a", "2");
    sandbox.write("b", "2");
    sandbox.git(["add", "b"]);
    // As `git commit -- a` does it: an index of its own, with `a` alone.
    let mut add = sandbox.clean("git");
    let add = add.env("GIT_INDEX_FILE", ".git/next-index-1.lock");
    assert!(add.args(["read-tree", "HEAD"]).status().unwrap().success());
    let mut add = sandbox.clean("git");
    let add = add.env("GIT_INDEX_FILE", ".git/next-index-1.lock");
    assert!(add.args(["add", "a"]).status().unwrap().success());
    let found = staged_in_hook(&sandbox, &[("GIT_INDEX_FILE", ".git/next-index-1.lock")]);
    assert_eq!(found.paths(), ["a"]);
    assert_eq!(staged(&sandbox).paths(), ["b"]);
}

#[test]
fn an_index_outside_of_the_repository_is_refused_and_not_replaced_by_the_usual_one() {
    let sandbox = repository();
    sandbox.write("a", "1");
    sandbox.git(["add", "a"]);
    let outside = sandbox.outside().join("index");
    std::fs::copy(sandbox.path().join(".git/index"), &outside).unwrap();
    let found = staged_in_hook(&sandbox, &[("GIT_INDEX_FILE", outside.to_str().unwrap())]);
    assert_eq!((found.paths(), found.reasons()), (vec![], vec!["external-object-store"]));
}

#[test]
fn a_git_dir_elsewhere_is_refused() {
    let (sandbox, other) = (repository(), repository());
    let git_dir = other.path().join(".git");
    let found = staged_in_hook(&sandbox, &[("GIT_DIR", git_dir.to_str().unwrap())]);
    assert_eq!(found.reasons(), ["external-object-store"]);
    let found = staged_in_hook(&sandbox, &[("GIT_DIR", ".git"), ("GIT_WORK_TREE", ".")]);
    assert_eq!(found.reasons(), Vec::<&str>::new());
}

#[test]
fn a_linked_worktree_has_its_own_index_and_head() {
    let sandbox = repository();
    sandbox.write("a", "1");
    sandbox.git_commit_all("one");
    let linked = sandbox.outside().join("linked");
    sandbox.git(["worktree", "add", "-q", linked.to_str().unwrap()]);
    std::fs::write(linked.join("b"), "in the worktree").unwrap();
    sandbox.git(["-C", linked.to_str().unwrap(), "add", "b"]);
    let found = Collected::of(&Staged::open(&linked, ChangeOptions::default()).unwrap());
    assert_eq!(found.paths(), ["b"]);
    assert!(staged(&sandbox).blobs.is_empty());
}

#[test]
fn a_submodule_checkout_proves_that_its_git_directory_is_its_own() {
    let (sandbox, library) = (repository(), repository());
    library.write("a", "1");
    library.git_commit_all("one");
    let url = library.path().to_str().unwrap();
    sandbox.git(["-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "lib"]);
    sandbox.write("lib/new", "x");
    sandbox.git(["-C", "lib", "add", "new"]);
    let place = sandbox.path().join("lib");
    let found = Collected::of(&Staged::open(&place, ChangeOptions::default()).unwrap());
    assert_eq!((found.paths(), found.reasons()), (vec!["new"], vec![]));
}

#[test]
fn a_git_file_that_points_to_another_repository_is_refused() {
    let (sandbox, other) = (Sandbox::new(), repository());
    other.write("a", "x");
    other.git(["add", "a"]);
    sandbox.write(".git", format!("gitdir: {}\n", other.path().join(".git").display()));
    let found = staged(&sandbox);
    assert_eq!((found.paths(), found.reasons()), (vec![], vec!["external-object-store"]));
}

#[test]
fn a_git_file_that_points_nowhere_is_a_problem_and_not_no_repository() {
    let sandbox = Sandbox::new();
    sandbox.write(".git", "gitdir: /nowhere/at/all\n");
    let found = staged(&sandbox);
    assert_eq!(found.reasons(), ["unreadable"]);
    assert!(found.problems[0].detail.contains("gitdir not reachable"));
}

#[test]
fn alternates_outside_are_refused_until_they_are_allowed() {
    let (sandbox, other) = (repository(), repository());
    other.write("a", "from the other store");
    other.git(["add", "a"]);
    let id = other.git(["rev-parse", ":a"]);
    let store = other.path().join(".git/objects");
    sandbox.write(".git/objects/info/alternates", format!("{}\n", store.display()));
    sandbox.git(["update-index", "--add", "--cacheinfo", &format!("100644,{id},stolen")]);
    let found = staged(&sandbox);
    assert_eq!((found.paths(), found.reasons()), (vec![], vec!["external-object-store"]));
    assert!(found.problems[0].detail.contains(other.path().to_str().unwrap()));

    let git = Options { allow_external: vec![other.path().to_owned()], ..Options::default() };
    let options = ChangeOptions { git, ..ChangeOptions::default() };
    let found = Collected::of(&Staged::open(sandbox.path(), options).unwrap());
    assert_eq!((found.paths(), found.reasons()), (vec!["stolen"], vec![]));
}

#[test]
fn every_form_of_index_and_hash_is_read() {
    for (form, init, after) in [
        ("plain", &["init", "-q"][..], &[][..]),
        ("version 4", &["init", "-q"], &["update-index", "--index-version", "4"]),
        ("split", &["init", "-q"], &["update-index", "--split-index"]),
        ("sparse", &["init", "-q"], &["sparse-checkout", "set", "--sparse-index", "in"]),
        ("sha256", &["init", "-q", "--object-format=sha256"], &[]),
        ("untracked cache", &["init", "-q"], &["update-index", "--force-untracked-cache"]),
    ] {
        let sandbox = Sandbox::new();
        sandbox.git(init);
        sandbox.git(["config", "user.name", "A Tester"]);
        sandbox.git(["config", "user.email", "tester@example.com"]);
        for name in ["in/a", "in/b", "out/deep/c", "out/d"] {
            sandbox.write(name, name);
        }
        sandbox.git_commit_all("one");
        if !after.is_empty() {
            sandbox.git(after);
        }
        sandbox.write("in/a", "changed");
        sandbox.write("in/new", "new");
        sandbox.git(["add", "in"]);
        let found = staged(&sandbox);
        assert_eq!(found.paths(), ["in/a", "in/new"], "{form}");
        assert!(found.problems.is_empty(), "{form}: {:?}", found.problems);
    }
}

#[test]
fn a_sparse_folder_that_differs_from_head_is_compared_as_a_tree() {
    let sandbox = repository();
    sandbox.write("in/a", "1");
    sandbox.write("out/deep/b", "1");
    sandbox.git_commit_all("one");
    sandbox.write("out/deep/b", "2");
    sandbox.write("out/deep/c", "2");
    sandbox.git_commit_all("two");
    sandbox.git(["sparse-checkout", "set", "--sparse-index", "in"]);
    sandbox.git(["reset", "-q", "--soft", "HEAD~1"]);
    assert_eq!(staged(&sandbox).paths(), ["out/deep/b", "out/deep/c"]);
}

#[test]
fn reftable_repositories_are_read() {
    let sandbox = Sandbox::new();
    let version = sandbox.git(["version"]);
    let numbers: Vec<u32> = version
        .split_whitespace()
        .nth(2)
        .map(|text| text.split('.').filter_map(|part| part.parse().ok()).collect())
        .unwrap_or_default();
    assert!(
        numbers >= vec![2, 47],
        "needs git 2.47 or newer for reftable repositories, found {version}"
    );
    sandbox.git(["init", "-q", "-b", "main", "--ref-format=reftable"]);
    sandbox.git(["config", "user.name", "A Tester"]);
    sandbox.git(["config", "user.email", "tester@example.com"]);
    sandbox.write("a", "1");
    sandbox.git(["add", "-A"]);
    assert_eq!(staged(&sandbox).paths(), ["a"], "unborn");
    sandbox.git_commit_all("one");
    for n in 0..400 {
        sandbox.git(["update-ref", &format!("refs/heads/branch-{n:03}"), "HEAD"]);
        if n % 200 == 0 {
            sandbox.git(["pack-refs", "--all"]);
        }
    }
    sandbox.git(["checkout", "-q", "branch-399"]);
    sandbox.write("b", "2");
    sandbox.git(["add", "-A"]);
    let found = staged(&sandbox);
    assert_eq!((found.paths(), found.reasons()), (vec!["b"], vec![]));
}

#[test]
fn what_cannot_be_read_is_a_problem_and_the_rest_goes_on() {
    let sandbox = repository();
    for name in ["a", "b", "c"] {
        sandbox.write(name, format!("content of {name}, long enough to be squeezed\n").repeat(20));
    }
    sandbox.git(["add", "-A"]);
    let object = |name: &str| {
        let id = sandbox.git(["rev-parse", &format!(":{name}")]);
        sandbox.path().join(".git/objects").join(&id[..2]).join(&id[2..])
    };
    std::fs::remove_file(object("a")).unwrap();
    let mut bytes = std::fs::read(object("b")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::remove_file(object("b")).unwrap();
    std::fs::write(object("b"), bytes).unwrap();
    let found = staged(&sandbox);
    assert_eq!((found.paths(), found.reasons()), (vec!["c"], vec!["object-missing", "corrupt"]));
}

#[test]
fn every_cut_and_most_flips_of_an_index_are_noticed() {
    let sandbox = repository();
    for n in 0..10 {
        sandbox.write(format!("dir/file-{n}"), "x");
    }
    sandbox.git_commit_all("one");
    sandbox.write("dir/file-3", "changed");
    sandbox.git(["add", "-A"]);
    let index = sandbox.path().join(".git/index");
    let whole = std::fs::read(&index).unwrap();
    for cut in (0..whole.len()).step_by(whole.len() / 40) {
        std::fs::write(&index, &whole[..cut]).unwrap();
        assert_eq!(staged(&sandbox).reasons(), ["corrupt"], "cut at {cut}");
    }
    for flip in (0..whole.len() - 20).step_by(whole.len() / 60) {
        let mut bytes = whole.clone();
        bytes[flip] ^= 0x20;
        std::fs::write(&index, &bytes).unwrap();
        assert_eq!(staged(&sandbox).reasons(), ["corrupt"], "flip at {flip}");
    }
}

#[test]
fn a_format_that_is_not_known_is_refused() {
    for (key, value) in [
        ("extensions.somethingNew", "true"),
        ("extensions.refStorage", "quantum"),
        ("core.repositoryFormatVersion", "2"),
    ] {
        let sandbox = repository();
        sandbox.write("a", "x");
        sandbox.git(["add", "-A"]);
        sandbox.git(["config", "core.repositoryFormatVersion", "1"]);
        sandbox.git(["config", key, value]);
        let found = staged(&sandbox);
        assert_eq!(found.reasons(), ["unsupported-repository"], "{key}");
    }
}

/// A repository whose commits pass through `leakspan scan --staged`.
fn guarded() -> Sandbox {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = repository();
    for name in ["a", "b"] {
        sandbox.write(name, "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
    }
    sandbox.git_commit_all("base");
    let hook = format!("#!/bin/sh\nexec {} scan --staged\n", env!("CARGO_BIN_EXE_leakspan"));
    let path = sandbox.write(".git/hooks/pre-commit", hook);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox
}

/// Whether git makes the commit.
fn commits(sandbox: &Sandbox, arguments: &[&str]) -> bool {
    let mut git = sandbox.clean("git");
    git.args(arguments).env("GIT_EDITOR", "true").env("GIT_SEQUENCE_EDITOR", "true");
    crate::support::run(&mut git, b"").code == 0
}

fn first_line(line: &str) -> String {
    format!("{line}two\nthree\nfour\nfive\nsix\nseven\neight\nnine\n")
}

#[test]
fn x7_the_index_of_the_commit_is_what_counts_however_it_was_made() {
    let secret = first_line(&planted(1));
    let staged = |sandbox: &Sandbox| {
        sandbox.write("a", &secret);
        sandbox.git(["add", "a"]);
    };
    let sandbox = guarded();
    staged(&sandbox);
    sandbox.write("a", "clean again, in the working tree alone\n");
    assert!(!commits(&sandbox, &["commit", "-qm", "x"]), "partial staging");

    let sandbox = guarded();
    sandbox.write("a", &secret);
    assert!(!commits(&sandbox, &["commit", "-qam", "x"]), "commit -a");

    let sandbox = guarded();
    sandbox.write("a", &secret);
    assert!(!commits(&sandbox, &["commit", "-qm", "x", "--", "a"]), "commit -- path");

    let sandbox = guarded();
    staged(&sandbox);
    assert!(!commits(&sandbox, &["commit", "-q", "--amend", "--no-edit"]), "amend");

    let sandbox = guarded();
    staged(&sandbox);
    sandbox.git(["stash", "-q"]);
    sandbox.git(["stash", "pop", "-q", "--index"]);
    assert!(!commits(&sandbox, &["commit", "-qm", "x"]), "after a stash");

    let sandbox = guarded();
    sandbox.git(["worktree", "add", "-q", "../linked"]);
    let linked = sandbox.outside().join("linked");
    std::fs::write(linked.join("a"), &secret).unwrap();
    let linked = linked.to_str().unwrap();
    sandbox.git(["-C", linked, "add", "a"]);
    assert!(!commits(&sandbox, &["-C", linked, "commit", "-qm", "x"]), "linked worktree");

    let sandbox = guarded();
    sandbox.write("deep/in/c", &secret);
    sandbox.git(["add", "deep"]);
    assert!(!commits(&sandbox, &["-C", "deep/in", "commit", "-qm", "x"]), "from a folder below");
}

#[test]
fn x7_what_is_not_staged_blocks_no_commit() {
    let sandbox = guarded();
    sandbox.write("a", "clean\n");
    sandbox.git(["add", "a"]);
    sandbox.write("a", planted(1));
    sandbox.write("b", planted(2));
    sandbox.write("untracked", planted(3));
    assert!(commits(&sandbox, &["commit", "-qm", "x"]), "unstaged secrets");
    sandbox.write("a", "clean, too\n");
    sandbox.git(["add", "b"]);
    assert!(commits(&sandbox, &["commit", "-qm", "x", "--", "a"]), "another path's secret");
}

#[test]
fn a_secret_that_stood_there_before_blocks_no_commit_and_a_new_one_beside_it_does() {
    let sandbox = repository();
    sandbox.write("a", planted(1));
    sandbox.git_commit_all("before the hook");
    sandbox.write("a", format!("moved and edited\n{}", planted(1)));
    sandbox.git(["add", "-A"]);
    let outcome = sandbox.leakspan(["scan", "--staged", "-f", "jsonl"]).exits(0);
    assert_eq!(outcome.summary()["suppressed"], 1, "{}", outcome.stdout);
    sandbox.git(["mv", "a", "renamed"]);
    sandbox.leakspan(["scan", "--staged"]).exits(0);
    sandbox.write("renamed", format!("{}{}", planted(1), planted(2)));
    sandbox.git(["add", "-A"]);
    let outcome = sandbox.leakspan(["scan", "--staged", "-f", "jsonl"]).exits(1);
    assert_eq!(outcome.findings().len(), 1, "{}", outcome.stdout);
}

#[test]
fn x1_x2_a_staged_scan_that_cannot_look_does_not_pass() {
    let secret = || {
        let sandbox = Sandbox::new();
        sandbox.git(["init", "-q"]);
        sandbox.write("a", planted(1));
        sandbox.git(["add", "-A"]);
        sandbox
    };
    type Damage = fn(&Sandbox);
    let table: &[(&str, i32, Damage)] = &[
        ("no commit, no identity", 1, |_| {}),
        ("a truncated index", 3, |s| drop(s.write(".git/index", "DIRC"))),
        ("an index of garbage", 3, |s| {
            drop(s.write(".git/index", "not an index at all, but long"));
        }),
        ("an index that is a folder", 3, |s| {
            std::fs::remove_file(s.path().join(".git/index")).unwrap();
            std::fs::create_dir(s.path().join(".git/index")).unwrap();
        }),
        ("HEAD of garbage", 3, |s| drop(s.write(".git/HEAD", "\u{1}\u{2}"))),
        ("HEAD that names a missing commit", 3, |s| {
            drop(s.write(".git/HEAD", "1234567890123456789012345678901234567890\n"));
        }),
        ("a branch of garbage", 3, |s| {
            s.write(".git/HEAD", "ref: refs/heads/x\n");
            s.write(".git/refs/heads/x", "garbage\n");
        }),
        ("a loop of branches", 3, |s| {
            s.write(".git/HEAD", "ref: refs/heads/x\n");
            s.write(".git/refs/heads/x", "ref: refs/heads/x\n");
        }),
        ("a config of garbage", 3, |s| drop(s.write(".git/config", "[core\n= = =\n"))),
        ("an unknown extension", 3, |s| {
            drop(s.write(".git/config", "[extensions]\n\tquantum = true\n"));
        }),
        ("no objects", 2, |s| std::fs::remove_dir_all(s.path().join(".git/objects")).unwrap()),
        ("a corrupt object", 3, |s| {
            let id = s.git(["rev-parse", ":a"]);
            let path = s.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
            std::fs::remove_file(&path).unwrap();
            std::fs::write(path, "no zlib").unwrap();
        }),
        ("a .git that is a file of garbage", 3, |s| {
            std::fs::remove_dir_all(s.path().join(".git")).unwrap();
            s.write(".git", "garbage");
        }),
        ("no repository", 2, |s| std::fs::remove_dir_all(s.path().join(".git")).unwrap()),
        ("a bare repository", 2, |s| s.git(["config", "core.bare", "true"]).truncate(0)),
    ];
    for (name, code, damage) in table {
        let sandbox = secret();
        damage(&sandbox);
        let outcome = sandbox.leakspan(["scan", "--staged"]);
        assert_eq!(outcome.code, *code, "{name}\n{}\n{}", outcome.stdout, outcome.stderr);
    }
    secret().leakspan(["scan", "--staged", "nowhere"]).exits(2);
    let sandbox = secret();
    let mut without_git = sandbox.command(["scan", "--staged"]);
    crate::support::run(without_git.env("PATH", "/nowhere"), b"").exits(1);
    let empty = repository();
    let outcome = empty.leakspan(["scan", "--staged"]).exits(0);
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(said.contains("nothing is staged"), "{said}");
}

/// One step of a scripted repository.
#[derive(Clone, Debug)]
enum Step {
    Write(usize, u8),
    Remove(usize),
    Link(usize),
    Executable(usize),
    Add,
    AddOne(usize),
    Promise(usize),
    Forget(usize),
    Commit,
    Reset,
}

const NAMES: &[&str] =
    &["a", "a.b", "a-b/x", "d/a", "d/a.b", "d/a/b", "d/e/f/g", "d-e", "ü s/é\"", "z/z"];

fn step() -> impl Strategy<Value = Step> {
    let name = 0..NAMES.len();
    prop_oneof![
        5 => (name.clone(), 0..4_u8).prop_map(|(name, content)| Step::Write(name, content)),
        2 => name.clone().prop_map(Step::Remove),
        1 => name.clone().prop_map(Step::Link),
        1 => name.clone().prop_map(Step::Executable),
        3 => Just(Step::Add),
        2 => name.clone().prop_map(Step::AddOne),
        1 => name.clone().prop_map(Step::Promise),
        1 => name.prop_map(Step::Forget),
        2 => Just(Step::Commit),
        1 => Just(Step::Reset),
    ]
}

/// Runs git whether or not it likes it: a script may add what is not there.
fn attempt(sandbox: &Sandbox, arguments: &[&str]) {
    let ran = sandbox.clean("git").args(arguments).output().unwrap();
    assert!(ran.status.code().is_some());
}

fn clear(sandbox: &Sandbox, name: &str) {
    let mut place = sandbox.path().to_owned();
    for part in name.split('/') {
        place.push(part);
        if place.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
            std::fs::remove_file(&place).unwrap();
        }
    }
    if place.is_dir() {
        std::fs::remove_dir_all(&place).unwrap();
    }
}

fn take(sandbox: &Sandbox, step: &Step) {
    match step {
        Step::Write(name, content) => {
            clear(sandbox, NAMES[*name]);
            sandbox.write(NAMES[*name], format!("content {content}\n"));
        }
        Step::Remove(name) => clear(sandbox, NAMES[*name]),
        Step::Link(name) => {
            clear(sandbox, NAMES[*name]);
            let place = sandbox.write(NAMES[*name], "");
            std::fs::remove_file(&place).unwrap();
            std::os::unix::fs::symlink("content 1\n", place).unwrap();
        }
        Step::Executable(name) => {
            attempt(sandbox, &["update-index", "--chmod=+x", NAMES[*name]]);
        }
        Step::Add => attempt(sandbox, &["add", "-A"]),
        Step::AddOne(name) => attempt(sandbox, &["add", "--", NAMES[*name]]),
        Step::Promise(name) => attempt(sandbox, &["add", "-N", "--", NAMES[*name]]),
        Step::Forget(name) => attempt(sandbox, &["rm", "-rq", "--cached", "--", NAMES[*name]]),
        Step::Commit => attempt(sandbox, &["commit", "-q", "--no-verify", "-m", "step"]),
        Step::Reset => attempt(sandbox, &["reset", "-q", "--soft", "HEAD~1"]),
    }
}

/// What git says is staged, without what only went away or only changed its mode.
fn oracle(sandbox: &Sandbox) -> BTreeSet<(String, String)> {
    let raw = sandbox.git(["diff", "--cached", "--raw", "--no-renames", "--no-abbrev", "-z"]);
    let mut fields = raw.split('\0');
    let mut found = BTreeSet::new();
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        let head: Vec<_> = head.split(' ').collect();
        if head[4] != "D" && head[2] != head[3] {
            found.insert((path.to_owned(), head[3].to_owned()));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]
    #[test]
    fn the_changed_set_is_git_diff_cached(
        steps in prop::collection::vec(step(), 4..24),
        version in prop_oneof![Just("2"), Just("4")],
    ) {
        let sandbox = repository();
        sandbox.git(["config", "index.version", version]);
        for step in &steps {
            take(&sandbox, step);
        }
        let changes = Repository::open(sandbox.path(), &Options::default()).unwrap().staged().unwrap();
        prop_assert!(changes.unread.is_empty());
        let ours: BTreeSet<_> =
            changes.changes.iter().map(|c| (c.path.display(), c.id.to_string())).collect();
        prop_assert_eq!(ours, oracle(&sandbox));
    }
}
