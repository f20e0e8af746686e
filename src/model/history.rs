//! What history says of a credential.

use serde::Serialize;

use super::{BlobPath, Commit};

/// From where an object is reached, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The branch that `HEAD` names.
    Head,
    /// Another branch, also of a remote, or the `HEAD` of another worktree.
    Branch,
    /// A tag.
    Tag,
    /// The notes.
    Note,
    /// Any other reference: pull requests, replacements, …
    Ref,
    /// The stash.
    Stash,
    /// The index of a worktree.
    Index,
    /// A reference pointed to it once, and its log remembers.
    Reflog,
    /// Nothing leads to it; it waits for `git gc`.
    Unreachable,
}

impl Reach {
    /// Every one, the nearest first.
    pub const ALL: [Self; 9] = [
        Self::Head,
        Self::Branch,
        Self::Tag,
        Self::Note,
        Self::Ref,
        Self::Stash,
        Self::Index,
        Self::Reflog,
        Self::Unreachable,
    ];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::Note => "note",
            Self::Ref => "ref",
            Self::Stash => "stash",
            Self::Index => "index",
            Self::Reflog => "reflog",
            Self::Unreachable => "unreachable",
        }
    }
}

/// How far the clock of a commit can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Clock {
    /// The committer date fits its parents and its author date.
    B,
    /// Author and committer are more than a day apart: rebased or imported.
    C,
    /// Impossible: before a parent, in the future, or before git existed.
    D,
}

/// A stretch of the default branch, along first parents, in which the value stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first commit that has it.
    pub from: Commit,
    /// The first commit that no longer has it; `None` where it stands today.
    pub until: Option<Commit>,
}

/// What history says of a finding, beside the commit that brought it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// From where it is reached.
    pub reach: Reach,
    /// Who committed it; the author may be somebody else.
    pub committer: String,
    /// Their address.
    pub committer_email: String,
    /// Committer date, RFC 3339 with the committer's offset.
    pub committed: String,
    /// How far that date can be believed; `None` without a commit.
    pub clock: Option<Clock>,
    /// Every path of it in the commit that brought it in.
    pub paths: Vec<BlobPath>,
    /// When it stood in the default branch, the oldest first.
    pub windows: Vec<Window>,
}

impl History {
    /// The commit that took the value out of the default branch; `None` where it stands there today, or
    /// never did.
    #[must_use]
    pub fn removed(&self) -> Option<&Commit> {
        self.windows.last().and_then(|window| window.until.as_ref())
    }
}
