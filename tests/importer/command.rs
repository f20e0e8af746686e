//! The commands: `scan --signatures` and `signatures import`.

use super::value;
use crate::support::Sandbox;

/// A rule file in which something is not carried over.
const RULES: &str = r#"
[[rules]]
id = "team-key"
description = "Key of the team"
regex = '''(?i)qzteam[_-]key\s*[:=]\s*([\w-]{16,})'''
secretGroup = 1
entropy = 3.1
keywords = ["qzteam"]
tags = ["own"]
filter = '''finding["secret"] startsWith "demo"'''
[[rules.allowlists]]
condition = "AND"
paths = ['''^docs/''']
stopwords = ["page"]
"#;

fn place() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.write(".gitleaks.toml", RULES);
    let secret = value(7, 20);
    sandbox.write("a.conf", format!("qzteam_key = {secret}\nqzteam_key = demo{secret}\n"));
    sandbox.write("docs/a.conf", format!("qzteam_key = {secret}page\n"));
    (sandbox, secret)
}

#[test]
fn a_rule_file_is_scanned_with_and_what_it_lacks_is_told() {
    let (sandbox, _) = place();
    let run = sandbox.leakspan(["scan", "-f", "jsonl", "--signatures", ".gitleaks.toml"]);
    let ours: Vec<_> =
        run.findings().into_iter().filter(|it| it["signature"] == "team-key").collect();
    assert_eq!(ours.len(), 1, "{}", run.stdout);
    assert_eq!((ours[0]["path"].as_str(), ours[0]["line"].as_u64()), (Some("a.conf"), Some(1)));
    assert_eq!(run.code, 1);
    let human = sandbox.leakspan(["scan", "--signatures", ".gitleaks.toml"]);
    assert!(human.stdout.contains("`tags`: reports have no tags"), "{}", human.stdout);
}

#[test]
fn an_imported_file_finds_what_the_rule_file_finds() {
    let (sandbox, _) = place();
    let import = ["signatures", "import", ".gitleaks.toml", "-o", "ours.toml"];
    let run = sandbox.leakspan(import);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains(".gitleaks.toml:3: rule `team-key`: `tags`: ")
            || run.stderr.contains("rule `team-key`: `tags`: "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("1 signatures; 1 thing is not carried over"), "{}", run.stderr);
    let found = |file: &str| {
        let run = sandbox.leakspan(["scan", "-f", "jsonl", "--signatures", file, "a.conf", "docs"]);
        run.findings()
            .into_iter()
            .map(|it| {
                format!("{}:{}:{}:{}", it["path"], it["line"], it["signature"], it["confidence"])
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(found("ours.toml"), found(".gitleaks.toml"));
    assert_eq!(sandbox.leakspan(["signatures", "check", "ours.toml"]).code, 0);
    let again = sandbox.leakspan(import);
    assert_eq!(again.code, 2, "a file that is there is not written over");
    let stdout = sandbox.leakspan(["signatures", "import", ".gitleaks.toml"]).stdout;
    assert_eq!(stdout, sandbox.read("ours.toml"));
}

#[test]
fn a_file_of_ours_and_a_broken_one_are_refused() {
    let (sandbox, _) = place();
    sandbox.leakspan(["signatures", "import", ".gitleaks.toml", "-o", "ours.toml"]);
    let run = sandbox.leakspan(["signatures", "import", "ours.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is a signature file already"), "{}", run.stderr);
    sandbox.write("broken.toml", RULES.replace("entropy = 3.1", "entropy = 'high'"));
    let run = sandbox.leakspan(["scan", "--signatures", "broken.toml"]);
    assert_eq!(run.code, 2);
    let wanted = "broken.toml:7: rule `team-key`: `entropy`: a number is expected, not a string";
    assert!(run.stderr.contains(wanted), "{}", run.stderr);
}
