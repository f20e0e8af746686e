//! What each signature costs, and cries, on text without a secret.
//!
//! Counts over the reference text judge, because they are the same on every machine; time is only shown.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::reference;
use crate::engine::{Text, Thread};
use crate::model::{
    Blob, BlobPath, Confidence, Content, Matcher, Origin, OriginKind, Signature, SignatureSet,
};

/// Most literals a megabyte that may call for a signature: one in a few lines of code.
const MOST_HITS: usize = 4_000;
/// The same for a matcher, which tells at the literal itself what is worth a look.
const MOST_HITS_OF_MATCHER: usize = 20_000;
/// Most bytes of a megabyte that a pattern may have to read.
const MOST_READ: usize = 600_000;
/// Most matches of a pattern a megabyte that filters and proofs must turn down.
const MOST_MATCHES: usize = 200;
/// Findings from this confidence on are shown unless asked otherwise: a text without a secret has none.
const LOUD: Confidence = Confidence::Medium;

/// The counts of one signature over the reference text.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    hits: usize,
    windows: usize,
    read: usize,
    matches: usize,
    findings: usize,
    /// Where the first finding stands, with the line.
    first: Option<String>,
    time: Duration,
}

/// The counts of all signatures, in their order, and the bytes of the text.
pub(super) struct Costs {
    of: Vec<Cost>,
    bytes: usize,
}

/// Counts over the whole reference text.
pub(super) fn measure(set: &SignatureSet, thread: &mut Thread<'_>) -> Costs {
    let mut costs = Costs { of: vec![Cost::default(); set.signatures.len()], bytes: 0 };
    let origin = Arc::new(Origin::of(OriginKind::File));
    for file in reference::files(set) {
        costs.bytes += file.text.len();
        let path = BlobPath::new(file.path.as_str());
        let text = Text { bytes: file.text.as_bytes(), path: &path, decoded: false };
        for calls in thread.calls(&text) {
            let cost = &mut costs.of[calls.signature as usize];
            cost.hits += calls.hits;
            cost.windows += calls.windows.len();
            cost.read += calls.windows.iter().map(ExactSizeIterator::len).sum::<usize>();
            cost.matches += thread.search(&text, &calls).len();
            // The second time, when the pattern is compiled.
            let start = Instant::now();
            thread.search(&text, &calls);
            cost.time += start.elapsed();
        }
        let blob = Blob { path: path.clone(), origin: Arc::clone(&origin) };
        let found = thread.scan(&blob, Content::Bytes(text.bytes)).findings;
        for finding in found.iter().filter(|finding| finding.confidence >= LOUD) {
            let lines = file.text.lines().nth((finding.line - 1) as usize);
            let line: String = lines.unwrap_or_default().trim().chars().take(120).collect();
            // The text is made up, and so is the line.
            let place = format!("{}:{}: {line}", file.path, finding.line);
            if let Some(at) = set.signatures.iter().position(|it| it.id == finding.signature) {
                costs.of[at].findings += 1;
                costs.of[at].first.get_or_insert(place);
            }
        }
    }
    costs
}

impl Costs {
    fn per_megabyte(&self, count: usize) -> usize {
        count * 1_000_000 / self.bytes.max(1)
    }

    /// What is too dear or too loud of one signature.
    pub(super) fn complaints(&self, at: usize, signature: &Signature) -> Vec<String> {
        let (cost, id) = (&self.of[at], &signature.id);
        let named = matches!(signature.matcher, Matcher::Named(_));
        let [hits, read, matches] =
            [cost.hits, cost.read, cost.matches].map(|it| self.per_megabyte(it));
        let mut complaints = Vec::new();
        let most = if named { MOST_HITS_OF_MATCHER } else { MOST_HITS };
        if hits > most {
            complaints.push(format!(
                "{id}: slow: its literals call for it {hits} times a megabyte of ordinary source, more than {most}"
            ));
        }
        if !named && read > MOST_READ {
            complaints.push(format!(
                "{id}: slow: its pattern reads {read} bytes of a megabyte of ordinary source, more than {MOST_READ}"
            ));
        }
        if !named && matches > MOST_MATCHES {
            complaints.push(format!(
                "{id}: noisy: its pattern matches {matches} times a megabyte of ordinary source, more than {MOST_MATCHES}"
            ));
        }
        if let Some(first) = &cost.first {
            let count = cost.findings;
            complaints.push(format!(
                "{id}: noisy: {count} findings in ordinary source without a secret, first {first}"
            ));
        }
        complaints
    }

    /// The dearest first, one line each; those that nothing calls for are counted alone.
    pub(super) fn table(&self, set: &SignatureSet) -> String {
        let mut rows: Vec<(&Cost, &Signature)> =
            self.of.iter().zip(set.signatures.iter()).collect();
        let quiet = rows.iter().filter(|(cost, _)| cost.windows == 0).count();
        rows.retain(|(cost, _)| cost.windows > 0);
        rows.sort_by(|a, b| (b.0.read, &b.0.hits, &a.1.id).cmp(&(a.0.read, &a.0.hits, &b.1.id)));
        let mut text = format!(
            "over {} bytes of reference text, a megabyte; time is of this machine and this build\n\
             {:>8} {:>8} {:>8} {:>8} {:>9} {:>10}  id\n",
            self.bytes, "hits", "windows", "read", "matches", "ns/window", "ns/MB"
        );
        for (cost, signature) in rows {
            let [hits, windows, read, matches] = [cost.hits, cost.windows, cost.read, cost.matches]
                .map(|count| self.per_megabyte(count));
            let nanos = cost.time.as_nanos();
            let (each, all) =
                (nanos / cost.windows as u128, nanos * 1_000_000 / self.bytes as u128);
            let _ = writeln!(
                text,
                "{hits:>8} {windows:>8} {read:>8} {matches:>8} {each:>9} {all:>10}  {}",
                signature.id
            );
        }
        let _ = writeln!(text, "nothing in the text calls for the other {quiet}");
        text
    }
}
