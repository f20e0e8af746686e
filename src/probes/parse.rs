//! From the TOML of a probe to a [`Probe`] that is safe to run.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::clause::Clause;
use super::error::Fault;
use super::json_path::JsonPath;
use super::part::{Part, Piece};
use super::probe::{
    Basis, Class, Field, Hosts, Pick, Place, Probe, Revocation, Send, Signed, Verdicts, Way,
};
use super::template::Template;
use crate::model::Method;

/// Keys of a probe.
const KEYS: &[&str] = &[
    "id",
    "class",
    "basis",
    "parts",
    "hosts",
    "pick",
    "send",
    "way",
    "with",
    "live",
    "limited",
    "revoked",
    "unknown",
    "identity",
    "control",
    "idle_days",
    "revoke",
    "notes",
];
/// Keys of a request.
const SEND_KEYS: &[&str] = &[
    "get", "head", "post", "put", "delete", "bearer", "basic", "headers", "json", "form", "sign",
    "keep",
];
/// Keys of a part.
const PART_KEYS: &[&str] =
    &["fact", "signature", "named", "pattern", "template", "url", "host", "default", "secret"];
/// Headers that are ours to set.
const OWN_HEADERS: &[&str] =
    &["host", "content-length", "transfer-encoding", "user-agent", "connection"];
/// Parts that every request has: the time, and numbers that are used once.
const GIVEN: &[&str] = &["unix", "unix_ms", "soon", "date", "iso", "uuid", "nonce"];
/// Most steps of a probe.
const MOST_STEPS: usize = 3;

/// Reads and checks a probe. `provider` is the stem of its file.
///
/// # Errors
/// The first key that is wrong.
pub fn parse(table: &Table, provider: &str) -> Result<Probe, Fault> {
    known(table, KEYS, "")?;
    let id: String = need(table, "id")?;
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if !id.split('-').all(word) {
        return Err(Fault::new("id", "an id is made of lower case words and digits joined by `-`"));
    }
    let class: Class = need(table, "class")?;
    let probe = Probe {
        id,
        provider: provider.to_owned(),
        class,
        basis: take::<Basis>(table, "basis")?.unwrap_or(Basis::Guess),
        parts: parts(table)?,
        hosts: hosts(table)?,
        pick: take::<Pick>(table, "pick")?.unwrap_or_default(),
        way: way(table, class)?,
        verdicts: Verdicts {
            live: clauses(table, "live")?,
            limited: clauses(table, "limited")?,
            revoked: clauses(table, "revoked")?,
            unknown: clauses(table, "unknown")?,
        },
        identity: places(table.get("identity"), "identity")?,
        control: take(table, "control")?.unwrap_or(false),
        idle_days: take(table, "idle_days")?,
        revoke: revoke(table)?,
        version: version(table),
    };
    check(&probe)?;
    Ok(probe)
}

/// A number that changes with the text of the probe; not kept across versions of the program.
fn version(table: &Table) -> u64 {
    let mut hasher = DefaultHasher::new();
    table.to_string().hash(&mut hasher);
    hasher.finish()
}

fn known(table: &Table, known: &[&str], inside: &str) -> Result<(), Fault> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Fault::new(
            format!("{inside}{key}"),
            format!("there is no such key: {}", known.join(", ")),
        )),
        None => Ok(()),
    }
}

fn take<T: DeserializeOwned>(table: &Table, key: &str) -> Result<Option<T>, Fault> {
    let read = |value: &Value| {
        value.clone().try_into().map_err(|error: toml::de::Error| Fault::new(key, error.message()))
    };
    table.get(key).map(read).transpose()
}

fn need<T: DeserializeOwned>(table: &Table, key: &str) -> Result<T, Fault> {
    take(table, key)?.ok_or_else(|| Fault::new(key, "is missing"))
}

fn template(text: &str, key: &str) -> Result<Template, Fault> {
    Template::parse(text).map_err(|message| Fault::new(key, message))
}

fn templates(value: Option<&Value>, key: &str) -> Result<BTreeMap<String, Template>, Fault> {
    let texts: BTreeMap<String, String> = match value {
        Some(value) => value
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| Fault::new(key, error.message()))?,
        None => BTreeMap::new(),
    };
    texts.into_iter().map(|(name, text)| Ok((name, template(&text, key)?))).collect()
}

