//! HTTP to a provider: one request, one reply, nothing else.
//!
//! HTTP/1.1 alone (no multiplexing, no header compression that would remember the secret), TLS with roots
//! that are baked in, no redirect, no proxy and no other setting from the environment, 64 KiB of body,
//! 64 headers, ten seconds for all of it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect;

use super::failure::Failure;
use super::policy::{Policy, Reach};
use super::resolve::{Lookup, Refusal, Resolver, checked};
use super::tls;
use crate::model::{Method, Reply, Request, SecretBytes};

/// Most bytes of a body that are read.
pub const LIMIT: usize = 64 * 1024;
/// Most headers of a reply.
const MOST_HEADERS: usize = 64;
/// Who we are, to whom we ask.
const USER_AGENT: &str = concat!(
    "leakspan/",
    env!("CARGO_PKG_VERSION"),
    " (checks whether a leaked credential still works; run by its finder)"
);

/// How to reach the world.
#[derive(Clone)]
pub struct ClientOptions {
    /// What may be reached.
    pub policy: Arc<Policy>,
    /// Who resolves names.
    pub lookup: Arc<dyn Lookup>,
    /// The user's proxy, if one was named.
    pub proxy: Option<String>,
    /// Further authorities, PEM.
    pub authorities: Vec<u8>,
    /// For a request and its reply.
    pub timeout: Duration,
}

/// Sends requests. Cheap to share.
pub struct Client {
    options: ClientOptions,
    public: reqwest::Client,
    private: reqwest::Client,
    endpoint: reqwest::Client,
    #[cfg(feature = "logins")]
    tls: tls::Tls,
}

impl Client {
    /// A client; opens nothing yet.
    ///
    /// # Errors
    /// A proxy or authorities that cannot be used, in words.
    pub fn new(options: ClientOptions) -> Result<Self, String> {
        let config = tls::config(&options.authorities)?;
        let build = |reach: Reach| {
            let resolver = Resolver {
                lookup: Arc::clone(&options.lookup),
                policy: Arc::clone(&options.policy),
                reach,
            };
            let mut builder = reqwest::Client::builder()
                .tls_backend_preconfigured(config.clone())
                .http1_only()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .referer(false)
                .https_only(reach != Reach::Endpoint)
                .user_agent(USER_AGENT)
                .pool_max_idle_per_host(1)
                .dns_resolver(Arc::new(resolver));
            if let Some(proxy) = &options.proxy {
                let proxy =
                    reqwest::Proxy::all(proxy).map_err(|_| "the proxy is no URL".to_owned())?;
                builder = builder.proxy(proxy);
            }
            builder.build().map_err(|_| "the HTTP client cannot be made".to_owned())
        };
        Ok(Self {
            public: build(Reach::Public)?,
            private: build(Reach::Private)?,
            endpoint: build(Reach::Endpoint)?,
            #[cfg(feature = "logins")]
            tls: tls::Tls::new(config.clone()),
            options,
        })
    }

    /// Sends a request and reads its reply.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn send(&self, request: &Request, reach: Reach) -> Result<Reply, Failure> {
        match tokio::time::timeout(self.options.timeout, self.exchange(request, reach)).await {
            Ok(reply) => reply,
            Err(_) => Err(Failure::Timeout),
        }
    }

    /// For how long an answer is waited for.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.options.timeout
    }

    /// What bare connections are wrapped into.
    #[cfg(feature = "logins")]
    #[must_use]
    pub fn tls(&self) -> &tls::Tls {
        &self.tls
    }

    /// What bare connections are made by.
    pub(super) fn options(&self) -> &ClientOptions {
        &self.options
    }

    async fn exchange(&self, request: &Request, reach: Reach) -> Result<Reply, Failure> {
        let url = reqwest::Url::parse(&request.url).map_err(|_| Failure::Unsendable)?;
        let host = url.host_str().ok_or(Failure::Unsendable)?;
        // The client connects to literal addresses without asking its resolver, and a proxy resolves names
        // by itself: both are looked at here.
        if self.options.proxy.is_some() || url.domain().is_none() {
            let ClientOptions { lookup, policy, .. } = &self.options;
            checked(&**lookup, policy, reach, host).await.map_err(refused)?;
        }
        let client = match reach {
            Reach::Public => &self.public,
            Reach::Private => &self.private,
            Reach::Endpoint => &self.endpoint,
        };
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut building = client.request(method, url);
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Failure::Unsendable)?;
            let visible = value.bytes().all(|b| (b' '..=b'~').contains(&b));
            let value = HeaderValue::from_str(value).ok().filter(|_| visible);
            let mut value = value.ok_or(Failure::Unsendable)?;
            value.set_sensitive(true);
            building = building.header(name, value);
        }
        if let Some(body) = &request.body {
            building = building.body(body.reveal().to_vec());
        }
        let reply = building.send().await.map_err(|error| failure(&error))?;
        read(reply).await
    }
}

/// The reply, as far as it is read.
async fn read(mut reply: reqwest::Response) -> Result<Reply, Failure> {
    if reply.headers().len() > MOST_HEADERS {
        return Err(Failure::Garbled);
    }
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        value.to_str().ok().map(|value| (name.as_str().to_owned(), value.to_owned()))
    };
    let headers = reply.headers().iter().filter_map(text).collect();
    let status = reply.status().as_u16();
    let (mut body, mut cut) = (Vec::new(), false);
    while let Some(chunk) = reply.chunk().await.map_err(|error| failure(&error))? {
        let room = LIMIT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            cut = true;
            break;
        }
    }
    Ok(Reply { status, headers, body: SecretBytes::new(body), cut })
}

pub(super) fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Blocked => Failure::Blocked,
        Refusal::Unresolved => Failure::Unresolved,
    }
}

/// What an error of the HTTP client comes to. Its own words name the URL, so none of them are kept.
fn failure(error: &reqwest::Error) -> Failure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return refused(*refusal);
        }
        if error.downcast_ref::<rustls::Error>().is_some() {
            return Failure::Certificate;
        }
        // TLS errors come wrapped into an error of the system, whose source leads past them.
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && let Some(inner) = io.get_ref()
        {
            if inner.downcast_ref::<rustls::Error>().is_some() {
                return Failure::Certificate;
            }
            if let Some(refusal) = inner.downcast_ref::<Refusal>() {
                return refused(*refusal);
            }
        }
        cause = error.source();
    }
    if error.is_timeout() {
        Failure::Timeout
    } else if error.is_builder() {
        Failure::Unsendable
    } else if error.is_connect() || error.is_request() {
        Failure::Connection
    } else {
        Failure::Garbled
    }
}
