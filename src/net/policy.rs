//! Which addresses may be talked to.
//!
//! Only what is globally reachable (IANA special-purpose registries, RFC 6890), unless the user's own
//! configuration names a host or a range. Addresses that hand out credentials to whoever asks (cloud
//! metadata) are never reached, whatever is configured.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

/// How far a host may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses alone.
    Public,
    /// Private networks too: the user has named this host.
    Private,
    /// Anything, over plain HTTP too: the user has typed this endpoint.
    Endpoint,
}

/// A host or a range that the user's configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostRule {
    /// `git.acme.com`.
    Name(String),
    /// `*.acme.com`: every name below it.
    Below(String),
    /// `10.0.0.0/8`, or an address.
    Range(IpNet),
}

impl FromStr for HostRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
        if let Ok(range) = text.parse() {
            return Ok(Self::Range(range));
        }
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self::Range(address.into()));
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text.as_str()),
        };
        let label = |label: &str| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            !label.is_empty() && label.bytes().all(fits)
        };
        let digits =
            name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if digits || !name.split('.').all(label) || (below && !name.contains('.')) {
            return Err(format!("`{text}` is no host, no `*.domain` and no range of addresses"));
        }
        Ok(if below { Self::Below(name.to_owned()) } else { Self::Name(name.to_owned()) })
    }
}

/// What the user's configuration adds to the public addresses.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// In the order of the configuration.
    pub rules: Vec<HostRule>,
}

impl Policy {
    /// How far a host that was found beside a secret may reach; `None`: it is not to be asked at all.
    #[must_use]
    pub fn reach_of(&self, host: &str) -> Option<Reach> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        self.rules.iter().find_map(|rule| match rule {
            HostRule::Name(name) => (*name == host).then_some(Reach::Private),
            HostRule::Below(name) => {
                let below = host.strip_suffix(name.as_str()).is_some_and(|it| it.ends_with('.'));
                below.then_some(Reach::Public)
            }
            HostRule::Range(range) => {
                address.filter(|address| range.contains(address)).map(|_| Reach::Private)
            }
        })
    }

    /// Whether an address may be connected to.
    #[must_use]
    pub fn allows(&self, address: IpAddr, reach: Reach) -> bool {
        // What is mapped or embedded is judged as the address that it stands for.
        let inner = embedded(address);
        let named = |address: IpAddr| {
            self.rules
                .iter()
                .any(|rule| matches!(rule, HostRule::Range(range) if range.contains(&address)))
        };
        match reach {
            Reach::Endpoint => !is_metadata(inner),
            _ if is_metadata(inner) => false,
            _ if is_public(address) && is_public(inner) => true,
            Reach::Private => is_private(address) || named(address),
            Reach::Public => named(address),
        }
    }
}

/// Addresses at which a cloud hands out credentials or runs its agents.
fn is_metadata(address: IpAddr) -> bool {
    const V4: [Ipv4Addr; 4] = [
        Ipv4Addr::new(169, 254, 169, 254),
        Ipv4Addr::new(169, 254, 170, 2),
        Ipv4Addr::new(168, 63, 129, 16),
        Ipv4Addr::new(100, 100, 100, 200),
    ];
    const V6: [Ipv6Addr; 2] = [
        Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254),
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0xa9fe, 0xa9fe, 0, 0),
    ];
    match address {
        IpAddr::V4(v4) => V4.contains(&v4) || v4.is_link_local(),
        IpAddr::V6(v6) => V6.contains(&v6) || v6.segments()[0] & 0xffc0 == 0xfe80,
    }
}

/// Networks of a house: RFC 1918, RFC 6598, unique local addresses. No loopback.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || net4([100, 64, 0, 0], 10).contains(&v4),
        IpAddr::V6(v6) => v6.segments()[0] & 0xfe00 == 0xfc00,
    }
}

fn net4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(octets.into(), prefix)
}

/// Whether packets to it leave for the public internet.
fn is_public(address: IpAddr) -> bool {
    const SPECIAL: [([u8; 4], u8); 15] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    match address {
        IpAddr::V4(v4) => !SPECIAL.iter().any(|(net, prefix)| net4(*net, *prefix).contains(&v4)),
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            let special = a == 0x2002                       // 6to4 embeds any address
                || (a == 0x2001 && b < 0x0200)              // Teredo, ORCHID, benchmarks
                || (a == 0x2001 && b == 0x0db8)             // documentation
                || (a == 0x3fff && b < 0x1000); // documentation
            a & 0xe000 == 0x2000 && !special
        }
    }
}

/// The IPv4 address that an IPv6 address maps, translates or tunnels to; else itself.
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let s = v6.segments();
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] if high != 0 => of(high, low),
        [0, 0, 0, 0, 0xffff, 0, high, low] => of(high, low),
        [0x64, 0xff9b, .., high, low] => of(high, low),
        [0x2002, high, low, ..] => of(high, low),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::{HostRule, Policy, Reach};
    use std::net::IpAddr;

    fn allows(policy: &Policy, address: &str, reach: Reach) -> bool {
        policy.allows(address.parse::<IpAddr>().expect(address), reach)
    }

    #[test]
    fn only_public_addresses_are_reached_by_default() {
        let policy = Policy::default();
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "100.100.100.200",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "4000::1",
            "::ffff:0:10.0.0.1",
            "5f00::1",
        ] {
            assert!(!allows(&policy, address, Reach::Public), "{address}");
        }
        for address in
            ["8.8.8.8", "140.82.121.3", "172.32.0.1", "100.128.0.1", "2606:4700::1", "2a00:1450::1"]
        {
            assert!(allows(&policy, address, Reach::Public), "{address}");
        }
    }

    #[test]
    fn a_named_host_reaches_private_networks_and_nothing_more() {
        let policy = Policy { rules: vec!["192.0.2.0/24".parse().unwrap()] };
        for address in ["10.1.2.3", "192.168.1.1", "fd12::1", "100.64.3.4", "192.0.2.9"] {
            assert!(allows(&policy, address, Reach::Private), "{address}");
        }
        for address in
            ["127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254", "0.0.0.0", "224.0.0.1"]
        {
            assert!(!allows(&policy, address, Reach::Private), "{address}");
        }
        assert!(allows(&policy, "127.0.0.1", Reach::Endpoint));
        assert!(!allows(&policy, "169.254.169.254", Reach::Endpoint));
        assert!(!allows(&policy, "::ffff:169.254.169.254", Reach::Endpoint));
    }

    #[test]
    fn rules_are_names_domains_and_ranges() {
        let rules = ["git.acme.com", "*.corp.acme.com", "10.0.0.0/8", "192.168.1.7"];
        let policy = Policy { rules: rules.iter().map(|rule| rule.parse().unwrap()).collect() };
        assert_eq!(policy.reach_of("GIT.acme.com."), Some(Reach::Private));
        assert_eq!(policy.reach_of("ci.corp.acme.com"), Some(Reach::Public));
        assert_eq!(policy.reach_of("10.9.8.7"), Some(Reach::Private));
        assert_eq!(policy.reach_of("192.168.1.7"), Some(Reach::Private));
        for host in [
            "acme.com",
            "corp.acme.com",
            "evilcorp.acme.com",
            "git.acme.com.evil.com",
            "192.168.1.8",
        ] {
            assert_eq!(policy.reach_of(host), None, "{host}");
        }
        for text in
            ["", "*", "*.com", "https://acme.com", "a b", "acme.com/x", "1.2.3", "10.0.0.0/99"]
        {
            assert!(text.parse::<HostRule>().is_err(), "{text}");
        }
    }
}
