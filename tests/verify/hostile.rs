//! Replies that mean nothing, and servers that mean harm.

use std::time::{Duration, Instant};

use leakspan::model::{Reply, SecretBytes, Status};
use leakspan::probes::{self, Way, judge};
use leakspan::signatures::builtin;

use crate::support::stub::{Answer, Stub};
use crate::support::{Outcome, Sandbox, token};

/// All built-in probes, parsed.
fn all() -> Vec<probes::Probe> {
    let set = builtin();
    let mut seen = std::collections::BTreeSet::new();
    let texts = set.signatures.iter().filter_map(|it| Some((it, it.probe.as_ref()?)));
    texts
        .filter(|(_, text)| seen.insert(text.toml.clone()))
        .map(|(signature, text)| {
            probes::parse(&text.toml.parse().unwrap(), &signature.file).unwrap()
        })
        .collect()
}

fn reply(status: u16, kind: &str, body: &str) -> Reply {
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    Reply { status, headers, body: SecretBytes::new(body.into()), cut: false }
}

#[test]
fn no_probe_is_fooled_by_pages_limits_and_outages() {
    let (json, html) = ("application/json", "text/html");
    let hostile = [
        (reply(429, json, "{}"), true),
        (reply(503, html, "<html>down</html>"), true),
        (reply(500, json, "{}"), true),
        (reply(403, html, "<html>blocked</html>"), true),
        (reply(200, html, "<!doctype html><html>sign in</html>"), true),
        (reply(401, html, "<html>who are you</html>"), true),
        (reply(302, html, ""), true),
        (reply(401, json, ""), false),
    ];
    let probes = all();
    let http = probes.iter().filter(|probe| matches!(probe.way, Way::Http(_)));
    let mut judged = 0;
    for probe in http {
        for (reply, never_revoked) in &hostile {
            let told = judge(probe, reply);
            let what = format!(
                "{}: {} {}",
                probe.id,
                reply.status,
                String::from_utf8_lossy(reply.body.reveal())
            );
            assert!(!told.status.works(), "{what} means {told:?}");
            assert!(!(*never_revoked && told.status == Status::Revoked), "{what} means {told:?}");
            judged += 1;
        }
    }
    assert!(judged > 8 * 350, "{judged}");
}

/// A scan of one credential of a provider that is a stub.
fn verified(stub: &Stub, more: &[&str]) -> Outcome {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("GITHUB_TOKEN={}\n", token(7)));
    let endpoint = format!("github={}", stub.url());
    let arguments = ["scan", "-f", "jsonl", "--verify", "--endpoint", &endpoint, "a.env"];
    sandbox.leakspan(arguments.iter().chain(more))
}

#[track_caller]
fn is_unknown(outcome: &Outcome, reason: &str) {
    let verdict = &outcome.findings()[0]["verdict"];
    assert_eq!(verdict["status"], "unknown", "{verdict}");
    assert_eq!(verdict["reason"], reason, "{verdict}");
    assert!(outcome.stdout.contains(r#""reason":"unverified""#), "{}", outcome.stdout);
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Stub::start(|_| Answer::json(200, r#"{"login": "x"}"#));
    for status in [301, 302, 303, 307, 308] {
        for place in [
            other.url(),
            format!("http://localhost:{}/", other.port()),
            "file:///etc/passwd".into(),
        ] {
            let to = place.clone();
            let stub = Stub::start(move |_| {
                Answer::Reply(status, vec![("location".into(), to.clone())], Vec::new())
            });
            is_unknown(&verified(&stub, &[]), "redirect");
        }
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn broken_and_endless_replies_are_unknown_and_bounded() {
    let raw = |bytes: &[u8]| Answer::Raw(bytes.to_vec());
    let headers = |count: usize, length: usize| {
        let one = format!("x-h: {}\r\n", "a".repeat(length));
        format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n{}\r\n{{}}", one.repeat(count))
            .into_bytes()
    };
    let cases = [
        (raw(b""), "connection"),
        (raw(b"\x00\xff garbage\r\n\r\n"), "connection"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"login\": "), "garbled"),
        (Answer::Raw(headers(80, 10)), "garbled"),
        (Answer::Raw(headers(20_000, 10)), "connection"),
        (Answer::Raw(headers(1, 1 << 20)), "connection"),
        (raw("HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000).as_bytes()), "connection"),
    ];
    for (answer, reason) in cases {
        let stub = Stub::start(move |_| answer.clone());
        is_unknown(&verified(&stub, &[]), reason);
    }
}

#[test]
fn a_body_without_end_is_cut() {
    let body = [&br#"{"login": "x", "filler": ""#[..], &vec![b'a'; 10 << 20], br#""}"#].concat();
    let stub = Stub::start(move |_| {
        Answer::Reply(200, vec![("content-type".into(), "application/json".into())], body.clone())
    });
    is_unknown(&verified(&stub, &[]), "ambiguous");
}

#[test]
fn slow_servers_are_given_up() {
    for answer in
        [Answer::Silence(Duration::from_secs(60)), Answer::Drip(Duration::from_millis(500))]
    {
        let stub = Stub::start(move |_| answer.clone());
        let started = Instant::now();
        is_unknown(&verified(&stub, &[]), "timeout");
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }
}

#[test]
fn settings_of_the_environment_lead_nowhere() {
    let proxy = Stub::start(|_| Answer::json(200, r#"{"login": "x"}"#));
    let stub = Stub::start(|_| Answer::json(200, r#"{"login": "x"}"#));
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("GITHUB_TOKEN={}\n", token(7)));
    let log = sandbox.outside().join("keys.log");
    let endpoint = format!("github={}", stub.url());
    let mut command = sandbox.command(["scan", "--verify", "--endpoint", &endpoint, "a.env"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env(name, proxy.url());
    }
    command.env("SSLKEYLOGFILE", &log).env("SSL_CERT_FILE", "/dev/null");
    let outcome = crate::support::run(&mut command, b"");
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert_eq!((proxy.connections(), stub.connections()), (0, 1));
    assert!(!log.exists());
    let asked = stub.asked();
    assert!(asked[0].header("user-agent").unwrap().starts_with("leakspan/"));
    assert!(asked[0].header("referer").is_none());
}
