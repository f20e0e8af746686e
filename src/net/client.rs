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
        // An error of the system holds another one, which its source leads past.
        let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match held {
            Some(held) => Some(held),
            None => error.source(),
        };
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

#[cfg(test)]
mod tests {
    use super::{Client, ClientOptions};
    use crate::model::{Method, Request};
    use crate::net::{Answer, Failure, Lookup, Policy, Reach};
    use std::net::{IpAddr, TcpListener};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;
    use zeroize::Zeroizing;

    /// A resolver that says what it is told to, one answer a look-up.
    struct Told(Mutex<Vec<Vec<IpAddr>>>, AtomicUsize);

    impl Lookup for Told {
        fn lookup(&self, _: &str) -> Answer {
            self.1.fetch_add(1, Ordering::SeqCst);
            let answer = self.0.lock().unwrap().pop().unwrap_or_default();
            Box::pin(async move { Ok(answer) })
        }
    }

    fn asked(url: &str, answers: &[&[&str]], reach: Reach) -> (Result<u16, Failure>, usize) {
        let parse = |answer: &&[&str]| answer.iter().map(|it| it.parse().unwrap()).collect();
        let told: Vec<Vec<IpAddr>> = answers.iter().rev().map(parse).collect();
        let told = Arc::new(Told(Mutex::new(told), AtomicUsize::new(0)));
        let lookup: Arc<dyn Lookup> = Arc::clone(&told) as Arc<dyn Lookup>;
        let options = ClientOptions {
            policy: Arc::new(Policy::default()),
            lookup,
            proxy: None,
            authorities: Vec::new(),
            timeout: Duration::from_secs(2),
        };
        let client = Client::new(options).unwrap();
        let url = Zeroizing::new(url.to_owned());
        let request = Request { method: Method::Get, url, headers: Vec::new(), body: None };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let reply = runtime.block_on(client.send(&request, reach));
        (reply.map(|reply| reply.status), told.1.load(Ordering::SeqCst))
    }

    #[test]
    fn a_name_is_looked_up_once_and_never_leads_inside() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("https://rebind.example:{port}/");
        // Inside, mixed, mapped; a second look-up would be told something else.
        for first in [
            &["127.0.0.1"][..],
            &["8.8.8.8", "127.0.0.1"],
            &["::ffff:127.0.0.1"],
            &["169.254.169.254"],
        ] {
            let answers = [first, &["8.8.8.8"]];
            assert_eq!(
                asked(&url, &answers, Reach::Public),
                (Err(Failure::Blocked), 1),
                "{first:?}"
            );
            assert_eq!(
                asked(&url, &answers, Reach::Private),
                (Err(Failure::Blocked), 1),
                "{first:?}"
            );
        }
        assert_eq!(asked(&url, &[&[]], Reach::Public), (Err(Failure::Unresolved), 1));
        assert!(listener.accept().is_err(), "nobody has knocked");
    }

    #[test]
    fn spelled_out_addresses_are_judged_without_a_look_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "①②⑦.0.0.1",
            "127。0。0。1",
            "user@127.0.0.1",
            "user:pw@127.0.0.1",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
        ] {
            let (reply, lookups) = asked(&format!("https://{host}:{port}/"), &[], Reach::Public);
            let refused = [Err(Failure::Blocked), Err(Failure::Unsendable)].contains(&reply);
            assert!(refused && lookups == 0, "{host}: {reply:?} after {lookups}");
        }
        for other in
            ["http://127.0.0.1", "ftp://127.0.0.1", "file:///etc/passwd", "javascript:1", ""]
        {
            let (reply, _) = asked(other, &[], Reach::Public);
            assert!(reply.is_err(), "{other}: {reply:?}");
        }
        assert!(listener.accept().is_err(), "nobody has knocked");
    }

    #[test]
    fn plain_http_is_for_endpoints_alone() {
        let (reply, lookups) = asked("http://api.example/", &[&["8.8.8.8"]], Reach::Public);
        assert!(reply.is_err() && lookups == 0, "{reply:?}");
    }
}
