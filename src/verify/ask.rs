//! One question from its first request to its verdict.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::journal::{Entry, Journal};
use super::mechanisms::{self, Means};
use super::parts::Parts;
use super::plan::{Question, filled, said, stamp, with_given};
use super::request::{Base, Unasked, request};
use crate::model::{Reply, Status, Verdict};
use crate::net::{Client, Failure, Pace};
use crate::probes::{
    Class, Pick, Probe, Send, Way, judge, judge::identity, judge::kept, judge::retry_after,
};

/// What all questions of a run share.
pub(super) struct Shared<'r> {
    pub(super) client: &'r Client,
    pub(super) pace: Pace,
    /// Requests that may still be sent.
    pub(super) budget: Cell<u64>,
    pub(super) journal: RefCell<&'r mut dyn Journal>,
    pub(super) clock: &'r dyn Fn() -> jiff::Timestamp,
}

/// What came of one host, or of all.
#[derive(Debug)]
pub(super) enum Told {
    /// The provider said something.
    Verdict(Verdict),
    /// It wants to be asked later.
    Throttled(Option<u64>),
    /// Nothing came back.
    Failed(Failure),
    /// No request may be sent any more.
    Spent,
}

/// Asks.
pub(super) async fn ask(question: &Question, shared: &Shared<'_>) -> Told {
    let probe = &*question.probe;
    let Way::Http(sends) = &probe.way else {
        return by_mechanism(question, shared).await;
    };
    let mut refused: Option<Verdict> = None;
    let mut unclear: Option<Told> = None;
    for base in &question.bases {
        let told = at_host(probe, sends, base, &question.parts, shared).await;
        let Told::Verdict(verdict) = told else {
            // One host that says nothing keeps the others from having the last word.
            if matches!(told, Told::Spent | Told::Throttled(_)) || question.bases.len() == 1 {
                return told;
            }
            unclear = Some(told);
            continue;
        };
        match verdict.status {
            Status::Revoked if probe.pick == Pick::AllMustDeny => {
                let weaker = |other: &Verdict| other.force < verdict.force;
                refused = Some(refused.filter(weaker).unwrap_or(verdict));
            }
            Status::Unknown if probe.pick == Pick::AllMustDeny => {
                unclear = Some(Told::Verdict(verdict));
            }
            _ => return Told::Verdict(verdict),
        }
    }
    unclear.or(refused.map(Told::Verdict)).unwrap_or(Told::Failed(Failure::Unsendable))
}

async fn at_host(
    probe: &Probe,
    sends: &[Send],
    base: &Base,
    parts: &Parts,
    shared: &Shared<'_>,
) -> Told {
    let reply = match exchange(probe, sends, base, parts, shared).await {
        Ok(reply) => reply,
        Err(told) => return told,
    };
    let told = judged(probe, &base.host, &reply, parts, shared);
    let Told::Verdict(accepted) = &told else { return told };
    if !(probe.control && accepted.status.works()) {
        return told;
    }
    // A provider that accepts what was never issued has said nothing.
    match exchange(probe, sends, base, &made_up(probe, parts), shared).await {
        Ok(reply) => match judged(probe, &base.host, &reply, parts, shared) {
            Told::Verdict(other) if other.status.works() => Told::Verdict(Verdict {
                identity: Default::default(),
                ..unknown("accepts-anything", accepted)
            }),
            Told::Verdict(_) => told,
            other => other,
        },
        Err(trouble) => trouble,
    }
}

fn unknown(reason: &str, from: &Verdict) -> Verdict {
    Verdict {
        status: Status::Unknown,
        reason: Some(reason.to_owned()),
        force: None,
        ..from.clone()
    }
}

/// All steps; the reply that is judged.
async fn exchange(
    probe: &Probe,
    sends: &[Send],
    base: &Base,
    parts: &Parts,
    shared: &Shared<'_>,
) -> Result<Reply, Told> {
    let mut parts = parts.clone();
    for (at, send) in sends.iter().enumerate() {
        let now = (shared.clock)();
        let request = request(send, base, &with_given(&parts, now), now);
        let request = request.map_err(|why: Unasked| Told::Verdict(*said(why)))?;
        let last = at + 1 == sends.len();
        let sending = shared.client.send(&request, base.reach);
        let reply = paced(probe, &base.host, last, shared, sending).await?;
        for (name, place) in send.keep.iter().filter(|_| !last) {
            match kept(place, &reply) {
                Some(value) => parts.add(name, value, false),
                None => return Ok(reply),
            }
        }
        if last {
            return Ok(reply);
        }
    }
    Err(Told::Failed(Failure::Unsendable))
}

