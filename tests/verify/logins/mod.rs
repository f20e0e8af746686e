//! Logins at real servers: the right password, a wrong one, nobody there; and what the servers have seen of it.

mod brokers;
mod databases;

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::servers::free_port;

/// A password, made up; another one for another seed.
fn password(seed: u64) -> String {
    leakspan::signatures::samples::render("${base62:17}7", seed).expect("the template is right")
}

/// What a login is asked for by: the provider, the probe, more options.
#[derive(Clone, Copy)]
struct Asked<'a> {
    provider: &'a str,
    probe: &'a str,
    options: &'a [&'a str],
}

impl Asked<'_> {
    /// The verdict on the one credential of a line, asked at a port of loopback.
    #[track_caller]
    fn verdict(&self, line: &str, port: u16) -> Value {
        let sandbox = Sandbox::new();
        sandbox.write("a.env", format!("{line}\n"));
        let endpoint = format!("{}=tcp://127.0.0.1:{port}", self.provider);
        let arguments = ["scan", "-f", "jsonl", "--verify", "--verify-rate", "1000", "a.env"];
        let allowed = ["--allow-probe", self.probe, "--endpoint", &endpoint];
        let outcome = sandbox.leakspan(arguments.iter().chain(allowed.iter()).chain(self.options));
        let findings = outcome.findings();
        assert_eq!(findings.len(), 1, "{}{}", outcome.stdout, outcome.stderr);
        findings[0]["verdict"].clone()
    }

    /// Right, wrong, nobody there: the lines come from the password.
    #[track_caller]
    fn holds(&self, line: &dyn Fn(&str) -> String, right: &str, port: u16) {
        let says = |line: String, port| {
            let verdict = self.verdict(&line, port);
            (verdict["status"].as_str().unwrap_or_default().to_owned(), verdict)
        };
        let (status, verdict) = says(line(right), port);
        assert_eq!(status, "live", "{verdict}");
        let (status, verdict) = says(line(&password(99)), port);
        assert_eq!(status, "revoked", "{verdict}");
        let (status, verdict) = says(line(right), free_port());
        assert_eq!((status.as_str(), verdict["reason"].as_str()), ("unknown", Some("connection")));
    }
}

#[test]
fn a_host_beside_the_secret_is_asked_when_it_is_named_and_a_dry_run_shows_it() {
    let sandbox = Sandbox::new();
    let secret = password(12);
    sandbox.write("a.env", format!("URL=postgres://shop:{secret}@db.acme.internal:5432/orders\n"));
    let scan = |more: &[&str]| {
        let arguments = ["scan", "-f", "jsonl", "--verify", "a.env"];
        sandbox.leakspan(arguments.iter().chain(more))
    };
    let reason = |more: &[&str]| scan(more).findings()[0]["verdict"]["reason"].clone();
    assert_eq!(reason(&[]), "off-by-default (postgres-login: login)");
    let allowed = ["--allow-probe", "postgres-login"];
    assert_eq!(reason(&allowed), "host-not-named (db.acme.internal:5432)");
    let named = [&allowed[..], &["--verify-host", "db.acme.internal", "--dry-run"]].concat();
    let shown = scan(&named);
    let text = [shown.stdout, shown.stderr].concat();
    let expected = "postgres-login: postgres db.acme.internal:5432 database=orders password=<token> tls= user=shop";
    assert!(text.contains(expected) && !text.contains(&secret), "{text}");
}

#[test]
fn loopback_is_reached_by_an_endpoint_alone() {
    let sandbox = Sandbox::new();
    let (secret, port) = (password(13), free_port());
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    sandbox.write("a.env", format!("URL=redis://worker:{secret}@127.0.0.1:{port}/0\n"));
    let arguments = ["scan", "-f", "jsonl", "--verify", "--allow-probe", "redis-login"];
    let outcome =
        sandbox.leakspan(arguments.iter().chain(&["--verify-host", "127.0.0.2", "a.env"]));
    let reason = outcome.findings()[0]["verdict"]["reason"].clone();
    assert_eq!(reason, format!("host-not-named (127.0.0.1:{port})"));
    assert!(listener.accept().is_err(), "nobody came");
}
