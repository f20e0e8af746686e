//! The bodies of the fuzz targets, for `cargo fuzz` and for the replay in the normal test run.
//!
//! To add one: a file with a function, a row in [`TARGETS`], a corpus folder of its name, and a binary
//! in `bin/` with a section in `Cargo.toml`.

#[path = "input.rs"]
mod input;
#[path = "store.rs"]
mod store;
#[path = "target_archive.rs"]
mod target_archive;
#[path = "target_decode.rs"]
mod target_decode;
#[path = "target_idx.rs"]
mod target_idx;
#[path = "target_index.rs"]
mod target_index;
#[path = "target_loose.rs"]
mod target_loose;
#[path = "target_objects.rs"]
mod target_objects;
#[path = "target_pack.rs"]
mod target_pack;
#[path = "target_proofs.rs"]
mod target_proofs;
#[path = "target_reftable.rs"]
mod target_reftable;
#[path = "target_report.rs"]
mod target_report;
#[path = "target_rule_file.rs"]
mod target_rule_file;
#[path = "target_scan_chunk.rs"]
mod target_scan_chunk;
#[path = "target_settings.rs"]
mod target_settings;
#[path = "target_signature_file.rs"]
mod target_signature_file;

/// A name and what is done with bytes: it panics where a property does not hold.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// Every target, by the name of its corpus folder and its binary.
pub(crate) const TARGETS: &[Target] = &[
    ("archive", target_archive::run),
    ("decode", target_decode::run),
    ("idx", target_idx::run),
    ("index", target_index::run),
    ("loose", target_loose::run),
    ("objects", target_objects::run),
    ("pack", target_pack::run),
    ("proofs", target_proofs::run),
    ("reftable", target_reftable::run),
    ("report", target_report::run),
    ("rule_file", target_rule_file::run),
    ("scan_chunk", target_scan_chunk::run),
    ("settings", target_settings::run),
    ("signature_file", target_signature_file::run),
];

/// Runs one target.
#[allow(dead_code, reason = "the replay walks the table instead")]
pub(crate) fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a known target");
    target(bytes);
}
