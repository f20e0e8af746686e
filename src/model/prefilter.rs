//! The tables of the prefilter, as plain data: made by the signatures room, read by the engine.

use std::borrow::Cow;

/// A literal, folded to lower case (ASCII), that leads to one or more anchors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The bytes, lower case, 2 to 12 of them.
    pub bytes: Cow<'static, [u8]>,
    /// `anchors[first..first + count]` want it.
    pub first: u32,
    /// How many anchors want it.
    pub count: u32,
}

/// Which signature a literal is a sign of, how far its match may reach around it, and what every match
/// has right beside it: cheap tests that spare most regex runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Index into the set's signatures.
    pub signature: u32,
    /// The match starts at most this many bytes before the literal's first byte.
    pub before: u32,
    /// The match ends at most this many bytes after the literal's first byte.
    pub after: u32,
    /// Bit `i`: byte `i` of the literal must be an upper case letter.
    pub upper: u16,
    /// Bit `i`: byte `i` of the literal must be a lower case letter.
    pub lower: u16,
    /// So many bytes right behind the literal are `[A-Za-z0-9_-]`.
    pub run: u8,
    /// No `[A-Za-z0-9_]` stands right before the literal.
    pub boundary: bool,
    /// Where the literal has to be looked for.
    pub lane: Lane,
}

/// Where in a text the literals of a match can stand.
///
/// A *run* is a stretch of 16 or more bytes of `[A-Za-z0-9_+/-]`. Nearly every signature's match holds
/// one, and the text near runs is a small part of ordinary source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Where a word begins (or behind `\\n`, `\\r`, `\\t` in a string), and a run begins there or at most
    /// [`AHEAD`](Self::AHEAD) bytes behind: tokens that are told by their own prefix.
    TokenStart,
    /// Before a run with a digit in it, on its line, at most [`NAME`](Self::NAME) bytes; where the line begins at
    /// most [`OPENERS`](Self::OPENERS) bytes before the run, on the line before, too; where `value` stands in
    /// the last [`VALUE`](Self::VALUE) bytes, at most [`BEFORE`](Self::BEFORE) bytes before on any line: values
    /// that are told by a name.
    Named,
    /// At most [`BEFORE`](Self::BEFORE) bytes before a run, or [`BEHIND`](Self::BEHIND) behind its end: tokens that
    /// are told by a part in their middle.
    NearRun,
    /// Anywhere.
    Anywhere,
}

impl Lane {
    /// A lane that holds both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let wider = self.max(other);
        if self != other && wider == Self::Named { Self::NearRun } else { wider }
    }

    /// Fewest bytes of a run.
    pub const RUN: usize = 16;
    /// Most bytes from a token's start to its run.
    pub const AHEAD: usize = 32;
    /// Most bytes from a literal's start to a run.
    pub const BEFORE: usize = 192;
    /// Most bytes from the start of a name's literal to its value.
    pub const NAME: usize = 128;
    /// Most bytes behind a line break before a value.
    pub const OPENERS: usize = 12;
    /// Most bytes from the start of the word `value` to a value.
    pub const VALUE: usize = 32;
    /// Most bytes from the end of a run to a literal's start.
    pub const BEHIND: usize = 64;
}

/// The literals of one lane, as a hashed 4-gram filter; of the wide ones, behind a vector filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneTable {
    /// Where they are looked for.
    pub lane: Lane,
    /// The filter; its layout is documented where it is built.
    pub grams: Cow<'static, [u8]>,
    /// Of the wide lanes ([`NearRun`](Lane::NearRun), [`Anywhere`](Lane::Anywhere)): which places are looked
    /// up in it at all.
    pub buckets: Cow<'static, [Buckets]>,
    /// The same, for machines that look up six bits at once.
    pub pairs: Cow<'static, [PairBuckets]>,
}

/// Bytes from a literal's start that its bucket knows.
pub const BUCKET_BYTES: usize = 6;

/// Literals in eight buckets, a bit each: by place in the literal, and by the low and the high half of the
/// byte there, the buckets with a literal that has it, in either case.
pub type Buckets = [[[u8; 16]; 2]; BUCKET_BYTES];

/// Pairs of neighbouring bytes, from a literal's start on, that its bucket knows.
pub const BUCKET_PAIRS: usize = 5;

/// As [`Buckets`], by place and by the [code](pair_code) of the byte there and the one behind it.
pub type PairBuckets = [[u8; 64]; BUCKET_PAIRS];

/// The parts of a pair's code: of a first byte and of a second one, which are combined by `xor`. Six bits;
/// letters have that of either case. A byte beyond ASCII has the part of its seven low bits.
pub const PAIR_CODES: [[u8; 128]; 2] = [codes(21), codes(37)];

/// The code of two neighbouring bytes.
#[must_use]
pub const fn pair_code(first: u8, second: u8) -> u8 {
    PAIR_CODES[0][(first & 127) as usize] ^ PAIR_CODES[1][(second & 127) as usize]
}

/// Six bits for each byte: other bits for letters, digits and the signs of literals, the same for what is
/// left. An odd factor spreads them.
const fn codes(factor: usize) -> [u8; 128] {
    const SIGNS: &[u8; 27] = b"_-. \n/\"'=:(,\\@$<>[]{}+;*%&|";
    let mut codes = [63; 128];
    let mut byte = 0;
    while byte < 128 {
        let sign = (byte as u8).to_ascii_lowercase();
        let mut class = 63;
        if sign.is_ascii_lowercase() {
            class = (sign - b'a') as usize;
        } else if sign.is_ascii_digit() {
            class = (26 + sign - b'0') as usize;
        } else {
            let mut at = 0;
            while at < SIGNS.len() {
                if SIGNS[at] == sign {
                    class = 36 + at;
                }
                at += 1;
            }
        }
        codes[byte] = (class * factor % 64) as u8;
        byte += 1;
    }
    codes
}

/// Everything that the prefilter reads. Built-in tables are constants: no work at start.
#[derive(Clone, Debug, Default)]
pub struct PrefilterTables {
    /// Distinct literals, sorted.
    pub literals: Cow<'static, [Literal]>,
    /// Grouped by literal.
    pub anchors: Cow<'static, [Anchor]>,
    /// The filters, one for each lane that has literals. Each literal stands in one lane.
    pub lanes: Cow<'static, [LaneTable]>,
}