/// A word or a list of words.
fn words(table: &Table, key: &str, inside: &str) -> Result<Vec<String>, Fault> {
    let named = || format!("{inside}{key}");
    match table.get(key) {
        None => Ok(Vec::new()),
        Some(Value::String(word)) => Ok(vec![word.clone()]),
        Some(other) => other
            .clone()
            .try_into()
            .map_err(|_| Fault::new(named(), "is no word and no list of words")),
    }
}

fn clauses(table: &Table, key: &str) -> Result<Vec<Clause>, Fault> {
    let read = |text: &String| Clause::parse(text).map_err(|message| Fault::new(key, message));
    words(table, key, "")?.iter().map(read).collect()
}

fn parts(table: &Table) -> Result<BTreeMap<String, Part>, Fault> {
    let secret = Part { secret: true, ..Part::default() };
    let mut parts = BTreeMap::from([("token".to_owned(), secret.clone())]);
    let Some(value) = table.get("parts") else { return Ok(parts) };
    let given = value.as_table().ok_or_else(|| Fault::new("parts", "is no table"))?;
    for (name, value) in given {
        let key = format!("parts.{name}");
        let part = match value {
            Value::String(text) if text == "$secret" => secret.clone(),
            Value::String(text) => {
                Part { template: Some(template(text, &key)?), ..Part::default() }
            }
            Value::Table(table) => part(table, &key)?,
            _ => return Err(Fault::new(key, "is `\"$secret\"`, a template, or a table")),
        };
        parts.insert(name.clone(), part);
    }
    Ok(parts)
}

fn part(table: &Table, key: &str) -> Result<Part, Fault> {
    let inside = format!("{key}.");
    known(table, PART_KEYS, &inside)?;
    let within = |fault: Fault| Fault::new(format!("{inside}{}", fault.key), fault.message);
    let pattern: Option<String> = take(table, "pattern").map_err(within)?;
    let made: Option<String> = take(table, "template").map_err(within)?;
    let pattern = pattern.map(|text| {
        let regex = super::clause::regex(&text)
            .map_err(|why| Fault::new(format!("{inside}pattern"), why))?;
        match regex.captures_len() {
            0 | 1 => Err(Fault::new(format!("{inside}pattern"), "has no group that is the part")),
            _ => Ok(regex),
        }
    });
    let url = words(table, "url", &inside)?;
    let read = |text: &String| {
        Piece::parse(text).ok_or_else(|| {
            let message = format!("`{text}` is no piece: scheme, user, host, path, ?name");
            Fault::new(format!("{inside}url"), message)
        })
    };
    let named = words(table, "named", &inside)?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if let Some(word) = named.iter().find(|word| word.is_empty() || !word.bytes().all(plain)) {
        return Err(Fault::new(format!("{inside}named"), format!("`{word}`: write `client_id`")));
    }
    Ok(Part {
        secret: take(table, "secret").map_err(within)?.unwrap_or(false),
        facts: words(table, "fact", &inside)?,
        signatures: words(table, "signature", &inside)?,
        named,
        pattern: pattern.transpose()?,
        template: made.map(|text| template(&text, key)).transpose()?,
        url: url.iter().map(read).collect::<Result<_, _>>()?,
        host: take(table, "host").map_err(within)?.unwrap_or(false),
        default: take(table, "default").map_err(within)?,
    })
}

fn hosts(table: &Table) -> Result<Hosts, Fault> {
    let mut hosts = Hosts::default();
    for host in words(table, "hosts", "")? {
        if host == "@scanned" {
            hosts.scanned = true;
            continue;
        }
        hosts.named.push(template(&host, "hosts")?);
        let shown = host.as_str();
        let wrong = |why: &str| Err(Fault::new("hosts", format!("`{shown}`: {why}")));
        // Behind the last place stands the name that is the provider's, or anybody could be named.
        let fixed = host.rsplit_once('}').map_or(shown, |(_, rest)| rest);
        let (name, port) = fixed.split_once(':').unwrap_or((fixed, "443"));
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
        if !name.bytes().all(letters) || port.parse::<u16>().is_err() {
            return wrong(
                "write a host name in lower case, with a port if it is not 443, and no scheme",
            );
        }
        let labels: Vec<&str> = name.trim_start_matches('.').split('.').collect();
        let last = labels.last().copied().unwrap_or_default();
        let joined = host.contains('}') && !name.starts_with('.') && !name.starts_with('-');
        if labels.len() < 2
            || labels.contains(&"")
            || joined
            || last.bytes().all(|b| b.is_ascii_digit())
        {
            return wrong(
                "is no name of a provider: at least two labels stand behind the last place",
            );
        }
    }
    Ok(hosts)
}

