//! Ending a credential by its own means, where its provider has a call for that.

use super::options::Options;
use super::parts;
use super::plan::{Probes, said, with_given};
use super::request::{Base, bases, request, shown};
use crate::model::{Finding, Reply, Verdict};
use crate::net::{Client, Failure};
use crate::probes::clause::Seen;
use crate::probes::judge::kept;
use crate::probes::{Revocation, Send, Way};

/// A credential that can be ended.
pub struct Revocable {
    revocation: Revocation,
    /// What the probe asks, for values of the replies that the request needs.
    steps: Vec<Send>,
    parts: parts::Parts,
    base: Base,
    /// The provider.
    pub provider: String,
    /// The probe that knows how.
    pub probe: String,
}

impl Revocable {
    /// The request that would end it, without the secret.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.revocation.send, &self.base, &self.parts)
    }

    /// Where it goes.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.base.host
    }
}

/// What the provider said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It is done, as the probe can tell.
    Done(u16),
    /// The provider answered something else.
    Refused(u16),
    /// Nothing came back: whether it is done is not known.
    Unanswered(Failure),
}

/// How a finding can be ended by itself; `Ok(None)`: its provider has no call for that.
///
/// # Errors
/// A verdict that says what is missing.
pub fn revocable(
    finding: &Finding,
    siblings: &[&Finding],
    probes: &Probes,
    options: &Options,
) -> Result<Option<Revocable>, Box<Verdict>> {
    let Some(probe) = probes.of_finding(finding) else { return Ok(None) };
    let Some(revocation) = &probe.revoke else { return Ok(None) };
    let parts = parts::find(probe, finding, siblings).map_err(|lack| said(lack.into()))?;
    let endpoint = options.endpoints.get(&probe.provider);
    let bases = bases(probe, &parts, &options.policy, endpoint).map_err(said)?;
    let Some(base) = bases.into_iter().next() else { return Ok(None) };
    let steps = match &probe.way {
        Way::Http(sends) => sends.clone(),
        Way::Named(..) => Vec::new(),
    };
    let (provider, probe) = (probe.provider.clone(), probe.id.clone());
    Ok(Some(Revocable { revocation: revocation.clone(), steps, parts, base, provider, probe }))
}

/// Ends it. The request is sent once, whatever comes of it.
///
/// # Errors
/// The request cannot be written, or the system gives no runtime.
pub fn revoke(
    revocable: &Revocable,
    client: &Client,
    now: jiff::Timestamp,
) -> std::io::Result<Revoked> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(sent(revocable, client, now))
}

async fn sent(
    revocable: &Revocable,
    client: &Client,
    now: jiff::Timestamp,
) -> std::io::Result<Revoked> {
    let Revocable { revocation, steps, parts, base, .. } = revocable;
    let mut parts = parts.clone();
    let written = |send: &Send, parts: &parts::Parts| {
        request(send, base, &with_given(parts, now), now)
            .map_err(|_| std::io::Error::other("the request cannot be written"))
    };
    let mut ending = written(&revocation.send, &parts);
    for step in steps {
        if ending.is_ok() {
            break;
        }
        match client.send(&written(step, &parts)?, base.reach).await {
            Ok(reply) => {
                let values =
                    step.keep.iter().filter_map(|(name, place)| Some((name, kept(place, &reply)?)));
                values.for_each(|(name, value)| parts.add(name, value, false));
            }
            Err(failure) => return Ok(Revoked::Unanswered(failure)),
        }
        ending = written(&revocation.send, &parts);
    }
    Ok(match client.send(&ending?, base.reach).await {
        Ok(reply) if is_done(revocation, &reply) => Revoked::Done(reply.status),
        Ok(reply) => Revoked::Refused(reply.status),
        Err(failure) => Revoked::Unanswered(failure),
    })
}

fn is_done(revocation: &Revocation, reply: &Reply) -> bool {
    let seen = Seen::new(reply);
    !seen.is_html() && revocation.done.iter().any(|clause| clause.holds(&seen))
}
