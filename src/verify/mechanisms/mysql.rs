//! MySQL and MariaDB: the connection phase alone.
//!
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>. A password goes
//! out in clear in TLS alone; files of ours are never offered (`LOCAL INFILE` stays off).

use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::login::{Login, Message, Talk, Wanted, given, next, some, until_nul, unusable, wanted};
use super::mechanism::{With, event};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

/// `LONG_PASSWORD`, `LONG_FLAG`, `PROTOCOL_41`, `TRANSACTIONS`, `SECURE_CONNECTION`, `PLUGIN_AUTH`.
const ABILITIES: u32 = 0x1 | 0x4 | 0x200 | 0x2000 | 0x8000 | 0x8_0000;
const WITH_DATABASE: u32 = 0x8;
const TLS: u32 = 0x800;
/// Messages of a login: more than any server sends.
const MOST_ROUNDS: usize = 8;

const NATIVE: &str = "mysql_native_password";
const CACHING: &str = "caching_sha2_password";
const PLAIN: &str = "mysql_clear_password";
const SHA256: &str = "sha256_password";

pub(super) struct Mysql;

impl Login for Mysql {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "database", "tls", "scheme"]
    }

    fn port(&self, _: &With) -> u16 {
        3306
    }

    fn is_tls(&self, _: &With) -> bool {
        false
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        unusable(with)
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, _: usize) -> Talk<'a> {
        Box::pin(talk(wire, with))
    }
}

/// What the server says first.
struct Greeting {
    abilities: u32,
    salt: Vec<u8>,
    method: String,
}

async fn talk(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    let (mut number, packet) = packet(wire).await?;
    if packet.first() == Some(&0xff) {
        return refused(&packet);
    }
    let mut greeting = greeting(&packet)?;
    let database = given(with, "database");
    let mut abilities = ABILITIES | if database.is_empty() { 0 } else { WITH_DATABASE };
    let wanted = wanted(with);
    if wanted != Wanted::Off && greeting.abilities & TLS != 0 {
        abilities |= TLS;
        number = number.wrapping_add(1);
        wire.send(&framed(number, &opening(abilities))?).await?;
        wire.secure().await?;
    } else if wanted == Wanted::Must {
        return Ok(event("tls-refused"));
    }
    let (user, password) = (given(with, "user"), given(with, "password"));
    if user.contains('\0') || database.contains('\0') {
        return Err(Failure::Unsendable);
    }
    let mut login = Zeroizing::new(opening(abilities));
    login.extend_from_slice(user.as_bytes());
    login.push(0);
    // A method that cannot be answered at once is answered by the one that all servers know.
    if !matches!(greeting.method.as_str(), NATIVE | CACHING) {
        greeting.method = NATIVE.to_owned();
    }
    let answer = scrambled(&greeting.method, password, &greeting.salt);
    login.push(u8::try_from(answer.len()).map_err(|_| Failure::Garbled)?);
    login.extend_from_slice(&answer);
    if !database.is_empty() {
        login.extend_from_slice(database.as_bytes());
        login.push(0);
    }
    login.extend_from_slice(greeting.method.as_bytes());
    login.push(0);
    wire.send(&framed(number.wrapping_add(1), &login)?).await?;
    let told = authenticate(wire, greeting.method, password).await?;
    // COM_QUIT, the first of a new series.
    wire.close(&framed(0, &[1])?).await;
    Ok(told)
}

