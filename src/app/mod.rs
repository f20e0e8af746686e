//! Joins the rooms: one file a command.
//!
//! [`scan`] is the straight line; the other commands begin or end with it.

pub mod baseline;
pub mod baselines;
pub mod ci;
pub mod collect;
pub mod doctor;
pub mod explain;
pub mod fingerprints;
pub mod gate;
mod history;
pub mod hook;
pub mod import;
pub mod keys;
pub mod names;
pub mod options;
pub mod output;
mod people;
pub mod progress;
pub mod salt;
pub mod scan;
pub mod signatures;
mod state;
pub mod stop;
pub mod suppress;
pub mod suppressions;
pub mod verify;

pub use options::Options;
