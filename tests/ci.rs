//! The gate: which commits it picks in which CI, and how it ends.

use std::collections::BTreeMap;

use leakspan::app::ci::{CiOptions, Plan, Scope, plan};
use serde_json::json;

use crate::support::{Outcome, Sandbox, planted, run};

const ZERO: &str = "0000000000000000000000000000000000000000";

/// The plan in an environment, as text.
fn planned(variables: &[(&str, &str)]) -> String {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    let options = CiOptions { path: ".".into(), system: None, print_plan: false };
    let look_up = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    match plan(&options, &look_up) {
        Ok((system, Plan { scope: Scope::Range(range), .. })) => {
            format!("{} {}..{}", system.name(), range.hidden.join(","), range.tips.join(","))
        }
        Ok((system, Plan { scope, .. })) => format!("{} {scope:?}", system.name()),
        Err(error) => format!("error: {error:#}"),
    }
}

#[test]
fn each_system_tells_its_range_by_its_documented_variables() {
    let table: &[(&[(&str, &str)], &str)] = &[
        (
            &[
                ("GITLAB_CI", "true"),
                ("CI_COMMIT_SHA", "h"),
                ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "b"),
            ],
            "gitlab b..h",
        ),
        (
            &[("GITLAB_CI", "true"), ("CI_COMMIT_SHA", "h"), ("CI_COMMIT_BEFORE_SHA", "b")],
            "gitlab b..h",
        ),
        (
            &[
                ("GITLAB_CI", "true"),
                ("CI_COMMIT_SHA", "h"),
                ("CI_COMMIT_BEFORE_SHA", ZERO),
                ("CI_COMMIT_REF_NAME", "topic"),
                ("CI_DEFAULT_BRANCH", "main"),
            ],
            "gitlab refs/remotes/origin/main..h",
        ),
        (
            &[("GITLAB_CI", "true"), ("CI_COMMIT_SHA", "h"), ("CI_PIPELINE_SOURCE", "schedule")],
            "gitlab Tree",
        ),
        (
            &[
                ("TF_BUILD", "True"),
                ("BUILD_SOURCEVERSION", "m"),
                ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
                ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "h"),
            ],
            "azure refs/remotes/origin/main..h",
        ),
        (&[("TF_BUILD", "True"), ("BUILD_SOURCEVERSION", "h")], "azure Tree"),
        (
            &[
                ("BITBUCKET_BUILD_NUMBER", "7"),
                ("BITBUCKET_COMMIT", "h"),
                ("BITBUCKET_PR_DESTINATION_COMMIT", "b"),
            ],
            "bitbucket b..h",
        ),
        (&[("CIRCLECI", "true"), ("CIRCLE_SHA1", "h")], "circleci Tree"),
        (&[("CIRCLECI", "true"), ("LEAKSPAN_BASE", "b")], "circleci b..HEAD"),
        (&[("CIRCLECI", "true"), ("LEAKSPAN_BASE", "")], "circleci Tree"),
        (
            &[("JENKINS_URL", "x"), ("GIT_COMMIT", "h"), ("CHANGE_TARGET", "main")],
            "jenkins refs/remotes/origin/main..h",
        ),
        (
            &[("JENKINS_URL", "x"), ("GIT_COMMIT", "h"), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "b")],
            "jenkins b..h",
        ),
        (
            &[
                ("BUILDKITE", "true"),
                ("BUILDKITE_COMMIT", "HEAD"),
                ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
            ],
            "buildkite refs/remotes/origin/main..HEAD",
        ),
        (
            &[
                ("BUILDKITE", "true"),
                ("BUILDKITE_COMMIT", "h"),
                ("BUILDKITE_BRANCH", "topic"),
                ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main"),
            ],
            "buildkite refs/remotes/origin/main..h",
        ),
        (&[], "git Tree"),
        (&[("LEAKSPAN_BASE", "b"), ("LEAKSPAN_HEAD", "h")], "git b..h"),
    ];
    for (variables, expected) in table {
        assert_eq!(planned(variables), *expected, "{variables:?}");
    }
}

#[test]
fn a_system_that_does_not_say_what_it_builds_is_an_error_and_no_pass() {
    for variables in [
        &[("GITHUB_ACTIONS", "true")][..],
        &[("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_EVENT_PATH", "/no")],
        &[("GITLAB_CI", "true")],
        &[("TF_BUILD", "True")],
        &[("BITBUCKET_BUILD_NUMBER", "1")],
    ] {
        assert!(planned(variables).starts_with("error: cannot tell what"), "{variables:?}");
    }
}

/// The plan for a payload of GitHub Actions.
fn github(event: &str, payload: serde_json::Value) -> String {
    let sandbox = Sandbox::new();
    let path = sandbox.write("event.json", payload.to_string());
    let path = path.to_str().unwrap();
    let event = ("GITHUB_EVENT_NAME", event);
    planned(&[("GITHUB_ACTIONS", "true"), event, ("GITHUB_EVENT_PATH", path)])
}

