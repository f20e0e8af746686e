//! The signatures: what each type of credential looks like, one TOML file a provider.
//!
//! `signatures/*.toml` -> `file` (parse, check, prove literals) -> `load` (join, make the tables)
//! -> baked in by the build script (`builtin`), or read at run time (`--signatures`, [`load::add`])
//! -> `open` (what a run uses).
//!
//! To add one: a `[[signature]]` in the provider's file, or a new file. `signatures/README.md` describes
//! the format; the build refuses what would not work, `leakspan signatures check` runs the samples.

mod buckets;
mod context;
mod describe;
mod error;
pub mod file;
mod fixed;
mod frequency;
pub mod import;
pub mod lint;
pub mod literals;
pub mod load;
mod named;
mod nearest;
mod nearness;
pub mod samples;
pub mod select;
mod shape;
pub mod tables;

pub use describe::describe;
pub use error::{Error, Fault};
pub use nearest::{nearest, slip};
pub use select::{Opened, Options, Selection, open, unknown_id};

use std::borrow::Cow;

use crate::model::SignatureSet;

/// What the build script made of `signatures/*.toml`.
mod baked {
    include!(concat!(env!("OUT_DIR"), "/signatures.rs"));
}

/// The signatures that are baked into the binary, with tables made at build time. No work at start.
#[must_use]
pub fn builtin() -> SignatureSet {
    SignatureSet { signatures: Cow::Borrowed(baked::SIGNATURES), tables: baked::TABLES }
}

/// Templates of text in which each built-in signature must and must not be found, in the order of
/// [`builtin`].
#[must_use]
pub fn builtin_samples() -> Vec<samples::Samples> {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    baked::SAMPLES
        .iter()
        .map(|(id, accept, reject, overlaps)| samples::Samples {
            id: (*id).to_owned(),
            accept: owned(accept),
            reject: owned(reject),
            overlaps: overlaps.iter().map(|(id, why)| (id.to_string(), why.to_string())).collect(),
        })
        .collect()
}
