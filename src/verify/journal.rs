//! What was asked: one line a request, without the secret.

use serde::Serialize;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When it was sent, RFC 3339.
    pub time: String,
    /// The stem of the provider's signature file.
    pub provider: String,
    /// Where it went.
    pub host: String,
    /// By which probe.
    pub probe: String,
    /// The status code or the event that came back; what went wrong where none did.
    pub reply: String,
    /// What it means: the status of a verdict; `step` where more requests follow.
    pub verdict: String,
}

/// Who is told of each request when it is done.
pub trait Journal {
    /// Takes note of a request.
    fn note(&mut self, entry: Entry);
}

impl Journal for Vec<Entry> {
    fn note(&mut self, entry: Entry) {
        self.push(entry);
    }
}
