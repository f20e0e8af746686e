//! From a report to an exit code.

use crate::model::{Finding, Reason, Report, Severity};

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Complete, and nothing gates.
    Clean,
    /// Something gates; the code is 1, or what `--exit-code` says.
    Findings(u8),
    /// A usage or configuration error.
    Usage,
    /// Nothing gates, but not everything could be looked at.
    Incomplete,
    /// A report could not be written, or the program failed.
    Failed,
    /// Ctrl-C.
    Interrupted,
    /// Whoever read the output has gone.
    BrokenPipe,
}

impl Exit {
    /// The code of the process.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings(code) => code,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Failed => 5,
            Self::Interrupted => 130,
            Self::BrokenPipe => 141,
        }
    }
}

/// What makes findings gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// Every finding.
    Any,
    /// Findings at or above a severity.
    Severity(Severity),
    /// Findings that work, as their provider says. What it does not tell is a problem of the report.
    Live,
}

/// What the exit code depends on.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Which findings count.
    pub fail_on: FailOn,
    /// The code for findings.
    pub exit_code: u8,
    /// Whether findings end in 0. What was not looked at still does not.
    pub exit_zero: bool,
    /// Reasons for which a run may be incomplete.
    pub allow_incomplete: Vec<Reason>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { fail_on: FailOn::Any, exit_code: 1, exit_zero: false, allow_incomplete: Vec::new() }
    }
}

impl Gate {
    /// Whether a finding counts. An expired suppression has not moved it out of the findings.
    #[must_use]
    pub fn counts(&self, finding: &Finding) -> bool {
        match self.fail_on {
            FailOn::Any => true,
            FailOn::Severity(least) => finding.severity >= least,
            FailOn::Live => finding.verdict.status.works(),
        }
    }

    /// The exit code of a report: findings first, then what was not looked at.
    #[must_use]
    pub fn judge(&self, report: &Report) -> Exit {
        let gates = report.findings.iter().any(|finding| self.counts(finding));
        let incomplete = report
            .problems
            .iter()
            .any(|p| p.reason.incomplete() && !self.allow_incomplete.contains(&p.reason));
        match (gates && !self.exit_zero, incomplete) {
            (true, _) => Exit::Findings(self.exit_code),
            (false, true) => Exit::Incomplete,
            (false, false) => Exit::Clean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BlobPath, Problem, Summary};

    fn report(reasons: &[Reason]) -> Report {
        let problem = |reason: &Reason| Problem::new(BlobPath::new("x"), *reason, "");
        Report {
            findings: Vec::new(),
            suppressed: Vec::new(),
            problems: reasons.iter().map(problem).collect(),
            summary: Summary::default(),
        }
    }

    #[test]
    fn only_reasons_that_hide_content_make_a_run_incomplete() {
        for reason in Reason::ALL {
            let expected = if reason.incomplete() { 3 } else { 0 };
            assert_eq!(Gate::default().judge(&report(&[reason])).code(), expected, "{reason:?}");
        }
    }

    #[test]
    fn an_accepted_reason_excuses_itself_alone() {
        let gate = Gate { allow_incomplete: vec![Reason::Timeout], ..Gate::default() };
        assert_eq!(gate.judge(&report(&[Reason::Timeout])), Exit::Clean);
        assert_eq!(gate.judge(&report(&[Reason::Timeout, Reason::Corrupt])), Exit::Incomplete);
    }

    #[test]
    fn exit_zero_does_not_hide_what_was_not_looked_at() {
        let gate = Gate { exit_zero: true, ..Gate::default() };
        assert_eq!(gate.judge(&report(&[Reason::Unreadable])), Exit::Incomplete);
    }
}
