//! GitLab CI/CD. Variables: docs.gitlab.com, "Predefined CI/CD variables reference".

use anyhow::Context;

use super::system::{Plan, System, Variables};

pub(super) struct Gitlab;

impl System for Gitlab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn detect(&self, variables: &Variables<'_>) -> bool {
        variables("GITLAB_CI").is_some()
    }

    fn plan(&self, variables: &Variables<'_>) -> anyhow::Result<Plan> {
        let head = variables("CI_COMMIT_SHA").context("CI_COMMIT_SHA is not set")?;
        if let Some(base) = variables("CI_MERGE_REQUEST_DIFF_BASE_SHA") {
            // In a pipeline of merged results the commit is a merge that nobody wrote; the branch is meant.
            let head = variables("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").unwrap_or(head);
            return Ok(Plan::range(&base, &head, "CI_MERGE_REQUEST_DIFF_BASE_SHA"));
        }
        if let Some(target) = variables("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") {
            let base = super::system::remote(&target);
            return Ok(Plan::range(&base, &head, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"));
        }
        let source = variables("CI_PIPELINE_SOURCE").unwrap_or_else(|| "push".to_owned());
        if source != "push" {
            return Ok(Plan::tree(format!(
                "CI_PIPELINE_SOURCE {source} is about no range of commits"
            )));
        }
        let before = variables("CI_COMMIT_BEFORE_SHA").unwrap_or_else(|| "0".to_owned());
        let branch = variables("CI_COMMIT_REF_NAME").unwrap_or_else(|| "the branch".to_owned());
        let default = variables("CI_DEFAULT_BRANCH");
        Ok(Plan::push(&before, &head, &branch, default.as_deref()))
    }

    fn mend(&self) -> &'static str {
        "`GIT_DEPTH: \"0\"` under `variables:` of the job"
    }
}
