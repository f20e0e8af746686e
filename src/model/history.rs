//! What history says of a credential.

use serde::Serialize;

use super::{BlobPath, Commit, OriginKind};

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

/// Whether all places of a secret are told, or the first and the number of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sightings {
    /// The first is told, the others are counted.
    #[default]
    Counted,
    /// Every one is told.
    Listed,
}

/// One place of a credential: an object that holds it, under one of its paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The path; the name of a message for the words of a commit or tag.
    pub path: BlobPath,
    /// What kind of place it is.
    pub kind: OriginKind,
    /// The object, in hex.
    pub object: String,
    /// Line of the first byte, from 1.
    pub line: u64,
    /// Byte column of the first byte, from 1.
    pub column: u64,
    /// The first commit that has the object there; `None` for one in no commit.
    pub commit: Option<Commit>,
    /// From where that is reached.
    pub reach: Reach,
    /// Whether something keeps this place from the gate.
    pub suppressed: bool,
}

/// A path of the default branch to which a credential went after it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The path.
    pub path: BlobPath,
    /// The first commit of the branch that has it there.
    pub commit: Commit,
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
    /// Where it went there after it came in, the oldest first.
    pub moves: Vec<Move>,
    /// The path at which it stands there today, or stood last; `None` where it never did.
    pub last_path: Option<BlobPath>,
    /// Every place of it, the first one first; `None` where they are only counted.
    pub sightings: Option<Vec<Sighting>>,
}

impl History {
    /// Every path that is told of it.
    pub fn paths_mut(&mut self) -> impl Iterator<Item = &mut BlobPath> {
        let sightings = self.sightings.iter_mut().flatten().map(|sighting| &mut sighting.path);
        let moves = self.moves.iter_mut().map(|step| &mut step.path);
        self.paths.iter_mut().chain(moves).chain(&mut self.last_path).chain(sightings)
    }

    /// Every commit that is told of it.
    pub fn commits_mut(&mut self) -> impl Iterator<Item = &mut Commit> {
        let windows = self.windows.iter_mut();
        let windows = windows.flat_map(|w| std::iter::once(&mut w.from).chain(&mut w.until));
        let moves = self.moves.iter_mut().map(|step| &mut step.commit);
        let sightings = self.sightings.iter_mut().flatten().filter_map(|s| s.commit.as_mut());
        windows.chain(moves).chain(sightings)
    }

    /// The commit that took the value out of the default branch; `None` where it stands there today, or
    /// never did.
    #[must_use]
    pub fn removed(&self) -> Option<&Commit> {
        self.windows.last().and_then(|window| window.until.as_ref())
    }
}
