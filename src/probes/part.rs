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
    /// Pieces of the URL that the secret stands in; the first that it has.
    pub url: Vec<Piece>,
    /// The host and port of a URL near the secret. Only for probes of self-hosted servers.
    pub host: bool,
    /// If nothing else is there.
    pub default: Option<String>,
}

impl Part {
    /// Whether it may be printed: what was chosen by the probe's author, hosts, and who logs in where.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.host || !self.url.is_empty() || (self.default.is_some() && !self.secret)
    }
}

/// A piece of a URL that a login is made of. The password is the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Lower case, without what a driver puts behind a `+`; `+srv` stays.
    Scheme,
    /// The name before the password.
    User,
    /// The first host and its port, if it names one.
    Host,
    /// Behind the first slash, up to the query.
    Path,
    /// The value of a name in the query (behind `?`, `&` or `;`), whatever its case.
    Query(String),
}

impl Piece {
    /// Reads the name of a piece; a name in the query begins with `?`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "scheme" => Self::Scheme,
            "user" => Self::User,
            "host" => Self::Host,
            "path" => Self::Path,
            _ => Self::Query(text.strip_prefix('?').filter(|name| !name.is_empty())?.to_owned()),
        })
    }
}
