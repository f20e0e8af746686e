//! `leakspan signatures check`: every signature against its own samples, through the whole engine.

use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::engine::{self, Scanner, Thread, matchers, proofs};
use crate::model::{
    Blob, BlobPath, Content, Finding, Matcher, Origin, OriginKind, Signature, SignatureSet,
};
use crate::signatures::lint::{self, Names};
use crate::signatures::samples::{self, Samples};
use crate::signatures::{self, import, load};

/// What to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// A file or folder of signatures; none: those that are baked in.
    pub path: Option<PathBuf>,
    /// How often each template is filled anew.
    pub rounds: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { path: None, rounds: 3 }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many signatures were checked.
    pub signatures: usize,
    /// How many samples were scanned.
    pub samples: usize,
    /// What is wrong, a sentence each, in the order of ids. Empty: all is well.
    pub complaints: Vec<String>,
}

/// Loads, lints and scans the samples; writes the complaints and a last line.
///
/// A caller ends with code 2 where there is a complaint: a signature file is broken.
///
/// # Errors
/// Files that do not load, an `out` that cannot be written to.
pub fn check(options: &Options, out: &mut dyn Write) -> Result<Checked> {
    let base = signatures::builtin();
    let (set, samples) = match &options.path {
        None => (base, signatures::builtin_samples()),
        Some(path) => {
            let entries = import::read(path)?.entries;
            let samples = lint::samples_of(&entries);
            (load::add(&base, entries).context("signatures cannot be joined")?.set, samples)
        }
    };
    let checked = check_samples(set, &samples, options.rounds);
    for complaint in &checked.complaints {
        writeln!(out, "{complaint}")?;
    }
    let Checked { signatures, samples, complaints } = &checked;
    let count = complaints.len();
    writeln!(out, "{signatures} signatures, {samples} samples, {count} complaints")?;
    Ok(checked)
}

/// Lints the signatures that `samples` names and scans each sample with the whole set.
#[must_use]
pub fn check_samples(set: SignatureSet, samples: &[Samples], rounds: u64) -> Checked {
    let set = Arc::new(set);
    let engine = engine::Options { explain: true, ..engine::Options::default() };
    let scanner = Scanner::new(Arc::clone(&set), engine);
    let mut checker =
        Checker { set: &set, thread: scanner.thread(), complaints: Vec::new(), scanned: 0 };
    for samples in samples {
        if let Some(signature) = set.signatures.iter().find(|it| it.id == samples.id) {
            checker.check(signature, samples, rounds);
        }
    }
    let Checker { complaints, scanned, .. } = checker;
    Checked { signatures: samples.len(), samples: scanned, complaints }
}

struct Checker<'s> {
    set: &'s SignatureSet,
    thread: Thread<'s>,
    complaints: Vec<String>,
    scanned: usize,
}

