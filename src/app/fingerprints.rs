//! Names every finding by its secret.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::stop::Stop;
use crate::model::{Finding, Fingerprint, FingerprintKey, SecretBytes};

/// Sets the fingerprint of every finding.
///
/// A secret that stands in many places is named once: under a public salt a name costs milliseconds.
/// A handful is named on this thread, more on all cores. When the scan is to stop, the rest keeps no name.
pub fn name_all<'f>(
    key: &FingerprintKey,
    findings: impl Iterator<Item = &'f mut Finding>,
    stop: &Stop,
) {
    let mut findings: Vec<&mut Finding> = findings.collect();
    let names = names(key, findings.iter().map(|finding| &finding.secret), stop);
    for finding in &mut findings {
        finding.fingerprint = names.get(&finding.secret).copied();
    }
}

/// The name of each distinct secret; of fewer when the scan is to stop before.
pub fn names<'s>(
    key: &FingerprintKey,
    secrets: impl Iterator<Item = &'s SecretBytes>,
    stop: &Stop,
) -> BTreeMap<SecretBytes, Fingerprint> {
    let mut distinct: Vec<&SecretBytes> = secrets.collect();
    distinct.sort();
    distinct.dedup();
    let dear = matches!(key, FingerprintKey::PublicSalt(_));
    let name = |secret: &&SecretBytes| {
        // Under a secret key all of them cost less than a glance at the clock is worth.
        let go_on = !(dear && stop.stopped());
        go_on.then(|| ((*secret).clone(), key.fingerprint(secret.reveal())))
    };
    if dear && distinct.len() > 2 {
        distinct.par_iter().filter_map(name).collect::<Vec<_>>().into_iter().collect()
    } else {
        distinct.iter().filter_map(name).collect()
    }
}
