//! Bitbucket Pipelines. Variables: support.atlassian.com, "Variables and secrets".

use anyhow::Context;

use super::system::{Plan, System, Variables, remote};

pub(super) struct Bitbucket;

impl System for Bitbucket {
    fn name(&self) -> &'static str {
        "bitbucket"
    }

    fn detect(&self, variables: &Variables<'_>) -> bool {
        variables("BITBUCKET_BUILD_NUMBER").is_some()
    }

    fn plan(&self, variables: &Variables<'_>) -> anyhow::Result<Plan> {
        let head = variables("BITBUCKET_COMMIT").context("BITBUCKET_COMMIT is not set")?;
        if let Some(base) = variables("BITBUCKET_PR_DESTINATION_COMMIT") {
            return Ok(Plan::range(&base, &head, "BITBUCKET_PR_DESTINATION_COMMIT"));
        }
        if let Some(target) = variables("BITBUCKET_PR_DESTINATION_BRANCH") {
            return Ok(Plan::range(&remote(&target), &head, "BITBUCKET_PR_DESTINATION_BRANCH"));
        }
        Ok(Plan::tree("Bitbucket names no base for builds outside of pull requests"))
    }

    fn mend(&self) -> &'static str {
        "`clone: { depth: full }` in bitbucket-pipelines.yml"
    }
}
