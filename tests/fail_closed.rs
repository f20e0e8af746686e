//! What must never pass for clean: each way to see less than everything, with its exit code.

mod git;
mod io;
mod reasons;

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal};

use crate::support::{Outcome, Sandbox, run, token};

/// The command as a user without rights: tests may run as root, who can read everything.
fn as_nobody(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let open = Permissions::from_mode(0o755);
    std::fs::set_permissions(sandbox.outside(), open.clone()).unwrap();
    std::fs::set_permissions(sandbox.path(), open).unwrap();
    let mut command = if rustix::process::getuid().is_root() {
        // The build folder may be closed to others.
        let program = sandbox.outside().join("leakspan");
        // By another process: a program that this one writes is busy while any other test starts a child.
        let mut copy = sandbox.clean("install");
        copy.args(["-m", "755", env!("CARGO_BIN_EXE_leakspan")]).arg(&program);
        assert_eq!(run(&mut copy, b"").code, 0);
        let mut command = sandbox.clean("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
        command
    } else {
        sandbox.clean(env!("CARGO_BIN_EXE_leakspan"))
    };
    run(command.args(arguments), b"")
}

fn close(sandbox: &Sandbox, name: &str) {
    let path = sandbox.path().join(name);
    std::fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
}

#[test]
fn unreadable_file_is_3_and_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("open.txt", "nothing");
    sandbox.write("closed.txt", token(1));
    close(&sandbox, "closed.txt");
    let outcome = as_nobody(&sandbox, &["scan", "-f", "jsonl"]).exits(3);
    let problems = outcome.of_type("problem");
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0]["path"], "closed.txt");
    assert_eq!(problems[0]["reason"], "unreadable");
    assert_eq!(outcome.summary()["complete"], false);
    as_nobody(&sandbox, &["scan", "--allow-incomplete", "unreadable"]).exits(0);
    as_nobody(&sandbox, &["scan", "--allow-incomplete", "timeout"]).exits(3);
}

#[test]
fn unreadable_folder_is_3_and_findings_elsewhere_are_1() {
    let sandbox = Sandbox::new();
    sandbox.write("closed/a.txt", "nothing");
    close(&sandbox, "closed");
    let outcome = as_nobody(&sandbox, &["scan", "-f", "jsonl"]).exits(3);
    assert_eq!(outcome.of_type("problem")[0]["reason"], "unreadable");
    sandbox.write("open.txt", token(1));
    let outcome = as_nobody(&sandbox, &["scan", "-f", "jsonl"]).exits(1);
    assert_eq!(outcome.summary()["complete"], false);
    std::fs::set_permissions(sandbox.path().join("closed"), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn ten_thousand_problems_are_all_told() {
    let sandbox = Sandbox::new();
    for number in 0..10_000 {
        let name = format!("folder{}/{number}", number % 10);
        sandbox.write(&name, "x");
        close(&sandbox, &name);
    }
    let outcome = as_nobody(&sandbox, &["scan", "-f", "jsonl"]).exits(3);
    assert_eq!(outcome.of_type("problem").len(), 10_000);
    assert_eq!(outcome.summary()["problems"], 10_000);
}

#[test]
fn truncated_archive_is_3() {
    let sandbox = Sandbox::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.txt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&[b'a'; 5000]).unwrap();
    let whole = zip.finish().unwrap().into_inner();
    sandbox.write("cut.zip", &whole[..whole.len() / 2]);
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(3);
    assert_eq!(outcome.of_type("problem")[0]["reason"], "archive-corrupt");
}

#[test]
fn bomb_is_3() {
    let sandbox = Sandbox::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..32 {
        packed.write_all(&[0; 1 << 20]).unwrap();
    }
    sandbox.write("bomb.gz", packed.finish().unwrap());
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(3);
    assert_eq!(outcome.of_type("problem")[0]["reason"], "archive-limit");
}

#[test]
fn name_that_is_not_utf8_is_scanned_and_told_escaped() {
    let sandbox = Sandbox::new();
    sandbox.write(std::ffi::OsStr::from_bytes(b"bad\xff\xfename.env"), token(1));
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl"]).exits(1);
    assert_eq!(outcome.findings()[0]["path"], "bad%FF%FEname.env");
}

#[test]
fn disk_full_for_the_report_is_5_and_the_findings_are_told_all_the_same() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", token(1));
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl", "-o", "/dev/full"]).exits(5);
    assert!(outcome.stderr.contains("github-pat-classic"), "{}", outcome.stderr);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let child = sandbox.command(["scan"]).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a.env"));
}

#[test]
fn report_in_a_folder_that_is_not_there_is_5() {
    let sandbox = Sandbox::new();
    sandbox.leakspan(["scan", "-o", "no/such/report"]).exits(5);
}

#[test]
fn broken_pipe_is_141() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", token(1));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = sandbox.command(["scan"]).stdout(writer).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(141));
}

/// Whether the process has said what it does with Ctrl-C.
fn listens(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & 0b10 != 0
}

#[test]
fn ctrl_c_is_130_and_says_what_was_found_until_then() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(["scan", "-", "-f", "jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let _held_open = child.stdin.take();
    while !listens(&child) {
        std::thread::yield_now();
    }
    rustix::process::kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\"complete\":false"), "{text}");
}

