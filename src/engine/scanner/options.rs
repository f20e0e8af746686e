//! How to scan, and what comes of it.

use crate::engine::candidate::{Dropped, Scored};
use crate::model::{Finding, Problem};

/// How to scan.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many encodings are undone, one inside the other; 0 decodes nothing (UTF-16 text excepted).
    pub decode_depth: u8,
    /// Whether inline comments suppress.
    pub inline: bool,
    /// Whether dropped candidates are reported too (`explain`).
    pub explain: bool,
    /// So many bytes of text on each side of a secret are kept with its finding; 0 keeps none.
    pub nearby: usize,
    /// The most findings a blob; one more is the problem `finding-limit`.
    pub max_findings: usize,
    /// Content longer than this is scanned in windows of so many bytes, which overlap by more than the
    /// longest match; what is found does not depend on it. At least 4096.
    pub window: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            decode_depth: 5,
            inline: true,
            explain: false,
            nearby: 0,
            max_findings: 10_000,
            window: 1 << 20,
        }
    }
}

/// What one blob gave. Findings are in order of position and signature.
#[derive(Debug, Default)]
pub struct Found {
    /// What was kept, suppressed inline ones included.
    pub findings: Vec<Finding>,
    /// What was dropped, when asked for.
    pub dropped: Vec<Dropped>,
    /// What was scored, when asked for: kept, or dropped as ordinary text.
    pub scored: Vec<Scored>,
    /// What of the blob could not be read or scanned.
    pub problems: Vec<Problem>,
    /// Bytes read.
    pub bytes: u64,
}
