//! Names are looked up once; every address is checked before one is used, and no other is.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use super::policy::{Policy, Reach};

/// A look-up that is under way.
pub type Answer = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses of a name.
pub trait Lookup: Send + Sync {
    /// All addresses of a name.
    fn lookup(&self, name: &str) -> Answer;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Lookup for System {
    fn lookup(&self, name: &str) -> Answer {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a name led nowhere; carried through the HTTP client as an error and found again in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("an address of the name is not allowed")]
    Blocked,
    #[error("the name does not resolve")]
    Unresolved,
}

/// The addresses of a name, all of them allowed: one that is not spoils the rest, because a name that
/// leads to both is not to be trusted.
pub(super) async fn checked(
    lookup: &dyn Lookup,
    policy: &Policy,
    reach: Reach,
    name: &str,
) -> Result<Vec<IpAddr>, Refusal> {
    if let Ok(address) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        return if policy.allows(address, reach) {
            Ok(vec![address])
        } else {
            Err(Refusal::Blocked)
        };
    }
    let addresses = lookup.lookup(name).await.map_err(|_| Refusal::Unresolved)?;
    if addresses.is_empty() {
        return Err(Refusal::Unresolved);
    }
    if addresses.iter().all(|address| policy.allows(*address, reach)) {
        Ok(addresses)
    } else {
        Err(Refusal::Blocked)
    }
}

/// The resolver that the HTTP client connects by: what it returns is what is connected to.
pub(super) struct Resolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) policy: Arc<Policy>,
    pub(super) reach: Reach,
}

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let (lookup, policy, reach) =
            (Arc::clone(&self.lookup), Arc::clone(&self.policy), self.reach);
        Box::pin(async move {
            let addresses = checked(&*lookup, &policy, reach, name.as_str()).await?;
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as reqwest::dns::Addrs)
        })
    }
}
