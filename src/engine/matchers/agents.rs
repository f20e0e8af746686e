//! Configurations in JSON whose shape says where the secret stands: agents' tool servers, registries.

use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use memchr::memmem;

use super::json;
use super::matcher::{Hit, Matcher, REACH};
use super::names;
use crate::engine::candidate::Text;

/// Literals under `mcpServers`: `env`, `headers`, and arguments behind `--token` and the like.
#[derive(Debug)]
pub(super) struct McpServers;

/// Logins under `auths` of a container client's configuration.
#[derive(Debug)]
pub(super) struct DockerAuths;

/// Calls `each` with the place behind every one of `anchors` that begins in the window, and goes on
/// where `each` says: nothing is read twice.
fn anchored(
    bytes: &[u8],
    window: Range<usize>,
    anchor: &[u8],
    mut each: impl FnMut(usize) -> usize,
) {
    let reach = bytes.len().min(window.end + anchor.len() - 1);
    let mut at = window.start;
    while at < reach {
        let Some(next) = memmem::find(&bytes[at..reach], anchor) else { return };
        let behind = at + next + anchor.len();
        at = each(behind).max(behind);
    }
}

impl Matcher for McpServers {
    fn name(&self) -> &'static str {
        "mcp-servers"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        // `servers` alone says nothing where the file does not speak of the protocol.
        let of_agents = memmem::find(&text.path.as_bytes().to_ascii_lowercase(), b"mcp").is_some();
        let anchors = [&b"\"mcpServers\""[..], b"\"context_servers\"", b"\"servers\""];
        for anchor in anchors.into_iter().take(if of_agents { 3 } else { 2 }) {
            anchored(text.bytes, window.clone(), anchor, |behind| {
                let mut flag = false;
                json::walk(text.bytes, behind, behind + REACH, |path, value| {
                    found.extend(server_literal(text.bytes, path, value, &mut flag));
                })
            });
        }
    }
}

/// A string of a server's entry; `flag` says whether the argument before it promises a secret.
fn server_literal(
    bytes: &[u8],
    path: &[Range<usize>],
    value: Range<usize>,
    flag: &mut bool,
) -> Option<Hit> {
    let [server, place, rest @ ..] = path else { return None };
    let text = &bytes[value.clone()];
    let promises = |name: &[u8]| {
        names::read(name).is_some_and(|named| named.strong) || name.ends_with(b"_KEY")
    };
    let secret = match (&bytes[place.clone()], rest) {
        (b"env", [name]) if promises(&bytes[name.clone()]) => value.clone(),
        (b"headers", [name]) if promises(&bytes[name.clone()]) => {
            let scheme = text.iter().position(|byte| *byte == b' ').map_or(0, |blank| blank + 1);
            value.start + scheme..value.end
        }
        (b"args", []) => {
            let cut = memchr::memchr(b'=', text);
            let name = cut.map_or(text, |cut| &text[..cut]);
            let wanted = name.len() <= 64
                && promises(name.trim_ascii_start().strip_prefix(b"--").unwrap_or(name));
            let before = std::mem::replace(flag, wanted && cut.is_none() && text.starts_with(b"-"));
            match cut {
                Some(cut) if wanted => value.start + cut + 1..value.end,
                _ if before => value.clone(),
                _ => return None,
            }
        }
        _ => return None,
    };
    let range = server.start..value.end;
    let long = secret.len() >= 8 && !bytes[secret.clone()].contains(&b' ');
    long.then(|| {
        Hit::new("mcp-server-config-secret", range, secret).fact("server", &bytes[server.clone()])
    })
}

impl Matcher for DockerAuths {
    fn name(&self) -> &'static str {
        "docker-auths"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        anchored(text.bytes, window, b"\"auths\"", |behind| {
            json::walk(text.bytes, behind, behind + REACH, |path, value| {
                found.extend(registry_login(text.bytes, path, value));
            })
        });
    }
}

fn registry_login(bytes: &[u8], path: &[Range<usize>], value: Range<usize>) -> Option<Hit> {
    let [registry, field] = path else { return None };
    let hit = Hit::new("docker-config-auth", registry.start..value.end, value.clone());
    let hit = hit.fact("registry", &bytes[registry.clone()]);
    match &bytes[field.clone()] {
        b"auth" => {
            let plain = BASE64_STANDARD.decode(&bytes[value]).ok()?;
            let cut = memchr::memchr(b':', &plain)?;
            let mut hit = hit.fact("user", &plain[..cut]);
            hit.value = Some(plain[cut + 1..].to_vec());
            (plain.len() > cut + 1).then_some(hit)
        }
        b"identitytoken" | b"registrytoken" | b"password" => (value.len() >= 4).then_some(hit),
        _ => None,
    }
}
