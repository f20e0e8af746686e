//! From a reply to an answer.
//!
//! Order: 1. clauses with a condition on body or header, as live, limited, revoked; 2. unknown clauses;
//! 3. clauses of a bare status, in the same order; 4. unknown. So a specific `429 insufficient_quota` beats
//! the general 429. Over all of it stand rules that no probe can lift: a page for people, a redirect, a 429
//! and a 5xx never mean live, nor that a credential was refused.

use std::collections::BTreeMap;

use serde_json::Value;

use super::clause::{Clause, Seen, written};
use super::probe::{Basis, Place, Probe, Verdicts};
use crate::model::{Force, Reply, Status};

/// Most bytes of a value that is kept.
const LONGEST_VALUE: usize = 256;
/// Most values of a list that are kept.
const MOST_VALUES: usize = 64;

/// What a reply means.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The answer.
    pub status: Status,
    /// How much a refusal proves.
    pub force: Option<Force>,
    /// Why: a word of [`super::clause::REASONS`], or `blocked`, `redirect`, `ambiguous`, `untested`.
    pub reason: Option<&'static str>,
    /// The status code and the clause that decided.
    pub evidence: String,
}

/// Judges the last reply of a probe.
#[must_use]
pub fn judge(probe: &Probe, reply: &Reply) -> Judged {
    let seen = Seen::new(reply);
    let (judged, clause) = by_clauses(&probe.verdicts, &seen);
    let judged = bounded(judged, clause, &seen);
    if probe.basis == Basis::Guess
        && judged.status == Status::Revoked
        && judged.force != Some(Force::Proof)
    {
        return Judged { status: Status::Unknown, force: None, reason: Some("untested"), ..judged };
    }
    judged
}

/// The answer of the clauses, and the one that decided.
fn by_clauses<'p>(verdicts: &'p Verdicts, seen: &Seen<'_>) -> (Judged, Option<&'p Clause>) {
    let Verdicts { live, limited, revoked, unknown } = verdicts;
    let answers =
        [(Status::Live, live), (Status::LiveLimited, limited), (Status::Revoked, revoked)];
    let decided = |specific: bool| {
        answers.iter().find_map(|(status, clauses)| {
            let holds = |clause: &&Clause| clause.is_specific() == specific && clause.holds(seen);
            clauses.iter().find(holds).map(|clause| (*status, clause))
        })
    };
    let unclear = || unknown.iter().find(|clause| clause.holds(seen));
    let found = decided(true)
        .or_else(|| unclear().map(|clause| (Status::Unknown, clause)))
        .or_else(|| decided(false));
    let Some((status, clause)) = found else {
        return (answer(seen, Status::Unknown, None, Some("ambiguous"), None), None);
    };
    let force = (status == Status::Revoked).then(|| {
        // A bare status of a proxy or a gate looks the same as the provider's.
        let sure = clause.is_specific() || seen.is_structured();
        clause.force.unwrap_or(if sure { Force::Strong } else { Force::Weak })
    });
    let reason = clause.reason.or_else(|| match (status, seen.reply.status) {
        (Status::Unknown, 429) => Some("rate-limited"),
        (Status::Unknown, _) if seen.is_html() => Some("blocked"),
        (Status::Unknown, _) => Some("ambiguous"),
        _ => None,
    });
    (answer(seen, status, force, reason, Some(clause)), Some(clause))
}

fn answer(
    seen: &Seen<'_>,
    status: Status,
    force: Option<Force>,
    reason: Option<&'static str>,
    clause: Option<&Clause>,
) -> Judged {
    let evidence = match (clause, seen.reply.header("event")) {
        (Some(clause), _) if seen.reply.status == 0 => clause.text.clone(),
        (Some(clause), _) => format!("{}: {}", seen.reply.status, clause.text),
        (None, Some(event)) if seen.reply.status == 0 => event.to_owned(),
        (None, _) => seen.reply.status.to_string(),
    };
    Judged { status, force, reason, evidence }
}

/// What no probe can lift.
fn bounded(judged: Judged, clause: Option<&Clause>, seen: &Seen<'_>) -> Judged {
    let code = seen.reply.status;
    let means_a_page = clause.is_some_and(Clause::means_a_page);
    let unknown = |reason| Judged {
        status: Status::Unknown,
        force: None,
        reason: Some(reason),
        evidence: code.to_string(),
    };
    if !matches!(judged.status, Status::Live | Status::LiveLimited | Status::Revoked) {
        let redirect = (300..400).contains(&code) && judged.reason == Some("ambiguous");
        return if redirect { unknown("redirect") } else { judged };
    }
    match code {
        300..=399 => unknown("redirect"),
        429 if judged.status != Status::LiveLimited => unknown("rate-limited"),
        500..=599 if judged.status != Status::LiveLimited => unknown("ambiguous"),
        _ if seen.is_html() && judged.status != Status::Revoked => unknown("blocked"),
        // A sign-in page is told by its words, and proves little.
        _ if seen.is_html() && means_a_page => Judged { force: Some(Force::Weak), ..judged },
        _ if seen.is_html() => unknown("blocked"),
        _ => judged,
    }
}

/// Seconds that the provider asks to be left alone: `Retry-After` in seconds, or a reset time as a number.
#[must_use]
pub fn retry_after(reply: &Reply, now: u64) -> Option<u64> {
    let number = |name: &str| reply.header(name).and_then(|value| value.trim().parse::<u64>().ok());
    let until = |name: &str| {
        number(name).map(|at| if at > 1_000_000_000 { at.saturating_sub(now) } else { at })
    };
    number("retry-after")
        .or_else(|| until("x-ratelimit-reset"))
        .or_else(|| until("x-rate-limit-reset"))
}

/// The fields of a reply that the probe's list allows; nothing else of it is kept.
#[must_use]
pub fn identity(fields: &BTreeMap<String, Place>, reply: &Reply) -> BTreeMap<String, Value> {
    let seen = Seen::new(reply);
    fields
        .iter()
        .filter_map(|(name, place)| Some((name.clone(), value_at(place, &seen)?)))
        .collect()
}

/// A value of a reply as text, for a later step.
#[must_use]
pub fn kept(place: &Place, reply: &Reply) -> Option<String> {
    value_at(place, &Seen::new(reply)).map(|value| written(&value))
}

fn value_at(place: &Place, seen: &Seen<'_>) -> Option<Value> {
    match place {
        Place::Xml(name) => {
            seen.elements(name).first().map(|text| short(&Value::from(text.as_str())))
        }
        Place::Header(name) => seen.reply.header(name).map(|text| short(&Value::from(text))),
        Place::Json(field) => match seen.value(&field.0).as_slice() {
            [] | [Value::Null] => None,
            [one] => Some(short(one)),
            many => Some(many.iter().take(MOST_VALUES).map(|value| short(value)).collect()),
        },
    }
}

/// A value cut to what a report may show: no deep structure, no long text.
fn short(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let end = text.char_indices().nth(LONGEST_VALUE).map_or(text.len(), |(at, _)| at);
            Value::from(&text[..end])
        }
        Value::Array(list) => {
            let plain =
                list.iter().take(MOST_VALUES).filter(|it| !it.is_array() && !it.is_object());
            plain.map(short).collect()
        }
        Value::Object(_) => Value::Null,
        other => other.clone(),
    }
}
