//! Whether the credentials that were found still work.
//!
//! ```text
//! findings -> plan (may it be asked? by which probe? are its parts there?) -> questions, each once
//!          -> pool (one at a time a provider, paced, bounded) -> ask (steps, hosts, control)
//!          -> verdicts -> findings; the journal and the cache on the side
//! ```
//! Only `ask` sends, through the room's one [`crate::net::Client`], and only to hosts that the probe names, the
//! user's configuration names, or the user typed. A reply that is not clear is `unknown`: lifetimes are
//! computed from what is said here.
//!
//! To add a mechanism that is no plain HTTP: a file in `mechanisms/` and a row in its table; a signer: the
//! same in `signers/`.

mod ask;
mod breaker;
mod cache;
mod journal;
mod mechanisms;
mod options;
mod parts;
mod plan;
mod pool;
mod request;
mod revoke;
mod signers;
mod url;

pub use cache::Cache;
pub use journal::{Entry, Journal};
pub use options::{Options, RATE};
pub use plan::{Key, Plan, Probes, Question, plan};
pub use pool::{Context, Outcome, run};
pub use revoke::{Revocable, Revoked, revocable, revoke};
