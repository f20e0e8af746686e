//! The vocabulary: plain types that every room speaks. No I/O, no clock, no globals.

mod blob;
mod finding;
mod fingerprint;
mod history;
mod http;
mod lineage;
mod origin;
mod prefilter;
mod problem;
mod report;
mod rule;
mod secret;
mod signature;
mod sink;
mod span;
mod verdict;

pub use blob::{Blob, BlobPath, Content, ReadSeek};
pub use finding::{Excerpt, Facts, Finding, Nearby, Suppression};
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use history::{Clock, History, Move, Reach, Sighting, Sightings, Window};
pub use http::{Method, Reply, Request};
pub use lineage::{Copied, Lineage, Memory};
pub use origin::{Commit, Origin, OriginKind};
pub use prefilter::{
    Anchor, BUCKET_BYTES, BUCKET_PAIRS, Buckets, Lane, LaneTable, Literal, PAIR_CODES, PairBuckets,
    PrefilterTables, pair_code,
};
pub use problem::{Problem, Reason, words_of};
pub use report::{Report, Summary};
pub use rule::{Allow, AllowTarget, Component, Rule};
pub use secret::SecretBytes;
pub use signature::{Confidence, Matcher, Pair, ProbeText, Severity, Signature, SignatureSet};
pub use sink::{Sink, Worker};
pub use span::Span;
pub use verdict::{Force, Status, Verdict};
