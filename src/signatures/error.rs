//! What can be wrong with a signature file or with a choice of signatures.
//!
//! Shared with the build script by `#[path]`.

use std::path::PathBuf;

use super::literals;
use super::tables;

/// Most bytes of a pattern.
pub(super) const LONGEST_PATTERN: usize = 16 * 1024;
/// Most signatures of a run.
pub(super) const MOST_SIGNATURES: usize = 5_000;

/// Why signatures could not be loaded or chosen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or folder cannot be read.
    #[error("cannot read the signature file {}", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML, or a value has the wrong type.
    #[error("{}:{line}: {}{message}", path.display(), of(id))]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The signature that it stands in, where it does.
        id: Option<String>,
        /// What the parser says.
        message: String,
    },
    /// A key that no signature file has.
    #[error("{}:{line}: {}unknown key `{key}`, the nearest is `{nearest}`", path.display(), of(id))]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The signature that it stands in, where it does.
        id: Option<String>,
        /// The key.
        key: String,
        /// The nearest right one.
        nearest: &'static str,
    },
    /// A key of another scanner's rule file that is not as it must be.
    #[error("{}:{line}: {}`{key}`: {message}", path.display(), of_rule(rule))]
    Import {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The rule that it stands in, where it does.
        rule: Option<String>,
        /// The key.
        key: String,
        /// What is wrong.
        message: String,
    },
    /// A signature that cannot work.
    #[error("{}:{line}: signature `{id}`: {fault}", path.display())]
    Signature {
        /// Which file.
        path: PathBuf,
        /// Line of its id, from 1.
        line: usize,
        /// Its id.
        id: String,
        /// What is wrong.
        fault: Fault,
    },
    /// A probe that cannot be used.
    #[error("{}:{line}: probe `{id}`: {message}", path.display())]
    Probe {
        /// Which file.
        path: PathBuf,
        /// Line of its table, from 1.
        line: usize,
        /// Its id.
        id: String,
        /// The key and what is wrong with it.
        message: String,
    },
    /// No signature at all: a scan with none would find nothing and say so as if all were well.
    #[error("{}: no signature in it", .0.display())]
    Empty(PathBuf),
    /// Too many signatures.
    #[error("{0} signatures are more than {MOST_SIGNATURES}")]
    TooMany(usize),
    /// An id that is not there.
    #[error("no signature has {}, the nearest is `{nearest}`", the_id(id))]
    UnknownId {
        /// What was asked for.
        id: String,
        /// The nearest that there is.
        nearest: String,
    },
    /// Every signature was left out.
    #[error("no signature is left to scan with")]
    NoneLeft,
    /// The prefilter's tables cannot be made.
    #[error(transparent)]
    Tables(#[from] tables::Error),
}

/// What is wrong with one signature.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The id is not kebab-case.
    #[error("an id is made of lower case words and digits joined by `-`")]
    BadId,
    /// Two signatures have this id.
    #[error("the id is used twice, first in {}", .0.display())]
    Twice(PathBuf),
    /// No way to find it, or more than one.
    #[error(
        "give one of: `token`; `pattern`; `matcher`; `context` and `value`; `rule`, which has keywords of its own"
    )]
    OneMatcher,
    /// A window where there is none.
    #[error("`window` goes with a `matcher` that has `keywords`")]
    Window,
    /// The pattern is too long.
    #[error("the pattern is {0} bytes long, more than {LONGEST_PATTERN}")]
    LongPattern(usize),
    /// The pattern cannot be used.
    #[error(transparent)]
    Literals(#[from] literals::Error),
    /// The compiled pattern is too large.
    #[error("the pattern takes more than 2 MiB to match: lower the bounds of its repetitions")]
    TooLarge,
    /// An imported rule that cannot be run.
    #[error("rule: {0}")]
    Rule(String),
    /// A pattern that may match nothing.
    #[error("the pattern can match the empty string")]
    MatchesNothing,
    /// A keyword that a match need not hold.
    #[error("the pattern does not prove the keyword `{0}`: a match can lack it")]
    Unproven(String),
    /// A digest that is none.
    #[error("`{0}` is not the SHA-256 of a value: give 64 hex digits")]
    Digest(String),
    /// A word that must not be empty.
    #[error("`{0}` is empty")]
    EmptyField(&'static str),
    /// A partner that does not exist.
    #[error("the partner `{0}` of the pair is no signature")]
    Partner(String),
    /// A probe that is not in the file.
    #[error("the probe `{0}` is not in this file")]
    Probe(String),
    /// An overlap with a signature that does not exist.
    #[error("`overlaps` names `{0}`, which is no signature")]
    Overlap(String),
}

/// An id as it was given; what is none may be anything, and is not quoted.
fn the_id(id: &str) -> String {
    let plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if plain { format!("the id `{id}`") } else { "the id that was given".to_owned() }
}

/// The words before a message inside a rule of another scanner.
fn of_rule(id: &Option<String>) -> String {
    id.as_ref().map(|id| format!("rule `{id}`: ")).unwrap_or_default()
}

/// The words before a message inside a signature.
fn of(id: &Option<String>) -> String {
    id.as_ref().map(|id| format!("signature `{id}`: ")).unwrap_or_default()
}
