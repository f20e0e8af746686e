//! What can be wrong with a probe.

/// Why a probe cannot be used: the key and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {message}")]
pub struct Fault {
    /// The key, with those around it: `send.headers`.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Fault {
    pub(super) fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }
}
