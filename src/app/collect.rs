//! Takes blobs from a source, has them scanned, keeps what is found.

use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::names;
use super::stop::Stop;
use crate::engine::{Dropped, Found, Scanner, Scored, Thread};
use crate::model::{
    Blob, BlobPath, Confidence, Content, Finding, Lineage, Memory, Origin, OriginKind, Problem,
    ReadSeek, Reason, SecretBytes, Severity, Sink, Span, Worker,
};
use crate::sources::Ignores;

/// What a source has given so far; read by the progress bar.
#[derive(Debug, Default)]
pub struct Counters {
    /// Blobs.
    pub files: AtomicU64,
    /// Bytes.
    pub bytes: AtomicU64,
}

/// Everything that the threads have gathered, in no order.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Findings at or above the least severity and confidence.
    pub findings: Vec<Finding>,
    /// Secrets that stand in names, whatever their severity.
    pub named: BTreeSet<SecretBytes>,
    /// Secrets that stand in the words of commits and tags, where people are named, whatever their severity.
    pub spoken: BTreeSet<SecretBytes>,
    /// Dropped candidates, where the scanner was asked for them.
    pub dropped: Vec<(BlobPath, Dropped)>,
    /// Candidates that were scored, where the scanner was asked for them.
    pub scored: Vec<(BlobPath, Scored)>,
    /// What was not looked at.
    pub problems: Vec<Problem>,
    /// Blobs scanned.
    pub files: u64,
    /// Bytes scanned.
    pub bytes: u64,
}

impl Gathered {
    fn take_in(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.named.extend(other.named);
        self.spoken.extend(other.spoken);
        self.dropped.extend(other.dropped);
        self.scored.extend(other.scored);
        self.problems.extend(other.problems);
        self.files += other.files;
        self.bytes += other.bytes;
    }
}

/// The sink of a scan.
pub struct Collector<'s> {
    /// The engine.
    pub scanner: &'s Scanner,
    /// When to end early.
    pub stop: &'s Stop,
    /// What sources that ask are told to leave out.
    pub ignores: Option<&'s Ignores>,
    /// Whether a version of a file is scanned as a change of the one before, where that is possible.
    pub by_changes: bool,
    /// Findings below are left out.
    pub min_severity: Severity,
    /// Findings below are left out.
    pub min_confidence: Confidence,
    /// Told of each blob, where somebody watches.
    pub watched: Option<&'s Counters>,
    /// What threads that are done have left.
    pub gathered: Mutex<Gathered>,
}

impl Collector<'_> {
    /// What the threads that are done have left until now.
    pub(super) fn so_far(&self) -> std::sync::MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What was gathered; all workers are done.
    #[must_use]
    pub fn into_gathered(self) -> Gathered {
        self.gathered.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Sink for Collector<'_> {
    fn worker(&self) -> Box<dyn Worker + '_> {
        let gathered = Gathered::default();
        let thread = self.scanner.thread();
        Box::new(Hand { collector: self, thread, gathered, told: 0, names: BTreeSet::new() })
    }
}

/// One thread's share.
struct Hand<'c> {
    collector: &'c Collector<'c>,
    thread: Thread<'c>,
    gathered: Gathered,
    told: u64,
    /// Names with a secret in them that were told, and where in them it stands: a folder is told once.
    names: BTreeSet<(BlobPath, Span)>,
}

impl Hand<'_> {
    /// Keeps what is to be reported.
    fn keep(&mut self, finding: Finding) {
        if matches!(finding.origin.kind, OriginKind::Message | OriginKind::Tag) {
            self.gathered.spoken.insert(finding.secret.clone());
        }
        let Collector { min_severity, min_confidence, .. } = self.collector;
        if finding.severity >= *min_severity && finding.confidence >= *min_confidence {
            self.gathered.findings.push(finding);
        }
    }

    fn look_at_name(&mut self, path: &BlobPath, origin: &Origin) {
        let words = matches!(origin.kind, OriginKind::Message | OriginKind::Tag);
        if words || !names::may_hold(path.as_bytes()) {
            return;
        }
        for mut finding in names::look(&mut self.thread, path, origin) {
            self.told += 1;
            self.gathered.named.insert(finding.secret.clone());
            // What changes a repository is asked for by its whole path whether it was there before.
            if matches!(origin.kind, OriginKind::File | OriginKind::Archive) {
                let ends: &[u8] = if origin.kind == OriginKind::Archive { b"/!" } else { b"/" };
                names::cut(&mut finding, ends);
                if !self.names.insert((finding.path.clone(), finding.span)) {
                    continue;
                }
            }
            self.keep(finding);
        }
    }

    fn scan(&mut self, blob: &Blob, content: Content<'_>) {
        let stop = self.collector.stop;
        let mut cut = false;
        let mut found = match content {
            Content::Bytes(_) => self.thread.scan(blob, content),
            Content::Stream(reader) => {
                let mut reader = Stoppable { reader, stop, cut: &mut cut };
                self.thread.scan(blob, Content::Stream(&mut reader))
            }
            Content::File(reader) => {
                let mut reader = Stoppable { reader, stop, cut: &mut cut };
                self.thread.scan(blob, Content::File(&mut reader))
            }
        };
        if cut {
            // To the engine that was an error of the file, which has none.
            found.problems.retain(|problem| problem.reason != Reason::IoError);
            found.problems.extend(stop.timed_out().map(|limit| {
                let detail = format!("the time limit of {limit:?} was over before its end");
                Problem::new(blob.path.clone(), Reason::Timeout, detail)
            }));
        }
        self.take(blob, found);
    }

    fn take(&mut self, blob: &Blob, found: Found) {
        let watched = self.collector.watched;
        let problems = found.problems.iter().filter(|problem| problem.reason.incomplete());
        self.told += (found.findings.len() + problems.count()) as u64;
        self.gathered.files += 1;
        self.gathered.bytes += found.bytes;
        if let Some(counters) = watched {
            counters.files.fetch_add(1, Ordering::Relaxed);
            counters.bytes.fetch_add(found.bytes, Ordering::Relaxed);
        }
        self.gathered.problems.extend(found.problems);
        found.findings.into_iter().for_each(|finding| self.keep(finding));
        let dropped = found.dropped.into_iter().map(|dropped| (blob.path.clone(), dropped));
        self.gathered.dropped.extend(dropped);
        let scored = found.scored.into_iter().map(|scored| (blob.path.clone(), scored));
        self.gathered.scored.extend(scored);
    }
}

