//! Names every finding by its secret.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::model::{Finding, Fingerprint, FingerprintKey, SecretBytes};

/// Sets the fingerprint of every finding.
///
/// A secret that stands in many places is named once: under a public salt a name costs milliseconds.
/// A handful is named on this thread, more on all cores.
pub fn name_all<'f>(key: &FingerprintKey, findings: impl Iterator<Item = &'f mut Finding>) {
    let mut findings: Vec<&mut Finding> = findings.collect();
    let names = names(key, findings.iter().map(|finding| &finding.secret));
    for finding in &mut findings {
        finding.fingerprint = names.get(&finding.secret).copied();
    }
}

/// The name of each distinct secret.
pub fn names<'s>(
    key: &FingerprintKey,
    secrets: impl Iterator<Item = &'s SecretBytes>,
) -> BTreeMap<SecretBytes, Fingerprint> {
    let mut distinct: Vec<&SecretBytes> = secrets.collect();
    distinct.sort();
    distinct.dedup();
    let name = |secret: &&SecretBytes| ((*secret).clone(), key.fingerprint(secret.reveal()));
    let dear = matches!(key, FingerprintKey::PublicSalt(_)) && distinct.len() > 2;
    if dear {
        distinct.par_iter().map(name).collect::<Vec<_>>().into_iter().collect()
    } else {
        distinct.iter().map(name).collect()
    }
}
