//! The commands of README.md and docs/usage.md, run as they are written.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Sandbox, planted, run, token};

/// The lines of shell blocks that call leakspan.
fn commands(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && line.contains("leakspan ") && !line.starts_with('#') {
            found.push(line.to_owned());
        }
    }
    found
}

/// A place in which every example has what it names.
fn place() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    sandbox.write("src/config.py", "x = 1\n".repeat(11) + &format!("token = '{}'\n", token(1)));
    sandbox.write("config.zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    let signature = concat!(
        "provider = 'Acme'\ndocs = 'https://example.com'\n[[signature]]\nid = 'acme-key'\n",
        "title = 'Acme key'\nseverity = 'high'\nkind = 'api-key'\nkeywords = ['acme_']\n",
        "pattern = '\\b(?<secret>acme_[0-9a-f]{32})\\b'\n",
        "accept = ['k=acme_${hex:32}', 'key: acme_${hex:32}']\nreject = ['acme_${repeat:0:32}']\n",
    );
    sandbox.write("my-signatures.toml", signature);
    sandbox.git_commit_all("first");
    sandbox.git(["checkout", "-q", "-b", "topic"]);
    sandbox.write("a.env", planted(1));
    sandbox.git_commit_all("second");
    for repository in ["repo", "other"] {
        sandbox.git(["clone", "-q", ".", repository]);
    }
    sandbox.write("b.env", planted(2));
    sandbox.git(["add", "b.env"]);
    let bin = sandbox.outside().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_leakspan"), bin.join("leakspan")).unwrap();
    std::fs::write(bin.join("some-command"), "#!/bin/sh\necho a line\n").unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(bin.join("some-command"), open).unwrap();
    sandbox
}

#[test]
fn every_command_of_the_documentation_works_as_it_is_written() {
    let mut count = 0;
    for file in ["README.md", "docs/usage.md", "docs/verification.md"] {
        let sandbox = place();
        let print = sandbox.leakspan(["scan", "-f", "jsonl"]).findings()[0]["fingerprint"].clone();
        for line in commands(file) {
            let typed = line.replace("FINGERPRINT", print.as_str().unwrap());
            let path = std::env::var("PATH").unwrap();
            let path = format!("{}:{path}", sandbox.outside().join("bin").display());
            let mut shell = sandbox.clean("sh");
            let outcome = run(shell.args(["-c", &typed]).env("PATH", path), b"");
            let told = format!("{file}: {line}\n{}{}", outcome.stdout, outcome.stderr);
            // Findings are no fault, nor is a hook that a line before has taken out, nor a key that its owner
            // has to end by hand.
            let three = ["hook status", "leakspan revoke"].iter().any(|it| line.contains(it));
            let right = outcome.code <= 1 || (outcome.code == 3 && three);
            assert!(right, "exit code {} of {told}", outcome.code);
            count += 1;
        }
    }
    assert!(count > 20, "{count} commands");
}

#[test]
fn the_documentation_names_every_format_and_key() {
    let text = |file: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
    };
    let readme = text("README.md");
    let formats: Vec<_> = leakspan::report::FORMATS.iter().map(|format| format.name()).collect();
    assert!(readme.contains(&format!("Formats: {}.", formats.join(", "))), "{formats:?}");
    let usage = text("docs/usage.md");
    let block = usage.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    std::fs::write(&path, block).unwrap();
    leakspan::config::read(&path, leakspan::config::Trust::Full).unwrap();
    for key in leakspan::config::KEYS {
        assert!(block.contains(&format!("{key} = ")), "{key} is not in docs/usage.md");
    }
}
