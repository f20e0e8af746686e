//! One pass over one text: literals, windows, patterns and matchers; out come raw candidates.

use std::ops::Range;

use super::plan::Plan;
use super::recall::Recall;
use super::set::{Group, Prepared, Way};
use super::window::{Seen, Window};
use crate::decode::Survey;
use crate::engine::candidate::{Candidate, Text};
use crate::engine::matchers::Hit as MatcherHit;
use crate::engine::patterns::Caches;
use crate::engine::prefilter::{self, Grams, Hit, Prefilter};
use crate::model::Facts;

/// What comes from the base of a text, and goes to its heirs.
#[derive(Default)]
pub(super) struct Heritage<'h> {
    pub(super) plan: Option<&'h Plan>,
    /// Filled, where something is to be remembered.
    pub(super) recall: Option<&'h mut Recall>,
}

/// No window yet.
const NONE: u32 = u32::MAX;

/// One thread's buffers and caches.
pub(super) struct Pass<'s> {
    pub(super) prepared: &'s Prepared,
    grams: Grams<'s>,
    hits: Vec<Hit>,
    windows: Vec<Seen>,
    /// By signature: its newest window, so that a keyword that is repeated makes one window.
    newest: Vec<u32>,
    caches: Caches,
    found: Vec<MatcherHit>,
    /// Signatures that cannot be run: their pattern does not compile, or there is no such matcher.
    pub(super) broken: Vec<u32>,
}

/// Where matches of earlier windows of the same content ended, in the text of this one: a match begins
/// behind the one before it, as in a search of the whole.
pub(super) type Resume = Vec<(u32, usize)>;

