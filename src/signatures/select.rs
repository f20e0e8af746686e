//! Which signatures of a set a run uses.

use std::collections::BTreeSet;

use super::error::Error;
use super::load::{joined, parts};
use super::nearest::nearest;
use crate::model::SignatureSet;

/// What the user wants of a set.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// If any: these alone.
    pub enable: Vec<String>,
    /// Not these, whatever `enable` says.
    pub disable: Vec<String>,
}

/// The chosen signatures. An empty choice is the set as it is, at no cost; else the tables are made anew
/// (about 20 microseconds a signature).
///
/// # Errors
/// An id that the set has not (naming the nearest); a choice that leaves none.
pub fn select(set: SignatureSet, choice: &Selection) -> Result<SignatureSet, Error> {
    if choice.enable.is_empty() && choice.disable.is_empty() {
        return Ok(set);
    }
    let wanted = known(&set, &choice.enable)?;
    let unwanted = known(&set, &choice.disable)?;
    let kept: Vec<_> = parts(&set)
        .into_iter()
        .filter(|(signature, _)| wanted.is_empty() || wanted.contains(&*signature.id))
        .filter(|(signature, _)| !unwanted.contains(&*signature.id))
        .collect();
    if kept.is_empty() {
        return Err(Error::NoneLeft);
    }
    joined(kept)
}

fn known<'i>(set: &SignatureSet, ids: &'i [String]) -> Result<BTreeSet<&'i str>, Error> {
    let all = || set.signatures.iter().map(|signature| &*signature.id);
    for id in ids {
        if !all().any(|known| known == id) {
            let nearest = nearest(id, all()).unwrap_or_default().to_owned();
            return Err(Error::UnknownId { id: id.clone(), nearest });
        }
    }
    Ok(ids.iter().map(String::as_str).collect())
}
