//! `Server=…;User Id=…;Password=…;`: connection strings of pairs.

use std::ops::Range;

use super::matcher::{Hit, Matcher};
use crate::engine::candidate::Text;

/// Passwords of connection strings that name a server.
#[derive(Debug)]
pub(super) struct ConnectionString;

/// How far a string is read in either direction.
const LONGEST: usize = 600;

impl Matcher for ConnectionString {
    fn name(&self) -> &'static str {
        "connection-string"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let reach = text.bytes.len().min(window.end);
        let mut done = window.start;
        for at in memchr::memchr_iter(b';', &text.bytes[window.start..reach]) {
            let at = window.start + at + 1;
            if at < done {
                continue;
            }
            let rest = &text.bytes[at..text.bytes.len().min(at + 12)];
            let rest = rest.trim_ascii_start().to_ascii_lowercase();
            if rest.starts_with(b"password") || rest.starts_with(b"pwd") {
                // A string is read once, however many passwords it names.
                let around = string_around(text.bytes, at);
                done = around.end;
                found.extend(password(text.bytes, at, around));
            }
        }
    }
}

/// The string around `at`: up to quotes, angle brackets, line ends, bounded.
fn string_around(bytes: &[u8], at: usize) -> Range<usize> {
    let ends = |byte: &u8| matches!(byte, b'"' | b'\n' | b'\r' | b'<' | b'>' | b'`' | b'\\');
    let from = at.saturating_sub(LONGEST);
    let start = bytes[from..at].iter().rposition(ends).map_or(from, |place| from + place + 1);
    let to = bytes.len().min(at + LONGEST);
    start..bytes[at..to].iter().position(ends).map_or(to, |place| at + place)
}

/// The password of the pair that begins behind the semicolon at `at`, in the string around it.
fn password(bytes: &[u8], at: usize, around: Range<usize>) -> Option<Hit> {
    let Range { start, end } = around;
    let mut facts = Facts::default();
    let mut place = start;
    let mut secret = None;
    for pair in bytes[start..end].split(|byte| *byte == b';') {
        let pair_start = place;
        place += pair.len() + 1;
        let Some(equals) = memchr::memchr(b'=', pair) else { continue };
        let name = pair[..equals].trim_ascii().to_ascii_lowercase();
        let value = pair[equals + 1..].trim_ascii();
        let lead = pair.len() - equals - 1 - pair[equals + 1..].trim_ascii_start().len();
        let value_start = pair_start + equals + 1 + lead;
        match name
            .rsplit(|byte| matches!(byte, b'\'' | b'(' | b'='))
            .next()
            .unwrap_or_default()
            .trim_ascii()
        {
            b"server" | b"data source" | b"host" | b"address" | b"addr" => facts.host = Some(value),
            b"user id" | b"uid" | b"user" | b"username" => facts.user = Some(value),
            b"database" | b"initial catalog" => facts.database = Some(value),
            b"password" | b"pwd" if pair_start >= at - 1 && secret.is_none() => {
                secret = Some(trim(bytes, value_start..value_start + value.len()));
            }
            _ => {}
        }
    }
    let secret = secret.filter(|secret| (4..=128).contains(&secret.len()))?;
    let host = facts.host?;
    let user = facts.user.unwrap_or_default();
    let same = bytes[secret.clone()].eq_ignore_ascii_case(user);
    let hit = Hit::new("azure-sql-connection-string", start..end, secret);
    (!same).then(|| {
        hit.fact("host", host)
            .fact("user", user)
            .fact("database", facts.database.unwrap_or_default())
    })
}

#[derive(Default)]
struct Facts<'a> {
    host: Option<&'a [u8]>,
    user: Option<&'a [u8]>,
    database: Option<&'a [u8]>,
}

/// Takes quotes from both ends.
fn trim(bytes: &[u8], value: Range<usize>) -> Range<usize> {
    let quote = |byte: &u8| matches!(byte, b'\'' | b')' | b',');
    let text = &bytes[value.clone()];
    let lead = usize::from(text.first() == Some(&b'\''));
    let tail = text.iter().rev().take_while(|byte| quote(byte)).count().min(text.len() - lead);
    value.start + lead..value.end - tail
}
