//! What must stand in every match of a pattern: the literals that lead to its candidates, proven from
//! the parsed pattern, and how far a match can reach around each.
//!
//! Shared with the build script by `#[path]`: imports nothing of the crate but its siblings
//! and the vocabulary.

use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind, Look};

use super::frequency;
use super::nearness;
use crate::model::Lane;

/// Most bytes of a literal: more would not make it rarer in any way that matters.
const LONGEST_LITERAL: usize = 12;
/// Most literals of one set.
const MOST_LITERALS: usize = 64;
/// Most literals of a short set that was made longer by the class behind it.
const MOST_EXTENDED: usize = 256;
/// Most bytes of a match.
const LONGEST_MATCH: usize = 4096;
/// A set of literals that begins at more than this share of the bytes of source text is refused: it
/// would make every scan slow.
const MOST_FREQUENT: f64 = 1e-4;
/// Longest run that is worth checking before the regex starts.
const LONGEST_RUN: usize = 64;
/// What one more literal costs, in the unit of frequencies: a slot in the tables, not time.
const COST_OF_A_LITERAL: f64 = 2e-8;

/// A literal that a match may hold, and where the match may lie around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiteralWindow {
    /// The bytes, folded to lower case (ASCII): 2 to 12 of them.
    pub bytes: Vec<u8>,
    /// The match starts at most this many bytes before the literal's first byte.
    pub before: u32,
    /// The match ends at most this many bytes after the literal's first byte.
    pub after: u32,
    /// Bit `i`: byte `i` must be an upper case letter.
    pub upper: u16,
    /// Bit `i`: byte `i` must be a lower case letter.
    pub lower: u16,
    /// So many bytes right behind the literal are `[A-Za-z0-9_-]` in every match.
    pub run: u8,
    /// No `[A-Za-z0-9_]` stands right before the literal.
    pub boundary: bool,
    /// Where it is looked for.
    pub lane: Lane,
}

/// Why no literals can be proven.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The pattern cannot be parsed.
    #[error("the pattern cannot be parsed: {0}")]
    Parse(String),
    /// A match can be of any length.
    #[error(
        "unbounded pattern: give every repetition an upper bound, so that a match ends within {LONGEST_MATCH} bytes"
    )]
    Unbounded,
    /// A match can be too long.
    #[error(
        "a match can be {0} bytes long, more than {LONGEST_MATCH}: lower the bounds of its repetitions"
    )]
    TooLong(usize),
    /// No literal stands in every match.
    #[error(
        "no literal of at least 3 bytes stands in every match: add one, or use a named matcher"
    )]
    NoLiteral,
    /// The rarest literals are too frequent.
    #[error("the literal {literal:?} begins about {per_million} times in a million bytes of source text, more than {}: make it longer", MOST_FREQUENT * 1e6)]
    TooFrequent {
        /// The most frequent one of the set.
        literal: String,
        /// How often, in a million bytes; of the whole set.
        per_million: u64,
    },
}

/// Parses a pattern as the engine does: bytes, no Unicode.
///
/// # Errors
/// Where it is no pattern.
pub fn parse(pattern: &str) -> Result<Hir, Error> {
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(64)
        .build()
        .parse(pattern)
        .map_err(|error| Error::Parse(error.to_string()))
}

/// The literals of a pattern: every match holds one of them, within its window. With `digit` the group
/// `secret` holds a digit in every match that counts.
///
/// # Errors
/// Where the pattern is unbounded, or would be a bad prefilter.
pub fn of_pattern(pattern: &str, digit: bool) -> Result<Vec<LiteralWindow>, Error> {
    let hir = parse(pattern)?;
    let longest = hir.properties().maximum_len().ok_or(Error::Unbounded)?;
    if longest > LONGEST_MATCH {
        return Err(Error::TooLong(longest));
    }
    let pieces = Node::of(&hir).into_best().ok_or(Error::NoLiteral)?;
    let mut windows = merged(pieces.into_iter().map(Piece::window).collect());
    for window in &mut windows {
        let word =
            window.bytes.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        window.lane = nearness::lane(&hir, digit, word, window.before as usize);
    }
    checked(windows)
}

