//! Rules whose findings count only where matches of other rules stand near.

use std::collections::BTreeMap;

use crate::engine::candidate::Candidate;
use crate::model::{Component, Matcher, Rule, SignatureSet};

/// Takes out the candidates that lack what must stand near, and those that are there for others alone.
/// Returns the former. `place_of` gives line and column at which a candidate's match begins.
///
/// O(n log n) in the candidates of rules that others want near, for each that wants them.
pub(in crate::engine) fn resolve(
    candidates: &mut Vec<Candidate>,
    set: &SignatureSet,
    place_of: impl Fn(&Candidate) -> (u64, u64),
) -> Vec<Candidate> {
    let rule = |candidate: &Candidate| match &set.signatures[candidate.signature as usize].matcher {
        Matcher::Rule(rule) => Some(&**rule),
        _ => None,
    };
    let wants = |rule: &Rule| rule.only_near || rule.near.iter().any(|it| !it.optional);
    if !candidates.iter().any(|candidate| rule(candidate).is_some_and(wants)) {
        return Vec::new();
    }
    let mut places: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    for candidate in candidates.iter().filter(|it| rule(it).is_some()) {
        let id = &*set.signatures[candidate.signature as usize].id;
        places.entry(id).or_default().push(place_of(candidate));
    }
    places.values_mut().for_each(|places| places.sort_unstable());
    let stands_near = |component: &Component, at: (u64, u64)| {
        let Some(places) = places.get(&*component.id) else { return false };
        let reach = component.lines.unwrap_or(u64::MAX);
        let first = places.partition_point(|it| it.0 < at.0.saturating_sub(reach));
        places[first..]
            .iter()
            .take_while(|it| it.0 <= at.0.saturating_add(reach))
            .any(|it| component.columns.is_none_or(|columns| it.1.abs_diff(at.1) <= columns))
    };
    let mut lonely = Vec::new();
    let all = std::mem::take(candidates);
    for candidate in all {
        let Some(rule) = rule(&candidate) else {
            candidates.push(candidate);
            continue;
        };
        let at = place_of(&candidate);
        let whole = rule.near.iter().all(|it| it.optional || stands_near(it, at));
        match (whole, rule.only_near) {
            (true, false) => candidates.push(candidate),
            (false, false) => lonely.push(candidate),
            (_, true) => {}
        }
    }
    lonely
}
