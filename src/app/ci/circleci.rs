//! CircleCI. Variables: circleci.com/docs, "Project values and variables". The base of a push is a
//! pipeline value, not a variable: pass it as `LEAKSPAN_BASE: << pipeline.git.base_revision >>`.

use super::system::{Plan, System, Variables};

pub(super) struct CircleCi;

impl System for CircleCi {
    fn name(&self) -> &'static str {
        "circleci"
    }

    fn detect(&self, variables: &Variables<'_>) -> bool {
        variables("CIRCLECI").is_some()
    }

    fn plan(&self, _: &Variables<'_>) -> anyhow::Result<Plan> {
        let why = "CircleCI names no base in variables; set LEAKSPAN_BASE to \
                   << pipeline.git.base_revision >> to scan what is new alone";
        Ok(Plan::tree(why))
    }

    fn mend(&self) -> &'static str {
        "`method: full` under the checkout step"
    }
}
