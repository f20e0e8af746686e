//! One secret in every kind of place and every way to fail: no stream, report or file of ours holds a
//! piece of it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::canary::Canary;
use crate::support::{Outcome, Sandbox, run, token};

/// The tree with the secret in it, and who listens for the secret.
struct Cage {
    sandbox: Sandbox,
    secret: String,
    canary: Canary,
}

impl Cage {
    fn new() -> Self {
        let (secret, twin) = (token(71), token(72));
        let canary = Canary::new(&[(secret.clone().into_bytes(), twin.into_bytes())], &[]);
        let cage = Self { sandbox: Sandbox::new(), secret, canary };
        cage.fill();
        cage
    }

    /// A repository with the secret in content, names, messages, archives, encodings and settings.
    fn fill(&self) {
        use base64::Engine as _;
        let (sandbox, secret) = (&self.sandbox, &self.secret);
        sandbox.git_init();
        sandbox.write("base", "nothing\n");
        sandbox.git_commit_all("base");
        sandbox.write("src/app.env", format!("TOKEN={secret}\nOTHER='{secret}' # {secret}\n"));
        sandbox.write(format!("named/{secret}.txt"), format!("password = \"{secret}\"\n"));
        let encoded = base64::prelude::BASE64_STANDARD.encode(format!("token={secret}\n"));
        sandbox.write("k8s.yaml", format!("kind: Secret\ndata:\n  token: {encoded}\n"));
        let wide: Vec<u8> =
            format!("\u{feff}T={secret}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        sandbox.write("wide.txt", wide);
        sandbox.write("cut.zip", &self.zip()[..self.zip().len() - 30]);
        sandbox.write("whole.zip", self.zip());
        let author = format!("{secret} <{secret}@example.com>");
        sandbox.git(["add", "-A"]);
        sandbox.git(["commit", "-q", "-m", &format!("uses {secret}"), "--author", &author]);
        sandbox.write("staged.env", format!("T={secret}\n"));
        sandbox.git(["add", "staged.env"]);
    }

    /// A zip with a stored member: its bytes hold the secret as it is.
    fn zip(&self) -> Vec<u8> {
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file(format!("{}.env", self.secret), stored).unwrap();
        writeln!(zip, "T={}", self.secret).unwrap();
        zip.finish().unwrap().into_inner()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(arguments);
        command.env("TMPDIR", self.sandbox.outside().join("temporary"));
        // A secret key: the slow hash under a public salt is tested elsewhere.
        command.env("LEAKSPAN_FINGERPRINT_KEY", "a key for tests, long enough");
        command
    }

    #[track_caller]
    fn is_quiet(&self, command: &mut Command, input: &[u8], code: i32) -> Outcome {
        let outcome = run(command, input).exits(code);
        for (stream, text) in [("output", &outcome.stdout), ("errors", &outcome.stderr)] {
            let heard = self.canary.found_in(text.as_bytes());
            assert_eq!(heard, None, "{:?} {stream}\n{text}", command.get_args());
        }
        outcome
    }

    #[track_caller]
    fn runs_quietly(&self, arguments: &[&str], code: i32) -> Outcome {
        self.is_quiet(&mut self.command(arguments), b"", code)
    }
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false => drop(found.insert(entry.path())),
        }
    }
    found
}

#[test]
fn every_command_keeps_the_secret_and_writes_the_files_that_were_asked_for_alone() {
    let cage = Cage::new();
    std::fs::create_dir(cage.sandbox.outside().join("temporary")).unwrap();
    let before = files(cage.sandbox.outside());
    let mut asked = BTreeSet::new();
    let mut reports: Vec<String> = vec!["scan".into(), "-v".into(), "--timings".into()];
    for format in leakspan::report::FORMATS {
        let file = cage.sandbox.outside().join(format!("report.{}", format.name()));
        reports.push("--report".into());
        reports.push(format!("{}={}", format.name(), file.display()));
        asked.insert(file);
    }
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    cage.runs_quietly(&reports, 1);
    for scan in [
        &["scan", "-v", "--staged"][..],
        &["scan", "-v", "--range", "HEAD~1..HEAD"],
        &["scan", "-v", "-f", "jsonl", "--range", "HEAD~1..HEAD"],
        &[
            "scan",
            "-v",
            "--no-archives",
            "--no-decode",
            "--ignore-inline",
            "src",
            "named",
            "cut.zip",
        ],
        &["scan", "-v", "--color", "always", "-f", "human"],
        &["hook", "run", "pre-commit"],
        &["hook", "run", "pre-commit", "-v", "-f", "json"],
    ] {
        cage.runs_quietly(scan, 1);
    }
    cage.runs_quietly(&["scan", "-v", "--timeout", "0ms"], 3);
    cage.runs_quietly(&["explain", "src/app.env:1"], 0);
    cage.runs_quietly(&["explain", "src/app.env:2"], 0);
    cage.runs_quietly(&["explain", "k8s.yaml:3"], 0);
    cage.runs_quietly(&["explain", "cut.zip:1"], 0);
    cage.runs_quietly(&["doctor"], 0);
    let input = format!("T={}\n", cage.secret);
    cage.is_quiet(&mut cage.command(&["scan", "-", "-v"]), input.as_bytes(), 1);
    let baseline = cage.sandbox.outside().join("baseline");
    let path = baseline.to_str().unwrap();
    cage.runs_quietly(&["baseline", "create", "--baseline", path, "src"], 0);
    asked.insert(baseline);
    let made: BTreeSet<_> = files(cage.sandbox.outside()).difference(&before).cloned().collect();
    assert_eq!(made, asked);
    for file in &asked {
        let heard = cage.canary.found_in(&std::fs::read(file).unwrap());
        assert_eq!(heard, None, "{}", file.display());
    }
    let shown = run(&mut cage.command(&["scan", "--show-secrets", "src"]), b"").exits(1);
    assert!(shown.stdout.contains(&cage.secret), "it is printed where that was asked for");
}