/// The literals of a named matcher: a match starts at most `before` bytes before a keyword and ends
/// at most `after` bytes after its start. Keywords are of either case.
///
/// # Errors
/// Where a keyword is shorter than 3 bytes, or too frequent.
pub fn of_keywords(
    keywords: &[&str],
    before: u32,
    after: u32,
) -> Result<Vec<LiteralWindow>, Error> {
    let windows = keywords.iter().map(|keyword| {
        let bytes = keyword.as_bytes();
        let cut = rarest(bytes);
        let bytes = bytes[cut.clone()].to_ascii_lowercase();
        let at = cut.start as u32;
        let (before, after) = (before + at, after.saturating_sub(at));
        LiteralWindow {
            bytes,
            before,
            after,
            upper: 0,
            lower: 0,
            run: 0,
            boundary: false,
            lane: Lane::Anywhere,
        }
    });
    checked(merged(windows.collect()))
}

/// Refuses sets that make a bad prefilter.
fn checked(windows: Vec<LiteralWindow>) -> Result<Vec<LiteralWindow>, Error> {
    let shares = windows.iter().map(|window| (frequency::share(&window.bytes), window));
    let worst = shares.max_by(|a, b| a.0.total_cmp(&b.0)).ok_or(Error::NoLiteral)?.1;
    if windows.iter().any(|window| window.bytes.len() < 3) {
        return Err(Error::NoLiteral);
    }
    let total: f64 = windows.iter().map(|window| frequency::share(&window.bytes)).sum();
    if total > MOST_FREQUENT {
        let literal = String::from_utf8_lossy(&worst.bytes).into_owned();
        return Err(Error::TooFrequent { literal, per_million: (total * 1e6) as u64 });
    }
    Ok(windows)
}

/// Sorts, and joins windows of the same literal into one that demands what both demand.
fn merged(mut windows: Vec<LiteralWindow>) -> Vec<LiteralWindow> {
    windows.sort_by(|a, b| a.bytes.cmp(&b.bytes));
    windows.dedup_by(|next, kept| {
        let same = next.bytes == kept.bytes;
        if same {
            kept.before = kept.before.max(next.before);
            kept.after = kept.after.max(next.after);
            kept.upper &= next.upper;
            kept.lower &= next.lower;
            kept.run = kept.run.min(next.run);
            kept.boundary &= next.boundary;
        }
        same
    });
    windows
}

/// A byte of a literal: folded, with the cases that it may have (bit 0 lower, bit 1 upper).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Letter {
    fold: u8,
    cases: u8,
}

impl Letter {
    fn of(byte: u8) -> Self {
        let cases = if byte.is_ascii_uppercase() {
            2
        } else if byte.is_ascii_lowercase() {
            1
        } else {
            3
        };
        Self { fold: byte.to_ascii_lowercase(), cases }
    }
}

type Text = Vec<Letter>;

/// A literal inside a node of the pattern.
#[derive(Clone)]
struct Piece {
    text: Text,
    /// Most bytes from the node's start to the literal's.
    before: usize,
    /// Most bytes from the literal's start to the node's end.
    after: usize,
    /// Token bytes that surely follow the literal.
    run: usize,
    /// Whether that run reaches the node's end, so that what follows may lengthen it.
    open: bool,
    boundary: bool,
}

impl Piece {
    /// The rarest part of an exact text that starts at most `before` bytes into its node.
    fn of(text: &Text, before: usize, boundary: bool) -> Self {
        let folded: Vec<u8> = text.iter().map(|letter| letter.fold).collect();
        let cut = rarest(&folded);
        let rest = &folded[cut.end..];
        let run = rest.iter().take_while(|byte| token(**byte)).count();
        let word = folded.get(cut.start).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        Self {
            before: before + cut.start,
            after: text.len() - cut.start,
            run,
            open: run == rest.len(),
            boundary: boundary && cut.start == 0 && word,
            text: text[cut].to_vec(),
        }
    }

    fn window(self) -> LiteralWindow {
        let bits = |cases: u8| {
            let wanted = self.text.iter().enumerate().filter(|(_, letter)| letter.cases == cases);
            wanted.fold(0_u16, |bits, (at, _)| bits | 1 << at)
        };
        LiteralWindow {
            upper: bits(2),
            lower: bits(1),
            bytes: self.text.iter().map(|letter| letter.fold).collect(),
            before: self.before as u32,
            after: self.after as u32,
            run: self.run.min(LONGEST_RUN) as u8,
            boundary: self.boundary,
            lane: Lane::Anywhere,
        }
    }

