//! Buildkite. Variables: buildkite.com/docs, "Environment variables".

use super::system::{Plan, System, Variables, remote};

pub(super) struct Buildkite;

impl System for Buildkite {
    fn name(&self) -> &'static str {
        "buildkite"
    }

    fn detect(&self, variables: &Variables<'_>) -> bool {
        variables("BUILDKITE").is_some()
    }

    fn plan(&self, variables: &Variables<'_>) -> anyhow::Result<Plan> {
        // BUILDKITE_COMMIT may be the word HEAD.
        let head = variables("BUILDKITE_COMMIT").unwrap_or_else(|| "HEAD".to_owned());
        if let Some(target) = variables("BUILDKITE_PULL_REQUEST_BASE_BRANCH") {
            let why = "BUILDKITE_PULL_REQUEST_BASE_BRANCH";
            return Ok(Plan::range(&remote(&target), &head, why));
        }
        let default = variables("BUILDKITE_PIPELINE_DEFAULT_BRANCH");
        match (variables("BUILDKITE_BRANCH"), default) {
            (Some(branch), Some(default)) if branch != default => {
                let why = "BUILDKITE_PIPELINE_DEFAULT_BRANCH";
                Ok(Plan::range(&remote(&default), &head, why))
            }
            _ => Ok(Plan::tree("Buildkite names no base for builds of the default branch")),
        }
    }

    fn mend(&self) -> &'static str {
        "remove `--depth` from BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS"
    }
}
