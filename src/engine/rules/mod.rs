//! Rules of other scanners, run as those run them: keywords as a first look, the pattern over the whole
//! text, then entropy, allowlists and filters of the rule. No filter and no proof of ours judges them.
//!
//! Only sets that were loaded at run time have any. Without one nothing of this costs anything.

mod judge;
mod near;
mod tokens;
mod values;
mod whole;

pub(super) use near::resolve;
pub(super) use whole::Rules;
