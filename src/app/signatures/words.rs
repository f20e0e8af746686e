//! What a signature finds, in words, and a sample of it.

use super::check::Locator;
use crate::model::{Matcher, Signature};
use crate::signatures::describe;
use crate::signatures::samples::{self, Samples};

/// The hand-written matchers, by name.
const MATCHERS: &[(&str, &str)] = &[
    (
        "assignment",
        "a name that promises a credential (`password`, `token`, `api_key`), an operator, and a value",
    ),
    (
        "basic-login",
        "`Basic` and the base64 of user and password, and HTTP clients that are given both",
    ),
    ("call-login", "a call that logs in, with user and password as its arguments"),
    (
        "command-line",
        "options of commands that take a password or a token, and logins in SQL statements",
    ),
    (
        "connection-string",
        "a connection string (`Server=…;User Id=…;Password=…`) with its password",
    ),
    (
        "docker-auths",
        "the `auths` of a container client's configuration: base64 of user and password",
    ),
    ("jwk", "a JSON Web Key with its private part (`d`, or `k` of a symmetric one)"),
    (
        "kubernetes-secret",
        "the values below `data` and `stringData` of a manifest of the kind Secret",
    ),
    (
        "mcp-servers",
        "the environment, headers and arguments of an agent's tool servers: values of names that promise a credential",
    ),
    ("named-value", "a name that promises a credential on one line, its value on the next"),
    ("nkey", "a seed of NATS (`S`, the kind, base32) with its checksum"),
    ("pem", "an armoured block from `-----BEGIN` to `-----END`, however its lines are joined"),
    ("url-login", "a URL with user and password before its host"),
    ("weak-password", "a name that promises a password, and a value that someone made up"),
];

/// What the signature looks for, and what it asks of the secret.
pub(super) fn of(signature: &Signature) -> String {
    let mut text = match &signature.matcher {
        Matcher::Named(name) => match MATCHERS.iter().find(|(known, _)| known == name) {
            Some((_, words)) => (*words).to_owned(),
            None => format!("what the matcher {name} finds"),
        },
        Matcher::Rule(rule) => match &rule.path {
            Some(path) if rule.pattern.is_none() => format!("files whose path matches `{path}`"),
            _ => "what the pattern of the rule finds in the whole text".to_owned(),
        },
        Matcher::Pattern(pattern) => {
            describe(signature).unwrap_or_else(|| format!("what `{pattern}` matches"))
        }
    };
    let mut asked = Vec::new();
    if signature.require_digit {
        asked.push("holds a digit".to_owned());
    }
    if signature.min_entropy > 0.0 {
        asked.push(format!("has {} bits of entropy a byte or more", signature.min_entropy));
    }
    if !signature.proofs.is_empty() {
        asked.push(format!("passes {}", signature.proofs.join(" and ")));
    }
    if !asked.is_empty() {
        text.push_str(&format!("; the secret {}", asked.join(", ")));
    }
    if let Some(pair) = signature.pair.as_ref().filter(|pair| pair.required) {
        text.push_str(&format!("; {} stands within {} bytes", pair.with, pair.within));
    }
    text
}

/// The first of its samples, made up, with its checksums right; `None` where it has none.
#[must_use]
pub fn sample(signature: &Signature, samples: &Samples) -> Option<String> {
    let template = samples.accept.first()?;
    let locator = Locator::of(signature)?;
    let seed = samples::seed(&signature.id, 0, 0);
    samples::render_sealed(template, seed, &mut |text| locator.sealed(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::MATCHERS;
    use crate::engine::matchers;

    #[test]
    fn every_matcher_has_words() {
        let mut names: Vec<&str> = matchers::MATCHERS.iter().map(|it| it.name()).collect();
        names.sort_unstable();
        assert_eq!(MATCHERS.iter().map(|it| it.0).collect::<Vec<_>>(), names);
    }
}
