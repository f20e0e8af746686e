//! What a way to ask is, beside plain HTTP.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use zeroize::Zeroizing;

use super::super::request::Base;
use crate::model::{Reply, SecretBytes};
use crate::net::{Client, Failure};

/// The parameters of a mechanism, filled in.
pub(in crate::verify) type With = BTreeMap<String, Zeroizing<String>>;
/// What comes of it.
pub(in crate::verify) type Telling<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + 'a>>;

/// What a mechanism may use.
pub(in crate::verify) struct Means<'a> {
    pub(in crate::verify) client: &'a Client,
    /// The host to ask, if the probe has one: one of its own, one that the user's configuration names, or
    /// the user's endpoint.
    pub(in crate::verify) base: Option<&'a Base>,
    pub(in crate::verify) with: &'a With,
}

/// A way to ask.
pub(in crate::verify) trait Mechanism: Sync {
    /// The parameters that it takes.
    fn with(&self) -> &'static [&'static str];
    /// Why nothing is sent with these parameters: a word for `not-checkable`.
    fn refuses(&self, with: &With) -> Option<&'static str>;
    /// Asks, and authenticates at most.
    fn ask<'a>(&'a self, means: &'a Means<'a>) -> Telling<'a>;
}

/// An event as a reply that clauses can judge. Its name is ours, or a code of a few letters: a server has
/// no say in what a report prints.
pub(in crate::verify) fn event(name: &str) -> Reply {
    Reply {
        status: 0,
        headers: vec![("event".to_owned(), name.to_owned())],
        body: SecretBytes::new(Vec::new()),
        cut: false,
    }
}
