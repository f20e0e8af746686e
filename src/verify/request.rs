//! From a template and its parts to a request, and to the line that a dry run prints of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::parts::{Lack, Parts};
use super::signers::{self, With};
use crate::model::{Method, Request, SecretBytes};
use crate::net::{Endpoint, Policy, Reach};
use crate::probes::template::{Encoding, Template, Unfilled, percent};
use crate::probes::{Probe, Send, Way};

/// A host that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// Scheme, host and port, and the path of an endpoint.
    pub(super) url: String,
    /// Host and port, for pace, cache and journal.
    pub(super) host: String,
    /// How far it may reach.
    pub(super) reach: Reach,
}

/// Why there is no request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unasked {
    /// A part was not found beside the secret.
    Missing(String),
    /// The credential holds bytes that do not belong where they would go.
    Bytes,
    /// The host beside the secret is not named by the user's configuration.
    Unnamed(String),
    /// What signs the request cannot.
    Unsigned(&'static str),
    /// The mechanism does not ask in this way; a word.
    Refused(&'static str),
}

impl From<Lack> for Unasked {
    fn from(lack: Lack) -> Self {
        match lack {
            Lack::Missing(part) => Self::Missing(part),
            Lack::Bytes => Self::Bytes,
            Lack::Canary => Self::Refused("canary"),
        }
    }
}

impl From<Unfilled> for Unasked {
    fn from(unfilled: Unfilled) -> Self {
        match unfilled {
            Unfilled::Missing(part) => Self::Missing(part),
            Unfilled::Unfit(_) => Self::Bytes,
        }
    }
}

/// The hosts of a probe for these parts, in the order of asking.
pub(super) fn bases(
    probe: &Probe,
    parts: &Parts,
    policy: &Policy,
    endpoint: Option<&Endpoint>,
) -> Result<Vec<Base>, Unasked> {
    if let Some(Endpoint { base }) = endpoint {
        let host = base.split("://").nth(1).unwrap_or_default();
        let host = host.split('/').next().unwrap_or_default().to_owned();
        if base.starts_with("tcp://") && matches!(probe.way, Way::Http(_)) {
            return Err(Unasked::Refused("endpoint-is-no-http"));
        }
        return Ok(vec![Base { url: base.clone(), host, reach: Reach::Endpoint }]);
    }
    let mut bases = Vec::new();
    let mut refused = None;
    if probe.hosts.scanned {
        let host =
            probe.parts.iter().filter(|(_, part)| part.host).find_map(|(name, _)| parts.get(name));
        match host.map(|host| (host, policy.reach_of(name_of(host)))) {
            // It is the one that has issued it: nobody else is asked.
            Some((host, Some(reach))) if parts.own_host => return Ok(vec![base(host, reach)]),
            Some((host, Some(reach))) => bases.push(base(host, reach)),
            Some((host, None)) => refused = Some(Unasked::Unnamed(host.to_owned())),
            None => refused = Some(Unasked::Missing("host".to_owned())),
        }
    }
    for named in &probe.hosts.named {
        match named.fill(&|part| parts.get(part), Encoding::Label) {
            Ok(host) => bases.push(base(&host, Reach::Public)),
            Err(unfilled) => refused = refused.or(Some(unfilled.into())),
        }
    }
    bases.dedup();
    // What a server of somebody's own has issued is not sent to the provider of all others.
    if let Some(Unasked::Unnamed(host)) = &refused
        && parts.own_host
        && !bases.iter().any(|base| base.host == *host)
    {
        return Err(Unasked::Unnamed(host.clone()));
    }
    match (bases.is_empty(), refused) {
        (true, Some(refused)) => Err(refused),
        // A mechanism may have hosts of its own.
        (true, None) if matches!(probe.way, Way::Http(_)) => {
            Err(Unasked::Missing("host".to_owned()))
        }
        _ => Ok(bases),
    }
}

/// The name of `name:port`.
fn name_of(host: &str) -> &str {
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |it| it.0)
}

fn base(host: &str, reach: Reach) -> Base {
    Base { url: format!("https://{host}"), host: host.to_owned(), reach }
}

