//! Logins of a build that has none.

use super::mechanism::{Means, Mechanism, Telling, With};
use crate::net::Failure;

/// Knows all parameters and sends nothing.
pub(super) struct Without;

impl Mechanism for Without {
    fn with(&self) -> &'static [&'static str] {
        &[
            "user", "password", "database", "source", "method", "token", "seed", "jwt", "tls",
            "scheme",
        ]
    }

    fn refuses(&self, _: &With) -> Option<&'static str> {
        Some("built-without-logins")
    }

    fn ask<'a>(&'a self, _: &'a Means<'a>) -> Telling<'a> {
        Box::pin(async { Err(Failure::Unsendable) })
    }
}
