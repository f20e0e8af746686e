//! Each signature against its own samples, through the whole engine.

use std::sync::Arc;

use super::crossfire::Crossfire;
use super::locator::Locator;
use crate::engine::{Found, Thread, matchers, proofs};
use crate::model::{Blob, BlobPath, Content, Origin, OriginKind, Signature, SignatureSet};
use crate::signatures::lint::{self, Names};
use crate::signatures::samples::{self, Samples};

/// Checks signatures one after the other.
pub(super) struct Checker<'s> {
    pub(super) set: &'s SignatureSet,
    pub(super) thread: Thread<'s>,
    pub(super) crossfire: Crossfire<'s>,
    pub(super) complaints: Vec<String>,
    pub(super) scanned: usize,
}

impl Checker<'_> {
    /// Lints a signature and scans its samples.
    pub(super) fn check(&mut self, signature: &Signature, samples: &Samples, rounds: u64) {
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

    /// Scans the samples of a signature that is not checked itself, for what else fires on them.
    pub(super) fn look(&mut self, signature: &Signature, samples: &Samples) {
        let Some(locator) = Locator::of(signature) else { return };
        for (number, template) in samples.accept.iter().enumerate() {
            let seed = samples::seed(&signature.id, number, 0);
            self.sample(&locator, template, seed, Expect::Found);
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
            Expect::Found => {
                self.crossfire.note(id, &found.findings);
                self.judge(&found, locator, &text)
            }
        }
    }

    /// What is wrong with the findings of a sample in which the signature must be found.
    fn judge(&self, found: &Found, locator: &Locator<'_>, text: &str) -> Option<String> {
        let (signature, findings) = (locator.signature, &found.findings);
        let Some(found) = findings.iter().find(|it| it.signature == *signature.id) else {
            let shadow =
                findings.iter().find(|it| it.signatures.contains(&signature.id.to_string()));
            if let Some(shadow) = shadow {
                return Some(format!("shadowed: {} claims its span and wins", shadow.signature));
            }
            let dropped = found.dropped.iter().find(|it| it.signature == *signature.id);
            if let Some(dropped) = dropped {
                return Some(format!("it is dropped: {}", dropped.reason));
            }
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
