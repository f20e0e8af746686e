//! Runs that remember: what was looked at is left out, what was found is found again.

use serde_json::Value;

use super::random::{each_case, repository as random_repository};
use super::repository;
use crate::support::{Outcome, Sandbox, planted};

fn scan(sandbox: &Sandbox, state: &str, more: &[&str]) -> Outcome {
    let state = sandbox.outside().join(state);
    let arguments = ["scan", "--history", "-f", "jsonl", "--state", state.to_str().unwrap()];
    sandbox.leakspan([&arguments[..], more].concat())
}

fn files(outcome: &Outcome) -> u64 {
    outcome.summary()["files"].as_u64().unwrap()
}

/// What a report says, apart from how much was read for it.
fn told(outcome: &Outcome) -> Vec<Value> {
    [outcome.of_type("finding"), outcome.of_type("problem")].concat()
}

#[test]
fn what_was_looked_at_is_left_out_and_survives_packing() {
    let sandbox = repository();
    for name in ["a", "b", "c"] {
        sandbox.write(name, name.repeat(100));
        sandbox.git_commit_all(name);
    }
    assert_eq!(files(&scan(&sandbox, "state", &[]).exits(0)), 6);
    let again = scan(&sandbox, "state", &[]).exits(0);
    assert_eq!((files(&again), again.summary()["objects"].clone()), (0, 9.into()));
    assert!(again.stdout.contains("9 of 9 objects were looked at"), "{}", again.stdout);
    sandbox.git(["gc", "-q"]);
    assert_eq!(files(&scan(&sandbox, "state", &[]).exits(0)), 0);
    sandbox.write("d", "d");
    sandbox.git_commit_all("d");
    assert_eq!(files(&scan(&sandbox, "state", &[]).exits(0)), 2, "a blob and a message");
    // Another repository with the same content.
    sandbox.git(["clone", "-q", ".", "../clone"]);
    let clone = sandbox.outside().join("clone");
    assert_eq!(files(&scan(&sandbox, "state", &[clone.to_str().unwrap()]).exits(0)), 0);
}

#[test]
fn findings_and_problems_are_told_again() {
    let sandbox = repository();
    sandbox.write("a", planted(1));
    sandbox.git_commit_all("secret");
    sandbox.write("a", "clean");
    sandbox.git_commit_all(&format!("words {}", planted(2)));
    let full = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(1);
    for _ in 0..3 {
        assert_eq!(told(&scan(&sandbox, "state", &[]).exits(1)), told(&full));
    }
    let lost = sandbox.git(["rev-parse", "HEAD:a"]);
    let path = sandbox.path().join(".git/objects").join(&lost[..2]).join(&lost[2..]);
    sandbox.write("b", "b");
    sandbox.git(["update-index", "--add", "--cacheinfo", &format!("100644,{lost},c")]);
    sandbox.git(["commit", "-q", "-m", "a tree that lacks a blob"]);
    std::fs::remove_file(path).unwrap();
    for _ in 0..2 {
        let outcome = scan(&sandbox, "state", &[]).exits(1);
        let problems = outcome.of_type("problem");
        assert_eq!(problems.len(), 1, "{}", outcome.stdout);
        assert_eq!(problems[0]["reason"], "object-missing");
    }
}

#[test]
fn other_signatures_and_broken_states_mean_a_full_pass() {
    let sandbox = repository();
    sandbox.write("a", "content");
    sandbox.git_commit_all("a");
    assert_eq!(files(&scan(&sandbox, "state", &[]).exits(0)), 2);
    assert_eq!(files(&scan(&sandbox, "state", &["--no-decode"]).exits(0)), 2);
    assert_eq!(files(&scan(&sandbox, "state", &["--no-decode"]).exits(0)), 0);
    let other = scan(&sandbox, "state", &["--disable", "github-pat-classic"]).exits(0);
    assert_eq!(files(&other), 2);
    assert!(other.stdout.contains("signatures or options are others"), "{}", other.stdout);
    std::fs::write(sandbox.outside().join("state"), "nonsense").unwrap();
    let broken = scan(&sandbox, "state", &[]).exits(0);
    assert_eq!(files(&broken), 2);
    assert!(broken.stdout.contains("no state of ours"), "{}", broken.stdout);
    // What cannot be remembered is no silence.
    let folder = sandbox.outside().join("folder");
    std::fs::create_dir(folder).unwrap();
    scan(&sandbox, "folder", &[]).exits(3);
    sandbox.leakspan(["scan", "--state", "x"]).exits(2);
}

#[test]
fn a_run_that_was_stopped_remembers_nothing_that_it_did_not_see() {
    let sandbox = repository();
    sandbox.write("a", planted(5));
    sandbox.git_commit_all("a");
    scan(&sandbox, "state", &["--timeout", "0ms"]).exits(3);
    assert_eq!(scan(&sandbox, "state", &[]).exits(1).findings().len(), 1);
}

#[test]
fn runs_that_remember_report_what_full_ones_report() {
    each_case(4, |seed| {
        let sandbox = random_repository(5000 + seed, 15);
        for round in 0..4 {
            let name = format!("round{round}");
            sandbox.write(&name, planted(round % 3));
            sandbox.git(["add", "-A"]);
            sandbox.git(["commit", "-q", "-m", &name]);
            if round == 2 {
                sandbox.git(["gc", "-q", "--prune=never"]);
            }
            let full = sandbox.leakspan(["scan", "--history", "-f", "jsonl"]).exits(1);
            let part = scan(&sandbox, "state", &[]).exits(1);
            assert_eq!(told(&part), told(&full), "repository {seed}, round {round}");
            assert!(round == 0 || files(&part) < files(&full));
        }
    });
}
