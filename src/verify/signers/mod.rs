//! What signs a request that is otherwise ready, by name.
//!
//! To add one: a file with a function and a row in [`SIGNERS`].

mod aws_sigv4;
mod azure_sharedkey;
mod google_jwt;
mod with;

use std::collections::BTreeMap;

use crate::model::Request;
use with::With;

/// Adds what proves who asks: a header, a field of the body.
type Signer = fn(&mut Request, &With, jiff::Timestamp) -> Result<(), &'static str>;

/// Every signer and its parameters.
const SIGNERS: &[(&str, &[&str], Signer)] = &[
    ("aws-sigv4", aws_sigv4::WITH, aws_sigv4::sign),
    ("azure-sharedkey", azure_sharedkey::WITH, azure_sharedkey::sign),
    ("google-jwt", google_jwt::WITH, google_jwt::sign),
];

/// Signs a request.
///
/// # Errors
/// What the signer lacks, in words without the secret.
pub(super) fn sign(
    name: &str,
    request: &mut Request,
    with: &With,
    now: jiff::Timestamp,
) -> Result<(), &'static str> {
    let (.., signer) =
        SIGNERS.iter().find(|(own, ..)| *own == name).ok_or("there is no such signer")?;
    signer(request, with, now)
}

/// Whether there is such a signer, and it takes these parameters.
pub(super) fn knows(
    name: &str,
    given: &BTreeMap<String, crate::probes::template::Template>,
) -> bool {
    let signer = SIGNERS.iter().find(|(own, ..)| *own == name);
    signer.is_some_and(|(_, known, _)| given.keys().all(|name| known.contains(&name.as_str())))
}
