//! What signs a request that is otherwise ready, by name.
//!
//! To add one: a file with a function and a row in [`SIGNERS`].

mod aws_sigv4;
mod azure_sharedkey;
mod digest;
mod google_jwt;
mod with;

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::model::Request;
pub(super) use with::With;

/// What a signer does.
enum Signer {
    /// Adds to a request that is otherwise ready: a header, a field of the body.
    Whole(fn(&mut Request, &With, jiff::Timestamp) -> Result<(), &'static str>),
    /// Makes the part `signature`, which the request then has a place for.
    Part(fn(&With) -> Result<Zeroizing<String>, &'static str>),
}

/// Every signer and its parameters.
const SIGNERS: &[(&str, &[&str], Signer)] = &[
    ("aws-sigv4", aws_sigv4::WITH, Signer::Whole(aws_sigv4::sign)),
    ("azure-sharedkey", azure_sharedkey::WITH, Signer::Whole(azure_sharedkey::sign)),
    ("digest", digest::WITH, Signer::Part(digest::made)),
    ("google-jwt", google_jwt::WITH, Signer::Whole(google_jwt::sign)),
];

fn named(name: &str) -> Result<&'static Signer, &'static str> {
    let found = SIGNERS.iter().find(|(own, ..)| *own == name);
    found.map(|(.., signer)| signer).ok_or("there is no such signer")
}

/// The part that a signer makes before the request is filled in, if it is one that does.
///
/// # Errors
/// What the signer lacks, in words without the secret.
pub(super) fn part(name: &str, with: &With) -> Result<Option<Zeroizing<String>>, &'static str> {
    match named(name)? {
        Signer::Part(made) => made(with).map(Some),
        Signer::Whole(_) => Ok(None),
    }
}

/// Signs a request that is filled in, if the signer is one that does.
///
/// # Errors
/// What the signer lacks, in words without the secret.
pub(super) fn sign(
    name: &str,
    request: &mut Request,
    with: &With,
    now: jiff::Timestamp,
) -> Result<(), &'static str> {
    match named(name)? {
        Signer::Whole(sign) => sign(request, with, now),
        Signer::Part(_) => Ok(()),
    }
}

/// Whether there is such a signer, and it takes these parameters.
pub(super) fn knows(
    name: &str,
    given: &BTreeMap<String, crate::probes::template::Template>,
) -> bool {
    let signer = SIGNERS.iter().find(|(own, ..)| *own == name);
    signer.is_some_and(|(_, known, _)| given.keys().all(|name| known.contains(&name.as_str())))
}
