//! A raw match on its way to become a finding or to be dropped for a named reason.

use std::ops::Range;

use crate::model::{BlobPath, Confidence, Facts, Span};

/// What matchers, proofs and filters see of the text around a candidate.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// The window that is being scanned: a whole small file, or a chunk of a large one.
    pub bytes: &'a [u8],
    /// The name of the blob (extension and folders may matter).
    pub path: &'a BlobPath,
    /// Whether the bytes came out of a decoder.
    pub decoded: bool,
}

/// A match that nothing has judged yet. Ranges count from the start of [`Text::bytes`].
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Index into the set's signatures.
    pub signature: u32,
    /// The whole match, context words included.
    pub range: Range<usize>,
    /// The secret inside it.
    pub secret: Range<usize>,
    /// The value itself where it differs from the bytes of `secret` (undone quoting, joined lines).
    pub value: Option<Vec<u8>>,
    /// How sure so far; proofs and filters move it.
    pub confidence: Confidence,
    /// What proofs have read.
    pub facts: Facts,
    /// Whether a certain proof (checksum, structure) has passed: filters on looks are skipped then.
    pub proven: bool,
}

impl Candidate {
    /// The bytes that are judged and fingerprinted.
    #[must_use]
    pub fn value<'a>(&'a self, text: &Text<'a>) -> &'a [u8] {
        self.value.as_deref().unwrap_or(&text.bytes[self.secret.clone()])
    }
}

/// A score and what has moved it most.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// From 0 to 1.
    pub value: f32,
    /// What speaks for a credential, the strongest first.
    pub raised_by: Vec<String>,
    /// What speaks against it, the strongest first.
    pub lowered_by: Vec<String>,
}

/// A candidate of a generic signature, with the score that its confidence comes from, for `explain`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Id of the signature.
    pub signature: String,
    /// The secret's place in the raw bytes of the blob.
    pub span: Span,
    /// Line, from 1.
    pub line: u64,
    /// The score and what moved it.
    pub score: Score,
}

/// A candidate that is no finding, for `explain` and for tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Id of the signature.
    pub signature: String,
    /// The secret's place in the raw bytes of the blob.
    pub span: Span,
    /// Line, from 1.
    pub line: u64,
    /// The filter or proof that dropped it, by name: `placeholder`, `checksum`, …
    pub reason: &'static str,
}
