//! LDAP: a simple bind, after StartTLS where the server has it, and an unbind.
//!
//! RFC 4511 (4.2, 4.3, 4.14), RFC 4513 (5.1.3). Nothing is searched.

use zeroize::Zeroizing;

use super::login::{Login, Message, Talk, Wanted, given, next, some, unusable, wanted};
use super::mechanism::{With, event};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
/// `[APPLICATION 0]` bind and its answer, `[APPLICATION 23]` extended request and its answer.
const BIND: u8 = 0x60;
const BOUND: u8 = 0x61;
const EXTENDED: u8 = 0x77;
const EXTENDED_ANSWER: u8 = 0x78;
/// The longest answer that is read.
const LONGEST: usize = 16 * 1024;
/// What Active Directory adds to 49: the password was right, and yet there is no session.
const SUB_CODES: &[&str] = &["530", "531", "532", "533", "701", "773", "775"];

pub(super) struct Ldap;

impl Login for Ldap {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "scheme", "tls"]
    }

    fn port(&self, with: &With) -> u16 {
        if self.is_tls(with) { 636 } else { 389 }
    }

    fn is_tls(&self, with: &With) -> bool {
        given(with, "scheme") == "ldaps"
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        // A bind without a name, or without a password, is anonymous and succeeds.
        if given(with, "user").is_empty() {
            return Some("no-user");
        }
        unusable(with)
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, _: usize) -> Talk<'a> {
        Box::pin(talk(wire, with))
    }
}

async fn talk(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    let wanted = wanted(with);
    if !wire.is_secure() && wanted != Wanted::Off {
        let name = tlv(0x80, START_TLS)?;
        wire.send(&message(1, &tlv(EXTENDED, &name)?)?).await?;
        let (code, _) = result(wire, EXTENDED_ANSWER).await?;
        if code == 0 {
            wire.secure().await?;
        } else if wanted == Wanted::Must {
            return Ok(event("tls-refused"));
        }
    }
    if !wire.may_reveal() {
        return Ok(event("cleartext-refused"));
    }
    let mut bind = Zeroizing::new(vec![0x02, 1, 3]);
    bind.extend_from_slice(&tlv(0x04, given(with, "user").as_bytes())?);
    bind.extend_from_slice(&tlv(0x80, given(with, "password").as_bytes())?);
    wire.send(&message(2, &tlv(BIND, &bind)?)?).await?;
    let (code, text) = result(wire, BOUND).await?;
    wire.close(&message(3, &[0x42, 0])?).await;
    if code == 0 {
        return Ok(event("ok"));
    }
    let after = text.split("data ").nth(1).unwrap_or_default();
    let sub = SUB_CODES.iter().find(|sub| code == 49 && after.starts_with(**sub));
    Ok(match sub {
        Some(sub) => event(&format!("49-{sub}")),
        None => event(&code.to_string()),
    })
}

/// A value behind its tag and its length.
fn tlv(tag: u8, value: &[u8]) -> Result<Message, Failure> {
    let length = u16::try_from(value.len()).map_err(|_| Failure::Unsendable)?;
    let [high, low] = length.to_be_bytes();
    let mut bytes = Zeroizing::new(Vec::with_capacity(value.len() + 4));
    bytes.extend_from_slice(&[tag, 0x82, high, low]);
    bytes.extend_from_slice(value);
    Ok(bytes)
}

/// A request under its number.
fn message(number: u8, request: &[u8]) -> Result<Message, Failure> {
    let mut body = Zeroizing::new(vec![0x02, 1, number]);
    body.extend_from_slice(request);
    tlv(0x30, &body)
}

/// The code and the text of an answer.
async fn result(wire: &mut Wire, expected: u8) -> Result<(u8, Zeroizing<String>), Failure> {
    let [tag, first] = wire.array().await?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => {
            let bytes = wire.take(usize::from(first & 0x7f)).await?;
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
        _ => return Err(Failure::Garbled),
    };
    if tag != 0x30 || length > LONGEST {
        return Err(Failure::Garbled);
    }
    let body = Zeroizing::new(wire.take(length).await?);
    let mut rest = body.as_slice();
    let (_, _number) = value(&mut rest)?;
    let (tag, mut answer) = value(&mut rest)?;
    // Notices that the server goes away come as extended answers under the number 0.
    if tag != expected {
        return Err(if tag == EXTENDED_ANSWER { Failure::Connection } else { Failure::Garbled });
    }
    let (tag, code) = value(&mut answer)?;
    let (0x0a, [code]) = (tag, code) else { return Err(Failure::Garbled) };
    let (_, _name) = value(&mut answer)?;
    let (_, text) = value(&mut answer)?;
    Ok((*code, Zeroizing::new(String::from_utf8_lossy(text).into_owned())))
}

/// The next tag and its value; lengths of up to four bytes.
fn value<'b>(rest: &mut &'b [u8]) -> Result<(u8, &'b [u8]), Failure> {
    let [tag, first] = next(rest)?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => some(rest, usize::from(first & 0x7f))?
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte)),
        _ => return Err(Failure::Garbled),
    };
    Ok((tag, some(rest, length)?))
}
