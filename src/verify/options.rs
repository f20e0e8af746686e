//! What the user allows.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::net::Policy;

/// Requests a second and provider, unless the user says otherwise.
pub const RATE: f64 = 1.0;

/// Where requests of a provider go instead of its own hosts: a stub, or a self-hosted server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Up to the host and port, `http://127.0.0.1:8080`, without a slash at its end.
    pub base: String,
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let base = text.trim_end_matches('/');
        let url = reqwest::Url::parse(base).map_err(|_| format!("`{text}` is no URL"))?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !plain {
            return Err(format!("`{text}` is no http or https URL of a host"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("`{text}` ends with its path: no query, no fragment"));
        }
        Ok(Self { base: base.to_owned() })
    }
}

/// What the user allows.
#[derive(Clone, Debug)]
pub struct Options {
    /// If any: credentials of these providers alone (stems of signature files).
    pub providers: Vec<String>,
    /// Probes that are off by default and that the user has asked for by name.
    pub allowed: Vec<String>,
    /// By the stem of the provider's signature file.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Which hosts and networks beside the providers' own may be asked.
    pub policy: Policy,
    /// Most requests of the run.
    pub max_requests: Option<u64>,
    /// Requests a second and host.
    pub rate: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            allowed: Vec::new(),
            endpoints: BTreeMap::new(),
            policy: Policy::default(),
            max_requests: None,
            rate: RATE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn an_endpoint_is_the_start_of_a_url() {
        for text in ["http://127.0.0.1:8080", "https://git.acme.com/api/", "http://[::1]:9"] {
            assert!(text.parse::<Endpoint>().is_ok(), "{text}");
        }
        for text in ["127.0.0.1:8080", "ftp://x", "http://u:p@x", "http://x?y", "http://", "x"] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
