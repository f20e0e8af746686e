//! NATS: `CONNECT` after the server's `INFO`, and a `PING`.
//!
//! <https://docs.nats.io/reference/reference-protocols/nats-protocol>

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::login::{Login, Message, Talk, Wanted, given, unusable, wanted};
use super::mechanism::{With, event};
use super::nkey::Nkey;
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

/// What the server says when it refuses (lower case), and our words for it.
const ERRORS: &[(&str, &str)] = &[
    ("authorization violation", "authorization-violation"),
    ("user authentication expired", "authentication-expired"),
    ("user authentication revoked", "authentication-revoked"),
    ("account authentication expired", "authentication-expired"),
    ("authentication timeout", "authentication-timeout"),
    ("maximum connections exceeded", "too-many-connections"),
    ("secure connection - tls required", "tls-required"),
];
/// Lines that a server says between `CONNECT` and its answer.
const MOST_LINES: usize = 16;

pub(super) struct Nats;

impl Login for Nats {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "token", "seed", "jwt", "tls", "scheme"]
    }

    fn port(&self, _: &With) -> u16 {
        4222
    }

    fn is_tls(&self, _: &With) -> bool {
        // The server speaks first, and in clear.
        false
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        match (given(with, "seed"), given(with, "token")) {
            ("", "") => unusable(with),
            ("", _) => None,
            (seed, _) => Nkey::of(seed).is_none().then_some("no-key-of-a-user"),
        }
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, _: usize) -> Talk<'a> {
        Box::pin(talk(wire, with))
    }
}

async fn talk(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    let line = wire.line().await?;
    let info = line.strip_prefix("INFO ").ok_or(Failure::Garbled)?;
    let info: Value = serde_json::from_str(info).map_err(|_| Failure::Garbled)?;
    let is = |name: &str| info[name] == true;
    let wanted = match given(with, "scheme") {
        "tls" => Wanted::Must,
        _ => wanted(with),
    };
    let offered = is("tls_required") || (is("tls_available") && wanted != Wanted::Off);
    if offered {
        wire.secure().await?;
    } else if wanted == Wanted::Must {
        return Ok(event("tls-refused"));
    }
    if !is("auth_required") {
        return Ok(event("no-password-needed"));
    }
    let seed = given(with, "seed");
    if seed.is_empty() && !wire.may_reveal() {
        return Ok(event("cleartext-refused"));
    }
    wire.send(&connect(&info, with, offered)?).await?;
    wire.send(b"PING\r\n").await?;
    for _ in 0..MOST_LINES {
        let line = Zeroizing::new(wire.line().await?);
        match line.as_str() {
            "PONG" => {
                wire.close(b"").await;
                return Ok(event("ok"));
            }
            "+OK" | "PING" => {}
            line if line.starts_with("INFO ") => {}
            line => {
                let error = line.strip_prefix("-ERR ").ok_or(Failure::Garbled)?;
                let error = error.trim_matches('\'').to_ascii_lowercase();
                let known = ERRORS.iter().find(|(theirs, _)| *theirs == error);
                return Ok(event(known.map_or("error", |(_, own)| own)));
            }
        }
    }
    Err(Failure::Garbled)
}

/// `CONNECT` and its login.
fn connect(info: &Value, with: &With, tls: bool) -> Result<Message, Failure> {
    let mut options = json!({
        "verbose": false, "pedantic": false, "tls_required": tls, "name": "leakspan",
        "lang": "rust", "version": env!("CARGO_PKG_VERSION"), "protocol": 1, "echo": false,
    });
    let (seed, token) = (given(with, "seed"), given(with, "token"));
    if !seed.is_empty() {
        let key = Nkey::of(seed).ok_or(Failure::Unsendable)?;
        let nonce = info["nonce"].as_str().ok_or(Failure::Garbled)?;
        options["sig"] = key.sign(nonce).into();
        match given(with, "jwt") {
            "" => options["nkey"] = key.public().into(),
            jwt => options["jwt"] = jwt.into(),
        }
    } else if !token.is_empty() {
        options["auth_token"] = token.into();
    } else {
        options["user"] = given(with, "user").into();
        options["pass"] = given(with, "password").into();
    }
    Ok(Zeroizing::new(format!("CONNECT {options}\r\n").into_bytes()))
}
