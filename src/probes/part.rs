//! Where the parts of a request come from: the secret itself, and what stands beside it.

use regex_automata::meta::Regex;

use super::template::Template;

/// Where a part is looked for, in this order; the first that is there is taken.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The secret of the finding.
    pub secret: bool,
    /// Facts of the finding, by name.
    pub facts: Vec<String>,
    /// The secret of the nearest finding of one of these signatures in the same file.
    pub signatures: Vec<String>,
    /// The value that is given near the secret to a name that ends so (`client_id`), whatever its case and
    /// whatever joins its words.
    pub named: Vec<String>,
    /// The first group of the nearest match near the secret.
    pub pattern: Option<Regex>,
    /// Made of other parts.
    pub template: Option<Template>,
    /// The host and port of a URL near the secret. Only for probes of self-hosted servers.
    pub host: bool,
    /// If nothing else is there.
    pub default: Option<String>,
}

impl Part {
    /// Whether it may be printed: what was chosen by the probe's author, and hosts.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.host || (self.default.is_some() && !self.secret)
    }
}
