//! `scheme://user:password@host`: logins in URLs, of databases, brokers and web servers.

use std::ops::Range;

use memchr::memmem;

use super::matcher::{Hit, Matcher};
use crate::engine::candidate::Text;
use crate::model::Confidence;

/// Passwords in the authority of a URL. The secret is the password; percent signs are undone in the value.
#[derive(Debug)]
pub(super) struct UrlLogin;

/// The longest authority that is read.
const LONGEST: usize = 400;
const LONGEST_SCHEME: usize = 24;

impl Matcher for UrlLogin {
    fn name(&self) -> &'static str {
        "url-login"
    }

    fn on_line(&self) -> bool {
        true
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let reach = text.bytes.len().min(window.end + 2);
        for at in memmem::find_iter(&text.bytes[window.start..reach], b"://") {
            let colon = window.start + at;
            let scheme_ends =
                colon.checked_sub(1).is_some_and(|end| text.bytes[end].is_ascii_alphanumeric());
            found.extend(scheme_ends.then(|| login(text.bytes, colon)).flatten());
        }
    }
}

/// The login of the URL whose scheme ends at `colon`.
fn login(bytes: &[u8], colon: usize) -> Option<Hit> {
    let start = colon + 3;
    let rest = &bytes[start..bytes.len().min(start + LONGEST)];
    let ends = |byte: &u8| {
        matches!(
            byte,
            0..=b' ' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'/' | b'?' | b')' | b','
        )
    };
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let at = memchr::memrchr(b'@', authority)?;
    let cut = memchr::memchr(b':', &authority[..at])?;
    let (user, password, host) = (&authority[..cut], &authority[cut + 1..at], &authority[at + 1..]);
    let scheme = scheme(bytes, colon)?;
    if password.len() < 3
        || password.len() > 128
        || host.is_empty()
        || !is_login(user, password, host)
    {
        return None;
    }
    let secret = start + cut + 1..start + at;
    let range = colon - scheme.len()..start + authority.len();
    let mut hit =
        Hit::new(signature(&scheme), range, secret).fact("scheme", &scheme).fact("user", user);
    hit.value = unpercent(password);
    let (name, port) = host_and_port(host);
    let tail = &bytes[start + authority.len()..bytes.len().min(start + authority.len() + 64)];
    let made_up = password.len() < 10 || !password.iter().any(u8::is_ascii_digit);
    hit.confidence = (made_up && is_local(name)).then_some(Confidence::Low);
    Some(hit.fact("host", name).fact("port", port).fact("database", database(tail)))
}

/// The scheme before `colon`, lower case.
fn scheme(bytes: &[u8], colon: usize) -> Option<Vec<u8>> {
    let run = bytes[..colon].iter().rev().take(LONGEST_SCHEME);
    let run =
        run.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'));
    let scheme = bytes[colon - run.count()..colon].to_ascii_lowercase();
    scheme.first().is_some_and(u8::is_ascii_alphabetic).then_some(scheme)
}

fn signature(scheme: &[u8]) -> &'static str {
    let base = scheme.split(|byte| *byte == b'+').next().unwrap_or(scheme);
    match base {
        b"postgres" | b"postgresql" | b"pgsql" => "postgres-url",
        b"mysql" | b"mysql2" | b"mariadb" => "mysql-url",
        b"mongodb" => "mongodb-url",
        b"redis" | b"rediss" => "redis-url",
        b"amqp" | b"amqps" => "rabbitmq-url",
        b"nats" => "nats-url",
        b"mqtt" | b"mqtts" => "mqtt-url",
        b"smtp" | b"smtps" => "smtp-url",
        _ => "url-basic-auth",
    }
}

fn host_and_port(host: &[u8]) -> (&[u8], &[u8]) {
    let first = host.split(|byte| *byte == b',').next().unwrap_or(host);
    match memchr::memrchr(b':', first) {
        Some(colon) if first[colon + 1..].iter().all(u8::is_ascii_digit) => {
            (&first[..colon], &first[colon + 1..])
        }
        _ => (first, &[]),
    }
}

