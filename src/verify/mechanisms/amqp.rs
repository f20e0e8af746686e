//! AMQP 0-9-1: the connection is opened in its virtual host, and closed.
//!
//! <https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf>, sections 2.2 and 4.2. No channel is opened.

use zeroize::Zeroizing;

use super::login::{Login, Message, Talk, given, next, some, tls_first, unusable};
use super::mechanism::{With, event};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

const START: (u16, u16) = (10, 10);
const START_OK: (u16, u16) = (10, 11);
const TUNE: (u16, u16) = (10, 30);
const TUNE_OK: (u16, u16) = (10, 31);
const OPEN: (u16, u16) = (10, 40);
const OPEN_OK: (u16, u16) = (10, 41);
const CLOSE: (u16, u16) = (10, 50);
const CLOSE_OK: (u16, u16) = (10, 51);
/// The last byte of a frame.
const END: u8 = 0xce;

pub(super) struct Amqp;

impl Login for Amqp {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "database", "scheme", "tls"]
    }

    fn port(&self, with: &With) -> u16 {
        if self.is_tls(with) { 5671 } else { 5672 }
    }

    fn is_tls(&self, with: &With) -> bool {
        tls_first(with, &["amqps"])
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        unusable(with)
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, _: usize) -> Talk<'a> {
        Box::pin(talk(wire, with))
    }
}

async fn talk(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    wire.send(b"AMQP\0\0\x09\x01").await?;
    let (method, body) = frame(wire).await?;
    let mut rest = body.as_slice();
    if method != START {
        return Err(Failure::Garbled);
    }
    some(&mut rest, 2)?;
    long(&mut rest)?;
    let methods = long(&mut rest)?;
    if !methods.split(|byte| *byte == b' ').any(|method| method == b"PLAIN") {
        return Ok(event("other-method"));
    }
    if !wire.may_reveal() {
        return Ok(event("cleartext-refused"));
    }
    wire.send(&login(given(with, "user"), given(with, "password"))?).await?;
    let (method, body) = frame(wire).await?;
    match method {
        TUNE => {}
        CLOSE => return closed(wire, &body).await,
        // A challenge of another method than the one that we chose.
        _ => return Err(Failure::Garbled),
    }
    let mut rest = body.as_slice();
    let limits: [u8; 8] = next(&mut rest)?;
    wire.send(&framed(TUNE_OK, &limits)?).await?;
    let host = Some(given(with, "database")).filter(|name| !name.is_empty()).unwrap_or("/");
    let mut open = vec![u8::try_from(host.len()).map_err(|_| Failure::Unsendable)?];
    open.extend_from_slice(host.as_bytes());
    open.extend_from_slice(&[0, 0]);
    wire.send(&framed(OPEN, &open)?).await?;
    let (method, body) = frame(wire).await?;
    match method {
        OPEN_OK => {}
        CLOSE => return closed(wire, &body).await,
        _ => return Err(Failure::Garbled),
    }
    // 200, no text, no method that was at fault.
    wire.send(&framed(CLOSE, &[0, 200, 0, 0, 0, 0, 0])?).await?;
    // It is awaited, so that the server takes no note of a broken connection.
    drop(frame(wire).await);
    wire.close(b"").await;
    Ok(event("ok"))
}

/// The code with which the server closes.
async fn closed(wire: &mut Wire, body: &[u8]) -> Result<Reply, Failure> {
    let mut rest = body;
    let code = u16::from_be_bytes(next(&mut rest)?);
    wire.close(&framed(CLOSE_OK, &[])?).await;
    Ok(event(&code.to_string()))
}

/// Start-Ok: who we are, that we want to be told why a login fails, the login.
fn login(user: &str, password: &str) -> Result<Message, Failure> {
    if user.contains('\0') || password.contains('\0') {
        return Err(Failure::Unsendable);
    }
    let mut abilities = Vec::new();
    put_short(&mut abilities, b"authentication_failure_close");
    abilities.extend_from_slice(b"t\x01");
    let mut properties = Vec::new();
    put_short(&mut properties, b"product");
    properties.push(b'S');
    put_long(&mut properties, b"leakspan")?;
    put_short(&mut properties, b"capabilities");
    properties.push(b'F');
    put_long(&mut properties, &abilities)?;
    let mut body = Zeroizing::new(Vec::with_capacity(512 + user.len() + password.len()));
    put_long(&mut body, &properties)?;
    put_short(&mut body, b"PLAIN");
    let plain = Zeroizing::new(["\0", user, "\0", password].concat());
    put_long(&mut body, plain.as_bytes())?;
    put_short(&mut body, b"en_US");
    framed(START_OK, &body)
}

fn put_short(bytes: &mut Vec<u8>, text: &'static [u8]) {
    bytes.push(u8::try_from(text.len()).expect("our own words are short"));
    bytes.extend_from_slice(text);
}

fn put_long(bytes: &mut Vec<u8>, text: &[u8]) -> Result<(), Failure> {
    let length = u32::try_from(text.len()).map_err(|_| Failure::Unsendable)?;
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text);
    Ok(())
}

/// Bytes behind their length: a string or a table.
fn long<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Failure> {
    let length = u32::from_be_bytes(next(rest)?);
    some(rest, usize::try_from(length).map_err(|_| Failure::Garbled)?)
}

/// The next frame, which holds a method.
async fn frame(wire: &mut Wire) -> Result<((u16, u16), Vec<u8>), Failure> {
    let [kind, _, _, a, b, c, d] = wire.array().await?;
    let length = u32::from_be_bytes([a, b, c, d]);
    if kind != 1 || length < 4 {
        return Err(Failure::Garbled);
    }
    let [a, b, c, d] = wire.array().await?;
    let rest = usize::try_from(length - 4).map_err(|_| Failure::Garbled)?;
    let body = wire.take(rest).await?;
    if wire.array().await? != [END] {
        return Err(Failure::Garbled);
    }
    Ok(((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])), body))
}

/// A method in a frame of channel 0.
fn framed((class, method): (u16, u16), body: &[u8]) -> Result<Message, Failure> {
    let length = u32::try_from(4 + body.len()).map_err(|_| Failure::Unsendable)?;
    let mut frame = Zeroizing::new(Vec::with_capacity(12 + body.len()));
    frame.extend_from_slice(&[1, 0, 0]);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&class.to_be_bytes());
    frame.extend_from_slice(&method.to_be_bytes());
    frame.extend_from_slice(body);
    frame.push(END);
    Ok(frame)
}