fn way(table: &Table, class: Class) -> Result<Way, Fault> {
    let named: Option<String> = take(table, "way")?;
    let sends = match table.get("send") {
        None => Vec::new(),
        Some(Value::Table(one)) => vec![send(one, "send.", class)?],
        Some(Value::Array(steps)) => {
            let step = |value: &Value| match value {
                Value::Table(step) => send(step, "send.", class),
                _ => Err(Fault::new("send", "a step is a table")),
            };
            steps.iter().map(step).collect::<Result<_, _>>()?
        }
        Some(_) => return Err(Fault::new("send", "is a table or a list of tables")),
    };
    match (named, sends.len()) {
        (Some(name), 0) => Ok(Way::Named(name, templates(table.get("with"), "with")?)),
        (None, 1..=MOST_STEPS) if !table.contains_key("with") => Ok(Way::Http(sends)),
        _ => Err(Fault::new("send", "give one to three steps, or `way` and its `with`")),
    }
}

fn send(table: &Table, inside: &str, class: Class) -> Result<Send, Fault> {
    known(table, SEND_KEYS, inside)?;
    let within = |fault: Fault| Fault::new(format!("{inside}{}", fault.key), fault.message);
    let methods = [
        ("get", Method::Get),
        ("head", Method::Head),
        ("post", Method::Post),
        ("put", Method::Put),
        ("delete", Method::Delete),
    ];
    let mut given = methods.iter().filter(|(name, _)| table.contains_key(*name));
    let (Some((name, method)), None) = (given.next(), given.next()) else {
        return Err(Fault::new(
            inside.trim_end_matches('.'),
            "names one method: get, head, post, put, delete",
        ));
    };
    let changes = matches!(method, Method::Put | Method::Delete);
    if changes && class != Class::Unsafe {
        return Err(Fault::new(
            format!("{inside}{name}"),
            "changes things: only a probe of class `unsafe` may",
        ));
    }
    let target: String = need(table, name).map_err(within)?;
    if !target.starts_with('/') || target.starts_with("//") || target.contains(['#', '\\', ' ']) {
        return Err(Fault::new(
            format!("{inside}{name}"),
            "is a path from `/`, with a query if need be",
        ));
    }
    let text = |key: &str| -> Result<Option<Template>, Fault> {
        let text: Option<String> = take(table, key).map_err(within)?;
        text.map(|text| template(&text, key).map_err(within)).transpose()
    };
    let basic: Option<(String, String)> = take(table, "basic").map_err(within)?;
    let basic = basic.map(|(user, password)| {
        Ok::<_, Fault>((template(&user, "basic")?, template(&password, "basic")?))
    });
    let json: Option<serde_json::Value> = take(table, "json").map_err(within)?;
    let send = Send {
        method: *method,
        target: template(&target, name).map_err(within)?,
        bearer: text("bearer")?,
        basic: basic.transpose().map_err(within)?,
        headers: headers(table.get("headers")).map_err(within)?,
        json,
        form: templates(table.get("form"), "form").map_err(within)?.into_iter().collect(),
        sign: sign(table.get("sign")).map_err(within)?,
        keep: places(table.get("keep"), "keep").map_err(within)?,
    };
    let auths = usize::from(send.bearer.is_some()) + usize::from(send.basic.is_some());
    let own = send.headers.iter().any(|(name, _)| name == "authorization");
    if auths + usize::from(own) > 1 || (send.json.is_some() && !send.form.is_empty()) {
        return Err(Fault::new(
            inside.trim_end_matches('.'),
            "authorizes itself, and has a body, in one way",
        ));
    }
    Ok(send)
}

fn headers(value: Option<&Value>) -> Result<Vec<(String, Template)>, Fault> {
    let mut headers = Vec::new();
    for (name, template) in templates(value, "headers")? {
        let name = name.to_ascii_lowercase();
        let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || !name.bytes().all(token) || OWN_HEADERS.contains(&name.as_str()) {
            return Err(Fault::new("headers", format!("`{name}` is no header that a probe sets")));
        }
        let visible = |text: &str| text.bytes().all(|b| (b' '..=b'~').contains(&b));
        if !template.texts().all(visible) {
            return Err(Fault::new("headers", format!("`{name}` holds more than visible ASCII")));
        }
        headers.push((name, template));
    }
    Ok(headers)
}

