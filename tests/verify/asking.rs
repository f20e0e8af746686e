//! The commands: who is asked, when, how often, and what is kept of it.

use serde_json::Value;

use crate::support::stub::{Answer, Asked, Stub};
use crate::support::{Outcome, Sandbox, run, token};

/// Live for an even seed, refused for an odd one.
fn github(asked: &Asked) -> Answer {
    let live = (0..200).step_by(2).any(|seed| asked.text().contains(&token(seed)));
    match (asked.target.as_str(), live) {
        ("/user", true) => Answer::json(200, r#"{"login": "octocat", "id": 1}"#),
        ("/user", false) => Answer::json(401, r#"{"message": "Bad credentials"}"#),
        _ => Answer::json(404, "{}"),
    }
}

/// A sandbox with a file of so many credentials.
fn with_tokens(seeds: impl IntoIterator<Item = u64>) -> Sandbox {
    let sandbox = Sandbox::new();
    let lines: String =
        seeds.into_iter().map(|seed| format!("TOKEN_{seed}={}\n", token(seed))).collect();
    sandbox.write("a.env", lines);
    sandbox
}

fn scan(sandbox: &Sandbox, stub: &Stub, more: &[&str]) -> Outcome {
    let endpoint = format!("github={}", stub.url());
    let arguments = [
        "scan",
        "-f",
        "jsonl",
        "--verify",
        "--verify-rate",
        "1000",
        "--endpoint",
        &endpoint,
        "a.env",
    ];
    sandbox.leakspan(arguments.iter().chain(more))
}

fn statuses(outcome: &Outcome) -> Vec<String> {
    let status = |it: &Value| it["verdict"]["status"].as_str().unwrap().to_owned();
    outcome.findings().iter().map(status).collect()
}

#[test]
fn findings_learn_whether_they_work_and_the_gate_knows() {
    let stub = Stub::start(github);
    let sandbox = with_tokens([2, 3]);
    let outcome = scan(&sandbox, &stub, &[]);
    assert_eq!((outcome.code, statuses(&outcome)), (1, vec!["live".into(), "revoked".into()]));
    let live = &outcome.findings()[0]["verdict"];
    assert_eq!(live["identity"]["login"], "octocat", "{live}");
    assert!(outcome.stdout.contains("not to its own hosts"), "an endpoint is loud");
    assert_eq!(scan(&sandbox, &stub, &["--fail-on", "live"]).code, 1);
    let dead = with_tokens([3, 5]);
    assert_eq!(scan(&dead, &stub, &["--fail-on", "live"]).code, 0);
    assert_eq!(scan(&dead, &stub, &[]).code, 1);
}

#[test]
fn a_gate_on_live_credentials_does_not_pass_when_nobody_answers() {
    let stub = Stub::start(|_| Answer::json(503, "{}"));
    let outcome = scan(&with_tokens([2]), &stub, &["--fail-on", "live"]);
    assert_eq!((outcome.code, statuses(&outcome)), (3, vec!["unknown".into()]));
    let accepted = ["--fail-on", "live", "--allow-incomplete", "unverified"];
    assert_eq!(scan(&with_tokens([2]), &stub, &accepted).code, 0);
}

#[test]
fn a_secret_is_asked_about_once_however_often_it_stands_there() {
    let stub = Stub::start(github);
    let sandbox = with_tokens([2]);
    for copy in 0..500 {
        sandbox.write(format!("copies/{copy}.env"), format!("A={}\n", token(2)));
    }
    let outcome = scan(&sandbox, &stub, &["copies"]);
    assert_eq!(statuses(&outcome).len(), 501);
    assert_eq!(stub.asked().len(), 1);
    // The next run knows the answer.
    let outcome = scan(&sandbox, &stub, &[]);
    assert_eq!((statuses(&outcome), stub.asked().len()), (vec!["live".into()], 1));
    scan(&sandbox, &stub, &["--no-verify-cache"]);
    assert_eq!(stub.asked().len(), 2);
}

#[test]
fn a_dry_run_prints_requests_and_sends_none() {
    let stub = Stub::start(github);
    let sandbox = with_tokens([2, 3]);
    let outcome = scan(&sandbox, &stub, &["--dry-run"]);
    assert_eq!((outcome.code, stub.connections()), (0, 0));
    assert!(outcome.stdout.contains("GET http://127.0.0.1"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("authorization: Bearer <token>"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("2 requests at most; nothing was sent"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains(&token(2)[4..]));
}

#[test]
fn requests_are_counted_logged_and_limited() {
    let stub = Stub::start(github);
    let sandbox = with_tokens([2, 4, 6]);
    let log = sandbox.outside().join("log.jsonl");
    let more = ["--max-requests", "2", "--request-log", log.to_str().unwrap(), "--fail-on", "live"];
    let outcome = scan(&sandbox, &stub, &more);
    assert_eq!(statuses(&outcome), ["live", "live", "unknown"]);
    assert!(outcome.stdout.contains("request-budget"), "{}", outcome.stdout);
    let logged = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> =
        logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    for key in ["time", "provider", "host", "probe", "verdict"] {
        assert!(lines[0][key].is_string(), "{key}");
    }
    assert_eq!((&lines[0]["verdict"], &lines[0]["reply"]), (&"live".into(), &"200".into()));
}

#[test]
fn what_goes_wrong_in_naming_is_said_before_anything_is_sent() {
    let stub = Stub::start(github);
    let sandbox = with_tokens([2]);
    let endpoint = format!("github={}", stub.url());
    for (arguments, word) in [
        (vec!["scan", "--verify", "--endpoint", "githup=http://127.0.0.1:1", "a.env"], "github"),
        (vec!["scan", "--verify", "--endpoint", "github", "a.env"], "PROVIDER=URL"),
        (vec!["scan", "--verify", "--endpoint", "github=ftp://x", "a.env"], "URL"),
        (vec!["scan", "--verify", "--providers", "githup", "a.env"], "github"),
        (
            vec!["scan", "--verify", "--allow-probe", "github-pat-clasic", "a.env"],
            "github-pat-classic",
        ),
        (vec!["scan", "--verify", "--verify-host", "http://x", "a.env"], "host"),
        (vec!["scan", "--verify", "--verify-rate", "0", "a.env"], "--verify-rate"),
        (vec!["scan", "--verify", "--authorities", "absent.pem", "a.env"], "absent.pem"),
        (vec!["scan", "--endpoint", &endpoint, "a.env"], "--verify"),
        (vec!["scan", "--fail-on", "live", "a.env"], "--verify"),
    ] {
        let outcome = sandbox.leakspan(&arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.stdout);
        assert!(outcome.stderr.contains(word), "{arguments:?}: {}", outcome.stderr);
    }
    assert_eq!(stub.connections(), 0);
}

#[test]
fn only_providers_that_were_named_are_asked() {
    let stub = Stub::start(github);
    let outcome = scan(&with_tokens([2]), &stub, &["--providers", "gitlab"]);
    assert_eq!((statuses(&outcome), stub.connections()), (vec!["not-checked".into()], 0));
}

#[test]
fn a_repository_cannot_turn_verification_on_or_lead_it_elsewhere() {
    let stub = Stub::start(github);
    let sandbox = with_tokens([2]);
    sandbox.git_init();
    let config = format!("[verify.endpoints]\ngithub = '{}'\n", stub.url());
    sandbox.write(".leakspan.toml", &config);
    let outcome = sandbox.leakspan(["scan", "--verify", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    assert!(outcome.stderr.contains("`verify`"), "{}", outcome.stderr);
    assert_eq!(stub.connections(), 0);
    // The user's own says where, and still not that.
    std::fs::remove_file(sandbox.path().join(".leakspan.toml")).unwrap();
    let own = sandbox.outside().join("own.toml");
    std::fs::write(&own, config).unwrap();
    let own = own.to_str().unwrap();
    assert_eq!(sandbox.leakspan(["scan", "--config", own, "a.env"]).code, 1);
    assert_eq!(stub.connections(), 0);
    let outcome = sandbox.leakspan(["scan", "--config", own, "--verify", "-f", "jsonl", "a.env"]);
    assert_eq!((statuses(&outcome), stub.connections()), (vec!["live".into()], 1));
}

#[test]
fn a_report_without_secrets_is_verified() {
    let stub = Stub::start(github);
    let sandbox = with_tokens([2, 3]);
    for format in ["json", "jsonl"] {
        let report = sandbox.leakspan(["scan", "-f", format, "a.env"]).stdout;
        sandbox.write("report", &report);
        let endpoint = format!("github={}", stub.url());
        let arguments =
            ["verify", "report", "--root", "a.env", "--endpoint", &endpoint, "-f", "jsonl"];
        let outcome = sandbox.leakspan(arguments);
        assert_eq!((outcome.code, statuses(&outcome)), (1, vec!["live".into(), "revoked".into()]));
    }
    // What has gone since is told.
    sandbox.write("a.env", format!("A={}\n", token(2)));
    let endpoint = format!("github={}", stub.url());
    let arguments = ["verify", "report", "--root", "a.env", "--endpoint", &endpoint, "-f", "jsonl"];
    let outcome = sandbox.leakspan(arguments);
    assert_eq!(statuses(&outcome), ["live"]);
    assert!(outcome.stdout.contains(r#""reason":"vanished""#), "{}", outcome.stdout);
    for text in ["", "{}", "rubbish", "{\"findings\": 3}", "[]"] {
        sandbox.write("report", text);
        let outcome = sandbox.leakspan(["verify", "report", "--root", "a.env"]);
        assert_eq!(outcome.code, 2, "{text}: {}", outcome.stdout);
    }
}

#[test]
fn without_the_word_nothing_is_sent() {
    let sandbox = with_tokens([2]);
    let trace = sandbox.outside().join("trace");
    for arguments in [&["scan", "a.env"][..], &["scan", "--verify", "--dry-run", "a.env"]] {
        let mut command = sandbox.clean("strace");
        command
            .args(["-f", "-e", "trace=network", "-o"])
            .arg(&trace)
            .arg(env!("CARGO_BIN_EXE_leakspan"));
        let outcome = run(command.args(arguments), b"");
        assert!(outcome.code < 2, "{}", outcome.stderr);
        let told = std::fs::read_to_string(&trace).unwrap();
        let sent: Vec<_> = told
            .lines()
            .filter(|line| ["socket(", "connect(", "sendto("].iter().any(|it| line.contains(it)))
            .collect();
        assert!(sent.is_empty(), "{arguments:?}: {sent:?}");
    }
}

#[test]
fn canaries_are_not_touched() {
    let stub = Stub::start(|_| Answer::json(200, "{}"));
    let sandbox = Sandbox::new();
    // A key of an account that is known to hand out canaries: base32 of its id, put together here.
    let key = ["AKIA", "YVP4CIPP", "ERUVIFXG"].concat();
    let secret = format!("{}{}", &token(5)[4..34], &token(6)[4..14]);
    let endpoint = format!("aws={}", stub.url());
    // The id tells it, however far off it stands.
    for between in ["", &"# nothing\n".repeat(400)] {
        sandbox.write(
            "a.env",
            format!("AWS_ACCESS_KEY_ID={key}\n{between}AWS_SECRET_ACCESS_KEY={secret}\n"),
        );
        let outcome = sandbox.leakspan([
            "scan",
            "-f",
            "jsonl",
            "--min-confidence",
            "low",
            "--verify",
            "--endpoint",
            &endpoint,
            "a.env",
        ]);
        let of_secret =
            outcome.findings().into_iter().find(|it| it["signature"] == "aws-secret-access-key");
        assert_eq!(of_secret.unwrap()["verdict"]["reason"], "canary", "{}", outcome.stdout);
    }
    assert_eq!(stub.connections(), 0);
}

#[test]
fn no_byte_of_a_secret_is_kept_or_printed() {
    let stub = Stub::start(|asked| {
        // A provider that repeats what it was asked with, in every place.
        let token = asked.header("authorization").unwrap_or_default().replace("Bearer ", "");
        Answer::json(
            200,
            &format!(r#"{{"login": "{token}", "id": "{token}", "name": "x {token}"}}"#),
        )
    });
    let seeds = || (0..100).step_by(2);
    let sandbox = with_tokens(seeds());
    let endpoint = format!("github={}", stub.url());
    let base = ["--verify", "--verify-rate", "1000", "--endpoint", &endpoint, "a.env"];
    for format in ["human", "json", "jsonl", "sarif", "csv", "junit", "gitlab", "github"] {
        let arguments: Vec<&str> = ["scan", "-vv", "-f", format].into_iter().chain(base).collect();
        let mut command = sandbox.command(&arguments);
        let outcome = run(command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full"), b"");
        let told = outcome.stdout + &outcome.stderr;
        for seed in seeds() {
            assert!(!told.contains(&token(seed)[4..24]), "{format} {seed}");
        }
    }
    let state = sandbox.outside().join("home/.local/state/leakspan");
    let mut files = 0;
    for file in std::fs::read_dir(state).unwrap().flatten() {
        let text = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned();
        for seed in seeds() {
            assert!(!text.contains(&token(seed)[4..24]), "{:?} {seed}", file.path());
        }
        files += 1;
    }
    assert_eq!(files, 3);
}

/// A token in compact form, signed with a key of this test by openssl.
fn signed(sandbox: &Sandbox, issuer: &str, kid: &str) -> String {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let header = format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#);
    let claims = format!(r#"{{"iss":"{issuer}","sub":"ci","exp":4102444800}}"#);
    let text = format!(
        "{}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(header),
        BASE64_URL_SAFE_NO_PAD.encode(claims)
    );
    sandbox.write("text", &text);
    let mut openssl = sandbox.clean("openssl");
    let made = openssl.args(["dgst", "-sha256", "-sign", "k", "-out", "sig", "text"]);
    assert_eq!(run(made, b"").code, 0);
    let signature = std::fs::read(sandbox.path().join("sig")).unwrap();
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn a_token_is_held_against_the_keys_of_an_issuer_that_the_user_has_named() {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let sandbox = Sandbox::new();
    let mut openssl = sandbox.clean("openssl");
    let made = openssl.args(["genpkey", "-quiet", "-algorithm", "rsa", "-out", "k"]);
    assert_eq!(run(made, b"").code, 0);
    let mut openssl = sandbox.clean("openssl");
    let modulus = run(openssl.args(["rsa", "-in", "k", "-noout", "-modulus"]), b"").stdout;
    let modulus = modulus.trim().trim_start_matches("Modulus=");
    let bytes: Vec<u8> = (0..modulus.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&modulus[at..at + 2], 16).unwrap())
        .collect();
    let key = serde_json::json!({
        "kty": "RSA", "kid": "a", "n": BASE64_URL_SAFE_NO_PAD.encode(bytes), "e": "AQAB",
    });
    let issuer = "https://id.acme.example/realms/x";
    let stub = Stub::start(move |asked| match asked.target.as_str() {
        "/realms/x/.well-known/openid-configuration" => {
            Answer::json(200, r#"{"jwks_uri": "https://id.acme.example/realms/x/keys"}"#)
        }
        "/realms/x/keys" => Answer::json(200, &serde_json::json!({"keys": [key]}).to_string()),
        _ => Answer::json(404, "{}"),
    });
    let token = signed(&sandbox, issuer, "a");
    let (start, end) = token.rsplit_once('.').unwrap();
    let other = if end.starts_with('A') { 'B' } else { 'A' };
    let spoilt = format!("{start}.{other}{}", &end[1..]);
    let endpoint = format!("jwt={}", stub.url());
    for (token, status, reason) in [
        (&token, "live", ""),
        (&spoilt, "unknown", "ambiguous"),
        (&signed(&sandbox, issuer, "b"), "revoked", "key-rolled"),
        (&signed(&sandbox, "https://id.acme.example/other", "a"), "unknown", "ambiguous"),
    ] {
        sandbox.write("a.env", format!("TOKEN={token}\n"));
        let outcome =
            sandbox.leakspan(["scan", "-f", "jsonl", "--verify", "--endpoint", &endpoint, "a.env"]);
        let verdict = &outcome.findings()[0]["verdict"];
        let told = verdict["reason"].as_str().unwrap_or_default();
        assert_eq!((verdict["status"].as_str().unwrap(), told), (status, reason), "{verdict}");
    }
    for asked in stub.asked() {
        assert!(!asked.text().contains(&token[..40]), "the token itself is not sent");
    }
    // Without a word of the user's nobody is asked.
    let outcome = sandbox.leakspan(["scan", "-f", "jsonl", "--verify", "a.env"]);
    let verdict = &outcome.findings()[0]["verdict"];
    assert_eq!(verdict["reason"], "host-not-named (id.acme.example)", "{verdict}");
}

#[test]
fn what_is_over_by_its_own_date_needs_no_question() {
    let sandbox = Sandbox::new();
    let seventeen = ["key", "Ab3dE6gH9jK2mN"].concat();
    sandbox.write("a.env", format!("AIRTABLE_API_KEY={seventeen}\n"));
    let outcome =
        sandbox.leakspan(["scan", "-f", "jsonl", "--min-confidence", "low", "--verify", "a.env"]);
    let findings = outcome.findings();
    let verdict = &findings.iter().find(|it| it["signature"] == "airtable-api-key-legacy").unwrap()
        ["verdict"];
    assert_eq!(
        (&verdict["status"], &verdict["reason"], &verdict["force"]),
        (&"revoked".into(), &"expired".into(), &"proof".into())
    );
    assert!(outcome.stdout.contains("verified with 0 requests"), "{}", outcome.stdout);
}

#[test]
fn a_credential_is_ended_when_it_was_said_twice() {
    let stub = Stub::start(|asked| match (asked.method.as_str(), asked.target.as_str()) {
        ("POST", "/credentials/revoke") if asked.text().contains(&token(3)) => {
            Answer::json(202, "{}")
        }
        ("POST", "/credentials/revoke") => Answer::json(422, "{}"),
        _ => Answer::json(404, "{}"),
    });
    let sandbox = with_tokens([2, 3]);
    let endpoint = format!("github={}", stub.url());
    let prints: Vec<String> = sandbox
        .leakspan(["scan", "-f", "jsonl", "a.env"])
        .findings()
        .iter()
        .map(|it| it["fingerprint"].as_str().unwrap().to_owned())
        .collect();
    let revoke = |arguments: &[&str]| {
        let all = ["revoke"].iter().chain(arguments).copied();
        sandbox.leakspan(all.chain(["a.env", "--endpoint", endpoint.as_str()]))
    };
    let planned = revoke(&[&prints[1]]);
    assert_eq!((planned.code, stub.connections()), (0, 0), "{}", planned.stdout);
    assert!(planned.stdout.contains("Nothing was sent") && planned.stdout.contains("<token>"));
    let other = revoke(&[&prints[1], "--confirm", &prints[0]]);
    assert_eq!((other.code, stub.connections()), (2, 0), "{}", other.stderr);
    let done = revoke(&[&prints[1], "--confirm", &prints[1]]);
    assert_eq!((done.code, stub.asked().len()), (0, 1), "{}{}", done.stdout, done.stderr);
    let refused = revoke(&[&prints[0], "--confirm", &prints[0]]);
    assert_eq!(refused.code, 3, "{}", refused.stdout);
    let log = sandbox.outside().join("home/.local/state/leakspan/requests.jsonl");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("revoked 202") && log.contains("refused 422"), "{log}");
    for told in [&planned.stdout, &done.stdout, &refused.stdout, &log] {
        assert!(!told.contains(&token(3)[4..20]) && !told.contains(&token(2)[4..20]), "{told}");
    }
    assert_eq!(revoke(&[&"0".repeat(64)]).code, 2);
}
