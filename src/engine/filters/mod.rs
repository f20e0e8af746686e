//! Filters: each drops candidates for one named reason.
//!
//! To add one: a file with a [`Filter`] and a row in [`FILTERS`].

mod filter;

pub use filter::Filter;

/// Every filter, cheapest first.
pub const FILTERS: &[&dyn Filter] = &[];
