//! What is wrong with signatures beyond what stops them from loading.

use super::file::Entry;
use super::samples::Samples;
use crate::model::{Matcher, Signature};

/// Fewest templates of each sort.
const FEWEST_ACCEPT: usize = 2;
const FEWEST_REJECT: usize = 1;

/// A thing that is wrong with a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Complaint {
    /// Too few samples to say that it works.
    #[error(
        "{id}: {accept} accept and {reject} reject templates, at least {FEWEST_ACCEPT} and {FEWEST_REJECT} are needed"
    )]
    FewSamples {
        /// Which signature.
        id: String,
        /// How many it has.
        accept: usize,
        /// How many it has.
        reject: usize,
    },
    /// A proof that the engine has not.
    #[error("{id}: no proof is called `{name}`")]
    UnknownProof {
        /// Which signature.
        id: String,
        /// The name.
        name: String,
    },
    /// A matcher that the engine has not.
    #[error("{id}: no matcher is called `{name}`")]
    UnknownMatcher {
        /// Which signature.
        id: String,
        /// The name.
        name: String,
    },
    /// A template that cannot be filled.
    #[error("{id}: template {template:?}: {error}")]
    Template {
        /// Which signature.
        id: String,
        /// The template.
        template: String,
        /// Why.
        error: super::samples::Error,
    },
}

/// What names the engine knows.
pub struct Names<'n> {
    /// Whether there is such a proof.
    pub proof: &'n dyn Fn(&str) -> bool,
    /// Whether there is such a matcher.
    pub matcher: &'n dyn Fn(&str) -> bool,
}

/// Complaints about one signature that need no scan.
#[must_use]
pub fn lint(signature: &Signature, samples: &Samples, names: &Names<'_>) -> Vec<Complaint> {
    let id = || signature.id.clone().into_owned();
    let mut complaints = Vec::new();
    let (accept, reject) = (samples.accept.len(), samples.reject.len());
    // An imported rule brings none.
    let imported = matches!(signature.matcher, Matcher::Rule(_));
    if !imported && (accept < FEWEST_ACCEPT || reject < FEWEST_REJECT) {
        complaints.push(Complaint::FewSamples { id: id(), accept, reject });
    }
    if let Matcher::Named(name) = &signature.matcher
        && !(names.matcher)(name)
    {
        let name = name.clone().into_owned();
        complaints.push(Complaint::UnknownMatcher { id: id(), name });
    }
    for name in signature.proofs.iter().filter(|name| !(names.proof)(name)) {
        let name = name.clone().into_owned();
        complaints.push(Complaint::UnknownProof { id: id(), name });
    }
    complaints
}

/// The templates of loaded entries.
#[must_use]
pub fn samples_of(entries: &[Entry]) -> Vec<Samples> {
    entries
        .iter()
        .map(|entry| Samples {
            id: entry.signature.id.clone().into_owned(),
            accept: entry.accept.clone(),
            reject: entry.reject.clone(),
            overlaps: entry.overlaps.clone(),
        })
        .collect()
}
