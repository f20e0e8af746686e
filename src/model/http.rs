//! A request to a provider and its reply, as plain data.

use zeroize::Zeroizing;

use super::SecretBytes;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of HTTP")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
}

impl Method {
    /// As it stands on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A request that is ready to be sent. Every part of it may hold the secret, so nothing of it prints.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address, `https://host/path?query`.
    pub url: Zeroizing<String>,
    /// Headers in the order in which they are sent; names in lower case.
    pub headers: Vec<(String, Zeroizing<String>)>,
    /// The body.
    pub body: Option<SecretBytes>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What a provider answered: the first 64 KiB of it. May repeat the secret, so its body does not print.
#[derive(Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers; names in lower case, values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The body, cut.
    pub body: SecretBytes,
    /// Whether the body was longer.
    pub cut: bool,
}

impl Reply {
    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}
