//! The command line: what is typed, what is set around it, and where reports go.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Sandbox, run, token};

fn sandbox_with_secret() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("KEY={}\n", token(1)));
    sandbox
}

#[test]
fn unknown_flag_names_the_nearest() {
    let outcome = Sandbox::new().leakspan(["scan", "--min-severty", "high"]).exits(2);
    assert!(outcome.stderr.contains("'--min-severity'"), "{}", outcome.stderr);
}

#[test]
fn a_variable_that_nothing_reads_is_told_and_a_misspelt_one_is_2() {
    let sandbox = sandbox_with_secret();
    let with =
        |name: &str, arguments: &[&str]| run(sandbox.command(arguments).env(name, "high"), b"");
    for (name, nearest) in [
        ("LEAKSPAN_MIN_CONFIDENSE", "LEAKSPAN_MIN_CONFIDENCE"),
        ("LEAKSPAN_SIGNATURE", "LEAKSPAN_SIGNATURES"),
        ("LEAKSPAN_FINGERPRINTKEY", "LEAKSPAN_FINGERPRINT_KEY"),
    ] {
        for arguments in [&["scan"][..], &["hook", "run", "pre-commit"], &["ci"]] {
            let outcome = with(name, arguments).exits(2);
            let sentence = format!("{name}; did you mean {nearest}?");
            assert!(outcome.stderr.contains(&sentence), "{}", outcome.stderr);
        }
    }
    // It may belong to a script around us.
    let outcome = with("LEAKSPAN_VERSION", &["scan", "-q"]).exits(1);
    assert!(outcome.stderr.contains("nothing reads the variable LEAKSPAN_VERSION"));
    let told = with("LEAKSPAN_VERSION", &["doctor"]).exits(0).stdout;
    assert!(told.contains("LEAKSPAN_VERSION is set, and nothing reads it"), "{told}");
    let known = ["LEAKSPAN_BASE", "LEAKSPAN_HEAD", "LEAKSPAN_DEFAULT_BRANCH", "LEAKSPAN_FAIL_ON"];
    for name in known {
        assert_eq!(with(name, &["scan", "-q"]).exits(1).stderr, "", "{name}");
    }
}

#[test]
fn command_line_wins_over_environment_over_file_over_default() {
    let sandbox = sandbox_with_secret();
    let file = sandbox.outside().join("own.toml");
    std::fs::write(&file, "format = 'json'\n").unwrap();
    let file = file.to_str().unwrap();
    let first = |arguments: &[&str], environment: Option<&str>| {
        let mut command = sandbox.command(arguments);
        command.envs(environment.map(|format| ("LEAKSPAN_FORMAT", format)));
        run(&mut command, b"").exits(1).stdout
    };
    assert!(first(&["scan"], None).contains("secret found"));
    assert!(first(&["scan", "--config", file], None).contains("\"findings\""));
    assert!(first(&["scan", "--config", file], Some("jsonl")).starts_with("{\"type\""));
    let typed = first(&["scan", "--config", file, "-f", "human"], Some("jsonl"));
    assert!(typed.contains("secret found"));
}

#[test]
fn several_reports_at_once_each_in_its_file() {
    let sandbox = sandbox_with_secret();
    let arguments = ["scan", "-f", "jsonl", "-o", "a.out", "--report", "json=b.out"];
    let outcome = sandbox.leakspan(arguments.iter().chain(&["--report", "csv=-"])).exits(1);
    assert!(outcome.stdout.contains("github-pat-classic"));
    assert!(sandbox.read("a.out").starts_with("{\"type\":\"finding\""));
    assert!(sandbox.read("b.out").contains("\"summary\""));
    let mode = sandbox.path().join("a.out").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn standard_output_can_be_named_as_a_file() {
    let sandbox = sandbox_with_secret();
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl", "-o", "/dev/stdout"]).exits(1);
    assert_eq!(outcome.findings().len(), 1);
}

#[test]
fn quiet_prints_nothing_and_still_gates() {
    let outcome = sandbox_with_secret().leakspan(["scan", "-q"]).exits(1);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
}

#[test]
fn same_bytes_from_one_thread_and_from_eight() {
    let sandbox = Sandbox::new();
    for number in 0..200 {
        sandbox
            .write(format!("d{}/f{number}.env", number % 7), format!("K={}\n", token(number % 5)));
    }
    let one = sandbox.leakspan(["scan", "-f", "jsonl", "-j", "1"]).exits(1).stdout;
    let eight = sandbox.leakspan(["scan", "-f", "jsonl", "-j", "8"]).exits(1).stdout;
    assert_eq!(one, eight);
    assert_eq!(one.lines().count(), 201);
}

#[test]
fn standard_input_has_the_name_that_it_is_given() {
    let sandbox = Sandbox::new();
    let arguments = ["scan", "-", "-f", "jsonl", "--stdin-name", "ci.log"];
    let outcome = sandbox.leakspan_with_input(arguments, token(1).as_bytes()).exits(1);
    let finding = &outcome.findings()[0];
    assert_eq!((&finding["path"], &finding["origin"]["kind"]), (&"ci.log".into(), &"stdin".into()));
}

#[test]
fn findings_below_the_least_severity_are_left_out_and_below_the_gate_are_told() {
    let sandbox = sandbox_with_secret();
    sandbox.leakspan(["scan", "--fail-on", "critical"]).exits(1);
    let summary =
        sandbox.leakspan(["scan", "-f", "jsonl", "--disable", "github-pat-classic"]).summary();
    assert!(summary["signatures"].as_u64().unwrap() > 10);
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl", "--enable", "github-pat-classic"]);
    assert_eq!(outcome.summary()["signatures"], 1);
}

#[test]
fn explain_says_why_and_why_not() {
    let sandbox = sandbox_with_secret();
    let why = sandbox.leakspan(["explain", "a.env:1"]).exits(0).stdout;
    assert!(why.contains("github-pat-classic"), "{why}");
    assert!(!why.contains(&token(1)[6..]));
    sandbox.write("b.env", "KEY=nothing\n");
    let why = sandbox.leakspan(["explain", "b.env:1"]).exits(0).stdout;
    assert!(why.starts_with("no finding"), "{why}");
    sandbox.leakspan(["explain", "b.env:9"]).exits(2);
    sandbox.leakspan(["explain", "nowhere:1"]).exits(2);
    sandbox.leakspan(["explain", "b.env"]).exits(2);
}

#[test]
fn completions_and_manual_are_made_of_the_arguments() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish"] {
        let text = sandbox.leakspan(["completions", shell]).exits(0).stdout;
        assert!(text.contains("allow-incomplete"), "{shell}");
    }
    assert!(sandbox.leakspan(["man"]).exits(0).stdout.contains(".TH leakspan"));
    assert!(sandbox.leakspan(["--version"]).exits(0).stdout.starts_with("leakspan "));
}

