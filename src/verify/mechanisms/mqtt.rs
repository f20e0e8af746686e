//! MQTT: `CONNECT` with a name of its own, `CONNACK`, `DISCONNECT`.
//!
//! Version 5 first, whose answers say more, then 3.1.1:
//! <https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html> (3.1, 3.2),
//! <https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html>. A clean session under a random
//! name, without a will: nobody else's session is ended, nothing is published.

use zeroize::Zeroizing;

use super::login::{Login, Message, OTHER_VERSION, Talk, given, random, tls_first, unusable};
use super::mechanism::{With, event};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

/// The versions in the order of trying.
const VERSIONS: [u8; 2] = [5, 4];
/// The longest answer: properties of version 5 and all.
const LONGEST: usize = 16 * 1024;

pub(super) struct Mqtt;

impl Login for Mqtt {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "scheme", "tls"]
    }

    fn port(&self, with: &With) -> u16 {
        if self.is_tls(with) { 8883 } else { 1883 }
    }

    fn is_tls(&self, with: &With) -> bool {
        tls_first(with, &["mqtts", "ssl", "tls"])
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        unusable(with)
    }

    fn variants(&self) -> usize {
        VERSIONS.len()
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, variant: usize) -> Talk<'a> {
        Box::pin(talk(wire, with, VERSIONS[variant]))
    }
}

async fn talk(wire: &mut Wire, with: &With, version: u8) -> Result<Reply, Failure> {
    if !wire.may_reveal() {
        return Ok(event("cleartext-refused"));
    }
    wire.send(&connect(given(with, "user"), given(with, "password"), version)?).await?;
    // CONNACK, and how long it is.
    if wire.array().await? != [0x20] {
        return Err(Failure::Garbled);
    }
    let length = remaining(wire).await?;
    if !(2..=LONGEST).contains(&length) {
        return Err(Failure::Garbled);
    }
    let body = wire.take(length).await?;
    let told = match (version, body[1]) {
        (_, 0) => "ok",
        (5, 0x01 | 0x84) => OTHER_VERSION,
        (5, 0x86) | (4, 4) => "bad-credentials",
        (5, 0x87) | (4, 5) => "not-authorized",
        (5, 0x88) | (4, 3) => "unavailable",
        (5, 0x8a) => "banned",
        (5, 0x97 | 0x9f) => "quota",
        (5, 0x9c | 0x9d) => "other-server",
        _ => "refused",
    };
    if told == "ok" {
        wire.close(&[0xe0, 0]).await;
    }
    Ok(event(told))
}

fn connect(user: &str, password: &str, version: u8) -> Result<Message, Failure> {
    let mut body = Zeroizing::new(Vec::with_capacity(512));
    put(&mut body, b"MQTT")?;
    // A clean session, a user name, a password; ten seconds between signs of life; no properties.
    body.extend_from_slice(&[version, 0xc2, 0, 10]);
    body.extend_from_slice(if version == 5 { &[0] } else { &[] });
    put(&mut body, format!("leakspan{}", random(12)?).as_bytes())?;
    put(&mut body, user.as_bytes())?;
    put(&mut body, password.as_bytes())?;
    let mut packet = Zeroizing::new(Vec::with_capacity(body.len() + 4));
    packet.push(0x10);
    let mut rest = body.len();
    while rest >= 128 {
        packet.push(u8::try_from(rest % 128).unwrap_or(0) | 0x80);
        rest /= 128;
    }
    packet.push(u8::try_from(rest).unwrap_or(0));
    packet.extend_from_slice(&body);
    Ok(packet)
}

/// A string behind its length.
fn put(bytes: &mut Vec<u8>, text: &[u8]) -> Result<(), Failure> {
    let length = u16::try_from(text.len()).map_err(|_| Failure::Unsendable)?;
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text);
    Ok(())
}

/// The length of what follows: seven bits a byte, four bytes at most.
async fn remaining(wire: &mut Wire) -> Result<usize, Failure> {
    let mut length = 0;
    for place in 0..4 {
        let [byte] = wire.array().await?;
        length |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(length);
        }
    }
    Err(Failure::Garbled)
}
