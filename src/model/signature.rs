//! What a credential of one type looks like.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{PrefilterTables, Rule};

/// Text that is baked into the binary or was loaded from a file.
type Text = Cow<'static, str>;
/// A list that is baked into the binary or was loaded from a file.
type List<T> = Cow<'static, [T]>;

/// How bad it is when such a credential leaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "a plain scale")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "a plain scale")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Severity {
    /// The name in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Confidence {
    /// The name in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// How candidates of a signature are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// A pattern, run in a window around a literal that every match holds. ASCII classes, no Unicode.
    /// The secret is the group `secret`, or the whole match.
    Pattern(Text),
    /// A hand-written matcher of the engine, by name.
    Named(Text),
    /// A rule of another scanner, with that scanner's semantics; only in sets that are loaded at run time.
    Rule(Box<Rule>),
}

/// A partner that must stand near for a finding to count as whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Id of the partner's signature.
    pub with: Text,
    /// Bytes between the two at most.
    pub within: u32,
    /// Whether a finding without its partner is dropped (else it keeps the lower confidence).
    pub required: bool,
}

/// How a provider is asked whether a credential works, as its file says it; read when a run verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeText {
    /// The probe's id.
    pub id: Text,
    /// Its TOML.
    pub toml: Text,
}

/// One type of credential.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Never reused, never renamed; the id of the catalogue where the type stands there.
    pub id: Text,
    /// The provider's name.
    pub provider: Text,
    /// The stem of its file, which names the provider on the command line.
    pub file: Text,
    /// What it is, in words.
    pub title: Text,
    /// How bad a leak is.
    pub severity: Severity,
    /// How sure a match is when no proof and no filter says otherwise.
    pub confidence: Confidence,
    /// Identity kind of the catalogue: `api-key`, `personal-token`, …
    pub kind: Text,
    /// How candidates are found.
    pub matcher: Matcher,
    /// Words of which one stands near every match. For a named matcher they are its anchors (none: it
    /// reads the whole text); for a pattern they only say what the pattern proves by itself.
    pub keywords: List<Text>,
    /// For a named matcher with keywords: a match starts at most so many bytes before a keyword's first
    /// byte, and ends at most so many after it.
    pub window: Option<(u32, u32)>,
    /// The least Shannon entropy of the secret, in bits a byte; 0 asks nothing.
    pub min_entropy: f32,
    /// So many bytes at the start and at the end of every secret are the same, whatever the case of their
    /// letters.
    pub fixed: (u32, u32),
    /// Whether the secret must hold a digit.
    pub require_digit: bool,
    /// Named offline proofs of the engine, run in this order.
    pub proofs: List<Text>,
    /// The partner, for credentials of several parts.
    pub pair: Option<Pair>,
    /// SHA-256 of values printed in documentation, never a leak; compared whole. Hashes, because the
    /// values are shaped like tokens.
    pub known: List<[u8; 32]>,
    /// Signatures of a higher rank win a span that two claim; then the longer match, then the id.
    pub rank: i32,
    /// Where the holder can revoke it.
    pub revoke: Option<Text>,
    /// The provider's page on it.
    pub docs: Option<Text>,
    /// How its provider is asked whether it works, where there is a safe way.
    pub probe: Option<ProbeText>,
}

/// All signatures of a run and the tables that find their candidates.
///
/// Shared by all threads. `tables.anchors[i].signature` indexes into `signatures`.
#[derive(Clone, Debug)]
pub struct SignatureSet {
    /// Sorted by id.
    pub signatures: List<Signature>,
    /// Literals, windows and hash tables, made at build time for the built-in set.
    pub tables: PrefilterTables,
}
