//! Joins the rooms: one file a command.
//!
//! [`scan`] is the straight line; the other commands begin or end with it.

pub mod collect;
pub mod doctor;
pub mod fingerprints;
pub mod gate;
pub mod hook;
pub mod options;
pub mod output;
pub mod scan;
pub mod stop;

pub use options::Options;
