//! Hand-written matchers, for what a pattern in a window cannot do well or fast.
//!
//! To add one: a file with a [`Matcher`], a row in [`MATCHERS`], and a signature with `matcher = "name"`.

mod agents;
mod anchors;
pub(in crate::engine) mod assignment;
mod basic_login;
mod call_login;
mod command_line;
mod connection_string;
mod json;
mod jwk;
mod kubernetes;
mod matcher;
mod named_value;
pub(in crate::engine) mod names;
mod nkey;
mod pem;
pub(in crate::engine) mod style;
mod url_login;
mod values;
mod weak_password;
mod words;

pub use assignment::{Refusal, Refused};
pub use matcher::{Hit, Matcher, REACH};

/// Every hand-written matcher, by its name in signature files.
pub const MATCHERS: &[&dyn Matcher] = &[
    &assignment::Assignment,
    &url_login::UrlLogin,
    &pem::Pem,
    &jwk::Jwk,
    &kubernetes::KubernetesSecret,
    &agents::DockerAuths,
    &agents::McpServers,
    &connection_string::ConnectionString,
    &command_line::CommandLine,
    &call_login::CallLogin,
    &basic_login::BasicLogin,
    &named_value::NamedValue,
    &nkey::Nkey,
    &weak_password::WeakPassword,
];

/// The matcher of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Matcher> {
    MATCHERS.iter().copied().find(|matcher| matcher.name() == name)
}
