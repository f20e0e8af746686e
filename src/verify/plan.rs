//! Which findings are asked about, by which probe, and which need no question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::mechanisms;
use super::options::Options;
use super::parts::{self, Parts};
use super::request::{Base, Unasked, bases, request, shown};
use super::signers;
use crate::model::{Finding, Force, SignatureSet, Status, Verdict};
use crate::probes::{self, Probe, Way};

/// The name of a question: a keyed hash of the probe, its version, the hosts and all parts.
pub type Key = [u8; 32];

/// The probes of the signatures of a run, parsed.
#[derive(Debug, Default)]
pub struct Probes(BTreeMap<String, Arc<Probe>>);

impl Probes {
    /// The probes of these signatures alone: the others are not even parsed.
    ///
    /// # Errors
    /// A probe that cannot be used, or that names a signer or a mechanism that there is not.
    pub fn of<'s>(
        set: &SignatureSet,
        signatures: impl Iterator<Item = &'s str>,
    ) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        for id in signatures {
            let found = set.signatures.binary_search_by(|signature| (*signature.id).cmp(id));
            let Ok(at) = found else { continue };
            let signature = &set.signatures[at];
            let Some(text) = signature.probe.as_ref().filter(|_| !all.contains_key(id)) else {
                continue;
            };
            let wrong = |why: &str| format!("{}: probe `{}`: {why}", signature.file, text.id);
            let table = text.toml.parse().map_err(|_| wrong("is no TOML"))?;
            let probe = probes::parse(&table, &signature.file)
                .map_err(|fault| wrong(&fault.to_string()))?;
            check(&probe).map_err(|why| wrong(&why))?;
            all.insert(id.to_owned(), Arc::new(probe));
        }
        Ok(Self(all))
    }

    /// The probe of the first of a finding's signatures that has one.
    pub(super) fn of_finding(&self, finding: &Finding) -> Option<&Arc<Probe>> {
        finding.signatures.iter().find_map(|id| self.0.get(id))
    }

    /// All of them, by the signature.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Probe)> {
        self.0.iter().map(|(id, probe)| (id.as_str(), &**probe))
    }
}

/// What the language of probes cannot know: which signers and mechanisms there are.
fn check(probe: &Probe) -> Result<(), String> {
    match &probe.way {
        Way::Named(name, with) => {
            let known = mechanisms::named(name).map(|it| it.with()).unwrap_or_default();
            match with.keys().find(|key| !known.contains(&key.as_str())) {
                _ if mechanisms::named(name).is_none() => {
                    Err(format!("`way`: there is no `{name}`"))
                }
                Some(key) => Err(format!("`with`: `{name}` takes no `{key}`")),
                None => Ok(()),
            }
        }
        Way::Http(sends) => {
            let signed = sends.iter().filter_map(|send| send.sign.as_ref());
            match signed.into_iter().find(|(name, with)| !signers::knows(name, with)) {
                Some((name, _)) => {
                    Err(format!("`send.sign`: no signer `{name}` takes all of this"))
                }
                None => Ok(()),
            }
        }
    }
}

/// One question to a provider.
pub struct Question {
    /// Its name.
    pub key: Key,
    pub(super) probe: Arc<Probe>,
    pub(super) parts: Parts,
    pub(super) bases: Vec<Base>,
}

impl Question {
    /// The provider whose turn it is.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.probe.provider
    }

    /// What would be sent, one line a request, without the secret.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        let id = &self.probe.id;
        match &self.probe.way {
            Way::Named(name, with) => {
                let host = self.bases.first().map(|base| base.host.as_str());
                let show = |(key, template): (&String, &probes::template::Template)| {
                    format!("{key}={}", template.show(&|part| self.parts.shown(part)))
                };
                let with: Vec<String> = with.iter().map(show).collect();
                vec![format!("{id}: {name} {} {}", host.unwrap_or_default(), with.join(" "))]
            }
            Way::Http(sends) => {
                let lines = self.bases.iter().flat_map(|base| {
                    sends.iter().map(|send| format!("{id}: {}", shown(send, base, &self.parts)))
                });
                lines.collect()
            }
        }
    }
}

/// What is to be asked, and what is said already.
#[derive(Default)]
pub struct Plan {
    /// Each question once, however many findings wait for it, in the order of the first.
    pub questions: Vec<Question>,
    /// For each finding: the question that it waits for, or its verdict.
    pub settled: Vec<Result<Key, Box<Verdict>>>,
}

/// Plans for findings in the order of reports: those of one file stand together.
///
/// `key` names the questions; whoever does not have it learns nothing from a name. O(n) look-ups in the text
/// around each secret.
#[must_use]
pub fn plan(
    findings: &[&Finding],
    probes: &Probes,
    options: &Options,
    key: &[u8],
    now: jiff::Timestamp,
) -> Plan {
    // Versions of a file in a history are files of their own.
    let file = |finding: &Finding| (finding.path.clone(), Arc::clone(&finding.origin));
    let mut by_file: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_file.entry(file(finding)).or_default().push(finding);
    }
    let mut plan = Plan::default();
    let mut known = BTreeSet::new();
    for finding in findings {
        let question = offline(finding, now).map_or(Ok(()), Err).and_then(|()| {
            let probe = may_ask(finding, probes, options)?;
            asked(finding, &by_file[&file(finding)], probe, options, key, now)
        });
        plan.settled.push(question.map(|question| {
            let name = question.key;
            if known.insert(name) {
                plan.questions.push(question);
            }
            name
        }));
    }
    plan
}