/// The request of a step.
pub(super) fn request(
    send: &Send,
    base: &Base,
    parts: &Parts,
    now: jiff::Timestamp,
) -> Result<Request, Unasked> {
    let mut parts = parts.clone();
    let signer = signer(send, &parts)?;
    if let Some((signer, with)) = &signer
        && let Some(made) = signers::part(signer, with).map_err(Unasked::Unsigned)?
    {
        parts.add("signature", made.to_string(), false);
    }
    let parts = &parts;
    let part = |name: &str| parts.get(name);
    let fill = |template: &Template| -> Result<Zeroizing<String>, Unasked> {
        let text = template.fill(&part, Encoding::None)?;
        if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            Ok(text)
        } else {
            Err(Unasked::Bytes)
        }
    };
    let target = send.target.fill(&part, Encoding::Target)?;
    let url = Zeroizing::new([base.url.as_str(), &target].concat());
    let mut headers =
        vec![("accept".to_owned(), Zeroizing::new("application/json, */*;q=0.5".to_owned()))];
    for (name, template) in &send.headers {
        headers.retain(|(own, _)| own != name);
        headers.push((name.clone(), fill(template)?));
    }
    if let Some(bearer) = &send.bearer {
        let value = Zeroizing::new(["Bearer ", &fill(bearer)?].concat());
        headers.push(("authorization".to_owned(), value));
    }
    if let Some((user, password)) = &send.basic {
        let user = fill(user)?;
        if user.contains(':') {
            return Err(Unasked::Bytes);
        }
        let pair = Zeroizing::new([user.as_str(), ":", &fill(password)?].concat());
        let value = Zeroizing::new(["Basic ", &STANDARD.encode(pair.as_bytes())].concat());
        headers.push(("authorization".to_owned(), value));
    }
    let mut typed = |kind: &str| {
        if !headers.iter().any(|(name, _)| name == "content-type") {
            headers.push(("content-type".to_owned(), Zeroizing::new(kind.to_owned())));
        }
    };
    let body = match (&send.json, send.form.as_slice()) {
        (Some(json), _) => {
            typed("application/json");
            Some(serde_json::to_vec(&filled(json, parts)?).map_err(|_| Unasked::Bytes)?)
        }
        (None, []) if matches!(send.method, Method::Post | Method::Put) => Some(Vec::new()),
        (None, []) => None,
        (None, form) => {
            typed("application/x-www-form-urlencoded");
            Some(encoded(form, parts)?.as_bytes().to_vec())
        }
    };
    let body = body.map(SecretBytes::new);
    let mut request = Request { method: send.method, url, headers, body };
    if let Some((signer, with)) = signer {
        signers::sign(signer, &mut request, &with, now).map_err(Unasked::Unsigned)?;
    }
    Ok(request)
}

/// The signer of a step, and its parameters filled in.
fn signer<'s>(send: &'s Send, parts: &Parts) -> Result<Option<(&'s str, With)>, Unasked> {
    let Some((signer, with)) = &send.sign else { return Ok(None) };
    let given = with.iter().map(|(name, template)| {
        let text = template.fill(&|part| parts.get(part), Encoding::None)?;
        Ok((name.clone(), text))
    });
    Ok(Some((signer.as_str(), given.collect::<Result<_, Unfilled>>()?)))
}

/// A form, each name and value percent-encoded.
fn encoded(form: &[(String, Template)], parts: &Parts) -> Result<Zeroizing<String>, Unasked> {
    let mut text = Zeroizing::new(String::new());
    for (name, template) in form {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        let value = template.fill(&|part| parts.get(part), Encoding::None)?;
        percent(&mut text, &value);
    }
    Ok(text)
}

/// JSON with its strings filled in; the writer escapes them.
fn filled(json: &serde_json::Value, parts: &Parts) -> Result<serde_json::Value, Unasked> {
    use serde_json::Value;
    Ok(match json {
        Value::String(text) => {
            let template = Template::parse(text).map_err(|_| Unasked::Bytes)?;
            Value::String(template.fill(&|part| parts.get(part), Encoding::None)?.to_string())
        }
        Value::Array(list) => {
            Value::Array(list.iter().map(|it| filled(it, parts)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| Ok((key.clone(), filled(value, parts)?));
            Value::Object(map.iter().map(entry).collect::<Result<_, Unasked>>()?)
        }
        other => other.clone(),
    })
}

/// What a dry run prints: the request with the names of its parts in their places.
pub(super) fn shown(send: &Send, base: &Base, parts: &Parts) -> String {
    let show = |template: &Template| template.show(&|name| parts.shown(name));
    let mut text = format!("{} {}{}", send.method.name(), base.url, show(&send.target));
    if let Some(bearer) = &send.bearer {
        text.push_str(&format!("  authorization: Bearer {}", show(bearer)));
    }
    if let Some((user, password)) = &send.basic {
        text.push_str(&format!("  authorization: Basic {}:{}", show(user), show(password)));
    }
    for (name, template) in &send.headers {
        text.push_str(&format!("  {name}: {}", show(template)));
    }
    if let Some(json) = &send.json {
        text.push_str(&format!("  body: {}", shown_json(json, parts)));
    }
    for (at, (name, template)) in send.form.iter().enumerate() {
        let sign = if at == 0 { "  body: " } else { "&" };
        text.push_str(&format!("{sign}{name}={}", show(template)));
    }
    if let Some((signer, _)) = &send.sign {
        text.push_str(&format!("  signed: {signer}"));
    }
    text
}

fn shown_json(json: &serde_json::Value, parts: &Parts) -> serde_json::Value {
    use serde_json::Value;
    match json {
        Value::String(text) => match Template::parse(text) {
            Ok(template) => Value::String(template.show(&|name| parts.shown(name))),
            Err(_) => Value::Null,
        },
        Value::Array(list) => list.iter().map(|it| shown_json(it, parts)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), shown_json(value, parts))).collect()
        }
        other => other.clone(),
    }
}
