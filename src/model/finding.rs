//! A credential that was found.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    BlobPath, Confidence, Fingerprint, History, Origin, SecretBytes, Severity, Span, Verdict,
};

/// What was decoded from the credential itself, offline: account, issuer, expiry, …
pub type Facts = BTreeMap<String, serde_json::Value>;

/// The source line of a finding, cut to a few hundred bytes around the secret.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The bytes of the line; may hold secrets.
    pub line: SecretBytes,
    /// The byte ranges of `line` that a report masks: this secret and every other one on the line.
    pub hidden: Vec<std::ops::Range<usize>>,
    /// Whether bytes of the line were cut at its start, at its end.
    pub cut: (bool, bool),
}

/// The text around a secret, kept where a run verifies: parts of a credential stand beside one another.
#[derive(Clone, Debug)]
pub struct Nearby {
    /// A few thousand bytes; may hold any secret.
    pub text: SecretBytes,
    /// Where in it the secret stands.
    pub secret: std::ops::Range<usize>,
}

/// What keeps a finding from the gate. It is counted and listed all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppression {
    /// A comment on the line or the line before, by its marker.
    Inline(String),
    /// An entry of the suppressions file.
    File {
        /// Who answers for it.
        owner: String,
        /// Why.
        reason: String,
        /// Until when, ISO date.
        until: String,
    },
    /// The baseline knows it.
    Baseline,
    /// The version before the change holds the same secret: the change did not bring it in.
    Earlier,
}

/// A credential, at one place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The signature that won the span.
    pub signature: String,
    /// All signatures that claimed it, the winner first.
    pub signatures: Vec<String>,
    /// The provider's name.
    pub provider: String,
    /// What it is.
    pub title: String,
    /// Identity kind.
    pub kind: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Where to revoke it.
    pub revoke: Option<String>,
    /// The blob that it stands in.
    pub path: BlobPath,
    /// Where that blob comes from.
    pub origin: Arc<Origin>,
    /// Line of the first byte, from 1.
    pub line: u64,
    /// Byte column of the first byte, from 1.
    pub column: u64,
    /// Line of the last byte.
    pub end_line: u64,
    /// Byte column one past the last byte.
    pub end_column: u64,
    /// The secret in the raw bytes of the blob (the encoded text for an encoded one).
    pub span: Span,
    /// The secret, decoded.
    pub secret: SecretBytes,
    /// Its name; `None` until the app has keyed it.
    pub fingerprint: Option<Fingerprint>,
    /// Decoders that were undone, outermost first: `base64`, `utf16`, …
    pub decoded: Vec<String>,
    /// What the credential says of itself.
    pub facts: Facts,
    /// The source line.
    pub excerpt: Excerpt,
    /// The text around it, where the scan was asked to keep it.
    pub nearby: Option<Nearby>,
    /// Set when something keeps it from the gate.
    pub suppression: Option<Suppression>,
    /// An entry of the suppressions file that has run out, by its date: it gates again.
    pub expired: Option<String>,
    /// Whether it works.
    pub verdict: Verdict,
    /// Places with the same secret, where they are folded into one finding (history).
    pub sightings: u64,
    /// What history says of it, for scans of a whole history.
    pub history: Option<Arc<History>>,
}

impl Finding {
    /// The order of reports: path, position, signature, origin.
    #[must_use]
    pub fn order(&self) -> (&BlobPath, Span, &str, &Origin) {
        (&self.path, self.span, &self.signature, &self.origin)
    }
}
