//! One way to ask a provider whether a credential works.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::clause::Clause;
use super::json_path::JsonPath;
use super::part::Part;
use super::template::Template;
use crate::model::Method;

/// What a probe does at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Nothing is sent: the credential itself says it.
    Offline,
    /// Public data is asked for; the secret is not sent.
    Passive,
    /// Something is read that changes nothing.
    Read,
    /// The provider issues a short-lived token, which is let go.
    IssuesToken,
    /// A person's or a database's password is tried: it may count towards a lock-out.
    Login,
    /// The call counts against a quota that is paid for.
    Quota,
    /// The call changes something.
    Unsafe,
}

impl Class {
    /// The name in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Passive => "passive",
            Self::Read => "read",
            Self::IssuesToken => "issues-token",
            Self::Login => "login",
            Self::Quota => "quota",
            Self::Unsafe => "unsafe",
        }
    }

    /// Whether a run uses such probes without being asked for the probe by name.
    #[must_use]
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Offline | Self::Passive | Self::Read | Self::IssuesToken)
    }
}

/// What a probe's clauses rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The provider's documentation says so.
    Documented,
    /// Others ask in this way.
    Seen,
    /// General knowledge: such a probe may say that a credential works, never that it does not.
    Guess,
}

impl Basis {
    /// The name in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Seen => "seen",
            Self::Guess => "guess",
        }
    }
}

/// Which of several hosts decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pick {
    /// The first host alone.
    First,
    /// One after the other until one accepts; refused is what all refuse.
    #[default]
    AllMustDeny,
}

/// Where a probe may send to: a closed list.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Names, in the order of asking. Places stand for labels below a name that is the provider's.
    pub named: Vec<Template>,
    /// Whether the host that stands beside the secret is asked, if the user's configuration names it.
    pub scanned: bool,
}

/// Where a value stands in a reply.
#[derive(Clone, Debug)]
pub enum Place {
    /// In the JSON body.
    Json(Field),
    /// In a header.
    Header(String),
    /// The text of an element of an XML body.
    Xml(String),
}

/// A path into a JSON body.
#[derive(Clone, Debug)]
pub struct Field(pub(super) JsonPath);

/// The name of a signer and its parameters.
pub type Signed = (String, BTreeMap<String, Template>);

/// A request as a template.
#[derive(Clone, Debug)]
pub struct Send {
    /// The method.
    pub method: Method,
    /// Path and query, from `/`.
    pub target: Template,
    /// `Authorization: Bearer`.
    pub bearer: Option<Template>,
    /// `Authorization: Basic`: user and password.
    pub basic: Option<(Template, Template)>,
    /// Further headers, by name in lower case.
    pub headers: Vec<(String, Template)>,
    /// A JSON body; its strings are templates.
    pub json: Option<serde_json::Value>,
    /// A form.
    pub form: Vec<(String, Template)>,
    /// What signs the request.
    pub sign: Option<Signed>,
    /// Values of the reply that later steps use as parts.
    pub keep: BTreeMap<String, Place>,
}

/// How it is done.
#[derive(Clone, Debug)]
pub enum Way {
    /// One to three requests; the last reply is judged, or the first that lacks what the next needs.
    Http(Vec<Send>),
    /// A mechanism in code, by name, and its parameters.
    Named(String, BTreeMap<String, Template>),
}

/// What replies mean.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// The credential works.
    pub live: Vec<Clause>,
    /// It works, and may not do this.
    pub limited: Vec<Clause>,
    /// It does not work and never will.
    pub revoked: Vec<Clause>,
    /// That cannot be told.
    pub unknown: Vec<Clause>,
}

/// How the holder of a credential ends it.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// The request.
    pub send: Send,
    /// When it has worked.
    pub done: Vec<Clause>,
}

/// One way to ask.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its name.
    pub id: String,
    /// The stem of the signature file, which names the provider on the command line.
    pub provider: String,
    /// What it does there.
    pub class: Class,
    /// What its clauses rest on.
    pub basis: Basis,
    /// The parts of its requests, by name.
    pub parts: BTreeMap<String, Part>,
    /// Where it may send to.
    pub hosts: Hosts,
    /// Which host decides.
    pub pick: Pick,
    /// How it is done.
    pub way: Way,
    /// What replies mean.
    pub verdicts: Verdicts,
    /// Fields of the reply that say who the credential is: all that is kept of it.
    pub identity: BTreeMap<String, Place>,
    /// Whether an acceptance is held against a made-up credential of the same shape, because the provider is
    /// known to accept anything.
    pub control: bool,
    /// Days without use after which the provider ends such credentials: asking resets the clock.
    pub idle_days: Option<u32>,
    /// How the holder ends it.
    pub revoke: Option<Revocation>,
    /// A hash of its text: results of another version are not taken from the cache.
    pub version: u64,
}
