//! Redis and Valkey: `PING` to see whether a password is needed, then `AUTH`.
//!
//! <https://redis.io/docs/latest/commands/auth/>,
//! <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

use zeroize::Zeroizing;

use super::login::{Login, Message, Talk, given, tls_first, unusable};
use super::mechanism::{With, event};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

/// The words with which an error begins that say more than that there is one.
const ERRORS: &[&str] = &["WRONGPASS", "NOAUTH", "NOPERM", "DENIED", "LOADING", "MASTERDOWN"];

pub(super) struct Redis;

impl Login for Redis {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "scheme", "tls"]
    }

    fn port(&self, _: &With) -> u16 {
        6379
    }

    fn is_tls(&self, with: &With) -> bool {
        tls_first(with, &["rediss", "valkeys"])
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        unusable(with)
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, _: usize) -> Talk<'a> {
        Box::pin(talk(wire, with))
    }
}

async fn talk(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    wire.send(&command(&["PING"])).await?;
    let told = match answer(wire).await?.as_str() {
        "ok" => return Ok(event("no-password-needed")),
        "NOAUTH" | "NOPERM" => None,
        other => Some(other.to_owned()),
    };
    if let Some(told) = told {
        return Ok(event(&told));
    }
    if !wire.may_reveal() {
        return Ok(event("cleartext-refused"));
    }
    let (user, password) = (given(with, "user"), given(with, "password"));
    let login = if user.is_empty() {
        command(&["AUTH", password])
    } else {
        command(&["AUTH", user, password])
    };
    wire.send(&login).await?;
    let told = answer(wire).await?;
    wire.close(b"").await;
    Ok(event(&told))
}

/// A command: an array of strings with their lengths, so that nothing in them is read as another command.
fn command(words: &[&str]) -> Message {
    let mut text = Zeroizing::new(format!("*{}\r\n", words.len()).into_bytes());
    for word in words {
        text.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        text.extend_from_slice(word.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text
}

/// A simple string, or the kind of an error.
async fn answer(wire: &mut Wire) -> Result<String, Failure> {
    let line = Zeroizing::new(wire.line().await?);
    if matches!(line.as_str(), "+PONG" | "+OK") {
        return Ok("ok".to_owned());
    }
    let error = line.strip_prefix('-').ok_or(Failure::Garbled)?;
    let word = error.split(' ').next().unwrap_or_default();
    // Before version 6 there were no users, and no words for what went wrong.
    Ok(match ERRORS.iter().find(|known| **known == word) {
        Some(known) => (*known).to_owned(),
        None if error.starts_with("ERR invalid password") => "WRONGPASS".to_owned(),
        None if error.starts_with("ERR operation not permitted") => "NOAUTH".to_owned(),
        None if error.starts_with("ERR max number of clients") => "MAXCLIENTS".to_owned(),
        None if error.contains("no password is set")
            || error.contains("without any password configured") =>
        {
            "no-password-needed".to_owned()
        }
        None => "ERR".to_owned(),
    })
}
