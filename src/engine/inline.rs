//! Comments that keep a finding from the gate, on its line or the line before.

use crate::model::SignatureSet;

/// Our own marker: may name a signature.
const OWN: &str = "leakspan:allow";

/// Where a marker must stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// On the line of the finding, or the one before.
    Both,
    /// On the line before alone.
    Next,
}

/// All markers; one that contains another stands before it.
const MARKERS: &[(&str, Reach)] = &[
    (OWN, Reach::Both),
    ("gitleaks:allow", Reach::Both),
    ("betterleaks:allow", Reach::Both),
    ("trufflehog:ignore", Reach::Both),
    ("kingfisher:ignore", Reach::Both),
    ("pragma: allowlist secret", Reach::Both),
    ("pragma: allowlist nextline secret", Reach::Next),
    ("secretlint-disable-line", Reach::Both),
    ("secretlint-disable-next-line", Reach::Next),
];

/// The marker that covers a finding of `signature` on `line`, below the line `before`.
///
/// `leakspan:allow ID` covers findings of that signature alone; a first word that is no id of the set
/// begins the reason.
pub(super) fn marker(
    before: &[u8],
    line: &[u8],
    signature: &str,
    set: &SignatureSet,
) -> Option<&'static str> {
    let covers = |text: &[u8], marker: &str| {
        memchr::memmem::find_iter(text, marker.as_bytes())
            .any(|at| marker != OWN || names(&text[at + marker.len()..], signature, set))
    };
    MARKERS
        .iter()
        .find(|(marker, reach)| {
            covers(before, marker) || (*reach == Reach::Both && covers(line, marker))
        })
        .map(|(marker, _)| *marker)
}

/// Whether what follows our marker names this signature, or none.
fn names(behind: &[u8], signature: &str, set: &SignatureSet) -> bool {
    let word = behind.trim_ascii_start();
    let part_of_id = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let word = &word[..word.iter().take_while(|byte| part_of_id(byte)).count()];
    let named = set.signatures.binary_search_by(|known| known.id.as_bytes().cmp(word));
    named.is_err() || word == signature.as_bytes()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::marker;
    use crate::model::{PrefilterTables, SignatureSet};

    fn marked(before: &str, line: &str) -> Option<&'static str> {
        let set =
            SignatureSet { signatures: Cow::Borrowed(&[]), tables: PrefilterTables::default() };
        marker(before.as_bytes(), line.as_bytes(), "acme-key", &set)
    }

    #[test]
    fn markers_cover_their_line_and_the_next() {
        assert_eq!(marked("", "key # leakspan:allow because"), Some("leakspan:allow"));
        assert_eq!(marked("# gitleaks:allow", "key"), Some("gitleaks:allow"));
        assert_eq!(marked("", "key // trufflehog:ignore"), Some("trufflehog:ignore"));
        assert_eq!(marked("nothing", "key"), None);
    }

    #[test]
    fn next_line_markers_do_not_cover_their_own_line() {
        let next = "pragma: allowlist nextline secret";
        assert_eq!(marked(next, "key"), Some(next));
        assert_eq!(marked("", &format!("key # {next}")), None);
        assert_eq!(marked("", "key # secretlint-disable-next-line"), None);
    }
}
