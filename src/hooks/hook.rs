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
    /// One reference of a push, on the side of the server: the others may pass.
    Update,
}

impl Hook {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::PreCommit, Self::PrePush, Self::PreReceive, Self::Update];

    /// The name of its file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
        }
    }

    /// What is checked.
    #[must_use]
    pub fn checks(self) -> &'static str {
        match self {
            Self::PreCommit => "commits",
            Self::PrePush => "pushes",
            Self::PreReceive => "pushes to this repository",
            Self::Update => "references pushed to this repository",
        }
    }

    /// Whether it runs where a push arrives: in a repository that may have no work tree.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, Self::PreReceive | Self::Update)
    }

    /// The script as it can be copied.
    pub(super) fn template(self) -> &'static str {
        match self {
            Self::PreCommit => include_str!("../../hooks/pre-commit"),
            Self::PrePush => include_str!("../../hooks/pre-push"),
            Self::PreReceive => include_str!("../../hooks/pre-receive"),
            Self::Update => include_str!("../../hooks/update"),
        }
    }
}
