//! What a CI system tells of the change that it builds.

use crate::git::Revisions;

/// The environment of the job: a variable by its name; empty values count as unset.
pub type Variables<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What a gate scans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What is new in these commits.
    Range(Revisions),
    /// All files of the checkout: no base is known (a schedule, a first build).
    Tree,
    /// Nothing: a branch went away.
    Nothing,
}

/// What a gate scans, and how it came to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What.
    pub scope: Scope,
    /// The event and the variables that it was read from, in words.
    pub why: String,
}

/// A CI system.
pub trait System: Sync {
    /// Its name, on the command line too.
    fn name(&self) -> &'static str;

    /// Whether the job runs in it.
    fn detect(&self, variables: &Variables<'_>) -> bool;

    /// Which commits the job is about.
    ///
    /// # Errors
    /// Where the system is there, but what it should tell cannot be read: a guess could pass unseen.
    fn plan(&self, variables: &Variables<'_>) -> anyhow::Result<Plan>;

    /// The format whose lines on standard output the system turns into annotations.
    fn annotations(&self) -> Option<&'static str> {
        None
    }

    /// The line that gives the job the history that a shallow clone lacks.
    fn mend(&self) -> &'static str {
        "git fetch --unshallow"
    }
}

impl Plan {
    /// The commits of `head` that `base` does not have.
    pub(super) fn range(base: &str, head: &str, why: impl Into<String>) -> Self {
        let revisions = Revisions { tips: vec![head.to_owned()], hidden: vec![base.to_owned()] };
        Self { scope: Scope::Range(revisions), why: why.into() }
    }

    /// All files.
    pub(super) fn tree(why: impl Into<String>) -> Self {
        Self { scope: Scope::Tree, why: why.into() }
    }

    /// A push: from `before` to `after`, either of which may be all zeros. A new branch is compared with
    /// the default branch, and a new default branch is all new.
    pub(super) fn push(before: &str, after: &str, branch: &str, default: Option<&str>) -> Self {
        if is_zero(after) {
            return Self { scope: Scope::Nothing, why: format!("{branch} was deleted") };
        }
        if !is_zero(before) {
            return Self::range(before, after, format!("a push to {branch}"));
        }
        match default {
            Some(default) if default != branch => {
                let base = remote(default);
                Self::range(&base, after, format!("{branch} is new, compared with {base}"))
            }
            _ => Self::tree(format!("{branch} is new and there is nothing to compare it with")),
        }
    }
}

/// The name that a clone gives to a branch of its origin.
pub(super) fn remote(branch: &str) -> String {
    format!("refs/remotes/origin/{}", branch.strip_prefix("refs/heads/").unwrap_or(branch))
}

/// The id that git hooks and CI systems use for «there is none».
pub(super) fn is_zero(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte == b'0')
}
