//! Installs, removes and checks git hooks.
//!
//! ```text
//! git::HooksPlace -> manager (none, husky, lefthook, pre-commit) -> hook file or lines in theirs
//! ```
//! The hook is a file of its own that calls what was there before; where another program owns the hook,
//! its users' script gets lines that [`remove`] takes out exactly, or its user is told what to add. The
//! scripts themselves are in `hooks/`. To add a hook manager: a variant in `manager`.

mod block;
mod error;
mod hook;
mod install;
mod manager;
mod script;
mod status;

pub use error::Error;
pub use hook::Hook;
pub use install::{install, remove};
pub use status::{Status, status};
