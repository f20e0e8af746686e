//! `leakspan import`: ignores and baselines of other scanners become suppressions of ours.

use sha1::{Digest, Sha1};

use crate::support::{Sandbox, token};

fn sha1(text: &str) -> String {
    Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A repository with a file of every other scanner, and a secret that each lets pass.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    let line = |seed: u64| format!("token = '{}'\n", token(seed));
    sandbox.write("gone.py", line(1));
    sandbox.git_commit_all("first");
    let commit = sandbox.git(["rev-parse", "HEAD"]);
    sandbox.write("gone.py", "token = none\n");
    let names = ["place.py", "hash.py", "literal.py", "yaml.py", "new.py"];
    for (name, seed) in names.into_iter().zip(2..) {
        sandbox.write(name, format!("\n{}", line(seed)));
    }
    sandbox.write("old/a.py", line(7));
    sandbox.write("past.py", line(1));
    sandbox.write(
        ".gitleaksignore",
        format!("# known\nplace.py:pat:2\nplace.py:pat:99\n{commit}:gone.py:pat:1\n"),
    );
    let baseline = serde_json::json!({"version": "1.5.0", "results": {"hash.py": [
        {"type": "GitHub Token", "filename": "hash.py", "hashed_secret": sha1(&token(3)), "line_number": 2}]}});
    sandbox.write(".secrets.baseline", baseline.to_string());
    sandbox.write(".secretsignore", format!("old/*\n\n[secrets]\n{}\n", token(4)));
    let settings = format!(
        "version: 2\nsecret:\n  ignored_matches:\n  - name: x\n    match: {}\n  ignored_detectors: [Some Key]\n",
        token(5)
    );
    sandbox.write(".gitguardian.yaml", settings);
    sandbox.write(".secretlintrc.json", r#"{"rules": [{"id": "z", "disabled": true}]}"#);
    let rules = "[[rules]]\nid = 'team'\nregex = '''qzteam-[0-9]{8}'''\nkeywords = ['qzteam']\n";
    sandbox.write(".gitleaks.toml", rules);
    sandbox
}

#[test]
fn every_file_is_found_and_nothing_is_written_unasked() {
    let sandbox = repository();
    let offered = sandbox.leakspan(["import"]);
    assert_eq!(offered.code, 0, "{}", offered.stderr);
    for told in [
        ".gitleaks.toml: rules",
        ".gitleaksignore: 3 known secrets, 0 ignored paths",
        ".secrets.baseline: 1 known secrets",
        ".secretsignore: 1 known secrets, 1 ignored paths",
        ".gitguardian.yaml: 1 known secrets",
        ".secretlintrc.json: 0 known",
        "nothing is written",
    ] {
        assert!(offered.stdout.contains(told), "{told}: {}", offered.stdout);
    }
    assert!(!sandbox.path().join(".leakspan-suppressions.toml").exists());
}

#[test]
fn every_file_is_taken_over_in_one_command() {
    let sandbox = repository();
    let run = sandbox.leakspan(["import", "--yes", "--owner", "team-a", "--until", "2999-01-01"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for told in [
        ".leakspan-suppressions.toml: 5 secrets suppressed until 2999-01-01, team-a answers for them",
        ".leakspanignore: 1 paths added",
        "leakspan-signatures.toml: written",
        "not taken over: .gitleaksignore: place.py:99: nothing is found there",
        "not taken over: .gitguardian.yaml: the detector",
        "not taken over: .secretlintrc.json: z is disabled",
    ] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
    let scan = sandbox.leakspan(["scan", "-f", "jsonl"]);
    let findings = scan.findings();
    let found: Vec<_> = findings.iter().filter_map(|it| it["path"].as_str()).collect();
    // What the files of the other scanners spell out themselves is suppressed with the rest.
    assert_eq!(found, ["new.py"], "{}", scan.stdout);
    let entries = sandbox.read(".leakspan-suppressions.toml");
    assert!(entries.contains("imported (.gitleaksignore)"), "{entries}");
    assert!(entries.contains("owner = \"team-a\""), "{entries}");
    sandbox.write("team.txt", format!("qzteam-{}\n", 12_345_678));
    let rules = ["scan", "-q", "--signatures", "leakspan-signatures.toml", "--enable", "team"];
    assert_eq!(sandbox.leakspan(rules).code, 1);
    let again = sandbox.leakspan(["import", "--yes"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("leakspan-signatures.toml exists"), "{}", again.stderr);
}

#[test]
fn a_file_that_is_broken_is_named_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    assert!(sandbox.leakspan(["import"]).stdout.contains("no files of other scanners"));
    sandbox.write(".secretsignore", "a\n");
    sandbox.write(".gitleaksignore", "ok.py:rule:1\nnonsense\n");
    let run = sandbox.leakspan(["import", "--yes"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains(".gitleaksignore") && run.stderr.contains("line 2"),
        "{}",
        run.stderr
    );
    assert!(!sandbox.path().join(".leakspanignore").exists());
    sandbox.write(".gitleaksignore", "ok.py:rule:1\n");
    let run = sandbox.leakspan(["import", "--yes", "--until", "2001-01-01"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is over already"), "{}", run.stderr);
}

#[test]
fn a_rule_file_without_rules_of_its_own_stops_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".gitleaks.toml",
        "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['^docs/']\n",
    );
    sandbox.write(".secretsignore", "old/*\n");
    let run = sandbox.leakspan(["import", "--yes"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains(".gitleaks.toml: no rules of its own"), "{}", run.stdout);
    assert!(run.stdout.contains("not for the built-in signatures"), "{}", run.stdout);
    assert_eq!(sandbox.read(".leakspanignore"), "# from .secretsignore\nold/*\n");
    let run = sandbox.leakspan(["signatures", "import", ".gitleaks.toml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let run = sandbox.leakspan(["scan", "--signatures", ".gitleaks.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}
