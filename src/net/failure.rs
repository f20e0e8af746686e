//! Why there is no reply.

/// Why a request was not sent, or nothing came of it. Holds no part of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address is private, or one of those that no probe may reach.
    #[error("the address is not allowed")]
    Blocked,
    /// The name does not exist.
    #[error("the name does not resolve")]
    Unresolved,
    /// There was no answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The other side is not who it should be.
    #[error("the certificate is not accepted")]
    Certificate,
    /// No connection, or one that broke.
    #[error("the connection failed")]
    Connection,
    /// The answer is no HTTP, or more of it than is read.
    #[error("the answer cannot be read")]
    Garbled,
    /// The request cannot be written: a part holds bytes that do not belong there.
    #[error("the credential holds bytes that cannot be sent")]
    Unsendable,
}

impl Failure {
    /// The word in verdicts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked-address",
            Self::Unresolved => "unresolved",
            Self::Timeout => "timeout",
            Self::Certificate => "certificate",
            Self::Connection => "connection",
            Self::Garbled => "garbled",
            Self::Unsendable => "illegal-bytes",
        }
    }
}
