//! Secrets in the names of files and folders: found, and shown by no report.

use std::fs::File;
use std::io::Write;

use crate::support::{Outcome, Sandbox, run, token};

const FORMATS: [&str; 10] =
    ["human", "json", "jsonl", "sarif", "csv", "junit", "gitlab", "github", "azure", "gitleaks"];

fn scan(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = sandbox.command([&["scan", "-f", "jsonl"], arguments].concat());
    run(command.env("LEAKSPAN_FINGERPRINT_KEY", "a key for tests, long enough"), b"")
}

/// Nothing that was printed holds a piece of the secret.
#[track_caller]
fn hides(outcome: &Outcome, secret: &str) {
    for window in secret.as_bytes().windows(8) {
        let window = std::str::from_utf8(window).unwrap();
        for text in [&outcome.stdout, &outcome.stderr] {
            assert!(!text.contains(window), "{window} in {text}");
        }
    }
}

/// The paths and kinds of the findings.
fn found(outcome: &Outcome) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let pair = |it: &serde_json::Value| (text(&it["path"]), text(&it["origin"]["kind"]));
    outcome.findings().iter().map(pair).collect()
}

fn pair(path: &str, kind: &str) -> (String, String) {
    (path.to_owned(), kind.to_owned())
}

/// A zip that ends in the middle.
fn cut_zip() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.txt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&[b'a'; 5000]).unwrap();
    let whole = zip.finish().unwrap().into_inner();
    whole[..whole.len() / 2].to_vec()
}

#[test]
fn secret_in_a_name_is_found_and_hidden_in_every_format() {
    let sandbox = Sandbox::new();
    let secret = token(1);
    sandbox.write(format!("backup-{secret}.txt"), "nothing");
    let outcome = scan(&sandbox, &[]).exits(1);
    assert_eq!(found(&outcome), [pair("backup-….txt", "path")]);
    let finding = &outcome.findings()[0];
    assert_eq!(finding["signature"], "github-pat-classic");
    assert_eq!((&finding["line"], &finding["column"]), (&1.into(), &8.into()));
    assert_eq!((&finding["byte_start"], &finding["byte_end"]), (&7.into(), &47.into()));
    for format in FORMATS {
        let outcome = sandbox.leakspan(["scan", "-v", "-f", format]).exits(1);
        hides(&outcome, &secret);
        assert!(outcome.stdout.contains("backup-"), "{format}: {}", outcome.stdout);
    }
    let human = sandbox.leakspan(["scan"]).exits(1).stdout;
    assert!(human.contains("backup-….txt (its name)"), "{human}");
    let shown = scan(&sandbox, &["--show-secrets"]).exits(1);
    assert_eq!(shown.findings()[0]["path"], format!("backup-{secret}.txt"));
}

#[test]
fn a_folder_is_told_once_and_its_name_is_hidden_wherever_it_leads() {
    let sandbox = Sandbox::new();
    let (outer, inner) = (token(1), token(2));
    for name in ["a", "b", "c/d"] {
        sandbox.write(format!("x/{outer}/{name}.txt"), "nothing");
    }
    sandbox.write(format!("x/{outer}/e.env"), format!("K={inner}\n"));
    sandbox.write(format!("x/{outer}/cut.zip"), cut_zip());
    let outcome = scan(&sandbox, &[]).exits(1);
    assert_eq!(found(&outcome), [pair("x/…", "path"), pair("x/…/e.env", "file")]);
    assert_eq!(outcome.of_type("problem")[0]["path"], "x/…/cut.zip");
    for format in FORMATS {
        hides(&sandbox.leakspan(["scan", "-v", "-f", format]).exits(1), &outer);
        // What is left out of the findings is hidden all the same.
        let graver = ["scan", "-f", format, "--min-severity", "critical", "--exit-zero"];
        hides(&sandbox.leakspan(graver), &outer);
    }
}

#[test]
fn a_name_is_hidden_when_the_file_cannot_be_looked_at() {
    let sandbox = Sandbox::new();
    let secret = token(1);
    sandbox.write(format!("{secret}.zip"), cut_zip());
    let pipe = sandbox.path().join(format!("p-{}", token(2)));
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe, 0o600.into()).unwrap();
    let outcome = scan(&sandbox, &["-v"]).exits(1);
    assert_eq!(found(&outcome), [pair("p-…", "path"), pair("….zip", "path")]);
    let reasons: Vec<_> = outcome.of_type("problem").iter().map(|it| it["path"].clone()).collect();
    assert_eq!(reasons, ["p-…", "….zip"]);
    hides(&outcome, &secret);
    hides(&outcome, &token(2));
}

