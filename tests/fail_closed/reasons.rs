//! Every reason that a scan can meet from outside, with the exit code that it leads to: 3 for what hides
//! content, 0 for what is left out on purpose or holds none.

use super::super::support::{Outcome, Sandbox, planted, token};
use std::io::Write;

fn reasons(outcome: &Outcome) -> Vec<String> {
    let mut names: Vec<_> = outcome
        .of_type("problem")
        .iter()
        .map(|problem| problem["reason"].as_str().unwrap().to_owned())
        .collect();
    names.dedup();
    names
}

/// What a folder with this in it leads to, with every problem listed.
#[track_caller]
fn leads_to(code: i32, reason: &str, sandbox: &Sandbox, arguments: &[&str]) {
    let list_all: &[&str] = if code == 0 { &["-v"] } else { &[] };
    let all = [&["scan", "-f", "jsonl"], list_all, arguments].concat();
    let outcome = sandbox.leakspan(all).exits(code);
    assert_eq!(reasons(&outcome), [reason]);
    assert_eq!(outcome.summary()["complete"], code == 0);
    let accepted = [&["scan", "-q", "--allow-incomplete", reason], arguments].concat();
    if code == 3 {
        sandbox.leakspan(accepted).exits(0);
    } else {
        // Nothing to accept: the name is refused, so that nobody takes it for a promise.
        sandbox.leakspan(accepted).exits(2);
    }
}

/// A zip with one member that says it is encrypted.
fn locked() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"something").unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    for (mark, field) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let at = memchr::memmem::find(&bytes, mark).unwrap();
        bytes[at + field] |= 1;
    }
    bytes
}

#[test]
fn what_holds_no_content_or_is_left_out_on_purpose_is_0() {
    let file = |name: &str, content: &[u8]| {
        let sandbox = Sandbox::new();
        sandbox.write(name, content);
        sandbox
    };
    leads_to(0, "binary-without-text", &file("x", &[0, 1, 2, 3].repeat(500)), &[]);
    leads_to(0, "encrypted-archive", &file("x.zip", &locked()), &[]);
    let sandbox = file("a.env", token(1).as_bytes());
    sandbox.write(".leakspanignore", "*.env\n");
    leads_to(0, "excluded-by-user", &sandbox, &[]);
    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink("/etc/hostname", sandbox.path().join("link")).unwrap();
    leads_to(0, "symlink-outside", &sandbox, &[]);
    let sandbox = Sandbox::new();
    rustix::fs::mkfifoat(rustix::fs::CWD, sandbox.path().join("pipe"), 0o600.into()).unwrap();
    leads_to(0, "special-file", &sandbox, &[]);
}

#[test]
fn what_git_does_not_hold_itself_is_0() {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    let id = "a".repeat(64);
    sandbox.write(
        "big",
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 5\n"),
    );
    sandbox.git(["add", "-A"]);
    leads_to(0, "lfs-pointer", &sandbox, &["--staged"]);
    let sandbox = Sandbox::new();
    sandbox.git_init();
    let commit = format!("160000,{},sub", "1".repeat(40));
    sandbox.git(["update-index", "--add", "--cacheinfo", &commit]);
    leads_to(0, "submodule", &sandbox, &["--staged"]);
}

#[test]
fn what_is_not_looked_at_to_its_end_is_3() {
    let sandbox = Sandbox::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("zeros", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..32 {
        zip.write_all(&[0; 1 << 20]).unwrap();
    }
    sandbox.write("bomb.zip", zip.finish().unwrap().into_inner());
    leads_to(3, "archive-limit", &sandbox, &[]);
    let sandbox = Sandbox::new();
    let mut nested = planted(1).into_bytes();
    for _ in 0..7 {
        use base64::Engine as _;
        nested = base64::prelude::BASE64_STANDARD.encode(&nested).into_bytes();
    }
    sandbox.write("nested", nested);
    leads_to(3, "decode-limit", &sandbox, &[]);
    let sandbox = Sandbox::new();
    sandbox.write("a", "x");
    leads_to(3, "timeout", &sandbox, &["--timeout", "0ms"]);
}

#[test]
fn more_findings_than_a_file_may_have_are_told() {
    let sandbox = Sandbox::new();
    // One value, so that it is named once.
    sandbox.write("many", format!("K={}\n", token(1)).repeat(10_001));
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(1);
    assert_eq!(reasons(&outcome), ["finding-limit"]);
    assert_eq!(outcome.findings().len(), 10_000);
    sandbox.leakspan(["scan", "-q", "--exit-zero"]).exits(3);
}
