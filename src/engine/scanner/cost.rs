//! What single signatures cost on a text: how often the prefilter calls for them, how many bytes their
//! pattern or matcher then reads, what it finds there. For `signatures check`; a scan does not come here.

use std::ops::Range;

use super::pass::Pass;
use super::set::Way;
use crate::decode::Survey;
use crate::engine::candidate::Text;
use crate::engine::prefilter;

/// Where a signature is looked for in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Index of the signature.
    pub signature: u32,
    /// How many literals call for it.
    pub hits: usize,
    /// The stretches that are searched, disjoint and in order.
    pub windows: Vec<Range<usize>>,
}

/// Where each signature is looked for, in the order of signatures; those that are not are left out.
pub(super) fn calls(pass: &mut Pass<'_>, text: &Text<'_>) -> Vec<Calls> {
    let prepared = pass.prepared;
    let whole = 0..text.bytes.len();
    let tables = &prepared.set.tables;
    let mut calls: Vec<Calls> = (0..prepared.ways.len())
        .map(|index| Calls { signature: index as u32, hits: 0, windows: Vec::new() })
        .collect();
    for hit in pass.hits(text, &Survey::of(text.bytes), whole.clone()) {
        let literal = &tables.literals[hit.literal as usize];
        let anchors = literal.first as usize..(literal.first + literal.count) as usize;
        for anchor in &tables.anchors[anchors] {
            if prefilter::fits(tables, anchor, hit, text.bytes) {
                let start = hit.at.saturating_sub(anchor.before) as usize;
                let end = hit.at.saturating_add(anchor.after) as usize;
                let calls = &mut calls[anchor.signature as usize];
                calls.hits += 1;
                calls.windows.push(start..end.min(whole.end));
            }
        }
    }
    for calls in &mut calls {
        let way = &prepared.ways[calls.signature as usize];
        if matches!(way, Way::Group(group) if prepared.groups[*group].whole) {
            calls.windows = vec![whole.clone()];
        }
        calls.windows = joined(std::mem::take(&mut calls.windows));
    }
    calls.retain(|calls| !calls.windows.is_empty());
    calls
}

/// The ranges, with those that touch made one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}
