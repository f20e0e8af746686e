//! leakspan finds leaked credentials, proves which of them still work, and measures how long they
//! stay alive. This page is the map of the house.
//!
//! # The straight line
//! ```text
//! Target -> Source -> Blob -> Chunk -> prefilter -> match -> filter -> Finding -> Verdict -> report
//!           sources    model   engine (+ decode)                          verify (+ net)  report
//! ```
//! [`app::scan`] is that line as code, and the first file to read.
//!
//! # Layers: who may import whom
//! ```text
//! 4  main -> cli                                argv, exit code, nothing else
//! 3  app, config                                joins rooms; one file a command
//! 2  signatures engine sources verify report hooks   rooms: never import one another
//! 1  text decode git foreign probes net              tools: never import one another
//! 0  model                                      plain types, no I/O, no clock, no globals
//! ```
//! A file imports from lower layers or inside its own room; inside a room the door (`mod.rs`) imports
//! its children, never the other way round. `tests/architecture.rs` holds this table.
//!
//! # Where to add what
//! | add | new file | and |
//! |---|---|---|
//! | signature, with its liveness probe | `signatures/acme.toml` | nothing |
//! | signer of requests | `verify/signers/x.rs` | one row in `SIGNERS` |
//! | liveness check that is no plain HTTP | `verify/mechanisms/x.rs` | one row in `MECHANISMS` |
//! | offline proof | `engine/proofs/x.rs` | one row in `PROOFS` |
//! | hand-written matcher | `engine/matchers/x.rs` | one row in `MATCHERS` |
//! | encoding | `decode/x.rs` | one row in `DECODERS` |
//! | archive format | `sources/archive/x.rs` | one row in `ARCHIVES` |
//! | rule dialect | – | one row in `DIALECTS` of `signatures/import/dialect.rs` |
//! | ignore file of another scanner | – | one row in `FORMATS` of `app/import/formats.rs` |
//! | output format | `report/x.rs` | one row in `FORMATS` |
//! | CI system | `app/ci/x.rs` | one row in `SYSTEMS` |
//! | command | `app/x.rs` | one struct and one arm in `cli` |

pub mod app;
pub mod cli;
pub mod config;
pub mod decode;
pub mod engine;
pub mod foreign;
pub mod git;
pub mod hooks;
pub mod model;
pub mod net;
pub mod probes;
pub mod report;
pub mod signatures;
pub mod sources;
pub mod text;
pub mod verify;
