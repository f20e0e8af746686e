//! One blob on its way through the engine: windows, layers of decoding, candidates that stay.

use std::ops::Range;

use super::chunks::Chunk;
use super::judge::judge;
use super::kept::Kept;
use super::layer::Layer;
use super::options::{Found, Options};
use super::pass::{Heritage, Pass, Resume};
use super::places::{Counter, Lines, excerpt, nearby, neighbourhood};
use super::plan::Plan;
use super::recall::Recall;
use crate::decode::utf16::{self, Endian};
use crate::decode::{DECODERS, Decoded, Map, Survey};
use crate::engine::candidate::{Candidate, Dropped, Scored, Text};
use crate::engine::filters::ORDINARY_TEXT;
use crate::engine::inline;
use crate::engine::matchers::style::style;
use crate::engine::scorer;
use crate::model::{Blob, Lineage, Matcher, Problem, Reason, Span};

/// How much of a file decides whether it is text.
const HEAD: usize = 8 << 10;
/// Printable bytes in a row that count as text in a binary file.
const TEXT_RUN: usize = 16;
/// Decoded bytes of one window, in all its layers, are at most so many times the window.
const DECODED_BUDGET: usize = 4;

/// What is known of a blob so far.
pub(super) struct Run<'r, 's> {
    pub(super) pass: &'r mut Pass<'s>,
    pub(super) options: &'r Options,
    pub(super) blob: &'r Blob,
    pub(super) found: Found,
    pub(super) kept: Vec<Kept>,
    pub(super) counter: Counter,
    pub(super) endian: Option<Endian>,
    /// Whether there were NULs at its start and no text since.
    pub(super) binary_so_far: bool,
    /// Ends of matches that reach into the next window, in the raw blob.
    pub(super) resume: Vec<(u32, u64)>,
    /// Bytes of the bodies before, in the text whose lines are reported.
    pub(super) text_before: u64,
    /// Where the blob comes from; the default for one that is more than a window.
    pub(super) lineage: Lineage<'r>,
    /// What is to be remembered of it.
    pub(super) recall: Option<Recall>,
    pub(super) buffers: &'r mut Buffers,
}

/// Memory that blobs of one thread share.
#[derive(Default)]
pub(super) struct Buffers {
    candidates: Vec<Candidate>,
    transcoded: Vec<u8>,
    map: Map,
    survey: Survey,
}

/// A text and the part of it that this window answers for.
struct Part<'a> {
    layer: Layer<'a>,
    body: Range<usize>,
}

impl Run<'_, '_> {
    /// Scans one window.
    pub(super) fn window(&mut self, chunk: &Chunk<'_>) {
        if chunk.base == 0 && chunk.body.start == 0 {
            let head = &chunk.bytes[..chunk.bytes.len().min(HEAD)];
            self.endian = utf16::detect(head);
            self.binary_so_far = self.endian.is_none() && memchr::memchr(0, head).is_some();
        }
        if self.binary_so_far {
            self.binary_so_far = !has_text(&chunk.bytes[chunk.body.clone()]);
        }
        let Some(endian) = self.endian else { return self.bytes(chunk) };
        let mut survey = std::mem::take(&mut self.buffers.survey);
        let (mut text, mut map) =
            (std::mem::take(&mut self.buffers.transcoded), std::mem::take(&mut self.buffers.map));
        text.clear();
        map.clear();
        // Code units are counted from the start of the file.
        let odd = (chunk.base % endian.unit() as u64) as usize;
        let skip = if odd == 0 { 0 } else { endian.unit() - odd };
        let units = &chunk.bytes[skip.min(chunk.bytes.len())..];
        utf16::transcode(units, endian, &mut text, &mut map);
        survey.take(&text);
        let raw = Layer { text: units, survey: &Survey::default(), outer: None, lines: true };
        let layer =
            Layer { text: &text, survey: &survey, outer: Some((&raw, &map, "utf16")), lines: true };
        let place = |at: usize| layer.position_of(at.saturating_sub(skip));
        let end = if chunk.last { text.len() } else { place(chunk.body.end) };
        let body = place(chunk.body.start)..end;
        let shifted = Chunk { base: chunk.base + skip as u64, ..chunk.clone() };
        self.top(&shifted, Part { layer, body }, None);
        self.buffers.transcoded = text;
        self.buffers.map = map;
        self.buffers.survey = survey;
    }