impl Worker for Hand<'_> {
    fn blob(&mut self, blob: &Blob, content: Content<'_>) {
        self.scan(blob, content);
        self.name(blob);
    }

    fn name(&mut self, blob: &Blob) {
        self.look_at_name(&blob.path, &blob.origin);
    }

    fn version(&mut self, blob: &Blob, bytes: &[u8], lineage: &Lineage<'_>) -> Option<Memory> {
        if !self.collector.by_changes {
            self.blob(blob, Content::Bytes(bytes));
            return None;
        }
        let (found, memory) = self.thread.version(blob, bytes, lineage);
        self.take(blob, found);
        self.name(blob);
        memory
    }

    fn problem(&mut self, problem: Problem) {
        self.told += u64::from(problem.reason.incomplete());
        self.look_at_name(&problem.path, &Origin::of(OriginKind::File));
        self.gathered.problems.push(problem);
    }

    fn told(&self) -> u64 {
        self.told
    }

    fn stopped(&self) -> bool {
        self.collector.stop.stopped()
    }

    fn ignores(&self, path: &[u8]) -> bool {
        self.collector.ignores.is_some_and(|ignores| ignores.leaves_out(path))
    }
}

impl Drop for Hand<'_> {
    fn drop(&mut self) {
        let mut all =
            self.collector.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.take_in(std::mem::take(&mut self.gathered));
    }
}

/// A reader that ends in an error once the scan is to stop: a long stream must not outlast the limit.
struct Stoppable<'r, R: ?Sized> {
    reader: &'r mut R,
    stop: &'r Stop,
    /// Whether it has ended so.
    cut: &'r mut bool,
}

impl<R: Read + ?Sized> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.stop.stopped() {
            *self.cut = true;
            return Err(std::io::Error::other("the scan was stopped"));
        }
        self.reader.read(buffer)
    }
}

impl Seek for Stoppable<'_, dyn ReadSeek + '_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.reader.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, OriginKind, PrefilterTables, SignatureSet};
    use std::sync::Arc;

    struct Trap;

    impl Read for Trap {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("a part of the engine trips");
        }
    }

    #[test]
    fn a_panic_over_one_blob_is_a_problem_under_its_name_and_the_rest_goes_on() {
        let set =
            SignatureSet { signatures: Vec::new().into(), tables: PrefilterTables::default() };
        let scanner = Scanner::new(Arc::new(set), crate::engine::Options::default());
        let stop = Stop::default();
        let collector = Collector {
            scanner: &scanner,
            stop: &stop,
            ignores: None,
            by_changes: true,
            min_severity: Severity::Low,
            min_confidence: Confidence::Low,
            watched: None,
            gathered: Mutex::default(),
        };
        let origin = Arc::new(Origin::of(OriginKind::File));
        let blob = |name: &str| Blob { path: BlobPath::new(name), origin: Arc::clone(&origin) };
        let mut worker = collector.worker();
        worker.blob(&blob("bad"), Content::Stream(&mut Trap));
        worker.blob(&blob("good"), Content::Bytes(b"text"));
        drop(worker);
        let gathered = collector.into_gathered();
        assert_eq!(gathered.files, 2);
        assert_eq!(gathered.problems.len(), 1);
        assert_eq!(gathered.problems[0].path, BlobPath::new("bad"));
        assert_eq!(gathered.problems[0].reason, Reason::WorkerError);
    }
}
