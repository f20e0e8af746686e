//! The parts of a request: from the secret, its facts, the findings and the text beside it.

use std::collections::BTreeMap;
use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use zeroize::Zeroizing;

use super::url;
use crate::model::Finding;
use crate::probes::template::{Encoding, Unfilled};
use crate::probes::{Part, Probe};

/// A part that was found.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) text: Zeroizing<String>,
    /// Whether a dry run may print it.
    pub(super) public: bool,
}

/// The parts of one question.
#[derive(Clone, Default)]
pub(super) struct Parts {
    /// By name.
    pub(super) values: BTreeMap<String, Value>,
    /// Whether the host beside the secret is most likely the one that issued it: its name, or the line
    /// before it, names the provider.
    pub(super) own_host: bool,
}

impl Parts {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.text.as_str())
    }

    /// A part that may be printed.
    pub(super) fn shown(&self, name: &str) -> Option<&str> {
        self.values.get(name).filter(|value| value.public).map(|value| value.text.as_str())
    }

    /// Whether a text holds a part that may not be printed, from six characters on.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        let secret = self.values.values().filter(|value| !value.public && value.text.len() >= 6);
        secret.into_iter().any(|value| text.contains(value.text.as_str()))
    }

    pub(super) fn add(&mut self, name: &str, text: String, public: bool) {
        self.values.insert(name.to_owned(), Value { text: Zeroizing::new(text), public });
    }
}

/// Why there are no parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// A part was not found; its name.
    Missing(String),
    /// The secret, or a part, is no text.
    Bytes,
    /// The finding beside it that a part comes from is a canary.
    Canary,
}

/// Looks for all parts of a probe. `siblings` are the findings of the same file, the finding among them.
pub(super) fn find(probe: &Probe, finding: &Finding, siblings: &[&Finding]) -> Result<Parts, Lack> {
    let secret = std::str::from_utf8(finding.secret.reveal()).map_err(|_| Lack::Bytes)?;
    let mut parts = Parts::default();
    let mut made = Vec::new();
    for (name, part) in &probe.parts {
        let mut text = direct(part, secret, finding, siblings)?;
        if let Some((host, own)) = beside(part, finding, &probe.provider).filter(|_| text.is_none())
        {
            text = Some(Zeroizing::new(host));
            parts.own_host = own;
        }
        match (text, &part.template, &part.default) {
            (Some(text), ..) => {
                let public = part.is_public();
                parts.values.insert(name.clone(), Value { text, public });
            }
            (None, Some(template), _) => made.push((name, template)),
            (None, None, Some(default)) => parts.add(name, default.clone(), true),
            // A part that no request of the probe needs may be missing: the host of one that has others.
            (None, None, None) => {}
        }
    }
    // Templates may stand on one another; each round fills at least one, or none is left to fill.
    while !made.is_empty() {
        let before = made.len();
        let mut lacking = None;
        made.retain(|(name, template)| {
            match template.fill(&|part| parts.get(part), Encoding::None) {
                Ok(text) if !text.is_empty() => {
                    let public = probe.parts[*name].host;
                    parts.values.insert((*name).clone(), Value { text, public });
                    false
                }
                Ok(_) => {
                    lacking = Some((*name).clone());
                    true
                }
                Err(Unfilled::Missing(part) | Unfilled::Unfit(part)) => {
                    lacking = Some(part);
                    true
                }
            }
        });
        if made.len() == before {
            return Err(Lack::Missing(lacking.unwrap_or_default()));
        }
    }
    Ok(parts)
}

fn direct(
    part: &Part,
    secret: &str,
    finding: &Finding,
    siblings: &[&Finding],
) -> Result<Option<Zeroizing<String>>, Lack> {
    if part.secret {
        return Ok(Some(Zeroizing::new(secret.to_owned())));
    }
    let fact = |name: &String| match finding.facts.get(name)? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    if let Some(text) = part.facts.iter().find_map(fact) {
        return Ok(Some(Zeroizing::new(text)));
    }
    if let Some(other) = sibling(&part.signatures, finding, siblings) {
        // The half that tells it may stand too far off for the two to be a pair.
        if other.facts.contains_key("canary") {
            return Err(Lack::Canary);
        }
        let text = std::str::from_utf8(other.secret.reveal()).map_err(|_| Lack::Bytes)?;
        return Ok(Some(Zeroizing::new(text.to_owned())));
    }
    let Some(near) = Near::of(finding) else { return Ok(None) };
    if let Some(url) = Some(&part.url).filter(|url| !url.is_empty()) {
        let around = url::around(near.text, &near.secret);
        let text = around.and_then(|around| url.iter().find_map(|piece| around.piece(piece)));
        if text.is_some() {
            return Ok(text.map(Zeroizing::new));
        }
    }
    let named = part.named.iter().find_map(|name| near.nearest(&named(name)));
    let found = named.or_else(|| part.pattern.as_ref().and_then(|regex| near.nearest(regex)));
    Ok(found.map(Zeroizing::new))
}

