//! The scanner: one shared by all threads, one [`Thread`] for each.

mod chunks;
mod cost;
mod judge;
mod kept;
mod layer;
mod near;
mod options;
mod pass;
mod places;
mod plan;
mod recall;
mod run;
mod set;
mod window;

use std::ops::{ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chunks::Cut;
pub use cost::Calls;
pub use near::NearMiss;
pub use options::{Found, Options};
use pass::{Heritage, Pass};
use recall::Recall;
use run::{Buffers, Run};
use set::Prepared;

use super::candidate::{Candidate, Text};
use super::matchers::REACH;
use crate::decode::Survey;
use crate::model::{Blob, Content, Lineage, Memory, Problem, Reason, SignatureSet};

/// The engine, ready to scan: signatures, tables, compiled patterns (each on first use).
pub struct Scanner {
    prepared: Prepared,
    options: Options,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Scanner {
    /// Joins signatures and options. Compiles nothing.
    #[must_use]
    pub fn new(set: Arc<SignatureSet>, options: Options) -> Self {
        Self { prepared: Prepared::new(set), options }
    }

    /// What keeps signatures of the set from being run, a sentence each: patterns that do not compile,
    /// matchers and proofs that do not exist. Compiles every pattern, 0.1 ms each: ask it of sets that
    /// were loaded at run time. A scan meets such a signature as the problem `worker-error`.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.prepared.faults()
    }

    /// Bytes that a window answers for.
    fn body(&self) -> usize {
        self.options.window.max(4096)
    }

    /// Buffers and caches for one thread.
    #[must_use]
    pub fn thread(&self) -> Thread<'_> {
        Thread {
            scanner: self,
            pass: Pass::new(&self.prepared),
            buffers: Buffers::default(),
            read: Vec::new(),
        }
    }
}

/// One thread's part of the engine.
pub struct Thread<'s> {
    scanner: &'s Scanner,
    pass: Pass<'s>,
    buffers: Buffers,
    /// One window of content that has to be read.
    read: Vec<u8>,
}

/// How many times the most findings are collected before overlaps are joined.
const COLLECTED: usize = 4;

impl Thread<'_> {
    /// All candidates of a text, before any proof, filter or decoder: what the regexes alone would find.
    pub fn candidates(&mut self, text: &Text<'_>) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let survey = Survey::of(text.bytes);
        let whole = 0..text.bytes.len();
        let heritage = Heritage::default();
        self.pass.run(text, &survey, whole, &mut Vec::new(), &mut candidates, heritage);
        candidates
    }

    /// What almost made a candidate on a line of a text. Milliseconds.
    #[must_use]
    pub fn near_misses(&self, text: &Text<'_>, line: Range<usize>) -> Vec<NearMiss> {
        near::misses(&self.scanner.prepared, text, line)
    }

    /// Where each signature is looked for in a text, in the order of signatures; those that are not are
    /// left out.
    pub fn calls(&mut self, text: &Text<'_>) -> Vec<Calls> {
        cost::calls(&mut self.pass, text)
    }

    /// What the pattern or the matcher of one signature finds in its windows.
    pub fn search(&mut self, text: &Text<'_>, calls: &Calls) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for window in &calls.windows {
            self.pass.search(text, calls.signature, window.clone(), &mut candidates);
        }
        candidates
    }

    /// Scans a blob. Memory is bounded whatever its length; an error while reading is a problem.
    ///
    /// A panic inside is the problem `worker-error`, and the next blob starts afresh.
    pub fn scan(&mut self, blob: &Blob, content: Content<'_>) -> Found {
        self.guarded(blob, content, Lineage::default()).0
    }

    /// Scans a blob that may be a change of one before it: what did not change is not looked at again, and
    /// what is found is the same as by [`scan`](Self::scan). Also gives what is to be remembered of it.
    pub fn version(
        &mut self,
        blob: &Blob,
        bytes: &[u8],
        lineage: &Lineage<'_>,
    ) -> (Found, Option<Memory>) {
        // Rules of other scanners run over whole texts; longer texts are looked at window by window.
        let whole = self.scanner.prepared.rules.is_some() || bytes.len() > self.scanner.body();
        let lineage = if whole { Lineage::default() } else { *lineage };
        self.guarded(blob, Content::Bytes(bytes), lineage)
    }

    fn guarded(
        &mut self,
        blob: &Blob,
        content: Content<'_>,
        lineage: Lineage<'_>,
    ) -> (Found, Option<Memory>) {
        match catch_unwind(AssertUnwindSafe(|| self.unguarded(blob, content, lineage))) {
            Ok(found) => found,
            Err(_) => {
                *self = self.scanner.thread();
                let detail = "the scanner failed on this content; the rest was scanned";
                let problem = Problem::new(blob.path.clone(), Reason::WorkerError, detail);
                (Found { problems: vec![problem], ..Found::default() }, None)
            }
        }
    }

    fn unguarded(
        &mut self,
        blob: &Blob,
        content: Content<'_>,
        lineage: Lineage<'_>,
    ) -> (Found, Option<Memory>) {
        let options = &self.scanner.options;
        let most = options.max_findings.saturating_mul(COLLECTED);
        let cut = Cut { body: self.scanner.body(), margin: REACH + 4096 };
        let mut run = Run {
            pass: &mut self.pass,
            options,
            blob,
            found: Found::default(),
            kept: Vec::new(),
            counter: places::Counter::default(),
            endian: None,
            binary_so_far: false,
            resume: Vec::new(),
            text_before: 0,
            lineage,
            recall: None,
            buffers: &mut self.buffers,
        };
        let mut full = false;
        let outcome = chunks::visit(content, cut, &mut self.read, |chunk| {
            run.window(&chunk);
            full = run.kept.len() > most;
            if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        run.found.bytes = outcome.bytes;
        if let Some(error) = outcome.error {
            let failed = Problem::reading_failed(blob.path.clone(), &error);
            run.found.problems.push(failed);
        } else if run.binary_so_far {
            run.problem(Reason::BinaryWithoutText, "no text in it");
        }
        let memory = run.recall.take().map(Recall::keep);
        (finish(run, full), memory)
    }
}

/// Turns what was kept into findings.
fn finish(mut run: Run<'_, '_>, mut full: bool) -> Found {
    let prepared = run.pass.prepared;
    let mut broken = std::mem::take(&mut run.pass.broken);
    broken.sort_unstable();
    broken.dedup();
    for index in broken {
        let id = &prepared.set.signatures[index as usize].id;
        run.problem(Reason::WorkerError, &format!("the signature {id} cannot be run"));
    }
    let kept = std::mem::take(&mut run.kept);
    let dropped = &mut run.found.dropped;
    let mut findings = kept::findings(kept, prepared, run.options, run.blob, dropped);
    full |= findings.len() > run.options.max_findings;
    findings.truncate(run.options.max_findings);
    if full {
        let most = run.options.max_findings;
        run.problem(
            Reason::FindingLimit,
            &format!("more than {most} findings; the rest is left out"),
        );
    }
    run.found.findings = findings;
    run.found
}