/// The name behind `/` and before what ends it.
fn database(tail: &[u8]) -> &[u8] {
    let Some(name) = tail.strip_prefix(b"/") else { return &[] };
    let length =
        name.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"_-.".contains(byte)));
    &name[..length.unwrap_or(name.len())]
}

fn is_local(host: &[u8]) -> bool {
    let host = host.to_ascii_lowercase();
    matches!(host.as_slice(), b"localhost" | b"127.0.0.1" | b"[::1]" | b"0.0.0.0" | b"[")
        || [&b".localhost"[..], b".local", b".test", b".invalid"]
            .iter()
            .any(|end| host.ends_with(end))
}

/// Words that stand for a password or a user in documentation, lower case.
const STAND_INS: &[&[u8]] = &[
    b"pass",
    b"password",
    b"passwd",
    b"pwd",
    b"pw",
    b"secret",
    b"token",
    b"user",
    b"username",
    b"xxx",
    b"xxxx",
    b"pswd",
    b"passw0rd",
    b"test",
    b"admin",
    b"root",
    b"guest",
    b"foo",
    b"bar",
    b"baz",
    b"userpass",
    b"mypass",
    b"apikey",
    b"api_key",
    b"key",
    b"login",
    b"name",
    b"abc",
    b"123",
    b"1234",
    b"12345",
    b"123456",
    b"postgres",
    b"mysql",
    b"mongo",
    b"redis",
    b"rabbitmq",
    b"hunter2",
    b"pwd123",
    b"x-oauth-basic",
    b"password123",
    b"pass123",
    b"basic",
    b"tiger",
    b"db_password",
    b"dbpass",
    b"dbpassword",
];

/// Whether the three parts are a login and neither a template, an example, nor something else with `@`.
fn is_login(user: &[u8], password: &[u8], host: &[u8]) -> bool {
    let printable = |part: &[u8]| part.iter().all(u8::is_ascii_graphic);
    let template = |part: &[u8]| {
        part.iter().any(|byte| matches!(byte, b'{' | b'}' | b'$' | b'<' | b'[' | b'|'))
    };
    if !printable(user) || !printable(password) || template(user) {
        return false;
    }
    // `:port/@scope` and `a:b:c@` are no logins; nor is what has no letter or digit.
    if !password.iter().any(u8::is_ascii_alphanumeric) || user.contains(&b'@') {
        return false;
    }
    let name = host_and_port(host).0.to_ascii_lowercase();
    // A host that is filled in (`%s`, `${host}`, `{}`) says nothing against the password before it.
    let filled_in = name.first().is_some_and(|byte| matches!(byte, b'%' | b'$' | b'{' | b'#'));
    if !name.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'[') && !filled_in
        || template(host) && name[0] != b'[' && !filled_in
    {
        return false;
    }
    let lower = password.to_ascii_lowercase();
    let example = memmem::find(&name, b"example").is_some()
        || name.starts_with(b"your")
        || name.starts_with(b"my");
    let bare = matches!(
        name.as_slice(),
        b"host"
            | b"hostname"
            | b"server"
            | b"domain"
            | b"domain.com"
            | b"site.com"
            | b"a"
            | b"b"
            | b"foo"
            | b"bar"
            | b"h"
            | b"url"
            | b"addr"
            | b"address"
            | b"ip"
            | b"test.com"
            | b"foo.com"
            | b"foo.bar"
            | b"bar.com"
            | b"somewhere"
            | b"proxy"
            | b"host.com"
            | b"test"
    );
    let stand_in = STAND_INS.contains(&lower.as_slice())
        || password.eq_ignore_ascii_case(user)
        || (user.eq_ignore_ascii_case(b"user") && lower.starts_with(b"pass"));
    let short_number = lower.len() <= 5 && lower.iter().all(u8::is_ascii_digit);
    !(example || bare || stand_in || short_number)
}

/// The bytes with `%XX` undone; `None` where there are none.
fn unpercent(text: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'%', text)?;
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let code = match after {
            [high, low, ..] if byte == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match code {
            Some((high, low)) => {
                plain.push(high << 4 | low);
                rest = &after[2..];
            }
            None => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    Some(plain)
}
