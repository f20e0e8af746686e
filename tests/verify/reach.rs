//! Where requests may go: hosts beside a secret, servers with a wrong certificate, proxies.

use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::stub::{Answer, Stub};
use crate::support::{Outcome, Sandbox, run, token};

/// A token of a server of somebody's own.
fn gitlab() -> String {
    ["gl", "pat-", "zQ7xW2kR9mT4vB8nY5cL"].concat()
}

#[test]
fn a_host_beside_a_secret_is_asked_when_the_user_has_named_it_alone() {
    let stub = Stub::start(|_| Answer::json(200, r#"{"id": 1, "active": true}"#));
    let port = stub.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "127.0.0.1.",
        "localhost.",
        "user@127.0.0.1",
        "gitlab.com@127.0.0.1",
        "127.0.0.1#gitlab.com",
        "127.0.0.1\\.gitlab.com",
        "127.0.0.1%00.gitlab.com",
        "①②⑦.0.0.1",
        "127.0.0.1%2f.gitlab.com",
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(
            "a.env",
            format!("GITLAB_URL=https://{host}:{port}/\nGITLAB_TOKEN={}\n", gitlab()),
        );
        for more in [&[][..], &["--verify-host", "git.acme.example"]] {
            let arguments = ["scan", "-f", "jsonl", "--verify", "--dry-run", "a.env"];
            let planned = sandbox.leakspan(arguments.iter().chain(more));
            assert_eq!(planned.code, 0, "{host}: {}", planned.stderr);
            let sent: Vec<_> = planned
                .stdout
                .lines()
                .filter(|line| line.contains("://127") || line.contains("://localhost"))
                .collect();
            assert!(sent.is_empty(), "{host}: {sent:?}");
        }
    }
    assert_eq!(stub.connections(), 0);
}

#[test]
fn loopback_and_metadata_are_not_reached_even_when_they_are_named() {
    let stub = Stub::start(|_| Answer::json(200, r#"{"id": 1}"#));
    let sandbox = Sandbox::new();
    for host in ["localhost", "169.254.169.254"] {
        sandbox.write(
            "a.env",
            format!("GITLAB_URL=https://{host}:{}/\nGITLAB_TOKEN={}\n", stub.port(), gitlab()),
        );
        let outcome = sandbox.leakspan([
            "scan",
            "-f",
            "jsonl",
            "--verify",
            "--no-verify-cache",
            "--verify-host",
            host,
            "a.env",
        ]);
        let verdict = &outcome.findings()[0]["verdict"];
        assert_eq!(
            (&verdict["status"], &verdict["reason"]),
            (&"unknown".into(), &"blocked-address".into()),
            "{host}: {verdict}"
        );
    }
    assert_eq!(stub.connections(), 0);
}

/// `openssl s_server` on a free port, until it is dropped.
struct Tls(Child, u16);

impl Drop for Tls {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Serves the file `reply` as raw HTTP with a certificate.
fn serve(sandbox: &Sandbox, certificate: &str, key: &str, more: &[&str]) -> Tls {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = sandbox.clean("openssl");
    server.args([
        "s_server",
        "-quiet",
        "-HTTP",
        "-accept",
        &port.to_string(),
        "-cert",
        certificate,
        "-key",
        key,
    ]);
    let child =
        server.args(more).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let tls = Tls(child.unwrap(), port);
    let until = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "openssl does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    tls
}

fn openssl(sandbox: &Sandbox, arguments: &str) {
    let mut command = sandbox.clean("openssl");
    let made = run(command.args(arguments.split(' ')), b"");
    assert_eq!(made.code, 0, "{arguments}: {}", made.stderr);
}

/// A certificate for a name, by the authority `ca`, for so many days from now on (or until now).
fn certificate(sandbox: &Sandbox, file: &str, name: &str, days: &str) {
    sandbox.write("names", format!("subjectAltName=DNS:{name}\n"));
    openssl(
        sandbox,
        &format!("req -newkey rsa:2048 -nodes -keyout {file}.key -subj /CN={name} -out {file}.csr"),
    );
    openssl(
        sandbox,
        &format!(
            "x509 -req -in {file}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names {days} -out {file}.pem"
        ),
    );
}

#[test]
fn only_the_right_certificate_is_accepted() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("GITHUB_TOKEN={}\n", token(2)));
    let body = r#"{"login": "octocat"}"#;
    let reply = format!(
        "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    sandbox.write("user", reply);
    openssl(
        &sandbox,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj /CN=Test -days 2 -out ca.pem",
    );
    openssl(
        &sandbox,
        "req -x509 -newkey rsa:2048 -nodes -keyout self.key -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 -out self.pem",
    );
    certificate(&sandbox, "good", "localhost", "-days 2");
    certificate(&sandbox, "other", "acme.example", "-days 2");
    certificate(&sandbox, "old", "localhost", "-days -1");
    let asked = |file: &str, more: &[&str], authorities: &[&str]| -> Outcome {
        let tls = serve(&sandbox, &format!("{file}.pem"), &format!("{file}.key"), more);
        let endpoint = format!("github=https://localhost:{}", tls.1);
        let arguments = [
            "scan",
            "-f",
            "jsonl",
            "--verify",
            "--no-verify-cache",
            "--endpoint",
            &endpoint,
            "a.env",
        ];
        sandbox.leakspan(arguments.iter().chain(authorities))
    };
    let ours = ["--authorities", "ca.pem"];
    let status = |outcome: &Outcome| {
        let verdict = outcome.findings()[0]["verdict"].clone();
        (
            verdict["status"].as_str().unwrap().to_owned(),
            verdict["reason"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(status(&asked("good", &[], &ours)).0, "live");
    let refused = ("unknown".to_owned(), "certificate".to_owned());
    for (file, authorities) in
        [("good", &[][..]), ("self", &ours), ("other", &ours), ("old", &ours)]
    {
        assert_eq!(status(&asked(file, &[], authorities)), refused, "{file}");
    }
    for version in ["-tls1_1", "-tls1"] {
        // What no version joins ends the handshake, if the server starts at all with it.
        let outcome = asked("good", &[version, "-cipher", "DEFAULT@SECLEVEL=0"], &ours);
        assert_eq!(status(&outcome).0, "unknown", "{version}");
    }
}

#[test]
fn a_proxy_that_is_named_is_used_and_the_target_is_checked_before() {
    let sandbox = Sandbox::new();
    sandbox.write("a.env", format!("GITHUB_TOKEN={}\n", token(2)));
    let proxy = Stub::start(|_| Answer::json(200, r#"{"login": "octocat"}"#));
    let endpoint = "github=http://127.0.0.1:9";
    let outcome = sandbox.leakspan([
        "scan",
        "-f",
        "jsonl",
        "--verify",
        "--endpoint",
        endpoint,
        "--proxy",
        &proxy.url(),
        "a.env",
    ]);
    assert_eq!(outcome.findings()[0]["verdict"]["status"], "live", "{}", outcome.stdout);
    assert_eq!(proxy.asked()[0].target, "http://127.0.0.1:9/user");
    let endpoint = "github=http://169.254.169.254";
    let outcome = sandbox.leakspan([
        "scan",
        "-f",
        "jsonl",
        "--verify",
        "--no-verify-cache",
        "--endpoint",
        endpoint,
        "--proxy",
        &proxy.url(),
        "a.env",
    ]);
    assert_eq!(outcome.findings()[0]["verdict"]["reason"], "blocked-address", "{}", outcome.stdout);
    assert_eq!(proxy.connections(), 1);
}

#[test]
fn a_secret_cannot_shape_a_request() {
    // The value of a Basic login and of a path are encoded; what is no text is not sent.
    let stub = Stub::start(|_| Answer::json(200, "{}"));
    let sandbox = Sandbox::new();
    let mut file = Vec::from(&b"[[signature]]\n"[..]);
    writeln!(
        file,
        "id = \"acme-any\"\ntitle = \"Acme\"\nseverity = \"high\"\nkind = \"api-key\"\npattern = '''acme=(?<secret>[^\\n]{{8,200}})'''\naccept = [\"acme=${{base62:20}}\"]\nprobe = \"acme-any\"\n\n[[probe]]\nid = \"acme-any\"\nclass = \"read\"\nbasis = \"seen\"\nhosts = [\"api.acme.example\"]\nsend = {{ post = \"/a/{{token}}?b={{token}}\", json = {{ t = \"{{token}}\" }} }}\nlive = [\"status=200\"]"
    )
    .unwrap();
    sandbox.write("acme.toml", [b"provider = \"Acme\"\n".as_slice(), &file].concat());
    for secret in ["tok/../..?x#y&z=1 \"Q7\\", "tok\r\nX-Evil: 1", "ключ-ключ-ключ"] {
        sandbox.write("a.txt", format!("acme={secret}\n"));
        let endpoint = format!("acme={}", stub.url());
        sandbox.leakspan([
            "scan",
            "-f",
            "jsonl",
            "--signatures",
            "acme.toml",
            "--enable",
            "acme-any",
            "--verify",
            "--no-verify-cache",
            "--endpoint",
            &endpoint,
            "a.txt",
        ]);
    }
    let asked = stub.asked();
    assert!(!asked.is_empty());
    for asked in asked {
        assert!(asked.header("x-evil").is_none(), "{asked:?}");
        let (path, query) = asked.target.split_once('?').unwrap();
        assert!(path.starts_with("/a/") && !path[3..].contains(['/', '#', ' ']), "{path}");
        assert!(query.starts_with("b=") && !query[2..].contains(['&', '=', '?', '#']), "{query}");
        let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    }
}

#[test]
fn a_token_goes_to_the_server_that_has_issued_it() {
    let sandbox = Sandbox::new();
    let planned = |beside: &str, more: &[&str]| {
        sandbox.write("a.env", format!("{beside}\nGITLAB_TOKEN={}\n", gitlab()));
        let arguments = ["scan", "--verify", "--dry-run", "a.env"];
        let outcome = sandbox.leakspan(arguments.iter().chain(more));
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stdout
    };
    let own = "GITLAB_URL=https://git.acme.example/";
    let named = planned(own, &["--verify-host", "git.acme.example"]);
    assert!(named.contains("GET https://git.acme.example/api/v4/"), "{named}");
    assert!(!named.contains("://gitlab.com"), "{named}");
    let below = planned(own, &["--verify-host", "*.acme.example"]);
    assert!(below.contains("GET https://git.acme.example/api/v4/"), "{below}");
    // Nobody has said that it may be asked, and the public one has not issued it.
    let unnamed = planned(own, &[]);
    assert!(unnamed.contains("host-not-named (git.acme.example)"), "{unnamed}");
    assert!(unnamed.contains("0 requests at most"), "{unnamed}");
    for other in ["", "DOCS=https://docs.example.org/", "GITLAB_URL=https://gitlab.com/"] {
        let public = planned(other, &[]);
        assert!(public.contains("GET https://gitlab.com/api/v4/"), "{other}: {public}");
    }
}
