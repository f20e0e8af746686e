//! Suppressions, baselines and comments: what they keep from the gate, and what they do not.

use crate::support::{Sandbox, token};

fn fingerprint(sandbox: &Sandbox) -> String {
    let findings = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(1).findings();
    assert_eq!(findings.len(), 1);
    findings[0]["fingerprint"].as_str().unwrap().to_owned()
}

fn suppress(sandbox: &Sandbox, fingerprint: &str, until: &str) -> i32 {
    let owner = ["--owner", "team", "--reason", "a test key", "--until", until];
    sandbox.leakspan(["suppress", fingerprint].iter().chain(&owner)).code
}

#[test]
fn suppressed_secret_passes_wherever_it_moves_and_a_new_value_does_not() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("KEY={}\n", token(1)));
    let print = fingerprint(&sandbox);
    assert_eq!(suppress(&sandbox, &print, "2999-01-01"), 0);
    let summary = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(0).summary();
    assert_eq!(summary["suppressed"], 1);
    sandbox.write("sub/b.env", format!("# moved\n\n  KEY = \"{}\"\n", token(1)));
    sandbox.leakspan(["scan"]).exits(0);
    sandbox.write("a.env", format!("KEY={}\n", token(2)));
    let findings = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(1).findings();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["path"], "a.env");
    let all = sandbox.leakspan(["scan", "-f", "jsonl", "--no-suppress"]).exits(1).findings();
    assert_eq!(all.len(), 2);
}

#[test]
fn a_second_suppression_keeps_the_first() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("KEY={}\n", token(1)));
    let first = fingerprint(&sandbox);
    assert_eq!(suppress(&sandbox, &first, "2999-01-01"), 0);
    sandbox.write("b.env", format!("KEY={}\n", token(2)));
    let second = fingerprint(&sandbox);
    assert_eq!(suppress(&sandbox, &second, "2999-01-01"), 0);
    sandbox.leakspan(["scan"]).exits(0);
}

#[test]
fn expired_suppression_gates_again_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("KEY={}\n", token(1)));
    let print = fingerprint(&sandbox);
    assert_eq!(suppress(&sandbox, &print, "2001-01-01"), 2, "a day that is over is refused");
    assert_eq!(suppress(&sandbox, &print, "2999-01-01"), 0);
    let file = sandbox.read(".leakspan-suppressions.toml").replace("2999-01-01", "2001-01-01");
    sandbox.write(".leakspan-suppressions.toml", file);
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(1);
    assert_eq!(outcome.findings()[0]["expired"], "2001-01-01");
    assert!(outcome.summary()["notes"].to_string().contains("expired"));
}

#[test]
fn broken_suppressions_are_2() {
    let sandbox = Sandbox::new();
    for text in ["", "salt = 'zz'", "salt = '00'\n[[suppression]]\nowner = 'x'\n", "nonsense"] {
        sandbox.write(".leakspan-suppressions.toml", text);
        sandbox.leakspan(["scan"]).exits(2);
    }
}

#[test]
fn suppressions_of_a_repository_count_in_its_folders() {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write("sub/a.env", format!("KEY={}\n", token(1)));
    let print = fingerprint(&sandbox);
    assert_eq!(suppress(&sandbox, &print, "2999-01-01"), 0);
    sandbox.leakspan(["scan", "sub"]).exits(0);
}

#[test]
fn a_staged_secret_can_be_suppressed_though_the_working_tree_lost_it() {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write("a.env", format!("KEY={}\n", token(1)));
    sandbox.git(["add", "a.env"]);
    sandbox.write("a.env", "");
    let findings = sandbox.leakspan(["scan", "--staged", "-f", "jsonl"]).exits(1).findings();
    let print = findings[0]["fingerprint"].as_str().unwrap();
    assert_eq!(suppress(&sandbox, print, "2999-01-01"), 0);
    sandbox.leakspan(["scan", "--staged"]).exits(0);
}

#[test]
fn baseline_knows_what_was_there_and_nothing_new() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("KEY={}\n", token(1)));
    sandbox.leakspan(["baseline", "create"]).exits(2);
    sandbox.leakspan(["baseline", "update", "--baseline", "known"]).exits(2);
    sandbox.leakspan(["baseline", "create", "--baseline", "known"]).exits(0);
    sandbox.leakspan(["baseline", "create", "--baseline", "known"]).exits(2);
    sandbox.leakspan(["scan", "--baseline", "known"]).exits(0);
    assert!(!sandbox.read("known").contains(&token(1)[4..12]));
    sandbox.write("b.env", format!("KEY={}\n", token(2)));
    let findings =
        sandbox.leakspan(["scan", "--baseline", "known", "-f", "jsonl"]).exits(1).findings();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["path"], "b.env");
    sandbox.leakspan(["baseline", "update", "--baseline", "known"]).exits(0);
    sandbox.leakspan(["scan", "--baseline", "known"]).exits(0);
    let lines: Vec<String> = sandbox.read("known").lines().skip(2).map(str::to_owned).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.is_sorted());
}

#[test]
fn secret_key_makes_other_fingerprints_and_its_baseline_needs_it() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("KEY={}\n", token(1)));
    let public = fingerprint(&sandbox);
    let key = sandbox.outside().join("key");
    std::fs::write(&key, "correct horse battery staple\n").unwrap();
    let key = key.to_str().unwrap();
    let keyed = ["--fingerprint-key", key];
    let findings =
        sandbox.leakspan(["scan", "-f", "jsonl"].iter().chain(&keyed)).exits(1).findings();
    assert_ne!(findings[0]["fingerprint"], public.as_str());
    sandbox.leakspan(["baseline", "create", "--baseline", "known"].iter().chain(&keyed)).exits(0);
    sandbox.leakspan(["scan", "--baseline", "known"].iter().chain(&keyed)).exits(0);
    sandbox.leakspan(["scan", "--baseline", "known"]).exits(1);
}

#[test]
fn comment_beside_a_secret_suppresses_unless_it_is_told_not_to() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("KEY={} # leakspan:allow\n", token(1)));
    let summary = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(0).summary();
    assert_eq!(summary["suppressed_by"]["inline"], 1);
    sandbox.leakspan(["scan", "--ignore-inline"]).exits(1);
    sandbox.leakspan(["scan", "--no-suppress"]).exits(1);
}

#[test]
fn hiding_most_findings_is_noted() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("KEY={} # leakspan:allow\n", token(1)));
    let notes = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(0).summary()["notes"].to_string();
    assert!(notes.contains("1 of 1 findings are suppressed"), "{notes}");
}