    fn share(&self) -> f64 {
        let folded: Vec<u8> = self.text.iter().map(|letter| letter.fold).collect();
        frequency::share(&folded)
    }
}

/// The rarest stretch of at most [`LONGEST_LITERAL`] bytes.
fn rarest(folded: &[u8]) -> std::ops::Range<usize> {
    let length = folded.len().min(LONGEST_LITERAL);
    let starts = 0..=folded.len() - length;
    let share = |at: &usize| frequency::share(&folded[*at..*at + length]);
    let best = starts.min_by(|a, b| share(a).total_cmp(&share(b))).unwrap_or(0);
    best..best + length
}

fn token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The lower the better; a literal of fewer than 3 bytes is no good at all.
fn score(pieces: &[Piece]) -> f64 {
    if pieces.is_empty() || pieces.iter().any(|piece| piece.text.len() < 2) {
        return f64::INFINITY;
    }
    pieces
        .iter()
        .map(|piece| {
            piece.share() + COST_OF_A_LITERAL + if piece.text.len() < 3 { 1.0 } else { 0.0 }
        })
        .sum()
}

/// What is known of a node of the pattern.
struct Node {
    /// All strings that it matches, where they are few.
    exact: Option<Vec<Text>>,
    /// The best set of literals of which one stands in every match.
    best: Option<Vec<Piece>>,
}

impl Node {
    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exactly(vec![Text::new()]),
            HirKind::Literal(literal) => {
                Self::exactly(vec![literal.0.iter().map(|byte| Letter::of(*byte)).collect()])
            }
            HirKind::Class(class) => match folded(class) {
                Some(letters) if letters.len() <= 16 => {
                    Self::exactly(letters.into_iter().map(|letter| vec![letter]).collect())
                }
                _ => Self { exact: None, best: None },
            },
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => {
                Self::repeated(&repetition.sub, repetition.min, repetition.max)
            }
            HirKind::Concat(parts) => Concat::new(parts).node(),
            HirKind::Alternation(branches) => Self::either(branches),
        }
    }

    fn exactly(texts: Vec<Text>) -> Self {
        Self { exact: Some(texts), best: None }
    }

    /// The best set, made from the exact strings where nothing else is known.
    fn into_best(self) -> Option<Vec<Piece>> {
        let from_exact = || {
            let texts = self.exact.as_ref()?;
            let whole = texts.iter().all(|text| !text.is_empty());
            whole.then(|| texts.iter().map(|text| Piece::of(text, 0, false)).collect())
        };
        let made = from_exact();
        [self.best, made]
            .into_iter()
            .flatten()
            .min_by(|a: &Vec<Piece>, b| score(a).total_cmp(&score(b)))
    }

    fn repeated(sub: &Hir, min: u32, max: Option<u32>) -> Self {
        let node = Self::of(sub);
        if let Some(texts) = &node.exact {
            if min == 0 && max == Some(1) && texts.len() < MOST_LITERALS {
                let mut texts = texts.clone();
                texts.push(Text::new());
                return Self::exactly(texts);
            }
            let power = (0..min).try_fold(1, |n: usize, _| {
                n.checked_mul(texts.len()).filter(|n| *n <= MOST_LITERALS)
            });
            if Some(min) == max && min <= 64 && power.is_some() {
                let whole = (0..min).fold(vec![Text::new()], |made, _| product(&made, texts));
                return Self::exactly(whole);
            }
        }
        if min == 0 {
            return Self { exact: None, best: None };
        }
        let length = maximum(sub);
        let more = length.saturating_mul((max.unwrap_or(min) as usize).saturating_sub(1));
        let best = node.into_best().map(|mut pieces| {
            for piece in &mut pieces {
                piece.after += more;
                piece.open &= more == 0;
            }
            pieces
        });
        Self { exact: None, best }
    }

    fn either(branches: &[Hir]) -> Self {
        let nodes: Vec<Self> = branches.iter().map(Self::of).collect();
        let exact: Option<Vec<Text>> = nodes
            .iter()
            .map(|node| node.exact.clone())
            .collect::<Option<Vec<_>>>()
            .map(|sets| sets.concat())
            .filter(|texts| texts.len() <= MOST_LITERALS);
        let best = nodes
            .into_iter()
            .map(Self::into_best)
            .collect::<Option<Vec<_>>>()
            .map(|sets| sets.concat());
        Self { exact, best }
    }
}

