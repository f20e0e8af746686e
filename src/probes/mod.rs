//! The language of probes: how a provider is asked whether a credential works, as data.
//!
//! `[[probe]]` of a signature file -> `parse` (checked: https, named hosts, harmless) -> [`Probe`]
//! -> [`template`] fills in the parts -> a request -> its reply -> [`judge()`] by the probe's [`clause`]s.
//!
//! No I/O here: the room `verify` sends what this describes. `signatures/README.md` has the format.

pub mod clause;
mod error;
mod json_path;
pub mod judge;
mod parse;
mod part;
mod probe;
pub mod template;

pub use error::Fault;
pub use judge::{Judged, judge};
pub use parse::parse;
pub use part::{Part, Piece};
pub use probe::{
    Basis, Class, Field, Hosts, Pick, Place, Probe, Revocation, Send, Signed, Verdicts, Way,
};
