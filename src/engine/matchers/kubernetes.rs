//! Kubernetes Secret manifests in YAML and JSON: each value under `data` and `stringData`.

use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use memchr::memmem;

use super::json;
use super::matcher::{Hit, Matcher, REACH};
use crate::engine::candidate::Text;

/// Values of a manifest of kind Secret; those under `data` are decoded.
#[derive(Debug)]
pub(super) struct KubernetesSecret;

/// How far from `kind` its document is read.
const DOCUMENT: usize = REACH / 4;

impl Matcher for KubernetesSecret {
    fn name(&self) -> &'static str {
        "kubernetes-secret"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let bytes = text.bytes;
        let mut done = window.start;
        let mut floor = 0;
        for at in memmem::find_iter(&bytes[window.clone()], b"kind") {
            let at = window.start + at;
            match kind(bytes, at) {
                Some(Form::Yaml) if at >= done => {
                    let document = document(bytes, at);
                    done = document.end;
                    yaml(bytes, document, found);
                }
                Some(Form::Json) if at >= done => {
                    // Not back over an earlier manifest: so no byte is read more than twice.
                    let from = at.saturating_sub(DOCUMENT).max(floor);
                    done = json_secret(bytes, outer(bytes, from..at), found);
                    floor = at;
                }
                _ => {}
            }
        }
    }
}

enum Form {
    Yaml,
    Json,
}

/// Whether `kind` at that place says Secret, and in which form.
fn kind(bytes: &[u8], at: usize) -> Option<Form> {
    let rest = &bytes[at + 4..bytes.len().min(at + 32)];
    if let Some(value) = rest.strip_prefix(b":") {
        let value = value.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
        let behind = value.strip_prefix(b"Secret")?;
        return behind
            .first()
            .is_none_or(|byte| !byte.is_ascii_alphanumeric())
            .then_some(Form::Yaml);
    }
    let value = rest.strip_prefix(b"\"")?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    value.starts_with(b"\"Secret\"").then_some(Form::Json)
}

/// The brace that opens the object which ends behind `before`: balanced braces are skipped.
fn outer(bytes: &[u8], before: Range<usize>) -> usize {
    let mut depth = 0_usize;
    for at in before.clone().rev() {
        match bytes[at] {
            b'}' => depth += 1,
            b'{' if depth == 0 => return at,
            b'{' => depth -= 1,
            _ => {}
        }
    }
    before.end
}

/// The YAML document around `at`: between `---` lines, bounded.
fn document(bytes: &[u8], at: usize) -> Range<usize> {
    let from = at.saturating_sub(DOCUMENT);
    let to = bytes.len().min(at + DOCUMENT);
    let start = memmem::rfind(&bytes[from..at], b"\n---").map_or(from, |mark| from + mark + 4);
    let end = memmem::find(&bytes[at..to], b"\n---").map_or(to, |mark| at + mark);
    start..end
}

fn yaml(bytes: &[u8], document: Range<usize>, found: &mut Vec<Hit>) {
    let mut section: Option<(usize, bool)> = None;
    let mut at = document.start;
    for line in bytes[document].split(|byte| *byte == b'\n') {
        let start = at;
        at += line.len() + 1;
        let text = line.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        let indent = line.iter().take_while(|byte| **byte == b' ').count();
        match (text, section) {
            (b"data:", _) => section = Some((indent, true)),
            (b"stringData:", _) => section = Some((indent, false)),
            (_, Some((outer, _))) if indent <= outer => section = None,
            (_, Some((_, encoded))) => {
                found.extend(pair(bytes, start..start + line.len(), encoded));
            }
            _ => {}
        }
    }
}

/// `key: value` on a line.
fn pair(bytes: &[u8], line: Range<usize>, encoded: bool) -> Option<Hit> {
    let text = &bytes[line.clone()];
    let colon = memmem::find(text, b": ")?;
    let key = text[..colon].trim_ascii();
    let value = text[colon + 2..].trim_ascii();
    let start = line.start
        + colon
        + 2
        + (text.len() - colon - 2 - text[colon + 2..].trim_ascii_start().len());
    let quoted =
        value.len() >= 2 && matches!(value[0], b'"' | b'\'') && value.last() == Some(&value[0]);
    let secret =
        if quoted { start + 1..start + value.len() - 1 } else { start..start + value.len() };
    if matches!(value.first(), Some(b'|' | b'>' | b'&' | b'*' | b'!' | b'{')) {
        return None;
    }
    hit(bytes, key, secret, encoded)
}

fn json_secret(bytes: &[u8], start: usize, found: &mut Vec<Hit>) -> usize {
    json::walk(bytes, start, start + REACH, |path, value| {
        let [.., section, key] = path else { return };
        let encoded = match &bytes[section.clone()] {
            b"data" => true,
            b"stringData" => false,
            _ => return,
        };
        found.extend(hit(bytes, &bytes[key.clone()], value, encoded));
    })
}

/// Words in a key's name that say that its value is no secret.
const PUBLIC: &[&[u8]] = &[
    b".crt",
    b"ca.",
    b"namespace",
    b"user",
    b"host",
    b"port",
    b"url",
    b"name",
    b"email",
    b"region",
    b"database",
    b".pub",
    b"endpoint",
    b"bucket",
];

fn hit(bytes: &[u8], key: &[u8], secret: Range<usize>, encoded: bool) -> Option<Hit> {
    let raw = &bytes[secret.clone()];
    let name = key.trim_ascii().to_ascii_lowercase();
    if raw.len() < 4 || PUBLIC.iter().any(|word| memmem::find(&name, word).is_some()) {
        return None;
    }
    let value = if encoded { Some(BASE64_STANDARD.decode(raw).ok()?) } else { None };
    let plain = value.as_deref().unwrap_or(raw);
    let public =
        plain.starts_with(b"-----BEGIN CERTIFICATE") || plain.starts_with(b"-----BEGIN PUBLIC");
    if plain.len() < 4 || public || matches!(plain, b"true" | b"false" | b"null") {
        return None;
    }
    let mut hit = Hit::new("kubernetes-secret-manifest", secret.clone(), secret).fact("key", key);
    hit.value = value;
    Some(hit)
}