#[test]
fn signatures_are_listed_and_shown() {
    let sandbox = Sandbox::new();
    assert!(
        sandbox.leakspan(["signatures", "list"]).exits(0).stdout.contains("github-pat-classic")
    );
    sandbox.leakspan(["signatures", "show", "github-pat-classic"]).exits(0);
    let wrong = sandbox.leakspan(["signatures", "show", "github-pat-clasic"]).exits(2);
    assert!(wrong.stderr.contains("github-pat-classic"), "{}", wrong.stderr);
}

#[test]
fn switches_of_the_environment_are_words_of_yes_and_no() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("K={} # leakspan:allow\n", token(1)));
    for (value, code) in
        [("1", 1), ("true", 1), ("YES", 1), ("0", 0), ("off", 0), ("", 0), ("maybe", 2)]
    {
        let mut command = sandbox.command(["scan", "-q"]);
        assert_eq!(run(command.env("LEAKSPAN_IGNORE_INLINE", value), b"").code, code, "{value}");
    }
}

#[test]
fn every_format_writes_the_same_bytes_twice() {
    let sandbox = sandbox_with_secret();
    for format in leakspan::report::FORMATS {
        let once = sandbox.leakspan(["scan", "-f", format.name()]).exits(1).stdout;
        let again = sandbox.leakspan(["scan", "-f", format.name()]).exits(1).stdout;
        assert_eq!(once, again, "{}", format.name());
    }
    // The one format that must name a time names none of ours.
    let untimed = sandbox.leakspan(["scan", "-f", "gitlab"]).exits(1).stdout;
    assert_eq!(untimed.matches("\"1970-01-01T00:00:00\"").count(), 2, "{untimed}");
    let timed = sandbox.leakspan(["scan", "-f", "gitlab", "--timings"]).exits(1).stdout;
    assert!(!timed.contains("1970-01-01"), "{timed}");
}

#[test]
fn paths_of_a_configuration_inside_stay_inside() {
    let sandbox = sandbox_with_secret();
    std::fs::write(sandbox.outside().join("secrets.toml"), "token = 'x'\n").unwrap();
    std::os::unix::fs::symlink("..", sandbox.path().join("up")).unwrap();
    for path in ["../secrets.toml", "up/secrets.toml", "/etc/hostname"] {
        for key in ["suppressions", "baseline"] {
            sandbox.write(".leakspan.toml", format!("{key} = '{path}'\n"));
            let told = sandbox.leakspan(["scan"]).exits(2).stderr;
            assert!(told.contains("leads out of"), "{told}");
        }
    }
    sandbox.write(".leakspan.toml", "baseline = '../secrets.toml'\n");
    let told = sandbox.leakspan(["scan", "--trust-repo-config"]).exits(2).stderr;
    assert!(told.contains("in the baseline"), "{told}");
}

#[test]
fn explain_tells_what_keeps_a_finding_from_the_gate() {
    let sandbox = sandbox_with_secret();
    let why = |words: &str| {
        let told = sandbox.leakspan(["explain", "a.env:1"]).exits(0).stdout;
        assert!(told.contains(words), "{words}: {told}");
    };
    let baseline = ["baseline", "create", "--baseline", "known"];
    sandbox.leakspan(baseline).exits(0);
    let with = sandbox.leakspan(["explain", "a.env:1", "--baseline", "known"]).exits(0).stdout;
    assert!(with.contains("suppressed by the baseline"), "{with}");
    let print = sandbox.leakspan(["scan", "-f", "jsonl"]).findings()[0]["fingerprint"].clone();
    let print = print.as_str().unwrap();
    why(&format!("fingerprint {print}"));
    let suppress =
        ["suppress", print, "--owner", "ann", "--reason", "double", "--until", "2999-01-01"];
    sandbox.leakspan(suppress).exits(0);
    why("suppressed by ann until 2999-01-01: double");
    sandbox.write(".leakspanignore", "*.env\n");
    why("leaves a.env out: .leakspanignore names it");
}

#[test]
fn help_that_cannot_be_written_is_5_and_that_nobody_reads_141() {
    let sandbox = Sandbox::new();
    let code = |output: std::process::Stdio| {
        sandbox.command(["--help"]).stdout(output).status().unwrap().code()
    };
    assert_eq!(
        code(std::fs::File::options().write(true).open("/dev/full").unwrap().into()),
        Some(5)
    );
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(code(writer.into()), Some(141));
}
