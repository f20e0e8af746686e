//! The way out: the only place that opens a connection.
//!
//! `policy` (which addresses may be talked to) -> `resolve` (a name is looked up once, checked, pinned)
//! -> `client` (HTTP with caps, no redirects, no environment) or `stream` (bare TCP for other protocols, wrapped
//! by `tls`);
//! `pace` says when. Nothing here knows what a credential is.

mod client;
mod endpoint;
mod failure;
mod pace;
mod policy;
mod resolve;
mod stream;
mod tls;

pub use client::{Client, ClientOptions, LIMIT};
pub use endpoint::Endpoint;
pub use failure::Failure;
pub use pace::Pace;
pub use policy::{HostRule, Policy, Reach};
pub use resolve::{Answer, Lookup, System};
pub use stream::Connected;
#[cfg(feature = "logins")]
pub use tls::Tls;
