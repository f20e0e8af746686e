//! The URL that a secret stands in, read by hand: hosts are lists there, and passwords hold what they like.

use std::ops::Range;

use memchr::memmem;

use crate::probes::Piece;

/// Bytes that are looked at on each side of the secret.
const REACH: usize = 600;
const LONGEST_SCHEME: usize = 24;

/// The URL around a secret.
#[derive(Debug)]
pub(super) struct Url<'t> {
    scheme: &'t [u8],
    /// Up to the password, where the secret is one in front of the host.
    user: Option<&'t [u8]>,
    /// All hosts, and their ports.
    hosts: &'t [u8],
    /// What follows, from the slash or the question mark on.
    rest: &'t [u8],
}

/// The URL whose login or query the secret is.
pub(super) fn around<'t>(text: &'t [u8], secret: &Range<usize>) -> Option<Url<'t>> {
    let from = secret.start.saturating_sub(REACH);
    let before = text.get(from..secret.start)?;
    let colon = memmem::rfind(before, b"://")?;
    if before[colon..].iter().any(is_end) {
        return None;
    }
    let run = before[..colon].iter().rev().take(LONGEST_SCHEME);
    let length = run.take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte));
    let scheme = &before[colon - length.count()..colon];
    let start = from + colon + 3;
    let ahead = text.get(secret.end..text.len().min(secret.end + REACH))?;
    let end = secret.end + ahead.iter().position(is_end).unwrap_or(ahead.len());
    let body = &text[start..end];
    let past = secret.end - start;
    let hosts_until = |from: usize| {
        let at = body[from..].iter().position(|byte| b"/?#;".contains(byte));
        at.map_or(body.len(), |at| from + at)
    };
    let (login, hosts, stop) = if body.get(past) == Some(&b'@') {
        let stop = hosts_until(past + 1);
        (Some(&body[..past]), &body[past + 1..stop], stop)
    } else {
        let stop = hosts_until(0);
        match memchr::memrchr(b'@', &body[..stop]) {
            Some(at) => (Some(&body[..at]), &body[at + 1..stop], stop),
            None => (None, &body[..stop], stop),
        }
    };
    let user = login.map(|login| &login[..memchr::memchr(b':', login).unwrap_or(login.len())]);
    Some(Url { scheme, user, hosts, rest: &body[stop..] })
}

/// What no URL goes on behind.
fn is_end(byte: &u8) -> bool {
    matches!(byte, 0..=b' ' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | 0x7f)
}

impl Url<'_> {
    /// A piece, unescaped; `None` where it is not there, or empty.
    pub(super) fn piece(&self, piece: &Piece) -> Option<String> {
        let text = match piece {
            Piece::Scheme => self.scheme(),
            Piece::User => plain(self.user?),
            Piece::Host => self.host()?,
            Piece::Path => {
                let path = self.rest.strip_prefix(b"/")?;
                let end = path.iter().position(|byte| b"?#;".contains(byte));
                plain(&path[..end.unwrap_or(path.len())])
            }
            Piece::Query(name) => self.query(name)?,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    fn scheme(&self) -> String {
        let scheme = String::from_utf8_lossy(self.scheme).to_ascii_lowercase();
        let base = scheme.split('+').next().unwrap_or_default();
        if scheme.ends_with("+srv") { format!("{base}+srv") } else { base.to_owned() }
    }

    /// The first host: a name, an address in brackets; with its port.
    fn host(&self) -> Option<String> {
        let first = self.hosts.split(|byte| *byte == b',').next()?;
        let first = first.strip_suffix(b")").unwrap_or(first);
        // `user:password@tcp(host:port)`, as drivers of Go have it.
        let first = first.strip_prefix(b"tcp(").unwrap_or(first);
        let host = std::str::from_utf8(first).ok()?;
        let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
        let name = name.map_or(host, |it| it.0);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-' || b == b'_';
        let address = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let fits = match address {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !name.is_empty() && name.bytes().all(plain),
        };
        fits.then(|| host.to_owned())
    }

    fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.rest.split(|byte| b"?&;#".contains(byte)).skip(1);
        pairs.find_map(|pair| {
            let at = memchr::memchr(b'=', pair)?;
            pair[..at].eq_ignore_ascii_case(name.as_bytes()).then(|| plain(&pair[at + 1..]))
        })
    }
}

/// The text with its percent signs undone; what is no text is shown as such.
fn plain(text: &[u8]) -> String {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        let code = match after {
            [high, low, ..] if *byte == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        bytes.push(code.map_or(*byte, |(high, low)| high << 4 | low));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::around;
    use crate::probes::Piece;

    /// The pieces of the URL around `SECRET`: scheme, user, host, path, `?tls`.
    fn pieces(text: &str) -> Option<[String; 5]> {
        let at = text.find("SECRET").expect("it is there");
        let url = around(text.as_bytes(), &(at..at + 6))?;
        let piece = |name: &str| url.piece(&Piece::parse(name).unwrap()).unwrap_or_default();
        Some(["scheme", "user", "host", "path", "?tls"].map(piece))
    }

    #[test]
    fn a_login_in_front_of_the_host_is_taken_apart() {
        for (text, expected) in [
            (
                "URL='postgresql+psycopg2://app%40x:SECRET@db.acme.dev:5433/shop%2F1?a=b&TLS=on'",
                ["postgresql", "app@x", "db.acme.dev:5433", "shop/1", "on"],
            ),
            (
                "mongodb+srv://u:SECRET@c0.acme.dev/?tls=true#x",
                ["mongodb+srv", "u", "c0.acme.dev", "", "true"],
            ),
            ("mongodb://u:SECRET@a:1,b:2/db,", ["mongodb", "u", "a:1", "db,", ""]),
            ("redis://:SECRET@[::1]:6379/0\n/x", ["redis", "", "[::1]:6379", "0", ""]),
            ("amqp://u:a/b@SECRET@mq:5672 more", ["amqp", "u", "mq:5672", "", ""]),
            ("mysql://u:SECRET@tcp(db:3306)/shop", ["mysql", "u", "db:3306", "shop", ""]),
            ("x://u:SECRET@${HOST}:1/y", ["x", "u", "", "y", ""]),
        ] {
            assert_eq!(pieces(text).expect(text), expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_password_in_the_query_leaves_the_host_alone() {
        let jdbc = "jdbc:mysql://db.acme.dev:3306/shop?user=app&password=SECRET&tls=off\n";
        let expected = ["mysql", "", "db.acme.dev:3306", "shop", "off"];
        assert_eq!(pieces(jdbc).unwrap(), expected.map(str::to_owned));
        let jdbc = "jdbc:sqlserver://db:1433;user=app;password=SECRET;tls=1";
        assert_eq!(pieces(jdbc).unwrap(), ["sqlserver", "", "db:1433", "", "1"].map(str::to_owned));
    }

    #[test]
    fn a_secret_outside_of_a_url_has_none() {
        for text in ["password = SECRET", "http://a.dev SECRET", "\"http://a.dev\": \"SECRET\""] {
            assert!(pieces(text).is_none(), "{text}");
        }
    }
}