/// What the credential says of itself.
fn offline(finding: &Finding, now: jiff::Timestamp) -> Option<Box<Verdict>> {
    if finding.facts.contains_key("canary") {
        return Some(Box::new(Verdict::of(Status::NotCheckable, Some("canary"))));
    }
    let end = finding.facts.get("expires_at")?.as_str()?;
    let over = end.parse::<jiff::Timestamp>().is_ok_and(|end| end < now);
    over.then(|| {
        Box::new(Verdict {
            force: Some(Force::Proof),
            evidence: Some(format!("expires_at {end}")),
            checked_at: Some(stamp(now)),
            ..Verdict::of(Status::Revoked, Some("expired"))
        })
    })
}

/// A moment as reports print it, to the second.
pub(super) fn stamp(now: jiff::Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn may_ask<'p>(
    finding: &Finding,
    probes: &'p Probes,
    options: &Options,
) -> Result<&'p Arc<Probe>, Box<Verdict>> {
    let not_checkable =
        |reason: &str| Err(Box::new(Verdict::of(Status::NotCheckable, Some(reason))));
    let Some(probe) = probes.of_finding(finding) else { return not_checkable("no-probe") };
    if !options.providers.is_empty() && !options.providers.contains(&probe.provider) {
        return Err(Box::new(Verdict::not_checked()));
    }
    if !probe.class.is_harmless() && !options.allowed.contains(&probe.id) {
        return not_checkable(&format!("off-by-default ({}: {})", probe.id, probe.class.name()));
    }
    Ok(probe)
}

fn asked(
    finding: &Finding,
    siblings: &[&Finding],
    probe: &Arc<Probe>,
    options: &Options,
    key: &[u8],
    now: jiff::Timestamp,
) -> Result<Question, Box<Verdict>> {
    let parts = parts::find(probe, finding, siblings).map_err(|lack| said(lack.into()))?;
    let endpoint = options.endpoints.get(&probe.provider);
    let bases = bases(probe, &parts, &options.policy, endpoint).map_err(said)?;
    // What cannot be written is told now, not when its turn has come.
    match (&probe.way, bases.first()) {
        (Way::Http(sends), Some(base)) => {
            request(&sends[0], base, &with_given(&parts, now), now).map_err(said)?;
        }
        (Way::Named(name, with), _) => {
            let with = filled(with, &with_given(&parts, now)).map_err(said)?;
            let refused = mechanisms::named(name).and_then(|mechanism| mechanism.refuses(&with));
            refused.map_or(Ok(()), |why| Err(said(Unasked::Refused(why))))?;
        }
        _ => {}
    }
    let name = name(key, probe, &parts, &bases);
    Ok(Question { key: name, probe: Arc::clone(probe), parts, bases })
}

/// The parameters of a mechanism.
pub(super) fn filled(
    with: &BTreeMap<String, probes::template::Template>,
    parts: &Parts,
) -> Result<mechanisms::With, Unasked> {
    let fill = |(name, template): (&String, &probes::template::Template)| {
        let text = template.fill(&|part| parts.get(part), probes::template::Encoding::None)?;
        Ok((name.clone(), text))
    };
    with.iter().map(fill).collect()
}

/// The parts that every request has.
pub(super) fn with_given(parts: &Parts, now: jiff::Timestamp) -> Parts {
    let mut parts = parts.clone();
    let random = |length: usize| {
        let mut bytes = vec![0; length];
        // Without randomness a number would be used twice: the provider refuses the request, nothing is lost.
        let _ = getrandom::fill(&mut bytes);
        bytes
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let id = random(16);
    let mut id = hex(&id);
    for at in [8, 13, 18, 23] {
        id.insert(at, '-');
    }
    parts.add("unix", now.as_second().to_string(), true);
    parts.add("unix_ms", now.as_millisecond().to_string(), true);
    // For requests that say until when they are good: five minutes.
    parts.add("soon", (now.as_second() + 300).to_string(), true);
    parts.add("iso", stamp(now), true);
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    parts.add("date", date, true);
    parts.add("uuid", id, true);
    parts.add("nonce", hex(&random(16)), true);
    parts
}

/// Why a question cannot be asked, as a verdict.
pub(super) fn said(why: Unasked) -> Box<Verdict> {
    let reason = match why {
        Unasked::Missing(part) => format!("missing-part ({part})"),
        Unasked::Bytes => "illegal-bytes".to_owned(),
        Unasked::Unnamed(host) => format!("host-not-named ({host})"),
        Unasked::Unsigned(why) => format!("unsigned ({why})"),
        Unasked::Refused(why) => why.to_owned(),
    };
    Box::new(Verdict::of(Status::NotCheckable, Some(&reason)))
}

fn name(key: &[u8], probe: &Probe, parts: &Parts, bases: &[Base]) -> Key {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    let mut put = |bytes: &[u8]| {
        mac.update(&(bytes.len() as u64).to_be_bytes());
        mac.update(bytes);
    };
    put(probe.id.as_bytes());
    put(&probe.version.to_be_bytes());
    bases.iter().for_each(|base| put(base.url.as_bytes()));
    for (name, value) in &parts.values {
        put(name.as_bytes());
        put(value.text.as_bytes());
    }
    mac.finalize().into_bytes().into()
}
