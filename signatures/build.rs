//! Bakes the signature files and their prefilter tables into the binary.
//!
//! The modules are those of the run-time loader, so that what builds also loads and the other way round.
#![allow(
    dead_code,
    unused_imports,
    unfulfilled_lint_expectations,
    reason = "the build script uses a part of the shared modules"
)]
#![allow(unreachable_pub, missing_docs, reason = "they are public in the library")]

#[path = "../src/signatures/buckets.rs"]
mod buckets;
#[path = "../src/signatures/context.rs"]
mod context;
#[path = "../src/signatures/error.rs"]
mod error;
#[path = "../src/signatures/file.rs"]
mod file;
#[path = "../src/signatures/fixed.rs"]
mod fixed;
#[path = "../src/signatures/frequency.rs"]
mod frequency;
#[path = "../src/signatures/literals.rs"]
mod literals;
#[path = "../src/signatures/load.rs"]
mod load;
#[path = "../src/signatures/named.rs"]
mod named;
#[path = "../src/signatures/nearest.rs"]
mod nearest;
#[path = "../src/signatures/nearness.rs"]
mod nearness;
#[path = "../src/model/prefilter.rs"]
mod prefilter;
#[path = "../src/model/rule.rs"]
mod rule;
#[path = "../src/signatures/shape.rs"]
mod shape;
#[path = "../src/model/signature.rs"]
mod signature;
#[path = "../src/signatures/tables.rs"]
mod tables;

/// The names under which the shared modules find the vocabulary.
mod model {
    pub use crate::prefilter::{
        Anchor, BUCKET_BYTES, BUCKET_PAIRS, Buckets, Lane, LaneTable, Literal, PairBuckets,
        PrefilterTables, pair_code,
    };
    pub use crate::rule::Rule;
    pub use crate::signature::{
        Confidence, Matcher, Pair, ProbeText, Severity, Signature, SignatureSet,
    };
}
use model::{PrefilterTables, Rule};

use std::borrow::Cow;
use std::error::Error as _;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Naming the folder makes a file that is added, removed or changed a reason to run again.
    for path in [
        "signatures",
        "src/signatures",
        "src/model/signature.rs",
        "src/model/rule.rs",
        "src/model/prefilter.rs",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    match bake(Path::new("signatures"), &out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={message}");
            ExitCode::FAILURE
        }
    }
}

fn bake(folder: &Path, out: &Path) -> Result<(), String> {
    let entries = load::read(folder).map_err(told)?;
    let (set, entries) = load::assemble(entries).map_err(told)?;
    for table in set.tables.lanes.iter() {
        let path = grams_of(out, table.lane);
        std::fs::write(path, &table.grams).map_err(|error| error.to_string())?;
    }
    let text = source(&entries, &set.tables, out);
    std::fs::write(out.join("signatures.rs"), text).map_err(|error| error.to_string())
}

/// The file that the filter of a lane goes to.
fn grams_of(out: &Path, lane: model::Lane) -> PathBuf {
    out.join(format!("{lane:?}.bin"))
}

fn told(error: error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The Rust source of three constants: the signatures, their samples and their tables.
fn source(entries: &[file::Entry], tables: &PrefilterTables, out: &Path) -> String {
    let mut text = String::from(
        "use std::borrow::Cow::Borrowed;\n\
         use crate::model::Lane::*;\nuse crate::model::{Confidence, Matcher, Severity, Signature};\n",
    );
    text.push_str(
        "type Samples = (\n    &'static str,\n    &'static [&'static str],\n    &'static [&'static str],\n    \
         &'static [(&'static str, &'static str)],\n);\n",
    );
    text.push_str("pub(super) static SIGNATURES: &[Signature] = &[\n");
    for entry in entries {
        push_signature(&mut text, &entry.signature);
    }
    text.push_str("];\n");
    text.push_str("pub(super) static SAMPLES: &[Samples] = &[\n");
    for file::Entry { signature, accept, reject, overlaps, .. } in entries {
        let id = &signature.id;
        put(&mut text, format_args!("({id:?}, &{accept:?}, &{reject:?}, &{overlaps:?}),\n"));
    }
    let grams = |lane| format!("include_bytes!({:?})", grams_of(out, lane));
    let tables = tables::rust_source(tables, grams);
    put(
        &mut text,
        format_args!("];\npub(super) const TABLES: crate::model::PrefilterTables = {tables};\n"),
    );
    text
}

fn push_signature(text: &mut String, signature: &model::Signature) {
    let model::Signature {
        severity,
        confidence,
        min_entropy,
        fixed,
        require_digit,
        rank,
        window,
        ..
    } = signature;
    let word = |word: &Cow<'static, str>| format!("Borrowed({word:?})");
    let words = |list: &[Cow<'static, str>]| {
        let words: Vec<String> = list.iter().map(word).collect();
        format!("Borrowed(&[{}])", words.join(", "))
    };
    let option = |value: &Option<Cow<'static, str>>| match value {
        Some(value) => format!("Some({})", word(value)),
        None => "None".to_owned(),
    };
    let matcher = match &signature.matcher {
        model::Matcher::Pattern(pattern) => format!("Matcher::Pattern({})", word(pattern)),
        model::Matcher::Named(name) => format!("Matcher::Named({})", word(name)),
        model::Matcher::Rule(_) => {
            panic!("{}: a built-in signature is no imported rule", signature.id)
        }
    };
    let pair = match &signature.pair {
        Some(model::Pair { with, within, required }) => {
            format!(
                "Some(crate::model::Pair {{ with: {}, within: {within}, required: {required} }})",
                word(with)
            )
        }
        None => "None".to_owned(),
    };
    let probe = match &signature.probe {
        Some(model::ProbeText { id, toml }) => {
            format!("Some(crate::model::ProbeText {{ id: {}, toml: {} }})", word(id), word(toml))
        }
        None => "None".to_owned(),
    };
    let fields = [
        ("id", word(&signature.id)),
        ("provider", word(&signature.provider)),
        ("file", word(&signature.file)),
        ("title", word(&signature.title)),
        ("severity", format!("Severity::{severity:?}")),
        ("confidence", format!("Confidence::{confidence:?}")),
        ("kind", word(&signature.kind)),
        ("matcher", matcher),
        ("keywords", words(&signature.keywords)),
        ("window", format!("{window:?}")),
        ("min_entropy", format!("{min_entropy:?}")),
        ("fixed", format!("{fixed:?}")),
        ("require_digit", require_digit.to_string()),
        ("proofs", words(&signature.proofs)),
        ("pair", pair),
        ("known", format!("Borrowed(&{:?})", signature.known)),
        ("rank", rank.to_string()),
        ("revoke", option(&signature.revoke)),
        ("docs", option(&signature.docs)),
        ("probe", probe),
    ];
    text.push_str("Signature {");
    for (name, value) in fields {
        put(text, format_args!(" {name}: {value},"));
    }
    text.push_str(" },\n");
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a String takes everything");
}