#[test]
fn suppressions_that_quote_the_secret_are_told_without_it() {
    let cage = Cage::new();
    let findings = cage.runs_quietly(&["scan", "-f", "jsonl", "src"], 1).findings();
    let print = findings[0]["fingerprint"].as_str().unwrap();
    let reason = format!("the token {} is a double", cage.secret);
    let mut command = cage.command(&["suppress", print, "--owner", "me", "--until", "2999-01-01"]);
    cage.is_quiet(command.args(["--reason", &reason]), b"", 0);
    for format in leakspan::report::FORMATS {
        cage.runs_quietly(&["scan", "-v", "-f", format.name(), "src"], 0);
    }
    cage.runs_quietly(&["explain", "src/app.env:1"], 0);
}

#[test]
fn failures_keep_the_secret() {
    let cage = Cage::new();
    let (sandbox, secret) = (&cage.sandbox, &cage.secret);
    cage.runs_quietly(&["scan", "-v", "-o", "/dev/full"], 5);
    cage.runs_quietly(&["scan", "-f", "gitleaks", "-o", "/dev/full"], 5);
    cage.runs_quietly(&["scan", "-o", "no/such/folder"], 5);
    // Settings of every kind with the secret where something else belongs.
    let own = sandbox.outside().join("own.toml");
    let path = own.to_str().unwrap();
    for text in [
        format!("jobs = \"{secret}\"\n"),
        format!("min_severity = \"{secret}\"\n"),
        format!("ignore = \"{secret}\"\n"),
        format!("allow_incomplete = [\"{secret}\"]\n"),
        format!("jobs = {secret}\n"),
        format!("timeout = \"{secret}\"\n"),
        format!("format = \"{secret}\"\n"),
        format!("fail_on = \"{secret}\"\n"),
        format!("enable = [\"{secret}\"]\n"),
        format!("{secret} = 1\n"),
    ] {
        std::fs::write(&own, &text).unwrap();
        cage.runs_quietly(&["scan", "--config", path], 2);
    }
    for text in [
        format!("{secret}\n"),
        format!("salt = \"{secret}\"\n"),
        format!("salt = [\"{secret}\"]\n"),
        format!(
            "salt = \"ab\"\n[[suppression]]\nfingerprint = \"{secret}\"\nowner = 'a'\nreason = 'b'\nuntil = 2999-01-01\n"
        ),
        format!(
            "salt = \"ab\"\n[[suppression]]\nfingerprint = \"{}\"\nowner = 'a'\nreason = 'b'\nuntil = \"{secret}\"\n",
            "a".repeat(64)
        ),
    ] {
        sandbox.write(".leakspan-suppressions.toml", text);
        cage.runs_quietly(&["scan"], 2);
        cage.runs_quietly(&["hook", "run", "pre-commit"], 2);
    }
    std::fs::remove_file(sandbox.path().join(".leakspan-suppressions.toml")).unwrap();
    for text in [secret.clone(), format!("# leakspan baseline 1\n# salt ab\n{secret}\n")] {
        std::fs::write(&own, text).unwrap();
        cage.runs_quietly(&["scan", "--baseline", path], 2);
        cage.runs_quietly(&["scan", "--signatures", path], 2);
    }
    std::fs::write(&own, &secret[..15]).unwrap();
    cage.runs_quietly(&["scan", "--fingerprint-key", path], 2);
    // What a CI system tells is somebody else's text too.
    let payload = json!({"ref": secret, "before": secret, "after": secret});
    std::fs::write(&own, payload.to_string()).unwrap();
    let mut ci = cage.command(&["ci"]);
    ci.envs([("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "pull_request")]);
    cage.is_quiet(ci.env("GITHUB_EVENT_PATH", &own), b"", 2);
    std::fs::write(&own, format!("{{\"ref\": {secret}}}")).unwrap();
    cage.is_quiet(&mut ci, b"", 2);
    // Objects that cannot be read.
    let index = sandbox.path().join(".git/index");
    let mut bytes = std::fs::read(&index).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&index, bytes).unwrap();
    cage.runs_quietly(&["scan", "-v", "--staged"], 3);
    std::fs::write(sandbox.path().join(".git/HEAD"), format!("ref: refs/heads/{secret}\nx"))
        .unwrap();
    cage.runs_quietly(&["scan", "-v", "--staged"], 3);
    std::fs::write(sandbox.path().join(".git/config"), format!("[core\n{secret} = {secret}\n"))
        .unwrap();
    cage.runs_quietly(&["scan", "-v", "--staged"], 3);
}
