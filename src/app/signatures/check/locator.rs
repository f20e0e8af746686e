//! Where a signature's secret stands in a sample, found without the engine.

use std::ops::Range;

use crate::engine::{self, matchers, proofs};
use crate::model::{BlobPath, Matcher, Signature};

/// Finds a signature's secret without the engine: what the engine must find too.
pub(in crate::app) struct Locator<'s> {
    pub(super) signature: &'s Signature,
    pattern: Option<engine::Pattern>,
}

impl<'s> Locator<'s> {
    /// `None` for a pattern that does not compile.
    pub(in crate::app) fn of(signature: &'s Signature) -> Option<Self> {
        let pattern = match &signature.matcher {
            Matcher::Named(_) | Matcher::Rule(_) => None,
            Matcher::Pattern(pattern) => Some(engine::Pattern::new(pattern).ok()?),
        };
        Some(Self { signature, pattern })
    }

    /// All secrets in a text, by the signature's own matcher.
    pub(super) fn secret(&self, text: &str) -> Vec<Range<usize>> {
        if let Some(pattern) = &self.pattern {
            return pattern.secrets(text.as_bytes());
        }
        let Matcher::Named(name) = &self.signature.matcher else { return Vec::new() };
        let Some(matcher) = matchers::named(name) else { return Vec::new() };
        let path = BlobPath::new("sample");
        let whole = engine::Text { bytes: text.as_bytes(), path: &path, decoded: false };
        let mut hits = Vec::new();
        matcher.find(&whole, 0..text.len(), &mut hits);
        hits.into_iter().map(|hit| hit.secret).collect()
    }

    /// The text with the first secret made right by the signature's proofs.
    pub(in crate::app) fn sealed(&self, text: String) -> String {
        let Some(secret) = self.secret(&text).into_iter().next() else { return text };
        let mut bytes = text.into_bytes();
        let mut value = bytes[secret.clone()].to_vec();
        for name in self.signature.proofs.iter() {
            if let Some(sealed) = proofs::named(name).and_then(|proof| proof.seal(&value)) {
                value = sealed;
            }
        }
        bytes.splice(secret, value);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
