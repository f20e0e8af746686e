//! PostgreSQL: start-up and authentication, nothing behind them.
//!
//! <https://www.postgresql.org/docs/current/protocol-flow.html>. No query is sent: the server is told
//! goodbye as soon as it is ready for one.

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::message::backend::{ErrorResponseBody, Header, Message};
use postgres_protocol::message::frontend;
use zeroize::{Zeroize, Zeroizing};

use super::login::{Login, Message as Written, Talk, Wanted, given, unusable, wanted};
use super::mechanism::{With, event};
use super::scram::{Hash, Scram, prepared};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

/// What the server says of the session, and the name under which it is kept.
const TOLD: &[(&str, &str)] = &[("is_superuser", "superuser"), ("server_version", "version")];

pub(super) struct Postgres;

impl Login for Postgres {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "database", "tls", "scheme"]
    }

    fn port(&self, _: &With) -> u16 {
        5432
    }

    fn is_tls(&self, _: &With) -> bool {
        // It is asked for in the protocol.
        false
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        unusable(with)
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, _: usize) -> Talk<'a> {
        Box::pin(talk(wire, with))
    }
}

async fn talk(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    let wanted = wanted(with);
    if wanted != Wanted::Off {
        wire.send(&written(|buffer| {
            frontend::ssl_request(buffer);
            Ok(())
        })?)
        .await?;
        match wire.array::<1>().await? {
            [b'S'] => wire.secure().await?,
            [b'N'] if wanted == Wanted::Must => return Ok(event("tls-refused")),
            [b'N'] => {}
            _ => return Err(Failure::Garbled),
        }
    }
    let user = given(with, "user");
    let database = Some(given(with, "database")).filter(|name| !name.is_empty()).unwrap_or(user);
    let parameters = [("user", user), ("database", database), ("application_name", "leakspan")];
    wire.send(&written(|buffer| frontend::startup_message(parameters, buffer))?).await?;
    let reply = authenticate(wire, user, given(with, "password")).await?;
    wire.close(&written(|buffer| {
        frontend::terminate(buffer);
        Ok(())
    })?)
    .await;
    Ok(reply)
}

async fn authenticate(wire: &mut Wire, user: &str, password: &str) -> Result<Reply, Failure> {
    let mut scram: Option<Scram> = None;
    // Whether the server has asked for the password; whether it may still lie about knowing it.
    let (mut asked, mut proven) = (false, true);
    loop {
        let message = message(wire).await?;
        let asks = matches!(
            message,
            Message::AuthenticationCleartextPassword
                | Message::AuthenticationMd5Password(_)
                | Message::AuthenticationSasl(_)
        );
        if asks && std::mem::replace(&mut asked, true) {
            return Err(Failure::Garbled);
        }
        match message {
            Message::AuthenticationOk if !asked => return Ok(event("no-password-needed")),
            Message::AuthenticationOk if !proven => return Ok(event("server-unproven")),
            Message::AuthenticationOk => return session(wire).await,
            Message::AuthenticationCleartextPassword => {
                if !wire.may_reveal() {
                    return Ok(event("cleartext-refused"));
                }
                let answer =
                    written(|buffer| frontend::password_message(password.as_bytes(), buffer));
                wire.send(&answer?).await?;
            }
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(user.as_bytes(), password.as_bytes(), body.salt());
                let answer = written(|buffer| frontend::password_message(hash.as_bytes(), buffer));
                wire.send(&answer?).await?;
            }
            Message::AuthenticationSasl(body) => {
                let mut offered = body.mechanisms();
                let is_ours = |name: &str| Ok(name == Hash::Sha256.name());
                if !offered.any(is_ours).map_err(|_| Failure::Garbled)? {
                    return Ok(event("other-method"));
                }
                // The server knows the user's name from the start-up message.
                let begun = Scram::new(Hash::Sha256, "", prepared(password))?;
                let (first, name) = (begun.first(), Hash::Sha256.name());
                let answer = written(|buffer| {
                    frontend::sasl_initial_response(name, first.as_bytes(), buffer)
                });
                wire.send(&answer?).await?;
                (proven, scram) = (false, Some(begun));
            }
            Message::AuthenticationSaslContinue(body) => {
                let begun = scram.as_mut().ok_or(Failure::Garbled)?;
                let last = begun.last(body.data())?;
                let answer = written(|buffer| frontend::sasl_response(last.as_bytes(), buffer));
                wire.send(&answer?).await?;
            }
            Message::AuthenticationSaslFinal(body) => {
                proven = scram.as_ref().is_some_and(|begun| begun.is_proven(body.data()));
            }
            Message::ErrorResponse(body) => return refused(&body),
            Message::NoticeResponse(_) => {}
            Message::AuthenticationGss
            | Message::AuthenticationSspi
            | Message::AuthenticationKerberosV5
            | Message::AuthenticationScmCredential => return Ok(event("other-method")),
            _ => return Err(Failure::Garbled),
        }
    }
}