#[test]
fn memory_with_secrets_in_it_goes_into_no_core_file() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(["scan", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    while !listens(&child) {
        std::thread::yield_now();
    }
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

/// Distinct secrets in several files: to name them all under a public salt takes minutes.
fn many_secrets() -> Sandbox {
    let sandbox = Sandbox::new();
    for file in 0..3 {
        let lines: Vec<_> =
            (0..5000).map(|n| format!("K={}\n", token(file * 5000 + n + 1))).collect();
        sandbox.write(format!("{file}.env"), lines.concat());
    }
    sandbox
}

#[test]
fn time_limit_ends_the_naming_of_findings_too_and_what_has_no_name_gates() {
    let sandbox = many_secrets();
    let began = std::time::Instant::now();
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl", "--timeout", "5s"]).exits(1);
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    let problem = &outcome.of_type("problem")[0];
    assert_eq!(problem["reason"], "timeout");
    let nameless = outcome.findings().iter().filter(|it| it["fingerprint"].is_null()).count();
    assert!(nameless > 1000, "{nameless}: everything was named in time, so nothing was tested");
    let notes = outcome.summary()["notes"].to_string();
    assert!(notes.contains(&format!("{nameless} findings have no fingerprint")), "{notes}");
    // A file of known findings is not written in part.
    sandbox.leakspan(["baseline", "create", "--baseline", "known", "--timeout", "5s"]).exits(3);
    assert!(!sandbox.path().join("known").exists());
}

#[test]
fn ctrl_c_ends_the_naming_of_findings_too() {
    let sandbox = many_secrets();
    let mut command = sandbox.command(["scan", "-f", "jsonl"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    // The scan itself takes a fraction of so much work.
    let worked = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap()
    };
    while worked() < 500 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let began = std::time::Instant::now();
    rustix::process::kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\"fingerprint\":null") && text.contains("\"complete\":false"));
}

#[test]
fn time_limit_is_3() {
    let sandbox = Sandbox::new();
    let arguments = ["scan", "-", "--timeout", "1ms", "-f", "jsonl"];
    let mut command: Command = sandbox.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let _held_open = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("\"reason\":\"timeout\"") && !told.contains("io-error"), "{told}");
    sandbox.write("a.env", token(1));
    sandbox.leakspan(["scan", "--timeout", "0ms"]).exits(3);
}

#[test]
fn signature_file_without_signatures_is_2() {
    let sandbox = Sandbox::new();
    sandbox.write("rules/empty.toml", "");
    sandbox.leakspan(["scan", "--signatures", "rules/empty.toml"]).exits(2);
    sandbox.leakspan(["scan", "--signatures", "rules"]).exits(2);
    sandbox.leakspan(["scan", "--signatures", "no-such-folder"]).exits(2);
    sandbox.leakspan(["scan", "--disable", "no-such-id"]).exits(2);
}

#[test]
fn usage_errors_are_2() {
    let sandbox = Sandbox::new();
    sandbox.leakspan(["scan", "--no-such-flag"]).exits(2);
    sandbox.leakspan(["scan", "--endpoint", "github=https://example.com"]).exits(2);
    sandbox.leakspan(["verify", "absent.json"]).exits(2);
    sandbox.leakspan(["revoke", "no-fingerprint"]).exits(2);
    sandbox.leakspan(["scan", "--fail-on", "live"]).exits(2);
    sandbox.leakspan(["scan", "no-such-file"]).exits(2);
    sandbox.leakspan(["scan", ".", "no-such-file"]).exits(2);
    sandbox.leakspan(["scan", "--exit-code", "0"]).exits(2);
    sandbox.leakspan(["scan", "--baseline", "no-such-file"]).exits(2);
    sandbox.leakspan(["scan", "--config", "no-such-file"]).exits(2);
    sandbox.leakspan(["scan", "--report", "jsonl"]).exits(2);
    sandbox.leakspan(["scan", "--report", "nosuch=x"]).exits(2);
    sandbox.leakspan(["scan", "/dev/zero"]).exits(2);
    sandbox.leakspan(["scan", "--staged"]).exits(2);
}

#[test]
fn unknown_keys_are_2_and_name_the_nearest() {
    let sandbox = Sandbox::new();
    let own = sandbox.outside().join("own.toml");
    std::fs::write(&own, "min_severty = 'high'\n").unwrap();
    let own = own.to_str().unwrap();
    let outcome = sandbox.leakspan(["scan", "--config", own]).exits(2);
    assert!(outcome.stderr.contains("`min_severity`"), "{}", outcome.stderr);
}

#[test]
fn empty_folder_is_0_and_says_so() {
    let outcome = Sandbox::new().leakspan(["scan"]).exits(0);
    assert!(outcome.stdout.contains("nothing to scan"), "{}", outcome.stdout);
}

#[test]
fn configuration_inside_of_the_target_cannot_blind_the_scan() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", token(1));
    for text in ["disable = ['github-pat-classic']", "signatures = ['x']", "min_severity = 'high'"]
    {
        sandbox.write(".leakspan.toml", text);
        let outcome = sandbox.leakspan(["scan"]).exits(2);
        assert!(outcome.stderr.contains("--trust-repo-config"), "{}", outcome.stderr);
    }
    sandbox.write(".leakspan.toml", "disable = ['github-pat-classic']");
    sandbox.leakspan(["scan", "--trust-repo-config"]).exits(0);
    sandbox.write(".leakspan.toml", "ignore = ['*.env']");
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl", "-v"]).exits(0);
    assert_eq!(outcome.of_type("problem")[0]["reason"], "excluded-by-user");
    sandbox.leakspan(["scan", "--no-suppress"]).exits(1);
}

#[test]
fn exit_code_and_exit_zero_change_what_findings_end_in_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", token(1));
    sandbox.leakspan(["scan", "--exit-code", "42"]).exits(42);
    sandbox.leakspan(["scan", "--exit-zero"]).exits(0);
    sandbox.leakspan(["scan", "--exit-zero", "--timeout", "0ms"]).exits(3);
}
