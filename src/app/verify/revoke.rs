//! `leakspan revoke`: ends a credential at its provider, after it was said twice.

use std::io::Write as _;

use anyhow::{Context, bail, ensure};

use super::options::{VerifyOptions, client};
use super::store::Store;
use crate::app::gate::Exit;
use crate::app::options::Options;
use crate::app::scan::{scan, signature_set};
use crate::app::stop::Stop;
use crate::model::{Finding, Fingerprint};
use crate::text::printable;
use crate::verify::{Entry, Probes, Revoked, revocable, revoke as send};

/// What the user says.
#[derive(Clone, Debug)]
pub struct RevokeOptions {
    /// The finding, as the report prints it.
    pub fingerprint: Fingerprint,
    /// The same once more: then it is done.
    pub confirm: Option<Fingerprint>,
}

/// Finds the credential, prints the request that would end it, and sends it if the fingerprint was given a
/// second time. Where no call exists, or the bare credential cannot make it, says where its owner does it.
///
/// # Errors
/// A finding that is not there, a confirmation of another one.
pub fn revoke(
    revoking: &RevokeOptions,
    options: &Options,
    asked: &VerifyOptions,
) -> anyhow::Result<Exit> {
    let RevokeOptions { fingerprint, confirm } = revoking;
    if let Some(confirm) = confirm {
        ensure!(confirm == fingerprint, "--confirm names another fingerprint: nothing was sent");
    }
    let report = scan(options, &Stop::after(options.timeout))?;
    let wanted = |finding: &&Finding| finding.fingerprint == Some(*fingerprint);
    let all: Vec<&Finding> = report.findings.iter().chain(&report.suppressed).collect();
    let finding = all.iter().copied().find(wanted);
    let finding = finding
        .context("no finding has this fingerprint; is it the same key and the same target?")?;
    let (set, _) = signature_set(options)?;
    let ids = finding.signatures.iter().map(String::as_str);
    let probes = Probes::of(&set, ids).map_err(anyhow::Error::msg)?;
    let siblings: Vec<_> = all.iter().copied().filter(|it| it.path == finding.path).collect();
    let revocable = match revocable(finding, &siblings, &probes, &asked.room) {
        Ok(Some(revocable)) => revocable,
        Ok(None) => {
            return Ok(by_hand(
                finding,
                "its provider has no call that the credential itself can make",
            ));
        }
        Err(verdict) => return Ok(by_hand(finding, verdict.reason.as_deref().unwrap_or_default())),
    };
    let what = format!("{}: {}", revocable.probe, revocable.shown());
    if confirm.is_none() {
        return Ok(say(&format!(
            "{} at {}:{}\nwould be ended by this request, which cannot be taken back:\n  {what}\n\
             Nothing was sent. To do it, give the fingerprint a second time: --confirm {fingerprint}",
            finding.title,
            finding.path.display(),
            finding.line,
        )));
    }
    let mut store = Store::open(asked)?;
    let client = client(asked)?;
    let now = jiff::Timestamp::now();
    let done = send(&revocable, &client, now).context("nothing was sent")?;
    let reply = match done {
        Revoked::Done(status) => format!("revoked {status}"),
        Revoked::Refused(status) => format!("refused {status}"),
        Revoked::Unanswered(failure) => format!("unanswered {}", failure.name()),
    };
    store.parts().1.note(Entry {
        time: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        provider: revocable.provider.clone(),
        host: revocable.host().to_owned(),
        probe: format!("revoke {}", revocable.probe),
        reply: reply.clone(),
        verdict: "revoke".to_owned(),
    });
    let problems = store.close(now.as_second());
    if let Some(problem) = problems.first() {
        bail!("{reply}, and the record of it was not kept: {}", problem.detail);
    }
    match done {
        Revoked::Done(_) => Ok(say(&format!("{reply}: {what}"))),
        Revoked::Refused(_) | Revoked::Unanswered(_) => {
            let told = say(&format!("{reply}: {what}\nWhether it still works: leakspan verify"));
            Ok(if told == Exit::Clean { Exit::Incomplete } else { told })
        }
    }
}

/// Where the owner ends it.
fn by_hand(finding: &Finding, why: &str) -> Exit {
    let place = finding.revoke.as_deref().unwrap_or("the provider's console");
    let told = say(&format!("{} is ended by hand, at {place}: {why}", finding.title));
    if told == Exit::Clean { Exit::Incomplete } else { told }
}

fn say(text: &str) -> Exit {
    let text: String = text.lines().map(|line| printable(line) + "\n").collect();
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => Exit::Clean,
        Err(_) => Exit::BrokenPipe,
    }
}