/// What the server says of the session until it would take a query.
async fn session(wire: &mut Wire) -> Result<Reply, Failure> {
    let mut reply = event("ok");
    loop {
        match message(wire).await? {
            Message::ParameterStatus(body) => {
                let name = body.name().map_err(|_| Failure::Garbled)?;
                let value = body.value().map_err(|_| Failure::Garbled)?;
                if let Some((_, own)) = TOLD.iter().find(|(theirs, _)| *theirs == name)
                    && value.len() <= 64
                {
                    reply.headers.push(((*own).to_owned(), value.to_owned()));
                }
            }
            Message::ReadyForQuery(_) => return Ok(reply),
            // The login was right, and yet there is no session: the database is not there (3D000), or may
            // not be entered (42501), or all places are taken (53300).
            Message::ErrorResponse(body) => {
                let (code, _) = told(&body)?;
                let known = matches!(code.as_str(), "3D000" | "42501");
                return Ok(event(if known { code.as_str() } else { "no-session" }));
            }
            _ => {}
        }
    }
}

/// An error before the login.
fn refused(body: &ErrorResponseBody) -> Result<Reply, Failure> {
    let (code, routine) = told(body)?;
    Ok(match (code.as_str(), routine.as_str()) {
        // Poolers look for the database first.
        ("3D000", _) => event("3D000-before-login"),
        // The other cause of 28000 is the address that we come from.
        ("28000", "InitializeSessionUserId") => event("28000-no-role"),
        (code, _) => event(code),
    })
}

/// The code of an error and the place in the server's code, which no language changes.
fn told(body: &ErrorResponseBody) -> Result<(String, String), Failure> {
    let (mut code, mut routine) = (String::new(), String::new());
    let mut fields = body.fields();
    while let Some(field) = fields.next().map_err(|_| Failure::Garbled)? {
        let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'C' => code = value,
            b'R' => routine = value,
            _ => {}
        }
    }
    let plain = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    if code.len() == 5 && code.bytes().all(plain) {
        Ok((code, routine))
    } else {
        Err(Failure::Garbled)
    }
}

/// The next message: a letter, its length, its body.
async fn message(wire: &mut Wire) -> Result<Message, Failure> {
    let head = wire.array::<5>().await?;
    let header = Header::parse(&head).map_err(|_| Failure::Garbled)?.ok_or(Failure::Garbled)?;
    let length = usize::try_from(header.len()).map_err(|_| Failure::Garbled)?;
    let body = wire.take(length.checked_sub(4).ok_or(Failure::Garbled)?).await?;
    let mut buffer = BytesMut::with_capacity(head.len() + body.len());
    buffer.extend_from_slice(&head);
    buffer.extend_from_slice(&body);
    Message::parse(&mut buffer).map_err(|_| Failure::Garbled)?.ok_or(Failure::Garbled)
}

/// A message of ours.
fn written(write: impl FnOnce(&mut BytesMut) -> std::io::Result<()>) -> Result<Written, Failure> {
    let mut buffer = BytesMut::with_capacity(512);
    // A NUL in a name ends it: what holds one is not written.
    write(&mut buffer).map_err(|_| Failure::Unsendable)?;
    let written = Zeroizing::new(buffer.to_vec());
    buffer.zeroize();
    Ok(written)
}