    /// Scans a window as it is.
    fn bytes(&mut self, chunk: &Chunk<'_>) {
        let memory = self.lineage.memory.and_then(|memory| memory.what.downcast_ref::<Recall>());
        let plan = memory.and_then(|recall| {
            let prepared = self.pass.prepared;
            Plan::new(chunk.bytes, &self.blob.path, &self.lineage, recall, prepared)
        });
        let mut survey = std::mem::take(&mut self.buffers.survey);
        let shown = match &plan {
            Some(plan) => &plan.survey,
            None => {
                survey.take(chunk.bytes);
                &survey
            }
        };
        if self.lineage.heirs {
            self.recall = Some(Recall::of(shown, style(&self.blob.path)));
        }
        let layer = Layer { text: chunk.bytes, survey: shown, outer: None, lines: true };
        self.top(chunk, Part { layer, body: chunk.body.clone() }, plan.as_ref());
        self.buffers.survey = survey;
    }

    /// Scans the text whose lines are reported, and what is encoded in it.
    fn top(&mut self, chunk: &Chunk<'_>, part: Part<'_>, plan: Option<&Plan>) {
        let body = part.body.clone();
        let lines = Lines { layer: &part.layer, body: (body.start, body.end), base: chunk.base };
        let mut resume = self.resume_in(&part, chunk.base);
        let mut recall = self.recall.take();
        let heritage = Heritage { plan, recall: recall.as_mut() };
        self.scan(&part, &lines, &mut resume, None, heritage);
        self.recall = recall;
        let raw_end = |end: usize| chunk.base + part.layer.raw(end - 1..end).end as u64;
        self.resume = resume.into_iter().map(|(id, end)| (id, raw_end(end))).collect();
        if self.options.decode_depth > 0 {
            let mut budget = chunk.bytes.len().saturating_mul(DECODED_BUDGET);
            self.decode(&part.layer, &lines, 1, &mut budget, plan);
        }
        if !chunk.last {
            self.counter.advance(&lines);
            self.text_before += body.len() as u64;
        }
    }

    /// Ends of earlier matches as positions of this text.
    fn resume_in(&self, part: &Part<'_>, base: u64) -> Resume {
        let place = |end: u64| part.layer.position_of(end.saturating_sub(base) as usize);
        self.resume.iter().map(|(id, end)| (*id, place(*end))).collect()
    }

    /// Scans what decoders find in a text, and what they find in that.
    fn decode(
        &mut self,
        outer: &Layer<'_>,
        lines: &Lines<'_>,
        depth: u8,
        budget: &mut usize,
        plan: Option<&Plan>,
    ) {
        let mut stretches: Vec<Decoded> = Vec::new();
        for (place, decoder) in DECODERS.iter().enumerate() {
            if !plan.is_some_and(|plan| plan.is_silent(place, *decoder, outer.text)) {
                decoder.decode(outer.text, outer.survey, &mut stretches);
            }
            if let Some(recall) = self.recall.as_mut().filter(|_| depth == 1) {
                recall.silent[place] = stretches.is_empty();
            }
            for stretch in stretches.drain(..) {
                if depth > self.options.decode_depth {
                    return self.problem(
                        Reason::DecodeLimit,
                        "encodings are nested too deep; what is inside was not scanned",
                    );
                }
                let Some(left) = budget.checked_sub(stretch.bytes.len()) else {
                    return self.problem(
                        Reason::DecodeLimit,
                        "there is more encoded text than is decoded; some of it was not scanned",
                    );
                };
                *budget = left;
                let survey = Survey::of(&stretch.bytes);
                let layer = Layer {
                    text: &stretch.bytes,
                    survey: &survey,
                    outer: Some((outer, &stretch.map, decoder.name())),
                    lines: false,
                };
                let part = Part { body: 0..stretch.bytes.len(), layer };
                let within = Some(lines.body.0..lines.body.1);
                self.scan(&part, lines, &mut Resume::new(), within, Heritage::default());
                self.decode(&part.layer, lines, depth + 1, budget, None);
            }
        }
    }

    /// Scans one text. `within`: the part of the reported text in which a secret must begin.
    fn scan(
        &mut self,
        part: &Part<'_>,
        lines: &Lines<'_>,
        resume: &mut Resume,
        within: Option<Range<usize>>,
        heritage: Heritage<'_>,
    ) {
        let blob = self.blob;
        let text = Text { bytes: part.layer.text, path: &blob.path, decoded: within.is_some() };
        let mut candidates = std::mem::take(&mut self.buffers.candidates);
        let body = part.body.clone();
        self.pass.run(&text, part.layer.survey, body, resume, &mut candidates, heritage);
        let prepared = self.pass.prepared;
        if let Some(rules) = &prepared.rules
            && within.is_none()
            && self.text_before == 0
        {
            rules.by_path(&text, &mut candidates);
        }
        candidates.sort_by_key(|candidate| (candidate.secret.start, candidate.signature));
        for mut candidate in candidates.drain(..) {
            if let Some(within) = &within
                && !within.contains(&part.layer.in_lines(candidate.secret.clone()).start)
            {
                continue;
            }
            let signature = &prepared.set.signatures[candidate.signature as usize];
            let judged = match (&prepared.rules, &signature.matcher) {
                (Some(rules), Matcher::Rule(_)) => rules.judge(&mut candidate, &text, &blob.origin),
                _ => judge(&mut candidate, signature, &text),
            };
            if self.options.explain && matches!(judged, Ok(()) | Err(ORDINARY_TEXT)) {
                self.score(&candidate, &text, part, lines);
            }
            match judged {
                Ok(()) => self.keep(candidate, part, &text, lines),
                Err(reason) if self.options.explain => self.drop(&candidate, reason, part, lines),
                Err(_) => {}
            }
        }
        self.buffers.candidates = candidates;
    }