/// The nearest other finding of one of the signatures.
fn sibling<'f>(
    signatures: &[String],
    finding: &Finding,
    siblings: &[&'f Finding],
) -> Option<&'f Finding> {
    let distance = |other: &&&Finding| other.span.start.abs_diff(finding.span.start);
    siblings
        .iter()
        .filter(|other| other.span != finding.span)
        .filter(|other| signatures.iter().any(|id| other.signatures.contains(id)))
        .min_by_key(distance)
        .copied()
}

/// The text around a secret.
struct Near<'f> {
    text: &'f [u8],
    secret: Range<usize>,
}

impl<'f> Near<'f> {
    fn of(finding: &'f Finding) -> Option<Self> {
        let nearby = finding.nearby.as_ref()?;
        Some(Self { text: nearby.text.reveal(), secret: nearby.secret.clone() })
    }

    /// Bytes between a range and the secret.
    fn gap(&self, range: Range<usize>) -> usize {
        let before = self.secret.start.saturating_sub(range.end);
        before.max(range.start.saturating_sub(self.secret.end))
    }

    /// The first group of the match that is nearest to the secret; of two as near, the earlier one.
    fn nearest(&self, regex: &Regex) -> Option<String> {
        let mut best: Option<(usize, String)> = None;
        for found in regex.captures_iter(self.text) {
            let Some(group) = found.get_group(1) else { continue };
            let Ok(text) = std::str::from_utf8(&self.text[group.range()]) else { continue };
            if is_blank(text) || group.range() == self.secret {
                continue;
            }
            let gap = self.gap(group.range());
            if best.as_ref().is_none_or(|(least, _)| gap < *least) {
                best = Some((gap, text.to_owned()));
            }
        }
        best.map(|(_, text)| text)
    }
}

/// What stands for a value that is put in later: `${ID}`, `<your-id>`, `xxx`.
fn is_blank(text: &str) -> bool {
    text.is_empty()
        || text.contains(['$', '<', '{'])
        || ["%(", "%s", "%d"].iter().any(|place| text.contains(place))
        || text.bytes().all(|b| matches!(b, b'x' | b'X' | b'*' | b'.' | b'-'))
}

/// The value that is given to a name that ends in these words, whatever joins them.
fn named(name: &str) -> Regex {
    let words: Vec<&str> = name.split('_').collect();
    let words = words.join("[_.-]?");
    let pattern = format!(
        r#"(?:^|[^A-Za-z0-9])[\w.-]{{0,40}}?{words}["'\]]{{0,2}}[ \t]*(?:=>|:=|[:=>])[ \t]*["']?([\w.@+/-]{{2,256}})"#
    );
    built(&pattern)
}

/// Host and port of the URL near the secret that most likely belongs to it, and whether it names the provider.
fn beside(part: &Part, finding: &Finding, provider: &str) -> Option<(String, bool)> {
    let near = Near::of(finding).filter(|_| part.host && part.template.is_none())?;
    let url = built(r"https?://(?:[^\s/@]{1,128}@)?([a-z0-9][a-z0-9.-]{0,252}(?::[0-9]{1,5})?)");
    let mut found = Vec::new();
    for captures in url.captures_iter(near.text) {
        let Some(group) = captures.get_group(1) else { continue };
        let Ok(host) = std::str::from_utf8(&near.text[group.range()]) else { continue };
        let line = memchr::memrchr(b'\n', &near.text[..group.start]).map_or(0, |at| at + 1);
        let before = String::from_utf8_lossy(&near.text[line..group.end]).to_ascii_lowercase();
        found.push((!before.contains(provider), near.gap(group.range()), host.to_owned()));
    }
    let (other, _, host) = found.into_iter().min()?;
    Some((host, !other))
}

fn built(pattern: &str) -> Regex {
    Regex::builder()
        .syntax(syntax::Config::new().case_insensitive(true).unicode(false).utf8(false))
        .build(pattern)
        .expect("the pattern is ours, the words are checked")
}
