//! Looks for secrets in a text: plain, reversed, in UTF-16, base64, hex, or escaped for a URL.

use std::collections::HashSet;

use base64::Engine as _;

/// Bytes of a secret that must not stand together anywhere.
const WINDOW: usize = 8;

/// Everything that would give a piece of a secret away.
pub(crate) struct Canary {
    /// Forms of eight bytes, by their length.
    forms: Vec<(usize, HashSet<Vec<u8>>)>,
}

impl Canary {
    /// `secrets` with a second value of the same template each: what both have in common is no secret.
    /// `public` is what a report may print on purpose: facts.
    pub(crate) fn new(secrets: &[(Vec<u8>, Vec<u8>)], public: &[String]) -> Self {
        let mut windows: HashSet<Vec<u8>> = HashSet::new();
        let mut bases: HashSet<Vec<u8>> = HashSet::new();
        for (secret, twin) in secrets {
            let common = |window: &[u8]| {
                twin.windows(WINDOW).any(|other| other == window)
                    || public.iter().any(|fact| find(fact.as_bytes(), window))
            };
            let hidden: Vec<&[u8]> =
                secret.windows(WINDOW).filter(|window| !common(window)).collect();
            assert!(hidden.len() > WINDOW, "enough of a secret is secret to look for it");
            windows.extend(hidden.iter().map(|window| window.to_vec()));
            bases.extend(hidden.iter().flat_map(|window| base64_middles(window)));
        }
        let each = |form: fn(&[u8]) -> Vec<u8>| -> HashSet<Vec<u8>> {
            windows.iter().map(|window| form(window)).collect()
        };
        let forms = [
            each(<[u8]>::to_vec),
            each(|window| window.iter().rev().copied().collect()),
            each(|window| window.iter().flat_map(|byte| [*byte, 0]).collect()),
            each(|window| {
                window.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
            }),
            each(|window| {
                window.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect()
            }),
            each(|window| {
                window.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect()
            }),
            each(|window| {
                window.iter().flat_map(|byte| format!("%{byte:02x}").into_bytes()).collect()
            }),
            bases,
        ];
        let mut all = Vec::new();
        for form in forms {
            let mut lengths: Vec<usize> = form.iter().map(Vec::len).collect();
            lengths.sort_unstable();
            lengths.dedup();
            for length in lengths {
                let one = form.iter().filter(|piece| piece.len() == length).cloned().collect();
                all.push((length, one));
            }
        }
        Self { forms: all }
    }

    /// The first piece of a secret in a text.
    pub(crate) fn found_in(&self, text: &[u8]) -> Option<String> {
        self.forms.iter().find_map(|(length, form)| {
            let hit = text.windows(*length).find(|window| form.contains(*window))?;
            Some(String::from_utf8_lossy(hit).into_owned())
        })
    }
}

/// The base64 characters that depend on these bytes alone, at each of the three places in a group.
fn base64_middles(window: &[u8]) -> Vec<Vec<u8>> {
    (0..3)
        .map(|shift| {
            let padded = [&vec![0; shift][..], window].concat();
            let first = (shift * 4).div_ceil(3);
            let end = padded.len() * 4 / 3;
            base64::prelude::BASE64_STANDARD.encode(&padded).as_bytes()[first..end].to_vec()
        })
        .collect()
}

fn find(text: &[u8], piece: &[u8]) -> bool {
    text.windows(piece.len()).any(|window| window == piece)
}

#[test]
fn a_canary_sings_for_every_form_of_a_secret() {
    let secret = b"prefix-Kq7Zw2Xv9Rt4".to_vec();
    let canary = Canary::new(&[(secret, b"prefix-aaaaaaaaaaaa".to_vec())], &[]);
    let piece = b"Kq7Zw2Xv9";
    let forms = [
        piece.to_vec(),
        piece.iter().rev().copied().collect(),
        piece.iter().flat_map(|byte| [*byte, 0]).collect(),
        base64::prelude::BASE64_STANDARD.encode(piece).into_bytes(),
        base64::prelude::BASE64_STANDARD.encode([b"x", &piece[..]].concat()).into_bytes(),
        piece.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(),
        piece.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect(),
    ];
    for form in forms {
        assert!(canary.found_in(&[b"..", &form[..], b".."].concat()).is_some(), "{form:?}");
    }
    assert_eq!(canary.found_in(b"prefix-... and Kq7Z... and nothing else"), None);
}
