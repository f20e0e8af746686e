//! Logins over a bare connection: what all of them share.

use std::future::Future;
use std::pin::Pin;

use zeroize::Zeroizing;

use super::mechanism::{Means, Mechanism, Telling, With};
use super::wire::Wire;
use crate::model::Reply;
use crate::net::{Failure, Policy, Reach};

/// What comes of a conversation.
pub(super) type Talk<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + 'a>>;

/// Another variant of the protocol may be understood: the next one is tried.
pub(super) const OTHER_VERSION: &str = "other-version";

/// A login at a server.
pub(super) trait Login: Sync {
    /// The parameters that it takes.
    fn with(&self) -> &'static [&'static str];
    /// The port where the address names none.
    fn port(&self, with: &With) -> u16;
    /// Whether TLS comes first.
    fn is_tls(&self, with: &With) -> bool;
    /// Why nothing is sent with these parameters.
    fn refuses(&self, with: &With) -> Option<&'static str>;
    /// How many variants of the protocol there are, each on a connection of its own.
    fn variants(&self) -> usize {
        1
    }
    /// Authenticates, with one no-op at most, and says goodbye.
    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, variant: usize) -> Talk<'a>;
}

/// A login as a mechanism.
pub(super) struct Through(pub(super) &'static dyn Login);

impl Mechanism for Through {
    fn with(&self) -> &'static [&'static str] {
        self.0.with()
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        self.0.refuses(with)
    }

    fn ask<'a>(&'a self, means: &'a Means<'a>) -> Telling<'a> {
        Box::pin(self.in_turn(means))
    }
}

impl Through {
    /// One variant after the other until one is understood.
    async fn in_turn(&self, means: &Means<'_>) -> Result<Reply, Failure> {
        let base = means.base.ok_or(Failure::Unsendable)?;
        let (host, port) = parted(&base.host);
        let port = port.unwrap_or_else(|| self.0.port(means.with));
        let mut told = Err(Failure::Garbled);
        for variant in 0..self.0.variants() {
            let connected = means.client.connect(host, port, base.reach).await?;
            let public = Policy::default().allows(connected.address.ip(), Reach::Public);
            let own = base.reach == Reach::Endpoint || !public;
            let tls = means.client.tls().clone();
            let mut wire = Wire::new(Box::new(connected.stream), tls, host, own);
            if self.0.is_tls(means.with) {
                wire.secure().await?;
            }
            told = self.0.talk(&mut wire, means.with, variant).await;
            match &told {
                Ok(reply) if reply.header("event") == Some(OTHER_VERSION) => {}
                Err(Failure::Connection) => {}
                _ => return told,
            }
        }
        told
    }
}

/// Host and port of `host:port`; brackets stay around an address with colons.
fn parted(host: &str) -> (&str, Option<u16>) {
    let port = host.rsplit_once(':').and_then(|(name, port)| Some((name, port.parse().ok()?)));
    port.map_or((host, None), |(name, port)| (name, Some(port)))
}

/// A parameter, empty where it is not given.
pub(super) fn given<'w>(with: &'w With, name: &str) -> &'w str {
    with.get(name).map_or("", |text| text.as_str())
}

/// Why a password cannot be tried.
pub(super) fn unusable(with: &With) -> Option<&'static str> {
    // An empty password is none: LDAP calls that a success (RFC 4513, 5.1.2).
    given(with, "password").is_empty().then_some("no-password")
}

/// How much TLS the address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// None.
    Off,
    /// Where the server has it.
    Offered,
    /// Without it nothing is said.
    Must,
}

/// What the parameter `tls` asks for, in the words of all the drivers. What they call `require` without a
/// look at the certificate is a look at it here.
pub(super) fn wanted(with: &With) -> Wanted {
    match given(with, "tls").to_ascii_lowercase().as_str() {
        "disable" | "disabled" | "off" | "false" | "no" | "none" | "0" => Wanted::Off,
        "require" | "required" | "verify-ca" | "verify-full" | "verify_ca" | "verify_identity"
        | "true" | "yes" | "on" | "1" | "skip-verify" => Wanted::Must,
        _ => Wanted::Offered,
    }
}

/// Whether a scheme is one of those that mean TLS from the first byte, or the parameter `tls` asks for it.
pub(super) fn tls_first(with: &With, schemes: &[&str]) -> bool {
    schemes.contains(&given(with, "scheme")) || wanted(with) == Wanted::Must
}

/// Bytes that are to be sent and may hold the secret.
pub(super) type Message = Zeroizing<Vec<u8>>;

/// Random letters for ids and nonces.
pub(super) fn random(length: usize) -> Result<String, Failure> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|_| Failure::Unsendable)?;
    Ok(bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect())
}

/// The first `N` bytes of a slice, which is moved past them.
pub(super) fn next<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Failure> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(Failure::Garbled)?;
    *rest = tail;
    Ok(*head)
}

/// So many bytes of a slice, which is moved past them.
pub(super) fn some<'b>(rest: &mut &'b [u8], count: usize) -> Result<&'b [u8], Failure> {
    let (head, tail) = rest.split_at_checked(count).ok_or(Failure::Garbled)?;
    *rest = tail;
    Ok(head)
}

/// The bytes up to a NUL; the slice is moved past it.
pub(super) fn until_nul<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Failure> {
    let at = memchr::memchr(0, rest).ok_or(Failure::Garbled)?;
    let head = some(rest, at)?;
    some(rest, 1)?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::{Wanted, parted, wanted};
    use zeroize::Zeroizing;

    #[test]
    fn a_port_is_told_from_an_address() {
        assert_eq!(parted("db.acme.com:5432"), ("db.acme.com", Some(5432)));
        assert_eq!(parted("db.acme.com"), ("db.acme.com", None));
        assert_eq!(parted("[::1]:9"), ("[::1]", Some(9)));
        assert_eq!(parted("[::1]"), ("[::1]", None));
    }

    #[test]
    fn drivers_have_many_words_for_tls() {
        for (word, expected) in [
            ("", Wanted::Offered),
            ("prefer", Wanted::Offered),
            ("disable", Wanted::Off),
            ("False", Wanted::Off),
            ("verify-full", Wanted::Must),
            ("true", Wanted::Must),
        ] {
            let with = [("tls".to_owned(), Zeroizing::new(word.to_owned()))].into();
            assert_eq!(wanted(&with), expected, "{word}");
        }
    }
}
