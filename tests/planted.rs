//! The planted tree: a secret of every type of the first delivery, each in another kind of file, found
//! where it stands by the real command, and printed by no format.

#[path = "planted/canary.rs"]
mod canary;
#[path = "planted/quiet.rs"]
mod quiet;
#[path = "planted/secrets.rs"]
mod secrets;
#[path = "planted/tree.rs"]
mod tree;

use base64::Engine as _;
use leakspan::engine::proofs;
use leakspan::report::FORMATS;
use leakspan::signatures::{builtin, samples};
use serde_json::Value;

use crate::support::{Outcome, Sandbox};
use canary::Canary;
use secrets::SECRETS;
use tree::{Planted, plant};

/// A value of a row: its template, filled, and put right by the proofs of its signature.
fn value(number: usize, round: u64) -> String {
    let row = &SECRETS[number];
    let seed = samples::seed(row.id, number, round);
    let mut value = samples::render(row.secret, seed).expect("a template that fills").into_bytes();
    let set = builtin();
    let signature = set
        .signatures
        .iter()
        .find(|signature| signature.id == row.id)
        .unwrap_or_else(|| panic!("{} is built in", row.id));
    for proof in signature.proofs.iter() {
        let proof = proofs::named(proof).expect("a proof that exists");
        value = proof.seal(&value).unwrap_or(value);
    }
    String::from_utf8(value).expect("secrets are ASCII")
}

/// Writes the whole tree.
fn planted(sandbox: &Sandbox) -> Vec<Planted> {
    SECRETS
        .iter()
        .enumerate()
        .map(|(number, row)| plant(sandbox.path(), number, row, &value(number, 0)))
        .collect()
}

fn scan(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = sandbox.command(["scan", "--no-progress"]);
    // A secret key: the slow hash under a public salt is tested elsewhere.
    command.args(arguments).env("LEAKSPAN_FINGERPRINT_KEY", "a key for tests, long enough");
    crate::support::run(&mut command, b"")
}

/// What is wrong with the finding of a planted secret.
fn fault(planted: &Planted, findings: &[Value]) -> Option<String> {
    let Planted { id, path, .. } = planted;
    let here: Vec<&Value> = findings.iter().filter(|finding| finding["path"] == **path).collect();
    let Some(finding) = here.iter().find(|finding| finding["signature"] == *planted.id) else {
        let others: Vec<&Value> = here.iter().map(|finding| &finding["signature"]).collect();
        return Some(format!("{id}: not found in {path}, only {others:?}"));
    };
    let expect = |key: &str, value: usize| {
        (finding[key] != value).then(|| format!("{id}: {key} is {}, not {value}", finding[key]))
    };
    let secret = String::from_utf8_lossy(&planted.secret);
    // A login in base64 is reported as its password.
    let login = base64::prelude::BASE64_STANDARD.decode(&planted.secret).unwrap_or_default();
    let reported = finding["secret"].as_str().unwrap_or_default();
    let same = reported == secret || login.ends_with(format!(":{reported}").as_bytes());
    let wrong = [
        expect("line", planted.line),
        expect("column", planted.column),
        planted.width.and_then(|width| expect("end_column", planted.column + width)),
        // Blocks of several lines are reported as they are read, not as they are written.
        (planted.width.is_some() && !secret.contains("-----") && !same)
            .then(|| format!("{id}: another secret")),
        planted
            .decoded
            .filter(|encoding| finding["decoded"] != serde_json::json!([encoding]))
            .map(|encoding| format!("{id}: decoded is {}, not {encoding}", finding["decoded"])),
    ];
    wrong.into_iter().flatten().next()
}

#[test]
fn all_sixty_are_found_where_they_stand() {
    let sandbox = Sandbox::new();
    let planted = planted(&sandbox);
    let outcome = scan(&sandbox, &["-f", "jsonl", "--show-secrets"]).exits(1);
    let findings = outcome.findings();
    let faults: Vec<String> = planted.iter().filter_map(|one| fault(one, &findings)).collect();
    assert!(faults.is_empty(), "{} of 60:\n{}", faults.len(), faults.join("\n"));
    assert_eq!(outcome.of_type("problem"), Vec::<Value>::new());
    let paths: Vec<&str> = planted.iter().map(|one| one.path.as_str()).collect();
    for finding in &findings {
        let path = finding["path"].as_str().expect("a path");
        assert!(paths.contains(&path), "a finding elsewhere: {finding}");
    }
}

#[test]
fn no_format_prints_a_piece_of_a_secret() {
    let sandbox = Sandbox::new();
    let planted = planted(&sandbox);
    let shown = scan(&sandbox, &["-f", "jsonl"]).exits(1);
    let mut public = Vec::new();
    for finding in shown.findings() {
        let facts = finding["facts"].as_object().cloned().unwrap_or_default();
        public.extend(facts.values().filter_map(Value::as_str).map(str::to_owned));
    }
    let secrets: Vec<(Vec<u8>, Vec<u8>)> = planted
        .into_iter()
        .enumerate()
        .map(|(number, one)| (one.secret, value(number, 1).into_bytes()))
        .collect();
    let canary = Canary::new(&secrets, &public);
    let sings = scan(&sandbox, &["-f", "jsonl", "--show-secrets"]);
    assert!(canary.found_in(sings.stdout.as_bytes()).is_some(), "it sings when secrets are shown");
    for format in FORMATS {
        let outcome = scan(&sandbox, &["-v", "-f", format.name()]).exits(1);
        assert!(!outcome.stdout.is_empty(), "{}", format.name());
        for (stream, text) in [("output", &outcome.stdout), ("errors", &outcome.stderr)] {
            assert_eq!(canary.found_in(text.as_bytes()), None, "{} {stream}", format.name());
        }
    }
}

#[test]
fn one_thread_and_eight_write_the_same_bytes() {
    let sandbox = Sandbox::new();
    planted(&sandbox);
    for format in ["jsonl", "human", "sarif"] {
        let one = scan(&sandbox, &["-f", format, "-j", "1"]).exits(1);
        let eight = scan(&sandbox, &["-f", format, "-j", "8"]).exits(1);
        assert_eq!(one.stdout, eight.stdout, "{format}");
    }
}