async fn authenticate(
    wire: &mut Wire,
    mut method: String,
    password: &str,
) -> Result<Reply, Failure> {
    for _ in 0..MOST_ROUNDS {
        let (number, packet) = packet(wire).await?;
        let clear = || {
            let mut clear = Zeroizing::new(password.as_bytes().to_vec());
            clear.push(0);
            clear
        };
        let answer = match packet.split_first() {
            Some((0x00, _)) => return Ok(event("ok")),
            Some((0xff, _)) => return refused(&packet),
            Some((0xfe, switch)) => {
                let mut rest = switch;
                method = String::from_utf8_lossy(until_nul(&mut rest)?).into_owned();
                match method.as_str() {
                    NATIVE | CACHING => scrambled(&method, password, &salt_of(rest)),
                    PLAIN | SHA256 if wire.is_secure() => clear(),
                    PLAIN | SHA256 => return Ok(event("cleartext-refused")),
                    _ => return Ok(event("other-method")),
                }
            }
            // The server remembers the password: an OK follows.
            Some((0x01, [0x03])) if method == CACHING => continue,
            // It does not, and wants the password itself.
            Some((0x01, [0x04])) if method == CACHING && wire.is_secure() => clear(),
            Some((0x01, [0x04])) if method == CACHING => return Ok(event("cleartext-refused")),
            _ => return Err(Failure::Garbled),
        };
        wire.send(&framed(number.wrapping_add(1), &answer)?).await?;
    }
    Err(Failure::Garbled)
}

/// The number of an error.
fn refused(packet: &[u8]) -> Result<Reply, Failure> {
    let mut rest = packet;
    let [_, low, high] = next(&mut rest)?;
    Ok(event(&u16::from_le_bytes([low, high]).to_string()))
}

fn greeting(packet: &[u8]) -> Result<Greeting, Failure> {
    let mut rest = packet;
    if next(&mut rest)? != [10] {
        return Err(Failure::Garbled);
    }
    until_nul(&mut rest)?;
    some(&mut rest, 4)?;
    let mut salt = some(&mut rest, 8)?.to_vec();
    some(&mut rest, 1)?;
    let low = u32::from(u16::from_le_bytes(next(&mut rest)?));
    some(&mut rest, 3)?;
    let high = u32::from(u16::from_le_bytes(next(&mut rest)?));
    let [length] = next(&mut rest)?;
    some(&mut rest, 10)?;
    let second = usize::from(length).saturating_sub(8).max(13).min(rest.len());
    salt.extend(some(&mut rest, second)?);
    let method = rest.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(Greeting {
        abilities: high << 16 | low,
        salt: salt_of(&salt),
        method: String::from_utf8_lossy(method).into_owned(),
    })
}

/// A salt ends with a NUL, which is none of it.
fn salt_of(bytes: &[u8]) -> Vec<u8> {
    bytes.strip_suffix(&[0]).unwrap_or(bytes).to_vec()
}

/// What a login and the request for TLS begin with.
fn opening(abilities: u32) -> Vec<u8> {
    let mut bytes = abilities.to_le_bytes().to_vec();
    bytes.extend_from_slice(&(1_u32 << 24).to_le_bytes());
    bytes.push(45); // utf8mb4
    bytes.extend_from_slice(&[0; 23]);
    bytes
}

/// The proof that we know the password.
fn scrambled(method: &str, password: &str, salt: &[u8]) -> Message {
    let password = password.as_bytes();
    Zeroizing::new(if method == CACHING {
        let once = Sha256::digest(password);
        let mask = Sha256::new().chain_update(Sha256::digest(once)).chain_update(salt).finalize();
        once.iter().zip(mask).map(|(a, b)| a ^ b).collect()
    } else {
        let once = Sha1::digest(password);
        let mask = Sha1::new().chain_update(salt).chain_update(Sha1::digest(once)).finalize();
        once.iter().zip(mask).map(|(a, b)| a ^ b).collect()
    })
}

/// The next packet and its number.
async fn packet(wire: &mut Wire) -> Result<(u8, Vec<u8>), Failure> {
    let [a, b, c, number] = wire.array().await?;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, 0])).map_err(|_| Failure::Garbled)?;
    Ok((number, wire.take(length).await?))
}

/// A packet of ours.
fn framed(number: u8, body: &[u8]) -> Result<Message, Failure> {
    let length = u16::try_from(body.len()).map_err(|_| Failure::Unsendable)?;
    let [low, high] = length.to_le_bytes();
    let mut packet = Zeroizing::new(vec![low, high, 0, number]);
    packet.extend_from_slice(body);
    Ok(packet)
}