    fn keep(
        &mut self,
        mut candidate: Candidate,
        part: &Part<'_>,
        text: &Text<'_>,
        lines: &Lines<'_>,
    ) {
        let layer = &part.layer;
        let top = lines.layer.text;
        let shown = layer.in_lines(candidate.secret.clone());
        let matched = self.counter.place(lines, layer.in_lines(candidate.range.clone()).start);
        let start = self.counter.place(lines, shown.start);
        // The column behind the last byte, on the line of the last byte.
        let last = shown.end.saturating_sub(1).max(shown.start);
        let mut end = self.counter.place(lines, last);
        end.column += (lines.layer.raw(last..last + 1).len() as u64).saturating_sub(1);
        let line = excerpt(top, &shown);
        let set = &self.pass.prepared.set;
        let marker = self.options.inline.then(|| {
            let (before, own) = neighbourhood(top, &shown);
            let id = &set.signatures[candidate.signature as usize].id;
            inline::marker(before, own, id, set)
        });
        let over_all =
            |at: usize| (self.text_before + at as u64).saturating_sub(lines.body.0 as u64);
        candidate.value = Some(candidate.value(text).to_vec());
        let whole = layer.raw(candidate.range.clone());
        let secret = layer.raw(candidate.secret.clone());
        let base = lines.base as usize;
        candidate.range = whole.start + base..whole.end + base;
        candidate.secret = secret.start + base..secret.end + base;
        self.kept.push(Kept {
            candidate,
            decoded: layer.decoded(),
            matched,
            start,
            end,
            excerpt: top[line.range.clone()].to_vec(),
            excerpt_at: over_all(line.range.start),
            cut: line.cut,
            nearby: (self.options.nearby > 0).then(|| nearby(top, &shown, self.options.nearby)),
            shown: over_all(shown.start)..over_all(shown.end),
            marker: marker.flatten(),
        });
    }

    /// Takes note of the score of a candidate whose signature has one.
    fn score(
        &mut self,
        candidate: &Candidate,
        text: &Text<'_>,
        part: &Part<'_>,
        lines: &Lines<'_>,
    ) {
        let signature = &self.pass.prepared.set.signatures[candidate.signature as usize];
        let Matcher::Named(kind) = &signature.matcher else { return };
        if !scorer::KINDS.contains(&&**kind) {
            return;
        }
        let raw = part.layer.raw(candidate.secret.clone());
        let shown = part.layer.in_lines(candidate.secret.clone());
        self.found.scored.push(Scored {
            signature: signature.id.clone().into_owned(),
            span: Span::new(raw.start as u64, raw.end as u64).shifted(lines.base),
            line: self.counter.place(lines, shown.start).line,
            score: scorer::explain(candidate, kind, text),
        });
    }

    fn drop(
        &mut self,
        candidate: &Candidate,
        reason: &'static str,
        part: &Part<'_>,
        lines: &Lines<'_>,
    ) {
        let raw = part.layer.raw(candidate.secret.clone());
        let shown = part.layer.in_lines(candidate.secret.clone());
        let signature = &self.pass.prepared.set.signatures[candidate.signature as usize];
        self.found.dropped.push(Dropped {
            signature: signature.id.clone().into_owned(),
            span: Span::new(raw.start as u64, raw.end as u64).shifted(lines.base),
            line: self.counter.place(lines, shown.start).line,
            reason,
        });
    }

    /// Adds a problem of the blob, each once.
    pub(super) fn problem(&mut self, reason: Reason, detail: &str) {
        let problem = Problem::new(self.blob.path.clone(), reason, detail);
        if !self.found.problems.contains(&problem) {
            self.found.problems.push(problem);
        }
    }
}

/// Whether there are [`TEXT_RUN`] printable bytes in a row.
fn has_text(bytes: &[u8]) -> bool {
    let mut run = 0;
    bytes.iter().any(|byte| {
        run = if byte.is_ascii_graphic() || *byte == b' ' { run + 1 } else { 0 };
        run >= TEXT_RUN
    })
}