fn sign(value: Option<&Value>) -> Result<Option<Signed>, Fault> {
    let Some(value) = value else { return Ok(None) };
    let mut given = templates(Some(value), "sign")?;
    let name =
        given.remove("with").ok_or_else(|| Fault::new("sign", "names its signer in `with`"))?;
    let name: String = name.texts().collect();
    Ok(Some((name, given)))
}

fn places(value: Option<&Value>, key: &str) -> Result<BTreeMap<String, Place>, Fault> {
    let Some(value) = value else { return Ok(BTreeMap::new()) };
    let given: BTreeMap<String, String> = value
        .clone()
        .try_into()
        .map_err(|error: toml::de::Error| Fault::new(key, error.message()))?;
    let place = |(name, text): (String, String)| {
        let place = if let Some(header) = text.strip_prefix("header:") {
            Place::Header(header.to_ascii_lowercase())
        } else if let Some(element) = text.strip_prefix("xml:") {
            Place::Xml(element.to_owned())
        } else {
            let path = text.strip_prefix("json:").unwrap_or(&text);
            let path = JsonPath::parse(path).ok_or_else(|| {
                Fault::new(key, format!("`{text}` is no path and no `header:` name"))
            })?;
            Place::Json(Field(path))
        };
        Ok((name, place))
    };
    given.into_iter().map(place).collect()
}

fn revoke(table: &Table) -> Result<Option<Revocation>, Fault> {
    let Some(value) = table.get("revoke") else { return Ok(None) };
    let table = value.as_table().ok_or_else(|| Fault::new("revoke", "is no table"))?;
    known(table, &["send", "done"], "revoke.")?;
    let asked = table.get("send").and_then(Value::as_table);
    let asked = asked.ok_or_else(|| Fault::new("revoke.send", "is missing"))?;
    let done = clauses(table, "done")?;
    if done.is_empty() {
        return Err(Fault::new("revoke.done", "says when it has worked"));
    }
    Ok(Some(Revocation { send: send(asked, "revoke.send.", Class::Unsafe)?, done }))
}

/// What can only be told of the whole.
fn check(probe: &Probe) -> Result<(), Fault> {
    let Probe { class, hosts, way, verdicts, parts, .. } = probe;
    let sends = match way {
        Way::Http(sends) => sends.as_slice(),
        Way::Named(..) => &[],
    };
    if !sends.is_empty() && hosts.named.is_empty() && !hosts.scanned {
        return Err(Fault::new("hosts", "is missing: a probe sends to hosts that it names"));
    }
    if hosts.scanned && !parts.values().any(|part| part.host) {
        return Err(Fault::new(
            "parts",
            "`@scanned` takes the host from a part with `host = true`",
        ));
    }
    if *class == Class::Offline && !matches!(way, Way::Named(..)) {
        return Err(Fault::new(
            "class",
            "`offline` sends nothing: it goes with a `way` that does not",
        ));
    }
    if *class != Class::Offline && verdicts.live.is_empty() && verdicts.limited.is_empty() {
        return Err(Fault::new("live", "is missing: without it no reply means that it works"));
    }
    for (key, clauses) in [("live", &verdicts.live), ("revoked", &verdicts.revoked)] {
        let lost = clauses.iter().find(|it| {
            let status = it.text.split(" & ").find_map(|cond| cond.strip_prefix("status="));
            let never =
                |code: &str| code.starts_with('5') || code.starts_with('3') || code == "429";
            status.is_some_and(|codes| codes.split([',', ' ']).any(never))
        });
        if let Some(clause) = lost {
            let text = &clause.text;
            return Err(Fault::new(key, format!("`{text}`: 3xx, 429 and 5xx never mean that")));
        }
    }
    let mut kept: Vec<&str> = GIVEN.to_vec();
    kept.extend(parts.keys().map(String::as_str));
    for part in parts.values() {
        placed(part.template.iter(), &kept, "parts")?;
    }
    placed(hosts.named.iter(), &kept, "hosts")?;
    for send in sends {
        if send.sign.is_some() {
            kept.push("signature");
        }
        placed(send_templates(send).iter(), &kept, "send")?;
        kept.extend(send.keep.keys().map(String::as_str));
    }
    if let Way::Named(_, with) = way {
        placed(with.values(), &kept, "with")?;
    }
    if let Some(revoke) = &probe.revoke {
        placed(send_templates(&revoke.send).iter(), &kept, "revoke.send")?;
    }
    Ok(())
}