/// The parts of a concatenation, with the best set found so far.
struct Concat<'h> {
    parts: &'h [Hir],
    /// `length[i]`: most bytes of the parts before `i`.
    lengths: Vec<usize>,
    best: Option<Vec<Piece>>,
}

/// Adjacent exact parts, multiplied out.
struct Run {
    texts: Vec<Text>,
    /// The first part of it.
    first: usize,
    boundary: bool,
}

impl Run {
    fn from(first: usize, boundary: bool) -> Self {
        Self { texts: vec![Text::new()], first, boundary }
    }

    fn is_empty(&self) -> bool {
        self.texts.len() == 1 && self.texts[0].is_empty()
    }
}

impl<'h> Concat<'h> {
    fn new(parts: &'h [Hir]) -> Self {
        let mut lengths = vec![0];
        for part in parts {
            lengths.push(lengths[lengths.len() - 1] + maximum(part));
        }
        Self { parts, lengths, best: None }
    }

    fn node(mut self) -> Node {
        let mut run = Run::from(0, false);
        let mut broken = false;
        for (at, part) in self.parts.iter().enumerate() {
            if run.is_empty() && word_boundary(part) {
                run.boundary = true;
            }
            let node = Node::of(part);
            match node.exact {
                Some(texts) if run.texts.len() * texts.len() <= MOST_LITERALS => {
                    if texts.len() > 1 {
                        self.close(&run, at);
                    }
                    if run.is_empty() && !texts.iter().all(Vec::is_empty) {
                        run.first = at;
                    }
                    run.texts = product(&run.texts, &texts);
                }
                exact => {
                    broken = true;
                    self.close(&run, at);
                    if let Some(texts) = exact {
                        run = Run { texts, first: at, boundary: false };
                        continue;
                    }
                    if let Some(pieces) = node.best {
                        self.inner(pieces, at, run.is_empty() && run.boundary);
                    }
                    run = Run::from(at + 1, false);
                }
            }
        }
        self.close(&run, self.parts.len());
        Node { exact: (!broken).then_some(run.texts), best: self.best }
    }

    /// Weighs the run that ends before part `end`.
    fn close(&mut self, run: &Run, end: usize) {
        if run.texts.iter().any(Vec::is_empty) {
            return;
        }
        let (count, whole) = lead(&self.parts[end..]);
        let rest = self.length(end);
        let piece = |text: &Text, grown: usize| {
            let mut piece = Piece::of(text, self.lengths[run.first], run.boundary);
            piece.after = (piece.after - grown).saturating_add(rest);
            if piece.open {
                piece.run += count.saturating_sub(grown);
                piece.open = whole;
            }
            piece
        };
        let pieces = run.texts.iter().map(|text| piece(text, 0)).collect();
        let short = run.texts.iter().any(|text| text.len() < 4);
        let longer = self.parts[end..]
            .first()
            .and_then(leading_class)
            .filter(|class| short && run.texts.len() * class.len() <= MOST_EXTENDED);
        let longer = longer.map(|class| {
            let class: Vec<Text> = class.into_iter().map(|letter| vec![letter]).collect();
            product(&run.texts, &class).iter().map(|text| piece(text, 1)).collect()
        });
        self.weigh(pieces);
        if let Some(longer) = longer {
            self.weigh(longer);
        }
    }

    /// Weighs the literals found inside part `at`.
    fn inner(&mut self, mut pieces: Vec<Piece>, at: usize, boundary: bool) {
        let (count, whole) = lead(&self.parts[at + 1..]);
        let rest = self.length(at + 1);
        for piece in &mut pieces {
            let first = piece.text.first().map_or(b' ', |letter| letter.fold);
            let word = first.is_ascii_alphanumeric() || first == b'_';
            piece.boundary |= boundary && piece.before == 0 && word;
            piece.before = piece.before.saturating_add(self.lengths[at]);
            piece.after = piece.after.saturating_add(rest);
            if piece.open {
                piece.run += count;
                piece.open = whole;
            }
        }
        self.weigh(pieces);
    }

