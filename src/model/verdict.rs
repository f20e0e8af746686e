//! Whether a credential works, as its provider says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is known of a credential's liveness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

    /// Whether the credential works, in full or in part.
    #[must_use]
    pub fn works(self) -> bool {
        matches!(self, Self::Live | Self::LiveLimited)
    }
}

/// How much a refusal proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Force {
    /// It may have other causes.
    Weak,
    /// The provider's own words for a credential that is no more.
    Strong,
    /// It cannot be otherwise: a date in the credential itself has passed.
    Proof,
}

/// A dated answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The answer.
    pub status: Status,
    /// Why, for answers that need it: a word of the closed list, with what it is about in brackets.
    pub reason: Option<String>,
    /// When it was given, RFC 3339.
    pub checked_at: Option<String>,
    /// How much a refusal proves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force: Option<Force>,
    /// The probe that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<String>,
    /// The host that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What of the reply led to the answer: the status code and the clause. Holds no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Who the credential is and what it may do, as far as the probe names such fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub identity: BTreeMap<String, serde_json::Value>,
    /// Seconds after which the provider wants to be asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Verdict {
    /// The verdict of a scan without verification.
    #[must_use]
    pub fn not_checked() -> Self {
        Self::of(Status::NotChecked, None)
    }

    /// A verdict without a date and without details.
    #[must_use]
    pub fn of(status: Status, reason: Option<&str>) -> Self {
        Self {
            status,
            reason: reason.map(str::to_owned),
            checked_at: None,
            force: None,
            probe: None,
            host: None,
            evidence: None,
            identity: BTreeMap::new(),
            retry_after: None,
        }
    }
}
