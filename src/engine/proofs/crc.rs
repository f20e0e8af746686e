//! Tails that are a CRC-32 (IEEE 802.3) of what stands before them.

use std::ops::Range;

use super::encodings::{BASE62, to_base, to_base64};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// A token whose tail is computed from the rest of it.
pub(super) struct Tail {
    /// The name in signature files.
    pub(super) name: &'static str,
    /// The bytes that the checksum covers and the tail, or `None` for another form.
    parts: fn(&[u8]) -> Option<Parts>,
    /// How the issuer prints the checksum.
    print: fn(u32) -> Vec<u8>,
}

/// Where the checksum of a token stands.
struct Parts {
    covered: Range<usize>,
    tail: Range<usize>,
    /// Whether the issuer is known to work so: else a mismatch is only a doubt.
    certain: bool,
}

impl Proof for Tail {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let value = candidate.value(text);
        let Some(parts) = (self.parts)(value) else { return Outcome::Silent };
        if (self.print)(crc32fast::hash(&value[parts.covered])) == value[parts.tail] {
            Outcome::Holds { certain: true, facts: Facts::new() }
        } else if parts.certain {
            Outcome::Fails("checksum")
        } else {
            Outcome::Doubt
        }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let parts = (self.parts)(sample)?;
        let mut sealed = sample.to_vec();
        sealed[parts.tail].copy_from_slice(&(self.print)(crc32fast::hash(&sample[parts.covered])));
        Some(sealed)
    }
}

/// GitHub's 40-character tokens and npm's: six base62 digits over the 30 characters before them.
///
/// Other lengths (fine-grained, refresh, `ghs_` with a JWT inside) have no published tail.
pub(super) const GITHUB: Tail = Tail {
    name: "github-crc32",
    parts: |value| {
        let prefix = value.get(..4)?;
        let known = [&b"ghp_"[..], b"gho_", b"ghu_", b"ghs_", b"npm_"].contains(&prefix);
        (known && value.len() == 40 && value[4..].iter().all(u8::is_ascii_alphanumeric))
            .then_some(Parts { covered: 4..34, tail: 34..40, certain: true })
    },
    print: |sum| to_base(sum.into(), BASE62, 6),
};

/// Grafana service accounts: the prefix is covered, the bytes are printed little-endian.
pub(super) const GRAFANA: Tail = Tail {
    name: "grafana-crc32",
    parts: |value| {
        let fits = value.len() == 46 && value.starts_with(b"glsa_") && value[37] == b'_';
        fits.then_some(Parts { covered: 0..37, tail: 38..46, certain: true })
    },
    print: |sum| format!("{:08x}", sum.swap_bytes()).into_bytes(),
};

/// Atlassian API tokens: everything up to and including the `=`.
///
/// Proven for the user's tokens; Bitbucket's and the admin's share the shape and likely the rule.
pub(super) const ATLASSIAN: Tail = Tail {
    name: "atlassian-crc32",
    parts: |value| {
        let start = value.len().checked_sub(8)?;
        let known = value.starts_with(b"ATATT3xFfG");
        let alike = known || value.starts_with(b"ATCTT3xFfG");
        let fits = alike && start > 0 && value[start - 1] == b'=';
        fits.then_some(Parts { covered: 0..start, tail: start..value.len(), certain: known })
    },
    print: |sum| format!("{sum:08X}").into_bytes(),
};

/// Cloudflare's tokens of 2026: the provider documents that there is a checksum, not which.
pub(super) const CLOUDFLARE: Tail = Tail {
    name: "cloudflare-crc32",
    parts: |value| {
        let prefix = [&b"cfut_"[..], b"cfat_", b"cfk_"]
            .into_iter()
            .find(|prefix| value.starts_with(prefix))?
            .len();
        let body = prefix + 40;
        (value.len() == body + 8).then_some(Parts {
            covered: prefix..body,
            tail: body..body + 8,
            certain: false,
        })
    },
    print: |sum| format!("{sum:08x}").into_bytes(),
};

/// Confluent Cloud secrets: little-endian bytes in base64, of which six characters fit.
pub(super) const CONFLUENT: Tail = Tail {
    name: "confluent-crc32",
    parts: |value| {
        let fits = value.len() == 64 && value.starts_with(b"cflt");
        fits.then_some(Parts { covered: 4..58, tail: 58..64, certain: true })
    },
    print: |sum| to_base64(&sum.to_le_bytes()).into_bytes()[..6].to_vec(),
};

/// Zuplo API keys.
pub(super) const ZUPLO: Tail = Tail {
    name: "zuplo-crc32",
    parts: |value| {
        let fits = value.len() == 46 && value.starts_with(b"zpka_") && value[37] == b'_';
        fits.then_some(Parts { covered: 5..37, tail: 38..46, certain: true })
    },
    print: |sum| format!("{sum:08x}").into_bytes(),
};

#[cfg(test)]
mod tests {
    use super::super::tests::{certain, check};
    use super::*;

    fn joined(parts: &[&str]) -> Vec<u8> {
        parts.concat().into_bytes()
    }

    #[test]
    fn published_samples_hold() {
        let github = joined(&["ghp", "_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"]);
        assert!(certain(&check(&GITHUB, &github)));
        for (body, tail) in [
            ("HOruNAb7SOiCdshU9algkrq7FDsNSLAa", "54e2f8be"),
            ("iNValIdinValiDinvalidinvalidinva", "5b582697"),
        ] {
            let grafana = joined(&["glsa", "_", body, "_", tail]);
            assert!(certain(&check(&GRAFANA, &grafana)));
        }
    }

    #[test]
    fn one_changed_character_fails_where_the_rule_is_certain() {
        for (proof, shape) in [
            (&GITHUB, joined(&["ghs", "_", &"aB3".repeat(12)])),
            (&GRAFANA, joined(&["glsa", "_", &"aB3x".repeat(8), "_", "00000000"])),
            (&ATLASSIAN, joined(&["ATATT3xFfG", "F0", &"aB3x".repeat(40), "=", "00000000"])),
            (&CONFLUENT, joined(&["cf", "lt", &"aB3x".repeat(15)])),
            (&ZUPLO, joined(&["zp", "ka_", &"ab3x".repeat(8), "_", "00000000"])),
        ] {
            let mut sealed = proof.seal(&shape).expect("the shape is right");
            assert!(certain(&check(proof, &sealed)), "{}", proof.name);
            sealed[20] ^= 1;
            assert_eq!(check(proof, &sealed), Outcome::Fails("checksum"), "{}", proof.name);
        }
    }

    #[test]
    fn a_tail_that_is_only_likely_leaves_a_doubt() {
        let cloudflare = joined(&["cfu", "t_", &"aB3x".repeat(12)]);
        let bitbucket = joined(&["ATCTT3xFfG", &"aB3x".repeat(40), "=", "00000000"]);
        assert_eq!(check(&CLOUDFLARE, &cloudflare), Outcome::Doubt);
        assert_eq!(check(&ATLASSIAN, &bitbucket), Outcome::Doubt);
        let sealed = CLOUDFLARE.seal(&cloudflare).expect("the shape is right");
        assert!(certain(&check(&CLOUDFLARE, &sealed)));
    }

    #[test]
    fn forms_without_a_published_tail_are_left_alone() {
        let refresh = joined(&["ghr", "_", &"aB3".repeat(12)]);
        let stateless = joined(&["ghs", "_", "12345_", &"aB3".repeat(10)]);
        assert_eq!(check(&GITHUB, &refresh), Outcome::Silent);
        assert_eq!(check(&GITHUB, &stateless), Outcome::Silent);
    }
}