    fn weigh(&mut self, pieces: Vec<Piece>) {
        let better = self.best.as_ref().is_none_or(|best| score(&pieces) < score(best));
        if better && score(&pieces).is_finite() {
            self.best = Some(pieces);
        }
    }

    /// Most bytes of the parts from `at` on.
    fn length(&self, at: usize) -> usize {
        self.lengths[self.parts.len()] - self.lengths[at]
    }
}

/// Most bytes that a node matches; the caller has refused patterns without bound.
fn maximum(hir: &Hir) -> usize {
    hir.properties().maximum_len().unwrap_or(LONGEST_MATCH).min(LONGEST_MATCH)
}

fn product(left: &[Text], right: &[Text]) -> Vec<Text> {
    left.iter().flat_map(|a| right.iter().map(move |b| [a.as_slice(), b].concat())).collect()
}

fn word_boundary(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Look(Look::WordAscii | Look::WordStartAscii | Look::WordStartHalfAscii) => true,
        HirKind::Capture(capture) => word_boundary(&capture.sub),
        _ => false,
    }
}

fn bytes_of(class: &Class) -> Option<ClassBytes> {
    match class {
        Class::Bytes(bytes) => Some(bytes.clone()),
        Class::Unicode(unicode) => unicode.to_byte_class(),
    }
}

/// The bytes of a class, folded and merged; `None` for one with more than 64 of them.
fn folded(class: &Class) -> Option<Vec<Letter>> {
    let class = bytes_of(class)?;
    let mut cases = [0_u8; 256];
    for byte in class.ranges().iter().flat_map(|range| range.start()..=range.end()) {
        let letter = Letter::of(byte);
        cases[usize::from(letter.fold)] |= letter.cases;
    }
    let letters = (0..=255_u8).zip(cases).filter(|(_, cases)| *cases != 0);
    let letters: Vec<Letter> = letters.map(|(fold, cases)| Letter { fold, cases }).collect();
    (letters.len() <= 64).then_some(letters)
}

/// The class of the byte that surely comes first.
fn leading_class(hir: &Hir) -> Option<Vec<Letter>> {
    match hir.kind() {
        HirKind::Class(class) => folded(class),
        HirKind::Capture(capture) => leading_class(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => leading_class(&repetition.sub),
        HirKind::Concat(parts) => leading_class(parts.first()?),
        _ => None,
    }
}

/// How many token bytes surely come first, and whether they are all that comes.
fn lead(parts: &[Hir]) -> (usize, bool) {
    let mut count = 0;
    for part in parts {
        let (more, whole) = lead_of(part);
        count += more;
        if !whole || count > LONGEST_RUN {
            return (count, false);
        }
    }
    (count, true)
}

fn lead_of(hir: &Hir) -> (usize, bool) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, true),
        HirKind::Literal(literal) => {
            let count = literal.0.iter().take_while(|byte| token(**byte)).count();
            (count, count == literal.0.len())
        }
        HirKind::Class(class) => {
            let all = bytes_of(class).is_some_and(|class| {
                class.ranges().iter().all(|range| (range.start()..=range.end()).all(token))
            });
            (usize::from(all), all)
        }
        HirKind::Capture(capture) => lead_of(&capture.sub),
        HirKind::Concat(parts) => lead(parts),
        HirKind::Alternation(branches) => {
            (branches.iter().map(|branch| lead_of(branch).0).min().unwrap_or(0), false)
        }
        HirKind::Repetition(repetition) => {
            let (count, whole) = lead_of(&repetition.sub);
            match (repetition.min as usize, whole) {
                (0, _) => (0, false),
                (_, false) => (count, false),
                (min, true) => (count.saturating_mul(min), Some(repetition.min) == repetition.max),
            }
        }
    }
}

#[cfg(test)]
#[path = "literals/tests.rs"] // said, because the build script includes this file by path
mod tests;
