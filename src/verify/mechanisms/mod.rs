//! Ways to ask that are no plain HTTP, by name: each tells an event, which the probe's clauses judge.
//!
//! To add one: a file with a [`Mechanism`] and a row in [`MECHANISMS`].

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use zeroize::Zeroizing;

use crate::model::{Reply, SecretBytes};
use crate::net::{Client, Failure, Policy};

/// The parameters of a mechanism, filled in.
pub(super) type With = BTreeMap<String, Zeroizing<String>>;
/// What comes of it.
pub(super) type Telling<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + 'a>>;

/// What a mechanism may use.
pub(super) struct Means<'a> {
    pub(super) client: &'a Client,
    pub(super) policy: &'a Policy,
    /// The user's endpoint for this provider: host and port.
    pub(super) endpoint: Option<&'a str>,
    pub(super) with: &'a With,
    pub(super) now: jiff::Timestamp,
}

/// A way to ask.
pub(super) trait Mechanism: Sync {
    /// The parameters that it takes.
    fn with(&self) -> &'static [&'static str];
    /// Asks, and authenticates at most.
    fn ask<'a>(&self, means: &'a Means<'a>) -> Telling<'a>;
}

/// Every mechanism.
const MECHANISMS: &[(&str, &dyn Mechanism)] = &[];

/// The mechanism of a name.
pub(super) fn named(name: &str) -> Option<&'static dyn Mechanism> {
    MECHANISMS.iter().find(|(own, _)| *own == name).map(|(_, mechanism)| *mechanism)
}

/// An event as a reply that clauses can judge.
pub(super) fn event(name: &str) -> Reply {
    Reply {
        status: 0,
        headers: vec![("event".to_owned(), name.to_owned())],
        body: SecretBytes::new(Vec::new()),
        cut: false,
    }
}
