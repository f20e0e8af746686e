//! Whether a credential works, as its provider says.

use serde::Serialize;

/// What is known of a credential's liveness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nobody asked.
    NotChecked,
    /// The provider accepted it.
    Live,
    /// The provider accepted it with restrictions.
    LiveLimited,
    /// The provider refused it for good.
    Revoked,
    /// Asked, without a clear answer.
    Unknown,
    /// There is no safe way to ask.
    NotCheckable,
}

impl Status {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotChecked => "not-checked",
            Self::Live => "live",
            Self::LiveLimited => "live-limited",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
            Self::NotCheckable => "not-checkable",
        }
    }
}

/// A dated answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The answer.
    pub status: Status,
    /// Why, for answers that need it.
    pub reason: Option<String>,
    /// When it was given, RFC 3339.
    pub checked_at: Option<String>,
}

impl Verdict {
    /// The verdict of a scan without verification.
    #[must_use]
    pub fn not_checked() -> Self {
        Self { status: Status::NotChecked, reason: None, checked_at: None }
    }
}
