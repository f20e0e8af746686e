//! Jenkins. Variables: jenkins.io/doc, "Using environment variables", and those of its Git and Branch API
//! plugins.

use super::system::{Plan, System, Variables, remote};

pub(super) struct Jenkins;

impl System for Jenkins {
    fn name(&self) -> &'static str {
        "jenkins"
    }

    fn detect(&self, variables: &Variables<'_>) -> bool {
        variables("JENKINS_URL").is_some()
    }

    fn plan(&self, variables: &Variables<'_>) -> anyhow::Result<Plan> {
        let head = variables("GIT_COMMIT").unwrap_or_else(|| "HEAD".to_owned());
        if let Some(target) = variables("CHANGE_TARGET") {
            return Ok(Plan::range(&remote(&target), &head, "CHANGE_TARGET"));
        }
        // The last success and not the last build: what a failed gate refused is looked at again.
        match variables("GIT_PREVIOUS_SUCCESSFUL_COMMIT") {
            Some(base) if base != head => {
                Ok(Plan::range(&base, &head, "GIT_PREVIOUS_SUCCESSFUL_COMMIT"))
            }
            _ => Ok(Plan::tree("no earlier build of this branch succeeded at another commit")),
        }
    }

    fn mend(&self) -> &'static str {
        "`shallow: false` in the clone option of the checkout"
    }
}
