//! GitHub Actions. Variables: docs.github.com, "Default environment variables"; payloads: "Events that
//! trigger workflows" and "Webhook events and payloads".

use anyhow::Context;
use serde_json::Value;

use super::system::{Plan, System, Variables};

pub(super) struct Github;

impl System for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn detect(&self, variables: &Variables<'_>) -> bool {
        variables("GITHUB_ACTIONS").is_some_and(|value| value == "true")
    }

    fn plan(&self, variables: &Variables<'_>) -> anyhow::Result<Plan> {
        let event = variables("GITHUB_EVENT_NAME").context("GITHUB_EVENT_NAME is not set")?;
        let path = variables("GITHUB_EVENT_PATH").context("GITHUB_EVENT_PATH is not set")?;
        let payload = std::fs::read(&path)
            .with_context(|| format!("cannot read GITHUB_EVENT_PATH, {path}"))?;
        let payload: Value = serde_json::from_slice(&payload)
            .with_context(|| format!("GITHUB_EVENT_PATH, {path}, is no JSON"))?;
        of_event(&event, &payload)
    }

    fn annotations(&self) -> Option<&'static str> {
        Some("github")
    }

    fn mend(&self) -> &'static str {
        "`fetch-depth: 0` under `with:` of actions/checkout"
    }
}

fn of_event(event: &str, payload: &Value) -> anyhow::Result<Plan> {
    let text = |pointer: &str| {
        let value = payload.pointer(pointer).and_then(Value::as_str);
        value.with_context(|| format!("the payload of {event} has no {pointer}"))
    };
    match event {
        "pull_request" | "pull_request_target" | "pull_request_review" => Ok(Plan::range(
            text("/pull_request/base/sha")?,
            text("/pull_request/head/sha")?,
            format!("{event} of the GitHub Actions payload"),
        )),
        "merge_group" => Ok(Plan::range(
            text("/merge_group/base_sha")?,
            text("/merge_group/head_sha")?,
            "merge_group of the GitHub Actions payload",
        )),
        "push" => {
            let branch = text("/ref")?;
            let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
            let default = text("/repository/default_branch").ok();
            let forced = payload.pointer("/forced").and_then(Value::as_bool) == Some(true);
            // What was before a forced push is in no branch any more, so no clone has it.
            let before = text("/before")?;
            let before = if forced { "0" } else { before };
            Ok(Plan::push(before, text("/after")?, branch, default))
        }
        _ => Ok(Plan::tree(format!("{event} is about no range of commits"))),
    }
}