#[test]
fn errors_quote_no_secret_of_a_name() {
    let sandbox = Sandbox::new();
    let secret = token(1);
    let absent = format!("no/{secret}");
    let outcome = sandbox.leakspan(["scan", &absent]).exits(2);
    assert!(outcome.stderr.contains("no/… does not exist"), "{}", outcome.stderr);
    hides(&outcome, &secret);
    hides(&sandbox.leakspan(["scan", "-o", &absent]).exits(5), &secret);
    hides(&sandbox.leakspan(["scan", "--baseline", &absent]).exits(2), &secret);
    hides(&sandbox.leakspan(["hook", "run", "pre-commit", "--config", &absent]).exits(2), &secret);
}

#[test]
fn names_of_archives_and_of_their_members_are_looked_at() {
    let sandbox = Sandbox::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["a.txt".to_owned(), "b/c.txt".to_owned(), format!("d/{}.txt", token(2))] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"nothing").unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    sandbox.write(format!("{}.zip", token(1)), &zip);
    let outcome = scan(&sandbox, &[]).exits(1);
    assert_eq!(found(&outcome), [pair("….zip", "path"), pair("….zip!d/….txt", "path")]);
    hides(&outcome, &token(1));
    hides(&outcome, &token(2));
}

#[test]
fn a_commit_is_stopped_by_a_new_name_and_not_by_one_that_was_there() {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    let name = format!("d/{}.txt", token(1));
    sandbox.write(&name, "one\n");
    sandbox.git(["add", "-A"]);
    let outcome = sandbox.leakspan(["hook", "run", "pre-commit"]).exits(1);
    assert!(outcome.stderr.contains("d/….txt (its name)"), "{}", outcome.stderr);
    hides(&outcome, &token(1));
    sandbox.git_commit_all("a name");
    sandbox.write(&name, "two\n");
    sandbox.git(["add", "-A"]);
    sandbox.leakspan(["hook", "run", "pre-commit"]).exits(0);
    sandbox.git_commit_all("its content");
    assert_eq!(found(&scan(&sandbox, &["--range", "HEAD~1..HEAD"]).exits(0)), []);
    // The same content under a new name.
    sandbox.git(["mv", &name, &format!("e-{}", token(2))]);
    sandbox.git_commit_all("renamed");
    let outcome = scan(&sandbox, &["--range", "HEAD~1..HEAD"]).exits(1);
    assert_eq!(found(&outcome), [pair("e-…", "path")]);
    let history = scan(&sandbox, &["--history"]).exits(1);
    assert!(found(&history).iter().all(|(_, kind)| kind == "path"), "{}", history.stdout);
    assert_eq!(history.findings()[0]["origin"]["in_head"], serde_json::Value::Null);
    hides(&history, &token(1));
    hides(&history, &token(2));
}

#[test]
fn a_name_can_be_suppressed_as_any_other_finding() {
    let sandbox = Sandbox::new();
    sandbox.write(format!("a/{}", token(1)), "nothing");
    sandbox.leakspan(["baseline", "create", "--baseline", "../known"]).exits(0);
    sandbox.leakspan(["scan", "--baseline", "../known"]).exits(0);
    sandbox.write(format!("a/{}", token(2)), "nothing");
    sandbox.leakspan(["scan", "--baseline", "../known"]).exits(1);
    let place = format!("a/{}:1", token(1));
    let told = sandbox.leakspan(["explain", &place]).exits(0);
    assert!(told.stdout.contains("in its name"), "{}", told.stdout);
    hides(&told, &token(1));
}

#[test]
fn ordinary_long_names_are_nothing() {
    let sandbox = Sandbox::new();
    for name in [
        "objects/0123456789abcdef0123456789abcdef01234567",
        "deps/libserde_json-3f1c9a27d04be586.rlib",
        "token=2024-01-01T00-00-00/part-00000-5f0c1f7c-3b1e-4b7e-9f53-0a1d2c3b4e5f.parquet",
        "img/R0lGODlhAQABAIAAAAAAAP___yH5BAEAAAAALAAAAAABAAEAAAIBRAA7.gif",
        "password_reset_request_controller_test.rb",
    ] {
        drop(File::create(sandbox.write(name, "nothing")).unwrap());
    }
    let outcome = scan(&sandbox, &["--min-confidence", "low"]).exits(0);
    assert_eq!(found(&outcome), []);
}
