//! What only the logs of references lead to, in either format: held against `git rev-list --reflog`.

use std::collections::BTreeSet;

use leakspan::git::{KnownObjects, ObjectId, Options, Repository};
use leakspan::model::{OriginKind, Reach, Sightings};

use super::random::{each_case, repository as random_repository};
use super::{collected_at, objects};
use crate::support::{Sandbox, planted};

/// Asserts that the commits which something leads to are those that git lists.
#[track_caller]
fn agrees_with_rev_list(sandbox: &Sandbox) {
    let found = collected_at(sandbox.path());
    assert!(!found.reasons().contains(&"corrupt"), "{:?}", found.problems);
    let ids = objects(&found, OriginKind::Message).into_iter().map(|(.., id)| id);
    let ids: BTreeSet<String> = ids.collect();
    let secrets = ids.iter().map(|id| vec![ObjectId::from_hex(id.as_bytes()).unwrap()]);
    let repository = Repository::open(sandbox.path(), &Options::default()).unwrap();
    let history = repository.history(&KnownObjects::default());
    history.learn(2);
    let secrets: Vec<_> = secrets.collect();
    let told = history.trace(&secrets, 4_000_000_000, Sightings::Counted, 2);
    let reached = |all: bool| {
        let counts = |reach: Reach| {
            let logged = matches!(reach, Reach::Reflog | Reach::Stash);
            reach != Reach::Unreachable && (all || !logged)
        };
        let pairs = ids.iter().zip(&told).filter(|(_, told)| counts(told.places[0].reach));
        pairs.map(|(id, _)| id.clone()).collect::<BTreeSet<String>>()
    };
    let git = |arguments: &[&str]| {
        let listed = sandbox.git(arguments);
        listed.lines().map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let (ours, theirs) = (reached(true), git(&["rev-list", "--all", "--reflog"]));
    assert_eq!(ours, theirs);
    let stash = ["rev-list", "--exclude=refs/stash", "--all"];
    assert_eq!(reached(false), git(&stash));
}

fn repository(arguments: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git([&["init", "-q", "-b", "main"][..], arguments].concat());
    sandbox.git(["config", "user.name", "A"]);
    sandbox.git(["config", "user.email", "a@example.com"]);
    sandbox.git(["config", "gc.auto", "0"]);
    sandbox
}

const FORMATS: [&[&str]; 3] = [
    &["--ref-format=files"],
    &["--ref-format=reftable"],
    &["--ref-format=reftable", "--object-format=sha256"],
];

#[test]
fn what_only_a_log_leads_to_is_labelled_so_in_either_format() {
    for arguments in FORMATS {
        let sandbox = repository(arguments);
        sandbox.write("words", "words");
        sandbox.git_commit_all("start");
        sandbox.write("gone.env", planted(1));
        sandbox.git_commit_all("secret");
        sandbox.git(["reset", "-q", "--hard", "HEAD~1"]);
        for round in 0..3 {
            sandbox.write("words", format!("stash {round}"));
            sandbox.git(["stash", "-q"]);
        }
        sandbox.git(["worktree", "add", "-q", "-b", "linked", "../linked"]);
        let linked = sandbox.outside().join("linked");
        let linked = linked.to_str().unwrap();
        sandbox.git(["-C", linked, "commit", "-q", "--allow-empty", "-m", "of a worktree"]);
        sandbox.git(["-C", linked, "reset", "-q", "--hard", "HEAD~1"]);
        agrees_with_rev_list(&sandbox);
        let outcome = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(1);
        let finding = &outcome.findings()[0];
        assert_eq!(finding["history"]["reach"], "reflog", "{arguments:?}");
        assert!(finding["origin"]["commit"].is_string(), "{arguments:?}");
        // A younger table takes lines of older ones back.
        sandbox.git(["reflog", "delete", "HEAD@{1}"]);
        agrees_with_rev_list(&sandbox);
        sandbox.git(["reflog", "expire", "--expire=now", "--all"]);
        agrees_with_rev_list(&sandbox);
        let outcome = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(1);
        assert_eq!(outcome.findings()[0]["history"]["reach"], "unreachable", "{arguments:?}");
    }
}

#[test]
fn logs_of_many_blocks_are_read_to_their_end() {
    let sandbox = repository(FORMATS[1]);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "start"]);
    let tree = sandbox.git(["rev-parse", "HEAD^{tree}"]);
    let mut updates = String::new();
    for number in 0..400 {
        let message = format!("lost {number}");
        let commit = sandbox.git(["commit-tree", "-m", &message, &tree]);
        updates.push_str(&format!("update refs/heads/b{} {commit}\n", number % 7));
    }
    for line in updates.lines().collect::<Vec<_>>().chunks(7) {
        let outcome = crate::support::run(
            sandbox.clean("git").args(["update-ref", "-m", &"words ".repeat(300), "--stdin"]),
            (line.join("\n") + "\n").as_bytes(),
        );
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    }
    agrees_with_rev_list(&sandbox);
    sandbox.git(["pack-refs", "--all"]);
    agrees_with_rev_list(&sandbox);
}

#[test]
fn a_broken_log_is_told_and_never_a_panic() {
    let sandbox = repository(FORMATS[1]);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "one"]);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "two"]);
    sandbox.git(["pack-refs", "--all"]);
    let folder = sandbox.path().join(".git/reftable");
    let tables = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path());
    let table = tables.into_iter().find(|it| it.extension().is_some_and(|e| e == "ref")).unwrap();
    let whole = std::fs::read(&table).unwrap();
    let log = u64::from_be_bytes(whole[whole.len() - 20..whole.len() - 12].try_into().unwrap());
    assert!(log > 0, "there is a log");
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&table, &bytes).unwrap();
        let found = collected_at(sandbox.path());
        // The stream of the log has a checksum of its own.
        let stream = (log as usize + 6..log as usize + 40).contains(&at);
        assert!(!stream || found.reasons().contains(&"corrupt"), "byte {at}");
    }
    for cut in 0..whole.len() {
        std::fs::write(&table, &whole[..cut]).unwrap();
        assert!(collected_at(sandbox.path()).reasons().contains(&"corrupt"), "cut at {cut}");
    }
}

#[test]
fn logs_of_random_repositories_lead_where_git_says() {
    each_case(5, |seed| agrees_with_rev_list(&random_repository(2000 + seed, 40)));
}