impl Checker<'_> {
    fn check(&mut self, signature: &Signature, samples: &Samples, rounds: u64) {
        let names = Names {
            proof: &|name| proofs::named(name).is_some(),
            matcher: &|name| matchers::named(name).is_some(),
        };
        let complaints = lint::lint(signature, samples, &names);
        self.complaints.extend(complaints.iter().map(ToString::to_string));
        let Some(locator) = Locator::of(signature) else {
            self.complain(signature, "the pattern does not compile within 2 MiB");
            return;
        };
        let kinds = [(Expect::Found, &samples.accept), (Expect::Absent, &samples.reject)];
        for (expect, templates) in kinds {
            for (number, template) in templates.iter().enumerate() {
                for round in 0..rounds {
                    let seed = samples::seed(&signature.id, number, round);
                    let wrong = self.sample(&locator, template, seed, expect);
                    if let Some(wrong) = wrong {
                        self.complain(signature, &format!("{template:?} (seed {seed}): {wrong}"));
                        break;
                    }
                }
            }
        }
    }

    fn complain(&mut self, signature: &Signature, wrong: &str) {
        self.complaints.push(format!("{}: {wrong}", signature.id));
    }

    /// What is wrong with one sample.
    fn sample(
        &mut self,
        locator: &Locator<'_>,
        template: &str,
        seed: u64,
        expect: Expect,
    ) -> Option<String> {
        let mut seal = |text: String| match expect {
            Expect::Found => locator.sealed(text),
            Expect::Absent => text,
        };
        let text = match samples::render_sealed(template, seed, &mut seal) {
            Ok(text) => text,
            Err(error) => return Some(error.to_string()),
        };
        self.scanned += 1;
        let origin = Arc::new(Origin::of(OriginKind::File));
        let blob = Blob { path: BlobPath::new("sample"), origin };
        let found = self.thread.scan(&blob, Content::Bytes(text.as_bytes()));
        let id = &*locator.signature.id;
        match expect {
            Expect::Absent => {
                let wrong = found.findings.iter().any(|it| it.signatures.iter().any(|it| it == id));
                wrong.then(|| "it is found, and must not be".to_owned())
            }
            Expect::Found => self.judge(&found.findings, locator, &text).map(|wrong| {
                let dropped = found.dropped.iter().filter(|it| it.signature == id);
                let reasons: Vec<_> = dropped.map(|it| it.reason).collect();
                match reasons.is_empty() {
                    true => wrong,
                    false => format!("{wrong}; dropped: {}", reasons.join(", ")),
                }
            }),
        }
    }

    /// What is wrong with the findings of a sample in which the signature must be found.
    fn judge(&self, findings: &[Finding], locator: &Locator<'_>, text: &str) -> Option<String> {
        let signature = locator.signature;
        let Some(found) = findings.iter().find(|it| it.signature == *signature.id) else {
            let others: Vec<&str> = findings.iter().map(|it| it.signature.as_str()).collect();
            return Some(match others.as_slice() {
                [] => "it is not found".to_owned(),
                others => format!("it is not found, but {} is", others.join(" and ")),
            });
        };
        let secret = locator.secret(text);
        let spans: Vec<_> = secret.iter().map(|it| (it.start as u64, it.end as u64)).collect();
        if found.decoded.is_empty() && !spans.contains(&(found.span.start, found.span.end)) {
            return Some(format!("it is found at {:?}, not at {spans:?}", found.span));
        }
        let rank = |id: &str| self.set.signatures.iter().find(|it| it.id == id).map(|it| it.rank);
        let rival = found
            .signatures
            .iter()
            .find(|id| **id != *signature.id && rank(id) == Some(signature.rank));
        rival.map(|id| format!("{id} claims the same span with the same rank"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Found,
    Absent,
}

/// Finds a signature's secret without the engine: what the engine must find too.
struct Locator<'s> {
    signature: &'s Signature,
    pattern: Option<engine::Pattern>,
}

impl<'s> Locator<'s> {
    fn of(signature: &'s Signature) -> Option<Self> {
        let pattern = match &signature.matcher {
            Matcher::Named(_) | Matcher::Rule(_) => None,
            Matcher::Pattern(pattern) => Some(engine::Pattern::new(pattern).ok()?),
        };
        Some(Self { signature, pattern })
    }

    /// All secrets in a text, by the signature's own matcher.
    fn secret(&self, text: &str) -> Vec<Range<usize>> {
        if let Some(pattern) = &self.pattern {
            return pattern.secrets(text.as_bytes());
        }
        let Matcher::Named(name) = &self.signature.matcher else { return Vec::new() };
        let Some(matcher) = matchers::named(name) else { return Vec::new() };
        let path = BlobPath::new("sample");
        let whole = engine::Text { bytes: text.as_bytes(), path: &path, decoded: false };
        let mut hits = Vec::new();
        matcher.find(&whole, 0..text.len(), &mut hits);
        hits.into_iter().map(|hit| hit.secret).collect()
    }

    /// The text with the first secret made right by the signature's proofs.
    fn sealed(&self, text: String) -> String {
        let Some(secret) = self.secret(&text).into_iter().next() else { return text };
        let mut bytes = text.into_bytes();
        let mut value = bytes[secret.clone()].to_vec();
        for name in self.signature.proofs.iter() {
            if let Some(sealed) = proofs::named(name).and_then(|proof| proof.seal(&value)) {
                value = sealed;
            }
        }
        bytes.splice(secret, value);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
