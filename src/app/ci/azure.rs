//! Azure Pipelines. Variables: learn.microsoft.com, "Use predefined variables".

use anyhow::Context;

use super::system::{Plan, System, Variables, remote};

pub(super) struct Azure;

impl System for Azure {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn detect(&self, variables: &Variables<'_>) -> bool {
        variables("TF_BUILD").is_some()
    }

    fn plan(&self, variables: &Variables<'_>) -> anyhow::Result<Plan> {
        let head = variables("BUILD_SOURCEVERSION").context("BUILD_SOURCEVERSION is not set")?;
        match variables("SYSTEM_PULLREQUEST_TARGETBRANCH") {
            Some(target) => {
                let head = variables("SYSTEM_PULLREQUEST_SOURCECOMMITID").unwrap_or(head);
                Ok(Plan::range(&remote(&target), &head, "SYSTEM_PULLREQUEST_TARGETBRANCH"))
            }
            None => Ok(Plan::tree("Azure names no base for builds outside of pull requests")),
        }
    }

    fn annotations(&self) -> Option<&'static str> {
        Some("azure")
    }

    fn mend(&self) -> &'static str {
        "`fetchDepth: 0` under `- checkout: self`"
    }
}
