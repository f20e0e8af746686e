//! The hooks that we have.

/// A hook of git, by what it checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// A commit, before it is made.
    PreCommit,
    /// A push, before it leaves.
    PrePush,
    /// A push, before it is taken in: on the side of the server.
    PreReceive,
}

impl Hook {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::PreCommit, Self::PrePush, Self::PreReceive];

    /// The name of its file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// What is checked.
    #[must_use]
    pub fn checks(self) -> &'static str {
        match self {
            Self::PreCommit => "commits",
            Self::PrePush => "pushes",
            Self::PreReceive => "pushes to this repository",
        }
    }

    /// The script as it can be copied.
    pub(super) fn template(self) -> &'static str {
        match self {
            Self::PreCommit => include_str!("../../hooks/pre-commit"),
            Self::PrePush => include_str!("../../hooks/pre-push"),
            Self::PreReceive => include_str!("../../hooks/pre-receive"),
        }
    }
}
