//! A server that the user names instead of a provider's own.

use std::str::FromStr;

/// Where requests go instead of a provider's own hosts: a stub, or a self-hosted server. `tcp` is for those
/// whose protocol is not HTTP.
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
        if !matches!(url.scheme(), "http" | "https" | "tcp") || url.host_str().is_none() || !plain {
            return Err(format!("`{text}` is no http, https or tcp URL of a host"));
        }
        if url.scheme() == "tcp" && (url.port().is_none() || base.matches('/').count() > 2) {
            return Err(format!("`{text}` is a host and its port: tcp://127.0.0.1:5432"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("`{text}` ends with its path: no query, no fragment"));
        }
        Ok(Self { base: base.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn an_endpoint_is_the_start_of_a_url() {
        for text in [
            "http://127.0.0.1:8080",
            "https://git.acme.com/api/",
            "http://[::1]:9",
            "tcp://[::1]:9",
        ] {
            assert!(text.parse::<Endpoint>().is_ok(), "{text}");
        }
        for text in [
            "127.0.0.1:8080",
            "ftp://x",
            "http://u:p@x",
            "http://x?y",
            "http://",
            "x",
            "tcp://x",
            "tcp://x:1/y",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
