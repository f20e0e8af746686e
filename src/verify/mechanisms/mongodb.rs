//! MongoDB: `hello`, then SCRAM.
//!
//! <https://github.com/mongodb/specifications/blob/master/source/auth/auth.md>,
//! <https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/>. The first host of the address is
//! asked alone; what stands behind an SRV record is not looked up.

use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use super::bson::{Value, Writer, read};
use super::login::{Login, Message, Talk, Wanted, given, next, some, unusable, wanted};
use super::mechanism::{With, event};
use super::scram::{Hash, Scram, prepared};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

/// OP_MSG.
const MESSAGE: i32 = 2013;
/// Steps of a login: more than SCRAM has.
const MOST_STEPS: usize = 4;

pub(super) struct Mongodb;

impl Login for Mongodb {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "database", "source", "method", "tls", "scheme"]
    }

    fn port(&self, _: &With) -> u16 {
        27017
    }

    fn is_tls(&self, with: &With) -> bool {
        wanted(with) == Wanted::Must
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        match (given(with, "scheme"), given(with, "method")) {
            ("mongodb+srv", _) => Some("srv-lookup"),
            (_, "" | "DEFAULT" | "SCRAM-SHA-1" | "SCRAM-SHA-256") => unusable(with),
            _ => Some("other-method"),
        }
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, _: usize) -> Talk<'a> {
        Box::pin(talk(wire, with))
    }
}

async fn talk(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    let (user, password) = (given(with, "user"), given(with, "password"));
    let source = [given(with, "source"), given(with, "database"), "admin"];
    let source = source.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let hello = Writer::new().number("hello", 1).text("$db", "admin")?;
    let hello = hello.text("saslSupportedMechs", &format!("{source}.{user}"))?.done()?;
    let told = exchange(wire, 1, &hello).await?;
    let told = read(&told)?;
    let offered = told.iter().find(|(name, _)| *name == b"saslSupportedMechs");
    let knows = |hash: Hash| match offered {
        Some((_, Value::List(list))) => read(list)
            .map(|methods| methods.iter().any(|(_, method)| *method == Value::Text(hash.name()))),
        _ => Ok(false),
    };
    let hash = match given(with, "method") {
        "SCRAM-SHA-256" => Hash::Sha256,
        "SCRAM-SHA-1" => Hash::Sha1,
        _ if knows(Hash::Sha256)? => Hash::Sha256,
        _ => Hash::Sha1,
    };
    let password = match hash {
        Hash::Sha256 => prepared(password),
        Hash::Sha1 => digest(user, password),
    };
    let told = authenticate(wire, source, Scram::new(hash, user, password)?, hash).await?;
    wire.close(b"").await;
    Ok(told)
}

async fn authenticate(
    wire: &mut Wire,
    source: &str,
    mut scram: Scram,
    hash: Hash,
) -> Result<Reply, Failure> {
    let options = Writer::new().flag("skipEmptyExchange", true).done()?;
    let start = Writer::new().number("saslStart", 1).text("mechanism", hash.name())?;
    let start = start.bytes("payload", scram.first().as_bytes())?.document("options", &options);
    let mut ask = start.text("$db", source)?.done()?;
    let (mut sent_last, mut proven) = (false, false);
    for step in 0..MOST_STEPS {
        let told = exchange(wire, 2 + i32::try_from(step).unwrap_or(0), &ask).await?;
        let told = read(&told)?;
        let field = |name: &str| {
            told.iter().find(|(own, _)| *own == name.as_bytes()).map(|(_, value)| *value)
        };
        if field("ok") != Some(Value::Number(1.0)) {
            let Some(Value::Number(code)) = field("code") else { return Err(Failure::Garbled) };
            return Ok(event(&(code as i32).to_string()));
        }
        let (Some(Value::Number(id)), Some(Value::Bytes(payload))) =
            (field("conversationId"), field("payload"))
        else {
            return Err(Failure::Garbled);
        };
        proven |= sent_last && scram.is_proven(payload);
        if field("done") == Some(Value::Flag(true)) {
            return Ok(event(if proven { "ok" } else { "server-unproven" }));
        }
        let answer = if sent_last { String::new() } else { scram.last(payload)? };
        sent_last = true;
        let next = Writer::new().number("saslContinue", 1).number("conversationId", id as i32);
        ask = next.bytes("payload", answer.as_bytes())?.text("$db", source)?.done()?;
    }
    Err(Failure::Garbled)
}

/// What the older logins take for the password.
fn digest(user: &str, password: &str) -> Zeroizing<Vec<u8>> {
    let hash = Md5::new_with_prefix(user).chain_update(":mongo:").chain_update(password).finalize();
    let hex = hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Zeroizing::new(hex.into_bytes())
}

/// Sends a document and reads the one that answers it.
async fn exchange(wire: &mut Wire, number: i32, document: &Message) -> Result<Vec<u8>, Failure> {
    // Header, flags, one section of one document.
    let length = i32::try_from(16 + 4 + 1 + document.len()).map_err(|_| Failure::Unsendable)?;
    let mut message = Zeroizing::new(Vec::with_capacity(21 + document.len()));
    for field in [length, number, 0, MESSAGE, 0] {
        message.extend_from_slice(&field.to_le_bytes());
    }
    message.push(0);
    message.extend_from_slice(document);
    wire.send(&message).await?;
    let length = i32::from_le_bytes(wire.array().await?);
    let length = usize::try_from(length).map_err(|_| Failure::Garbled)?;
    let body = wire.take(length.checked_sub(4).ok_or(Failure::Garbled)?).await?;
    let mut rest = body.as_slice();
    some(&mut rest, 8)?;
    let kind = i32::from_le_bytes(next(&mut rest)?);
    some(&mut rest, 4)?;
    let [section] = next(&mut rest)?;
    if kind != MESSAGE || section != 0 {
        return Err(Failure::Garbled);
    }
    Ok(rest.to_vec())
}