/// Sends one request when its time has come, and takes note of it. `last`: whether its reply is judged.
async fn paced(
    probe: &Probe,
    host: &str,
    last: bool,
    shared: &Shared<'_>,
    sending: impl Future<Output = Result<Reply, Failure>>,
) -> Result<Reply, Told> {
    let Some(left) = shared.budget.get().checked_sub(1) else { return Err(Told::Spent) };
    shared.budget.set(left);
    shared.pace.wait(&format!("{} {host}", probe.provider)).await;
    let time = stamp((shared.clock)());
    let reply = sending.await;
    let what = match &reply {
        Ok(reply) if reply.status == 0 => reply.header("event").unwrap_or_default().to_owned(),
        Ok(reply) => reply.status.to_string(),
        Err(failure) => failure.name().to_owned(),
    };
    let verdict = match &reply {
        Ok(_) if !last => "step",
        Ok(reply) => judge(probe, reply).status.name(),
        Err(_) => Status::Unknown.name(),
    };
    let entry = Entry {
        time,
        provider: probe.provider.clone(),
        host: host.to_owned(),
        probe: probe.id.clone(),
        reply: what,
        verdict: verdict.to_owned(),
    };
    shared.journal.borrow_mut().note(entry);
    reply.map_err(|failure| match failure {
        Failure::Unsendable => Told::Verdict(*said(Unasked::Bytes)),
        other => Told::Failed(other),
    })
}

/// At the probe's one host, or wherever the mechanism itself leads.
async fn by_mechanism(question: &Question, shared: &Shared<'_>) -> Told {
    let Question { probe, parts, .. } = question;
    let told = login(question, parts, shared).await;
    let Told::Verdict(accepted) = &told else { return told };
    if !(probe.control && accepted.status.works()) {
        return told;
    }
    // The same as at an HTTP provider: who accepts a made-up password has said nothing.
    match login(question, &made_up(probe, parts), shared).await {
        Told::Verdict(other) if other.status.works() => Told::Verdict(Verdict {
            identity: Default::default(),
            ..unknown("accepts-anything", accepted)
        }),
        Told::Verdict(_) => told,
        other => other,
    }
}

async fn login(question: &Question, parts: &Parts, shared: &Shared<'_>) -> Told {
    let probe = &*question.probe;
    let Way::Named(name, with) = &probe.way else { return Told::Failed(Failure::Unsendable) };
    let Some(mechanism) = mechanisms::named(name) else { return Told::Failed(Failure::Unsendable) };
    let now = (shared.clock)();
    let with = match filled(with, &with_given(parts, now)) {
        Ok(with) => with,
        Err(why) => return Told::Verdict(*said(why)),
    };
    let base = question.bases.first();
    let means = Means { client: shared.client, base, with: &with };
    let host = base.map_or(probe.provider.as_str(), |base| base.host.as_str());
    let asking = async {
        let asking = mechanism.ask(&means);
        let told = tokio::time::timeout(shared.client.timeout(), asking).await;
        told.unwrap_or(Err(Failure::Timeout))
    };
    // What sends nothing has no turn to wait for and leaves no line.
    let told = match probe.class {
        Class::Offline => asking.await.map_err(Told::Failed),
        _ => paced(probe, host, true, shared, asking).await,
    };
    match told {
        Ok(reply) => judged(probe, host, &reply, parts, shared),
        Err(told) => told,
    }
}

fn judged(probe: &Probe, host: &str, reply: &Reply, parts: &Parts, shared: &Shared<'_>) -> Told {
    let now = (shared.clock)();
    let judged = judge(probe, reply);
    let later = retry_after(reply, u64::try_from(now.as_second()).unwrap_or(0));
    let asked_to_wait = reply.status == 429 || reply.header("retry-after").is_some();
    let throttled = asked_to_wait || judged.reason == Some("rate-limited");
    if judged.status == Status::Unknown && throttled {
        return Told::Throttled(later);
    }
    let mut known = BTreeMap::new();
    if judged.status.works() {
        known = identity(&probe.identity, reply);
        // Some replies repeat what they were asked with.
        known.retain(|_, value| !parts.stand_in(&value.to_string()));
    }
    Told::Verdict(Verdict {
        force: judged.force,
        probe: Some(probe.id.clone()),
        host: Some(host.to_owned()),
        evidence: Some(judged.evidence),
        identity: known,
        retry_after: later.filter(|_| judged.status == Status::Unknown),
        checked_at: Some(stamp(now)),
        ..Verdict::of(judged.status, judged.reason)
    })
}

/// The same parts with made-up ones in place of the secret: letters for letters, digits for digits.
fn made_up(probe: &Probe, parts: &Parts) -> Parts {
    let mut made = parts.clone();
    for (name, part) in &probe.parts {
        let secret = part.secret || part.template.is_some() || !part.signatures.is_empty();
        if let Some(value) = made.values.get_mut(name).filter(|_| secret) {
            let mut random = vec![0; value.text.len()];
            let _ = getrandom::fill(&mut random);
            // Each sign becomes another one, or a short password could come out as it was.
            let moved = |c: char, first: u8, count: u8, random: u8| {
                (first + (c as u8 - first + 1 + random % (count - 1)) % count) as char
            };
            let other = |(c, random): (char, u8)| match c {
                'a'..='z' => moved(c, b'a', 26, random),
                'A'..='Z' => moved(c, b'A', 26, random),
                '0'..='9' => moved(c, b'0', 10, random),
                other => other,
            };
            value.text = Zeroizing::new(value.text.chars().zip(random).map(other).collect());
        }
    }
    made
}

/// The least that can be said when no host was clear.
pub(super) fn unanswered(
    reason: &str,
    probe: &Probe,
    retry_after: Option<u64>,
    now: jiff::Timestamp,
) -> Verdict {
    Verdict {
        probe: Some(probe.id.clone()),
        checked_at: Some(stamp(now)),
        retry_after,
        ..Verdict::of(Status::Unknown, Some(reason))
    }
}
