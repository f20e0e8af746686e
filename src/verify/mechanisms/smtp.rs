//! SMTP: `EHLO`, `STARTTLS` where it is offered, `AUTH`, `QUIT`.
//!
//! RFC 5321 (4.1), RFC 3207, RFC 4954, RFC 4616. No mail is begun.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::login::{Login, Talk, Wanted, given, tls_first, unusable, wanted};
use super::mechanism::{With, event};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::Failure;

/// Most lines of one answer.
const MOST_LINES: usize = 64;
/// Codes of RFC 3463 that tell a refusal of the password from one of the way it was sent.
const POLICIES: &[&str] = &["5.7.139", "5.7.9", "5.7.14", "5.7.0", "4.7.0"];

pub(super) struct Smtp;

impl Login for Smtp {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "scheme", "tls"]
    }

    fn port(&self, with: &With) -> u16 {
        if given(with, "scheme") == "smtps" { 465 } else { 587 }
    }

    fn is_tls(&self, with: &With) -> bool {
        // `require` means STARTTLS here.
        given(with, "scheme") == "smtps" && tls_first(with, &["smtps"])
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        if given(with, "user").is_empty() {
            return Some("no-user");
        }
        unusable(with)
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, _: usize) -> Talk<'a> {
        Box::pin(talk(wire, with))
    }
}

/// A code and the lines that came with it.
struct Answer {
    code: u16,
    lines: Vec<String>,
}

impl Answer {
    /// The words behind a keyword of `EHLO`.
    fn keyword(&self, name: &str) -> Option<&str> {
        self.lines.iter().skip(1).find_map(|line| {
            let (word, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
            word.eq_ignore_ascii_case(name).then_some(rest)
        })
    }

    /// The code, with what makes it a matter of policy.
    fn event(&self) -> Reply {
        let first = self.lines.first().map_or("", String::as_str);
        let status = first.split(' ').next().unwrap_or_default();
        match POLICIES.iter().find(|policy| **policy == status) {
            Some(policy) => event(&format!("{}-{policy}", self.code)),
            None => event(&self.code.to_string()),
        }
    }
}

async fn talk(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    let told = login(wire, with).await?;
    wire.close(b"QUIT\r\n").await;
    Ok(told)
}

async fn login(wire: &mut Wire, with: &With) -> Result<Reply, Failure> {
    let greeting = answer(wire).await?;
    if greeting.code != 220 {
        return Ok(greeting.event());
    }
    let mut offers = ask(wire, "EHLO [127.0.0.1]").await?;
    let wanted = wanted(with);
    if !wire.is_secure() && wanted != Wanted::Off && offers.keyword("STARTTLS").is_some() {
        let ready = ask(wire, "STARTTLS").await?;
        if ready.code != 220 {
            return Ok(event("tls-refused"));
        }
        wire.secure().await?;
        offers = ask(wire, "EHLO [127.0.0.1]").await?;
    }
    if offers.code != 250 {
        return Ok(offers.event());
    }
    if wanted == Wanted::Must && !wire.is_secure() {
        return Ok(event("tls-refused"));
    }
    if !wire.may_reveal() {
        return Ok(event("cleartext-refused"));
    }
    let Some(methods) = offers.keyword("AUTH") else { return Ok(event("no-login-offered")) };
    let has = |name: &str| methods.split(' ').any(|method| method.eq_ignore_ascii_case(name));
    let (user, password) = (given(with, "user"), given(with, "password"));
    let told = if has("PLAIN") {
        let plain = Zeroizing::new(["\0", user, "\0", password].concat());
        ask(wire, &["AUTH PLAIN ", &encoded(&plain)].concat()).await?
    } else if has("LOGIN") {
        let mut told = ask(wire, "AUTH LOGIN").await?;
        for word in [user, password] {
            if told.code == 334 {
                told = ask(wire, &encoded(word)).await?;
            }
        }
        told
    } else {
        return Ok(event("other-method"));
    };
    Ok(if told.code == 235 { event("ok") } else { told.event() })
}

fn encoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(text))
}

/// A command and its answer.
async fn ask(wire: &mut Wire, command: &str) -> Result<Answer, Failure> {
    wire.send(Zeroizing::new([command, "\r\n"].concat()).as_bytes()).await?;
    answer(wire).await
}

/// An answer of one or more lines: `250-this`, `250 that`.
async fn answer(wire: &mut Wire) -> Result<Answer, Failure> {
    let mut lines = Vec::new();
    for _ in 0..MOST_LINES {
        let line = wire.line().await?;
        let code = line.get(..3).filter(|code| code.bytes().all(|b| b.is_ascii_digit()));
        let code: u16 = code.and_then(|code| code.parse().ok()).ok_or(Failure::Garbled)?;
        lines.push(line.get(4..).unwrap_or_default().to_owned());
        match line.as_bytes().get(3) {
            Some(b'-') => {}
            Some(b' ') | None => return Ok(Answer { code, lines }),
            Some(_) => return Err(Failure::Garbled),
        }
    }
    Err(Failure::Garbled)
}
