//! Where a blob comes from.

use serde::Serialize;

/// The kind of place that a blob was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OriginKind {
    /// A file below the target.
    File,
    /// The index of a repository: what `git commit` would record.
    Staged,
    /// Standard input.
    Stdin,
    /// A member of an archive.
    Archive,
    /// A file as a commit records it.
    Commit,
    /// The message of a commit.
    Message,
    /// The message of an annotated tag.
    Tag,
    /// The name of a file or folder itself.
    Path,
}

/// The commit that a blob or message belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commit {
    /// Object id in hex.
    pub id: String,
    /// Author's name, as recorded; bytes that are not UTF-8 are replaced.
    pub author: String,
    /// Author's address.
    pub email: String,
    /// Author date, RFC 3339 with the author's offset.
    pub date: String,
}

/// Where a blob comes from; sightings are (finding, origin).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The kind of place.
    pub kind: OriginKind,
    /// The commit, for what comes from history.
    pub commit: Option<Commit>,
    /// Whether the value still stands in the default branch; `None` where that was not asked.
    pub in_head: Option<bool>,
    /// The object that it was read from, in hex, for what comes out of a whole history.
    pub object: Option<String>,
}

impl Origin {
    /// An origin without a commit.
    #[must_use]
    pub fn of(kind: OriginKind) -> Self {
        Self { kind, commit: None, in_head: None, object: None }
    }
}
