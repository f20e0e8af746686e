//! Credentials of a kind that a provider has ended on a day that it has named.

use super::mechanism::{Means, Mechanism, Telling, With, event};
use crate::net::Failure;

/// Tells `retired` from that day on; nothing is sent.
pub(super) struct Retired;

impl Mechanism for Retired {
    fn with(&self) -> &'static [&'static str] {
        &["since", "today"]
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        (with.get("since").is_none() || with.get("today").is_none()).then_some("no-date")
    }

    fn ask<'a>(&'a self, means: &'a Means<'a>) -> Telling<'a> {
        // ISO dates sort as they stand.
        let date = |name: &str| means.with.get(name).map(|text| text.as_str());
        let told = date("since")
            .zip(date("today"))
            .map(|(since, today)| event(if today >= since { "retired" } else { "in-use" }));
        Box::pin(async move { told.ok_or(Failure::Unsendable) })
    }
}