#[test]
fn github_events_are_read_from_the_payload() {
    let push = |before: &str, after: &str, forced: bool, branch: &str| {
        json!({"before": before, "after": after, "forced": forced,
               "ref": format!("refs/heads/{branch}"), "repository": {"default_branch": "main"}})
    };
    let pull = json!({"pull_request": {"base": {"sha": "b"}, "head": {"sha": "h"}}});
    assert_eq!(github("pull_request", pull.clone()), "github b..h");
    assert_eq!(github("pull_request_target", pull), "github b..h");
    assert_eq!(github("push", push("b", "h", false, "main")), "github b..h");
    let main = "github refs/remotes/origin/main..h";
    assert_eq!(github("push", push(ZERO, "h", false, "topic")), main);
    assert_eq!(github("push", push("b", "h", true, "topic")), main);
    assert_eq!(github("push", push(ZERO, "h", false, "main")), "github Tree");
    assert_eq!(github("push", push("b", ZERO, false, "topic")), "github Nothing");
    let group = json!({"merge_group": {"base_sha": "b", "head_sha": "h"}});
    assert_eq!(github("merge_group", group), "github b..h");
    assert_eq!(github("schedule", json!({})), "github Tree");
    assert!(github("pull_request", json!({})).contains("/pull_request/base/sha"));
}

/// A repository with a clean commit tagged `base` and one with a secret in it.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write("base", "x");
    sandbox.git_commit_all("base");
    sandbox.git(["tag", "base"]);
    sandbox.write("a.env", planted(1));
    sandbox.git_commit_all("secret");
    sandbox
}

/// Runs the gate on a pull request of GitHub Actions.
fn pull_request(sandbox: &Sandbox, base: &str, head: &str, more: &[&str]) -> Outcome {
    let event = sandbox.outside().join("event.json");
    let payload = json!({"pull_request": {"base": {"sha": base}, "head": {"sha": head}}});
    std::fs::write(&event, payload.to_string()).unwrap();
    let mut command = sandbox.command([&["ci"], more].concat());
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "pull_request");
    run(command.env("GITHUB_EVENT_PATH", event), b"")
}

#[test]
fn a_pull_request_with_a_secret_is_annotated_and_refused() {
    let sandbox = repository();
    let (base, head) = (sandbox.git(["rev-parse", "base"]), sandbox.git(["rev-parse", "HEAD"]));
    let report = sandbox.outside().join("leakspan.sarif");
    let sarif = format!("sarif={}", report.display());
    let outcome = pull_request(&sandbox, &base, &head, &["--report", &sarif]).exits(1);
    let note = outcome.stdout.lines().find(|line| line.starts_with("::error "));
    assert!(note.is_some_and(|line| line.contains("file=a.env,line=1")), "{}", outcome.stdout);
    let sarif: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    let machine = pull_request(&sandbox, &base, &head, &["-f", "jsonl"]).exits(1);
    assert_eq!(machine.findings().len(), 1, "no further lines among those for programs");
}

#[test]
fn a_clean_pull_request_passes() {
    let sandbox = repository();
    sandbox.write("b", "clean");
    sandbox.git_commit_all("clean");
    let (base, head) = (sandbox.git(["rev-parse", "HEAD~1"]), sandbox.git(["rev-parse", "HEAD"]));
    pull_request(&sandbox, &base, &head, &[]).exits(0);
}

#[test]
fn a_tag_at_a_known_commit_has_nothing_new_and_its_tip_is_looked_at() {
    let sandbox = repository();
    let head = sandbox.git(["rev-parse", "HEAD"]);
    let outcome = pull_request(&sandbox, &head, &head, &["-f", "jsonl"]).exits(1);
    assert_eq!(outcome.findings()[0]["path"], "a.env");
}

#[test]
fn a_shallow_clone_without_the_base_is_told_how_to_get_it() {
    let origin = repository();
    let (base, head) = (origin.git(["rev-parse", "base"]), origin.git(["rev-parse", "HEAD"]));
    let clone = Sandbox::new();
    let url = format!("file://{}", origin.path().display());
    clone.git(["clone", "-q", "--depth", "1", &url, "."]);
    let outcome = pull_request(&clone, &base, &head, &[]).exits(3);
    assert!(outcome.stdout.contains("fetch-depth: 0"), "{}", outcome.stdout);
}

#[test]
fn a_deleted_branch_passes_and_the_reports_are_written() {
    let sandbox = repository();
    let event = sandbox.outside().join("event.json");
    let payload = json!({"before": sandbox.git(["rev-parse", "HEAD"]), "after": ZERO,
                         "ref": "refs/heads/topic", "deleted": true});
    std::fs::write(&event, payload.to_string()).unwrap();
    let mut command = sandbox.command(["ci", "--report", "sarif=leaks.sarif"]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "push");
    let outcome = run(command.env("GITHUB_EVENT_PATH", event), b"").exits(0);
    assert!(outcome.stdout.contains("there was nothing to scan"), "{}", outcome.stdout);
    let sarif: serde_json::Value = serde_json::from_str(&sandbox.read("leaks.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_plan_can_be_asked_for() {
    let sandbox = repository();
    let outcome = pull_request(&sandbox, "base", "HEAD", &["--print-plan"]).exits(0);
    assert!(outcome.stdout.starts_with("leakspan ci: github: base..HEAD"), "{}", outcome.stdout);
}
