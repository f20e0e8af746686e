//! From bytes to findings: prefilter, candidate, regex in a window, proofs, filters, pairs, overlap.
//!
//! A [`Scanner`] is shared by all threads; each thread has a [`Thread`] with buffers and regex caches
//! of its own. Results depend on the bytes alone: not on threads, not on how the bytes arrive.

mod candidate;
pub mod filters;
mod inline;
pub mod matchers;
pub mod overlap;
pub mod pairs;
mod patterns;
pub mod prefilter;
pub mod proofs;
mod rules;
mod scanner;
mod scorer;

pub use candidate::{Candidate, Dropped, Score, Scored, Text};
pub use patterns::Pattern;
pub use scanner::{Calls, Found, NearMiss, Options, Scanner, Thread};
pub use scorer::{LEVELS as SCORE_LEVELS, words};
