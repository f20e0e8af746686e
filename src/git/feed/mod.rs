//! The object feed: every object of a repository, decoded once, on all cores.
//!
//! ```text
//! packs and loose objects -> Store (ids merged, headers read) -> visit: the forest of deltas -> Visit
//! ```
//! A broken entry costs itself and what rests on it; another copy is tried before it is told. Of an object that
//! stands in several places every copy must prove its id.

mod budget;
mod copy;
mod delta;
mod doubles;
mod forest;
mod ids;
mod inflate;
mod limits;
mod loose;
mod needed;
mod pack;
mod store;
mod streamed;
mod visit;
mod work;

pub(crate) use forest::{read, visit};
pub(crate) use ids::Ids;
pub(crate) use store::Store;
pub(crate) use visit::{Base, Bytes, Line, Object, Visit, Which};
