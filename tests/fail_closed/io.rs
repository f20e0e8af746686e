//! Errors of the system, put in its way by strace: files that vanish or cannot be read, disks that fill.

use super::super::support::{Outcome, Sandbox, run, token};
use std::io::Write;
use std::process::Stdio;

/// The command with an error put into system calls; those that name `path` alone, where there is one.
fn injected(sandbox: &Sandbox, path: Option<&str>, inject: &str, arguments: &[&str]) -> Outcome {
    let call = inject.split(':').next().unwrap();
    let mut command = sandbox.clean("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    command.args(["-e", &format!("inject={inject}")]);
    if let Some(path) = path {
        command.args(["-P", path]);
    }
    run(command.arg(env!("CARGO_BIN_EXE_leakspan")).args(arguments), b"")
}

fn reasons(outcome: &Outcome) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    outcome.of_type("problem").iter().map(|p| (text(&p["path"]), text(&p["reason"]))).collect()
}

fn pair(path: &str, reason: &str) -> (String, String) {
    (path.to_owned(), reason.to_owned())
}

#[test]
fn vanished_file_is_3() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", token(1));
    sandbox.write("b.txt", "nothing");
    let arguments = ["scan", "-f", "jsonl"];
    let outcome = injected(&sandbox, Some("a.env"), "openat:error=ENOENT", &arguments).exits(3);
    assert_eq!(reasons(&outcome), [pair("a.env", "vanished")]);
}

#[test]
fn file_that_cannot_be_read_further_is_3() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("long", vec![b'x'; 1 << 20]);
    for when in ["1", "2", "3+"] {
        let inject = format!("read:error=EIO:when={when}");
        let arguments = ["scan", "-f", "jsonl"];
        let outcome = injected(&sandbox, path.to_str(), &inject, &arguments).exits(3);
        assert_eq!(reasons(&outcome), [pair("long", "io-error")], "{when}");
        let details = outcome.of_type("problem")[0]["detail"].to_string();
        assert!(details.contains("Input/output error"), "{details}");
    }
}

#[test]
fn archive_that_cannot_be_read_further_is_an_io_error_and_no_broken_archive() {
    let sandbox = Sandbox::new();
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
    .take(600_000)
    .collect();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("noise", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&noise).unwrap();
    let zip = sandbox.write("x.zip", zip.finish().unwrap().into_inner());
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&noise).unwrap();
    let gz = sandbox.write("x.gz", gz.finish().unwrap());
    for (name, path) in [("x.zip", zip), ("x.gz", gz)] {
        for when in 1..8 {
            let inject = format!("read:error=EIO:when={when}+");
            let arguments = ["scan", "-f", "jsonl", name];
            let outcome = injected(&sandbox, path.to_str(), &inject, &arguments).exits(3);
            let reasons = reasons(&outcome);
            let right =
                |(path, reason): &(String, String)| path.starts_with(name) && reason == "io-error";
            assert!(!reasons.is_empty() && reasons.iter().all(right), "{when}: {reasons:?}");
        }
    }
}

#[test]
fn standard_input_that_cannot_be_read_is_3() {
    let sandbox = Sandbox::new();
    let folder = std::fs::File::open(sandbox.path()).unwrap();
    let mut command = sandbox.command(["scan", "-", "-f", "jsonl"]);
    let child = command.stdin(folder).stdout(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"reason\":\"io-error\""));
}

#[test]
fn disk_that_fills_while_a_report_is_written_leaves_the_old_one_and_is_5() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", token(1));
    for call in ["write:error=ENOSPC:when=1", "fsync:error=ENOSPC", "rename:error=EIO"] {
        sandbox.write("report", "old");
        let arguments = ["scan", "-q", "-f", "jsonl", "-o", "report", "a.env"];
        let outcome = injected(&sandbox, None, call, &arguments).exits(5);
        assert!(outcome.stderr.contains("github-pat-classic"), "{call}: {}", outcome.stderr);
        assert_eq!(sandbox.read("report"), "old", "{call}");
        let left = std::fs::read_dir(sandbox.path()).unwrap().count();
        assert_eq!(left, 2, "{call} leaves half a report");
    }
}

#[test]
fn limit_on_the_size_of_files_is_5_and_no_death_by_signal() {
    let sandbox = Sandbox::new();
    let lines: Vec<_> = (0..20).map(|seed| format!("K={}\n", token(seed))).collect();
    sandbox.write("a.env", lines.concat());
    sandbox.write("report", "old");
    let limited = |words: &str| {
        let program = env!("CARGO_BIN_EXE_leakspan");
        let mut command = sandbox.clean("sh");
        command.args(["-c", &format!("ulimit -f 2; exec \"$0\" scan a.env -f jsonl {words}")]);
        run(
            command.arg(program).env("LEAKSPAN_FINGERPRINT_KEY", "a key for tests, long enough"),
            b"",
        )
    };
    let outcome = limited("-o report").exits(5);
    assert!(outcome.stderr.contains("github-pat-classic"), "{}", outcome.stderr);
    assert_eq!(sandbox.read("report"), "old");
    assert_eq!(std::fs::read_dir(sandbox.path()).unwrap().count(), 2);
    limited("> out").exits(5);
    assert!(sandbox.read("out").len() >= 1024, "the limit lets something through");
    // The limit itself is no failure.
    let small = limited("-q -o /dev/null --exit-code 7").exits(7);
    assert_eq!(small.stderr, "");
}
