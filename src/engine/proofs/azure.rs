//! Keys that Azure marks with four letters and a Marvin32 hash; the seed that fits tells their rights.

use super::encodings::{Noise, from_base64, to_base64, to_base64url};
use super::marvin::marvin32;
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// A service's mark and its seeds: eight ASCII letters each, with what such a key may do.
struct Service {
    mark: &'static [u8; 4],
    name: &'static str,
    seeds: &'static [(&'static [u8; 8], &'static str)],
}

const MESSAGING: &[(&[u8; 8], &str)] =
    &[(b"Send0000", "send"), (b"Listen00", "listen"), (b"Manage00", "manage")];

/// Source: Microsoft's security-utilities (MIT).
const SERVICES: &[Service] = &[
    Service { mark: b"+ASt", name: "storage", seeds: &[(b"Default0", "account")] },
    Service {
        mark: b"ACDb",
        name: "cosmos-db",
        seeds: &[(b"MastRW00", "read-write"), (b"MastRO00", "read-only")],
    },
    Service { mark: b"+ABa", name: "batch", seeds: &[(b"AbAcct00", "account")] },
    Service { mark: b"+AMC", name: "machine-learning", seeds: &[(b"Classic0", "account")] },
    Service {
        mark: b"APIM",
        name: "api-management",
        seeds: &[
            (b"Tenant00", "management"),
            (b"Gatewy00", "gateway"),
            (b"GitKey00", "repository"),
            (b"IoTHub00", "subscription"),
        ],
    },
    Service { mark: b"+ASb", name: "service-bus", seeds: MESSAGING },
    Service { mark: b"+AEh", name: "event-hubs", seeds: MESSAGING },
    Service { mark: b"+ARm", name: "relay", seeds: MESSAGING },
    Service {
        mark: b"AIoT",
        name: "iot",
        seeds: &[(b"IoTHub00", "hub"), (b"Device00", "device"), (b"DpsKey00", "provisioning")],
    },
    Service { mark: b"AzCa", name: "redis", seeds: &[(b"Access00", "access")] },
    Service { mark: b"AZEG", name: "event-grid", seeds: &[(b"Default0", "access")] },
    Service {
        mark: b"AzFu",
        name: "functions",
        seeds: &[(b"Master00", "master"), (b"System00", "system"), (b"Functi00", "function")],
    },
    Service {
        mark: b"AzSe",
        name: "search",
        seeds: &[(b"Query000", "query"), (b"PAdmin00", "admin")],
    },
    Service { mark: b"+ACR", name: "container-registry", seeds: &[(b"ACRDflt0", "registry")] },
];

/// A base64 key whose mark stands directly before its last six characters.
pub(super) struct Identifiable;

impl Proof for Identifiable {
    fn name(&self) -> &'static str {
        "azure-identifiable"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let Some((service, key)) = service(value) else { return Outcome::Silent };
        let Some((hashed, tail)) = key.split_last_chunk::<4>() else { return Outcome::Silent };
        // The catalogue names one seed twice here, so another one may be missing.
        let complete = service.name != "api-management";
        for (seed, rights) in service.seeds {
            if marvin32(hashed, u64::from_be_bytes(**seed)).to_le_bytes() == *tail {
                let mut facts = Facts::new();
                facts.insert("service".to_owned(), service.name.into());
                facts.insert("rights".to_owned(), (*rights).into());
                return Outcome::Holds { certain: true, facts };
            }
        }
        if complete { Outcome::Fails("checksum") } else { Outcome::Doubt }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let (service, mut key) = service(sample)?;
        let (hashed, tail) = key.split_last_chunk_mut::<4>()?;
        *tail = marvin32(hashed, u64::from_be_bytes(*service.seeds[0].0)).to_le_bytes();
        let padding = sample.iter().rev().take_while(|&&byte| byte == b'=').count();
        let url = sample.iter().any(|byte| matches!(byte, b'-' | b'_'));
        let mut sealed = if url { to_base64url(&key) } else { to_base64(&key) };
        sealed.truncate(sealed.trim_end_matches('=').len());
        sealed.extend(std::iter::repeat_n('=', padding));
        Some(sealed.into_bytes())
    }
}