/// All templates of a request.
fn send_templates(send: &Send) -> Vec<Template> {
    let mut all = vec![send.target.clone()];
    all.extend(send.bearer.clone());
    all.extend(send.basic.iter().flat_map(|(user, password)| [user.clone(), password.clone()]));
    all.extend(send.headers.iter().chain(&send.form).map(|(_, template)| template.clone()));
    all.extend(send.sign.iter().flat_map(|(_, with)| with.values().cloned()));
    fn strings(value: &serde_json::Value, all: &mut Vec<Template>) {
        match value {
            serde_json::Value::String(text) => all.extend(Template::parse(text)),
            serde_json::Value::Array(list) => list.iter().for_each(|it| strings(it, all)),
            serde_json::Value::Object(map) => map.values().for_each(|it| strings(it, all)),
            _ => {}
        }
    }
    if let Some(json) = &send.json {
        strings(json, &mut all);
    }
    all
}

fn placed<'t>(
    templates: impl Iterator<Item = &'t Template>,
    known: &[&str],
    key: &str,
) -> Result<(), Fault> {
    for template in templates {
        if let Some(part) = template.parts().find(|part| !known.contains(part)) {
            return Err(Fault::new(key, format!("`{{{part}}}` is no part: {}", known.join(", "))));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::probes::{Class, Way};

    const GOOD: &str = r#"
        id = "acme-user"
        class = "read"
        hosts = ["api.acme.com", "{team}.acme.com"]
        parts = { team = { named = "team" } }
        send = { get = "/v1/me?full={team}", bearer = "{token}", headers = { Accept = "application/json" } }
        live = "status=200 & json:$.id"
        revoked = ["status=401 & json:$.error~revoked [deleted]", "status=401 [weak]"]
        identity = { id = "json:$.id", scopes = "header:x-scopes" }
    "#;

    fn read(text: &str) -> Result<super::Probe, String> {
        parse(&text.parse().unwrap(), "acme").map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_probe_is_read() {
        let probe = read(GOOD).unwrap();
        assert_eq!((probe.id.as_str(), probe.class), ("acme-user", Class::Read));
        assert_eq!(probe.hosts.named.len(), 2);
        assert!(matches!(&probe.way, Way::Http(steps) if steps.len() == 1));
        assert_eq!(probe.verdicts.revoked.len(), 2);
        assert_ne!(probe.version, read(&GOOD.replace("401", "403")).unwrap().version);
    }

    #[test]
    fn what_is_wrong_or_harmful_names_its_key() {
        for (from, to, key) in [
            ("class = \"read\"", "class = \"reed\"", "`class`"),
            ("class = \"read\"", "", "`class`"),
            ("id = \"acme-user\"", "id = \"Acme\"", "`id`"),
            ("live = ", "lives = ", "`lives`"),
            ("get = ", "delete = ", "`send.delete`"),
            ("get = ", "gett = ", "`send.gett`"),
            ("/v1/me", "https://evil.com/", "`send.get`"),
            ("Accept", "Host", "`send.headers`"),
            ("bearer = \"{token}\"", "bearer = \"{tokn}\"", "`send`"),
            ("api.acme.com", "https://api.acme.com", "`hosts`"),
            ("api.acme.com", "10.0.0.1", "`hosts`"),
            ("{team}.acme.com", "{team}.com", "`hosts`"),
            ("{team}.acme.com", "{team}evil.acme.com", "`hosts`"),
            ("{team}.acme.com", "api.{team}", "`hosts`"),
            ("\"{team}.acme.com\"", "\"@scanned\"", "`parts`"),
            ("json:$.id\"\n", "json:id\"\n", "`live`"),
            ("status=401 [weak]", "status=429", "`revoked`"),
            ("status=401 [weak]", "status=5xx", "`revoked`"),
            ("named = ", "nmaed = ", "`parts.team.nmaed`"),
            ("named = ", "url = ", "`parts.team.url`"),
            ("json:$.id\", scopes", "id\", scopes", "`identity`"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let error = read(&text).map(|_| ()).unwrap_err();
            assert!(error.starts_with(key), "{from} -> {to}: {error}");
        }
    }
}