impl<'s> Pass<'s> {
    pub(super) fn new(prepared: &'s Prepared) -> Self {
        Self {
            prepared,
            grams: Grams::new(&prepared.set.tables),
            hits: Vec::new(),
            windows: Vec::new(),
            newest: vec![NONE; prepared.ways.len()],
            caches: Caches::default(),
            found: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Pushes the candidates that begin in `body`. `resume` is read, and left with the matches that
    /// reach beyond the body.
    pub(super) fn run(
        &mut self,
        text: &Text<'_>,
        survey: &Survey,
        body: Range<usize>,
        resume: &mut Resume,
        candidates: &mut Vec<Candidate>,
        mut heritage: Heritage<'_>,
    ) {
        self.collect_windows(text, survey, &body, heritage.plan);
        let earlier = std::mem::take(resume);
        resume.extend(earlier.iter().filter(|(_, end)| *end > body.end));
        let mut at = 0;
        while let Some(Seen { mut window, empty }) = self.windows.get(at).copied() {
            at += 1;
            let alone = at;
            while let Some(Seen { window: next, .. }) = self.windows.get(at) {
                if next.signature != window.signature || next.start > window.end {
                    break;
                }
                window.end = window.end.max(next.end);
                at += 1;
            }
            let before = candidates.len();
            let pattern = matches!(self.prepared.ways[window.signature as usize], Way::Pattern);
            // Nothing was found there in the base, and the same stands there.
            if !(pattern && empty && at == alone) {
                let range = window.start as usize..window.end as usize;
                let run = WindowRun { signature: window.signature, text, body: &body };
                self.run_window(&run, range, &earlier, resume, candidates);
            }
            if let Some(recall) = &mut heritage.recall {
                let empty = pattern && candidates.len() == before;
                recall.windows.push(Seen { window, empty });
            }
        }
        self.ask_whole(text, body.clone(), candidates, &mut heritage);
        if let Some(rules) = &self.prepared.rules {
            rules.run(text, &body, &earlier, resume, candidates, &mut self.broken);
        }
    }

    /// Asks the matchers that see the whole text.
    fn ask_whole(
        &mut self,
        text: &Text<'_>,
        body: Range<usize>,
        candidates: &mut Vec<Candidate>,
        heritage: &mut Heritage<'_>,
    ) {
        for (index, group) in self.prepared.groups.iter().enumerate() {
            if !group.whole {
                continue;
            }
            let before = candidates.len();
            match heritage.plan.and_then(|plan| plan.asked[index].as_ref()) {
                None => self.run_group(group, text, body.clone(), candidates),
                Some(asked) => {
                    for range in asked {
                        self.run_group(group, text, range.clone(), candidates);
                    }
                }
            }
            if let Some(recall) = &mut heritage.recall {
                let short = |range: &Range<usize>| range.start as u32..range.end as u32;
                let found = candidates[before..].iter().map(|found| short(&found.range));
                recall.ranges.extend(found.map(|range| (index as u32, range)));
            }
        }
    }

    /// The literals that stand in the text.
    pub(super) fn hits(
        &mut self,
        text: &Text<'_>,
        survey: &Survey,
        range: Range<usize>,
    ) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.grams.find(text.bytes, survey, range, &mut hits);
        hits
    }

    /// Pushes what one signature's pattern or matcher finds in one window.
    pub(super) fn search(
        &mut self,
        text: &Text<'_>,
        signature: u32,
        window: Range<usize>,
        candidates: &mut Vec<Candidate>,
    ) {
        let run = WindowRun { signature, text, body: &(0..text.bytes.len()) };
        self.run_window(&run, window, &Resume::new(), &mut Resume::new(), candidates);
    }

    fn run_window(
        &mut self,
        run: &WindowRun<'_>,
        window: Range<usize>,
        earlier: &Resume,
        resume: &mut Resume,
        candidates: &mut Vec<Candidate>,
    ) {
        match &self.prepared.ways[run.signature as usize] {
            Way::Pattern => {
                if !self.run_pattern(run, window, earlier, resume, candidates) {
                    self.broken.push(run.signature);
                }
            }
            Way::Missing | Way::Rule => self.broken.push(run.signature),
            Way::Group(group) => {
                let window = window.start.max(run.body.start)..window.end.min(run.body.end);
                self.run_group(&self.prepared.groups[*group], run.text, window, candidates);
            }
        }
    }

    /// Windows of all signatures whose literals stand in the text, sorted by signature and place.
    fn collect_windows(
        &mut self,
        text: &Text<'_>,
        survey: &Survey,
        body: &Range<usize>,
        plan: Option<&Plan>,
    ) {
        self.hits.clear();
        self.windows.clear();
        let tables = &self.prepared.set.tables;
        let first = body.start.saturating_sub(self.prepared.reach_behind);
        let last = body.end.saturating_add(self.prepared.reach_ahead).min(text.bytes.len());
        match plan {
            None => self.grams.find(text.bytes, survey, first..last, &mut self.hits),
            Some(plan) => {
                for region in &plan.regions {
                    self.grams.find(text.bytes, survey, region.clone(), &mut self.hits);
                }
            }
        }
        for hit in &self.hits {
            let literal = &tables.literals[hit.literal as usize];
            let anchors = literal.first as usize..(literal.first + literal.count) as usize;
            for anchor in &tables.anchors[anchors] {
                if !prefilter::fits(tables, anchor, *hit, text.bytes) {
                    continue;
                }
                // Signatures that share a matcher share the windows of its first.
                let signature = match self.prepared.ways[anchor.signature as usize] {
                    Way::Pattern | Way::Missing | Way::Rule => anchor.signature,
                    Way::Group(group) => self.prepared.groups[group].first,
                };
                let start = hit.at.saturating_sub(anchor.before);
                let end = hit.at.saturating_add(anchor.after).min(text.bytes.len() as u32);
                push(&mut self.windows, &mut self.newest, Window { signature, start, end });
            }
        }
        for seen in &self.windows {
            self.newest[seen.window.signature as usize] = NONE;
        }
        self.windows.extend(plan.map_or(&[][..], |plan| &plan.windows));
        self.windows.sort_unstable_by_key(|seen| seen.window);
    }

    /// Whether the pattern could be run.
    fn run_pattern(
        &mut self,
        run: &WindowRun<'_>,
        window: Range<usize>,
        earlier: &Resume,
        resume: &mut Resume,
        candidates: &mut Vec<Candidate>,
    ) -> bool {
        let WindowRun { signature: index, text, body } = *run;
        let ended = earlier.iter().find(|(signature, _)| *signature == index);
        let mut at = window.start.max(body.start).max(ended.map_or(0, |(_, end)| *end));
        let Some(pattern) = self.prepared.pattern(index) else { return false };
        let signature = &self.prepared.set.signatures[index as usize];
        while at < window.end.min(body.end) {
            let found = self.caches.find(index, pattern, text.bytes, at..window.end);
            let Some((range, secret)) = found else { break };
            if range.start >= body.end {
                break;
            }
            at = range.end.max(range.start + 1);
            if at > body.end {
                resume.push((index, at));
            }
            candidates.push(Candidate {
                signature: index,
                range,
                secret,
                value: None,
                confidence: signature.confidence,
                facts: Facts::new(),
                proven: false,
            });
        }
        true
    }

    fn run_group(
        &mut self,
        group: &Group,
        text: &Text<'_>,
        window: Range<usize>,
        candidates: &mut Vec<Candidate>,
    ) {
        if window.is_empty() {
            return;
        }
        self.found.clear();
        group.matcher.find(text, window, &mut self.found);
        let set = &self.prepared.set;
        for hit in self.found.drain(..) {
            let Some(index) = self.prepared.index_of(hit.signature) else { continue };
            candidates.push(Candidate {
                signature: index,
                range: hit.range,
                secret: hit.secret,
                value: hit.value,
                confidence: hit.confidence.unwrap_or(set.signatures[index as usize].confidence),
                facts: hit.facts,
                proven: false,
            });
        }
    }
}

/// Windows of a signature with so few bytes between them are one: each costs more to begin.
const GAP: u32 = 16;

/// Adds a window, or lengthens the signature's newest one where the two touch or nearly do.
fn push(windows: &mut Vec<Seen>, newest: &mut [u32], window: Window) {
    let newest = &mut newest[window.signature as usize];
    if let Some(Seen { window: last, .. }) = windows.get_mut(*newest as usize)
        && window.start <= last.end.saturating_add(GAP)
        && last.start <= window.end.saturating_add(GAP)
    {
        last.start = last.start.min(window.start);
        last.end = last.end.max(window.end);
        return;
    }
    *newest = windows.len() as u32;
    windows.push(Seen { window, empty: false });
}

/// A signature on its way through one text.
struct WindowRun<'a> {
    signature: u32,
    text: &'a Text<'a>,
    body: &'a Range<usize>,
}