/// The service that the mark names, and the decoded key.
fn service(value: &[u8]) -> Option<(&'static Service, Vec<u8>)> {
    let padding = value.iter().rev().take_while(|&&byte| byte == b'=').count();
    let end = value.len() - padding;
    let mark = value.get(end.checked_sub(10)?..end - 6)?;
    let service = SERVICES.iter().find(|service| service.mark == mark)?;
    Some((service, from_base64(value)?))
}

/// Client secrets of Entra ID: three base-66 digits over what stands before them.
///
/// The hash is tested against published vectors, the printing of it against no published secret: a
/// mismatch is a doubt.
pub(super) struct EntraSecret;

const BASE66: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

impl EntraSecret {
    /// Where the check digits begin. Only the eighth version has them.
    fn tail(value: &[u8]) -> Option<usize> {
        (value.len() == 40 && &value[3..6] == b"8Q~").then_some(37)
    }

    fn digits(covered: &[u8]) -> Option<[u8; 3]> {
        const SEED: u64 = u64::from_be_bytes(*b"AadPwd00");
        let digits = super::encodings::to_base(marvin32(covered, SEED).into(), BASE66, 0);
        digits.first_chunk().copied()
    }
}

impl Proof for EntraSecret {
    fn name(&self) -> &'static str {
        "entra-client-secret"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let Some(tail) = Self::tail(value) else { return Outcome::Silent };
        match Self::digits(&value[..tail]) {
            Some(digits) if digits[..] == value[tail..] => {
                Outcome::Holds { certain: true, facts: Facts::new() }
            }
            _ => Outcome::Doubt,
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let tail = Self::tail(sample)?;
        let mut sealed = sample.to_vec();
        // One value in 15,000 has too few digits: another secret is as good.
        while Self::digits(&sealed[..tail]).is_none() {
            sealed[tail - 1] = Noise::of(&sealed).text(BASE66, 1).as_bytes()[0];
        }
        let digits = Self::digits(&sealed[..tail])?;
        sealed[tail..].copy_from_slice(&digits);
        Some(sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{certain, check};
    use super::*;
    use proptest::prelude::*;

    /// Every seed's name, as the catalogue of Microsoft's library prints them.
    #[test]
    fn seeds_are_the_published_numbers() {
        for (name, number) in [
            (b"Default0", 0x4465_6661_756c_7430_u64),
            (b"Access00", 0x4163_6365_7373_3030),
            (b"MastRW00", 0x4d61_7374_5257_3030),
            (b"AadPwd00", 0x4161_6450_7764_3030),
        ] {
            assert_eq!(u64::from_be_bytes(*name), number);
        }
    }

    #[test]
    fn the_seed_that_fits_tells_the_rights() {
        let body = "aB3x".repeat(8);
        let shape = [&body, "y", "+A", "Sb", "AAAAAA", "="].concat();
        let sealed = Identifiable.seal(shape.as_bytes()).expect("the shape is right");
        let Outcome::Holds { certain: true, facts } = check(&Identifiable, &sealed) else {
            panic!("it must hold")
        };
        assert_eq!(facts["rights"], "send");
        let mut changed = sealed;
        changed[0] = if changed[0] == b'a' { b'b' } else { b'a' };
        assert_eq!(check(&Identifiable, &changed), Outcome::Fails("checksum"));
    }

    #[test]
    fn entra_secrets_of_the_seventh_version_have_no_check() {
        let seventh = ["aB3", "7Q", "~", &"x1".repeat(17)].concat();
        assert_eq!(check(&EntraSecret, seventh.as_bytes()), Outcome::Silent);
    }

    proptest! {
        #[test]
        fn sealed_entra_secrets_hold(body in "[A-Za-z0-9._~-]{34}") {
            let shape = [&body[..3], "8Q", "~", &body[3..], "aaa"].concat();
            let sealed = EntraSecret.seal(shape.as_bytes()).expect("the shape is right");
            prop_assert!(certain(&check(&EntraSecret, &sealed)));
        }

        #[test]
        fn sealed_keys_of_every_service_hold(seed in any::<u64>(), row in 0..SERVICES.len()) {
            let bytes = Noise::of(&seed.to_le_bytes()).bytes(64);
            let mut shape = to_base64(&bytes).into_bytes();
            shape[76..80].copy_from_slice(SERVICES[row].mark);
            let sealed = Identifiable.seal(&shape).expect("the shape is right");
            prop_assert!(certain(&check(&Identifiable, &sealed)));
        }
    }
}
