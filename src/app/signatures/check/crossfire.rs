//! Which other signatures fire on the samples of a signature, and whether its file says why.
//!
//! What gives way by design needs no words: a signature of a rank below 0, which is a general one and loses
//! every span to one that knows better, and the partner of a pair. Everything else is explained by `overlaps`
//! in the file of either of the two.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Finding, SignatureSet};
use crate::signatures::samples::Samples;

/// How a signature fired on samples of another.
#[derive(Clone, Copy, Debug, Default)]
struct Fire {
    /// On the same span, and lost it.
    giving_way: usize,
    /// On the same span, and won it.
    winning: usize,
    /// On a span of its own.
    beside: usize,
}

/// What fired, by the ids of the one whose samples they are and of the other.
pub(super) struct Crossfire<'s> {
    set: &'s SignatureSet,
    fires: BTreeMap<(String, String), Fire>,
}

/// Rounds in which each pair fires that fires in one sample of a hundred.
const ENOUGH: u64 = 20;

impl<'s> Crossfire<'s> {
    pub(super) fn new(set: &'s SignatureSet) -> Self {
        Self { set, fires: BTreeMap::new() }
    }

    /// Takes note of what was found in a sample in which `id` is found.
    pub(super) fn note(&mut self, id: &str, findings: &[Finding]) {
        for finding in findings {
            let here = finding.signatures.iter().any(|own| own == id);
            for other in finding.signatures.iter().filter(|other| *other != id) {
                if self.by_design(id, other, here) {
                    continue;
                }
                let fire = self.fires.entry((id.to_owned(), other.clone())).or_default();
                match here {
                    true if finding.signature == *other => fire.winning += 1,
                    true => fire.giving_way += 1,
                    false => fire.beside += 1,
                }
            }
        }
    }

    fn by_design(&self, id: &str, other: &str, same_span: bool) -> bool {
        let all = &self.set.signatures;
        let find = |id: &str| all.binary_search_by(|it| (*it.id).cmp(id)).ok().map(|at| &all[at]);
        let (Some(one), Some(two)) = (find(id), find(other)) else { return false };
        let paired = |a: &str, b: &str| {
            find(a).and_then(|it| it.pair.as_ref()).is_some_and(|pair| pair.with == b)
        };
        (same_span && two.rank < 0 && two.rank < one.rank)
            || (!same_span && (paired(id, other) || paired(other, id)))
    }

    /// The pairs in which a checked signature takes part, a line each, and what is wrong with them.
    /// `all` says how the samples are explained, `checked` whose complaints are wanted. After a few `rounds` a
    /// pair that fires seldom may not have fired yet: then nothing is said of explanations of what is not there.
    pub(super) fn judge(
        &self,
        all: &[Samples],
        checked: &BTreeSet<&str>,
        rounds: u64,
    ) -> (Vec<String>, Vec<String>) {
        let said: BTreeMap<(&str, &str), &str> = all
            .iter()
            .flat_map(|it| it.overlaps.iter().map(|(id, why)| ((&*it.id, &**id), &**why)))
            .collect();
        let (mut lines, mut complaints) = (Vec::new(), Vec::new());
        for ((id, other), fire) in &self.fires {
            if !checked.contains(&**id) && !checked.contains(&**other) {
                continue;
            }
            let how = fire.told();
            match said.get(&(&**id, &**other)).or_else(|| said.get(&(&**other, &**id))) {
                Some(why) => lines.push(format!("{id}: {other} fires too {how}: {why}")),
                None => {
                    lines.push(format!("{id}: {other} fires too {how}, unexplained"));
                    complaints.push(format!(
                        "{id}: {other} fires on its samples too, {how}: tell them apart, or say why in `overlaps`"
                    ));
                }
            }
        }
        let fired = |a: &str, b: &str| self.fires.contains_key(&(a.to_owned(), b.to_owned()));
        let said = said.keys().filter(|(id, _)| checked.contains(id) && rounds >= ENOUGH);
        for (id, other) in said {
            if !fired(id, other) && !fired(other, id) {
                complaints.push(format!(
                    "{id}: `overlaps` explains {other}, and neither fires on samples of the other: take it out"
                ));
            }
        }
        (lines, complaints)
    }
}

impl Fire {
    fn told(self) -> String {
        let ways = [
            (self.winning, "and wins"),
            (self.giving_way, "and gives way"),
            (self.beside, "beside it"),
        ];
        let told = ways.iter().filter(|(count, _)| *count > 0).map(|(count, way)| {
            let samples = if *count == 1 { "sample" } else { "samples" };
            format!("{way} in {count} {samples}")
        });
        told.collect::<Vec<_>>().join(", ")
    }
}
