//! No CI system that we know: git alone, and the variables `LEAKSPAN_BASE` and `LEAKSPAN_HEAD`.

use super::system::{Plan, System, Variables};

pub(super) struct Git;

impl System for Git {
    fn name(&self) -> &'static str {
        "git"
    }

    /// Always: it is the last row of the table.
    fn detect(&self, _: &Variables<'_>) -> bool {
        true
    }

    fn plan(&self, _: &Variables<'_>) -> anyhow::Result<Plan> {
        Ok(Plan::tree("no CI system is recognised; LEAKSPAN_BASE names a base"))
    }
}
