//! `leakspan suppress`: somebody answers for a secret until a date.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use jiff::civil::Date;

use super::options::{Options, Target};
use super::output::to_shared_file;
use super::salt::new_salt;
use super::scan::{Rules, scan};
use super::stop::Stop;
use super::suppressions::{Entry, with_entry};
use crate::config::{Trust, regular_text};
use crate::model::{Fingerprint, FingerprintKey, SecretBytes};

/// What `leakspan suppress` is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// As the report prints it.
    pub fingerprint: Fingerprint,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Date,
}

/// Writes the entry.
///
/// `translate` is asked for the fingerprint under a new salt where there is no file yet: what the user
/// has seen was keyed with another one. Where it does not know the secret, the file keeps the salt that
/// the user's fingerprint was made with.
///
/// # Errors
/// A request without an owner, a reason or a day to come, and a file that cannot be written.
pub fn record(
    file: &Path,
    request: &Request,
    today: Date,
    old_salt: &[u8],
    translate: impl FnOnce(&[u8]) -> anyhow::Result<Option<Fingerprint>>,
) -> anyhow::Result<()> {
    for (name, value) in [("--owner", &request.owner), ("--reason", &request.reason)] {
        ensure!(!value.trim().is_empty(), "{name} is empty");
        ensure!(!value.chars().any(char::is_control), "{name} holds a control character");
    }
    if request.until < today {
        bail!("--until {} is over already", request.until);
    }
    let Request { fingerprint, owner, reason, until } = request.clone();
    let mut entry = Entry { fingerprint, owner, reason, until };
    let exists = file.symlink_metadata().is_ok();
    let text = if exists {
        regular_text(file, Trust::Harmless)
            .with_context(|| format!("cannot read {}", file.display()))?
    } else {
        String::new()
    };
    let mut salt = old_salt.to_vec();
    if !exists {
        let fresh = new_salt()?;
        if let Some(fingerprint) = translate(&fresh)? {
            entry.fingerprint = fingerprint;
            salt = fresh;
        }
    }
    let text = with_entry(&text, &salt, &entry)
        .with_context(|| format!("in the suppressions {}", file.display()))?;
    to_shared_file(file, text.as_bytes())
        .with_context(|| format!("cannot write {}", file.display()))
}

/// `leakspan suppress`: writes the entry and says in a sentence what it did.
///
/// Where there is no file yet, the target and what is staged in it are scanned for the secret, to name
/// it under the new salt.
///
/// # Errors
/// As [`record`], and what stops a scan.
pub fn command(file: &Path, request: &Request, options: &Options) -> anyhow::Result<String> {
    let rules = Rules::open(options)?;
    let old_salt = match &rules.key {
        FingerprintKey::PublicSalt(salt) => salt.clone(),
        FingerprintKey::Secret(_) => FingerprintKey::CONSTANT_SALT.to_vec(),
    };
    let translate = |fresh: &[u8]| match &rules.key {
        // A secret key stays what it is; the salt of the file is not used.
        FingerprintKey::Secret(_) => Ok(Some(request.fingerprint)),
        FingerprintKey::PublicSalt(_) => {
            let secret = find_secret(request.fingerprint, options)?;
            let key = FingerprintKey::PublicSalt(fresh.to_vec());
            Ok(secret.map(|secret| key.fingerprint(secret.reveal())))
        }
    };
    record(file, request, options.today, &old_salt, translate)?;
    let shown = file.display();
    Ok(format!("{shown}: suppressed until {}, {} answers for it", request.until, request.owner))
}

/// The secret of a fingerprint, in the target or in what is staged in its repository.
fn find_secret(wanted: Fingerprint, options: &Options) -> anyhow::Result<Option<SecretBytes>> {
    let stop = Stop::after(options.timeout);
    let find = |options: &Options| {
        let report = scan(options, &stop)?;
        let mut all = report.findings.into_iter().chain(report.suppressed);
        anyhow::Ok(all.find(|f| f.fingerprint == Some(wanted)).map(|f| f.secret))
    };
    if let Some(secret) = find(options)? {
        return Ok(Some(secret));
    }
    let staged = Target::Staged(options.target.place().to_path_buf());
    // Outside of a repository nothing is staged.
    Ok(find(&Options { target: staged, ..options.clone() }).unwrap_or_default())
}
