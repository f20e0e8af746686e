//! Logins at real servers: the right password, a wrong one, nobody there; and what the servers have seen of it.

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::servers::{Servers, free_port};

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
fn postgresql() {
    let (mut servers, right, port) = (Servers::new(), password(1), free_port());
    let file = servers.write("password", &right);
    let data = servers.text("data");
    let make = ["-D", &data, "-U", "shop", "-A", "scram-sha-256", "--pwfile", &file, "-N"];
    servers.once("initdb", &make);
    servers.certificate();
    // Whoever comes for `trusted` needs no password; `md5` takes the older hash, `plain` the password itself.
    servers.write(
        "data/pg_hba.conf",
        "host trusted all all trust\nhost plain all all password\nhost all all all scram-sha-256\n",
    );
    let number = port.to_string();
    let (key, certificate) = (servers.text("key.pem"), servers.text("cert.pem"));
    let (key, certificate) =
        (format!("ssl_key_file={key}"), format!("ssl_cert_file={certificate}"));
    let mut arguments = vec!["-D", &data, "-p", &number, "-h", "127.0.0.1", "-k", ""];
    for setting in [
        "ssl=on",
        &key,
        &certificate,
        "log_connections=on",
        "log_disconnections=on",
        "log_statement=all",
        "fsync=off",
    ] {
        arguments.extend(["-c", setting]);
    }
    std::fs::set_permissions(
        servers.path("key.pem"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    servers.start("postgres", &arguments, &[], "log", port);
    let plain = Asked { provider: "postgresql", probe: "postgres-login", options: &[] };
    let at = |rest: &'static str| {
        move |password: &str| format!("URL=postgres://shop:{password}@db.acme.dev/{rest}")
    };
    plain.holds(&at("postgres?sslmode=disable"), &right, port);
    let verdict = plain.verdict(&at("absent?sslmode=disable")(&right), port);
    assert_eq!(
        (
            verdict["status"].as_str(),
            verdict["evidence"].as_str().is_some_and(|it| it.contains("3D000"))
        ),
        (Some("live"), true),
        "{verdict}"
    );
    let verdict = plain.verdict(&at("trusted?sslmode=disable")(&right), port);
    assert_eq!(
        (verdict["status"].as_str(), verdict["reason"].as_str()),
        (Some("unknown"), Some("anonymous")),
        "{verdict}"
    );
    let verdict = plain.verdict(&at("plain?sslmode=disable")(&password(5)), port);
    assert_eq!(verdict["status"], "revoked", "a password in clear goes to an endpoint: {verdict}");
    // TLS is looked at, whatever the URL says.
    let verdict = plain.verdict(&at("postgres?sslmode=require")(&right), port);
    assert_eq!(
        (verdict["status"].as_str(), verdict["reason"].as_str()),
        (Some("unknown"), Some("certificate")),
        "{verdict}"
    );
    let certificate = servers.text("cert.pem");
    let options = ["--authorities", &certificate];
    let secure = Asked { options: &options, ..plain };
    let verdict = secure.verdict(&at("postgres")(&right), port);
    assert_eq!(
        (verdict["status"].as_str(), verdict["identity"]["superuser"].as_str()),
        (Some("live"), Some("on")),
        "{verdict}"
    );
    // JDBC URLs lead to the same place.
    let jdbc = Asked { provider: "jdbc", probe: "jdbc-login", options: &options };
    jdbc.holds(
        &|password| {
            format!("url=jdbc:postgresql://db.acme.dev:5432/postgres?user=shop&password={password}")
        },
        &right,
        port,
    );
    let log = servers.read_until("log", "disconnection");
    assert!(log.contains("connection authorized") && log.contains("SSL enabled"), "{log}");
    assert!(!log.contains("statement:") && !log.contains("execute"), "{log}");
}

#[test]
fn mariadb() {
    let (mut servers, right, port) = (Servers::new(), password(2), free_port());
    let (data, socket) = (servers.text("data"), servers.text("socket"));
    let folder = format!("--datadir={data}");
    servers.once(
        "mariadb-install-db",
        &["--no-defaults", &folder, "--auth-root-authentication-method=normal", "--skip-test-db"],
    );
    let users = format!("CREATE USER 'shop'@'%' IDENTIFIED BY '{right}';\nCREATE DATABASE shop;\n");
    let users = format!("--init-file={}", servers.write("users.sql", &users));
    let (number, socket) = (format!("--port={port}"), format!("--socket={socket}"));
    let log = format!("--general-log-file={}", servers.text("queries"));
    let rest = [
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--general-log=1",
        "--skip-networking=0",
    ];
    let mut arguments = vec!["--no-defaults", &folder, &users, &number, &socket, &log];
    arguments.extend(rest);
    servers.start("mariadbd", &arguments, &[], "log", port);
    let before = servers.read("queries").len();
    let asked = Asked { provider: "mysql", probe: "mysql-login", options: &[] };
    let line = |password: &str| format!("URL=mysql://shop:{password}@db.acme.dev:3306");
    asked.holds(&line, &right, port);
    // The database may not be entered: the login was right.
    let verdict = asked.verdict(&format!("{}/shop", line(&right)), port);
    assert_eq!(verdict["status"], "live", "{verdict}");
    let verdict = asked.verdict(&format!("{}/shop?ssl-mode=REQUIRED", line(&right)), port);
    assert_eq!(
        (&verdict["status"], &verdict["evidence"]),
        (&"unknown".into(), &"tls-refused".into())
    );
    let jdbc = Asked { provider: "jdbc", probe: "jdbc-login", options: &[] };
    jdbc.holds(
        &|password| format!("url=jdbc:mariadb://db.acme.dev/?user=shop&password={password}"),
        &right,
        port,
    );
    let log = servers.read_until("queries", "Quit");
    let log = &log[before..];
    assert!(log.contains("Connect") && log.contains("Access denied"), "{log}");
    assert!(!log.contains("Query") && !log.contains("Init DB\tshop"), "{log}");
}

#[test]
fn redis() {
    let (mut servers, right, port) = (Servers::new(), password(3), free_port());
    let (number, open) = (port.to_string(), free_port());
    let user = format!(">{right}");
    let arguments =
        ["--bind", "127.0.0.1", "--save", "", "--port", &number, "--requirepass", &right];
    let user = ["--user", "worker", "on", &user, "allkeys", "+@all"];
    let mut arguments = arguments.to_vec();
    arguments.extend(user);
    servers.start("redis-server", &arguments, &[], "log", port);
    let number = open.to_string();
    servers.start(
        "redis-server",
        &["--bind", "127.0.0.1", "--save", "", "--port", &number],
        &[],
        "open",
        open,
    );
    let asked = Asked { provider: "redis", probe: "redis-login", options: &[] };
    asked.holds(&|password| format!("URL=redis://:{password}@cache.acme.dev:6379/0"), &right, port);
    asked.holds(
        &|password| format!("URL=redis://worker:{password}@cache.acme.dev/1"),
        &right,
        port,
    );
    let verdict = asked.verdict(&format!("URL=redis://:{right}@cache.acme.dev"), open);
    assert_eq!((&verdict["status"], &verdict["reason"]), (&"unknown".into(), &"anonymous".into()));
    // What the server counts, asked of it by the test itself.
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "AUTH {right}\r\nINFO commandstats\r\nQUIT\r\n").unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    let commands = told.lines().filter_map(|line| line.strip_prefix("cmdstat_"));
    let commands: Vec<_> = commands.filter_map(|line| line.split(':').next()).collect();
    assert!(
        commands.iter().all(|it| matches!(*it, "auth" | "ping" | "info" | "quit")),
        "{commands:?}"
    );
    assert!(commands.contains(&"auth") && commands.contains(&"ping"), "{told}");
}

#[test]
fn rabbitmq() {
    let (mut servers, right, port) = (Servers::new(), password(4), free_port());
    let (mapper, between) = (free_port().to_string(), free_port().to_string());
    servers.start(
        "epmd",
        &["-port", &mapper, "-address", "127.0.0.1"],
        &[],
        "mapper",
        mapper.parse().unwrap(),
    );
    let config = servers.write(
        "rabbitmq.conf",
        &format!(
            "listeners.tcp.1 = 127.0.0.1:{port}\ndefault_user = worker\ndefault_pass = {right}\n\
             default_vhost = jobs\nlog.console = true\nlog.console.level = info\nlog.file = false\n"
        ),
    );
    let (data, logs) = (servers.folder("data"), servers.folder("logs"));
    let (plugins, process) = (servers.write("plugins", "[].\n"), servers.text("process"));
    let distribution = format!("-kernel inet_dist_use_interface {{127,0,0,1}}");
    let variables = [
        ("RABBITMQ_NODENAME", "leakspan@localhost"),
        ("RABBITMQ_CONFIG_FILE", config.as_str()),
        ("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
        ("RABBITMQ_MNESIA_BASE", &data),
        ("RABBITMQ_LOG_BASE", &logs),
        ("RABBITMQ_PID_FILE", &process),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", &plugins),
        ("RABBITMQ_DIST_PORT", &between),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", &distribution),
        ("ERL_EPMD_PORT", &mapper),
        ("ERL_EPMD_ADDRESS", "127.0.0.1"),
    ];
    servers.start("rabbitmq-server", &[], &variables, "log", port);
    let asked = Asked { provider: "rabbitmq", probe: "amqp-login", options: &[] };
    asked.holds(
        &|password| format!("URL=amqp://worker:{password}@mq.acme.dev:5672/jobs"),
        &right,
        port,
    );
    let verdict = asked.verdict(&format!("URL=amqp://worker:{right}@mq.acme.dev/%2f"), port);
    assert_eq!((&verdict["status"], &verdict["reason"]), (&"live-limited".into(), &"scope".into()));
    let log = servers.read_until("log", "closing AMQP connection");
    assert!(
        log.contains("user 'worker' authenticated and granted access to vhost 'jobs'"),
        "{log}"
    );
}

#[test]
fn nats() {
    let (mut servers, right, port) = (Servers::new(), password(6), free_port());
    let (seed, public) = user_key();
    let config = format!(
        "host: 127.0.0.1\nport: {port}\nauthorization {{ users = [\n\
         {{ user: orders, password: \"{right}\" }}\n{{ nkey: {public} }}\n] }}\n"
    );
    let config = servers.write("nats.conf", &config);
    servers.start("nats-server", &["-c", &config, "-DV"], &[], "log", port);
    let open = free_port();
    let number = open.to_string();
    servers.start("nats-server", &["-a", "127.0.0.1", "-p", &number], &[], "open", open);
    let asked = Asked { provider: "nats", probe: "nats-login", options: &[] };
    let line = |password: &str| format!("URL=nats://orders:{password}@nats.acme.dev:4222");
    asked.holds(&line, &right, port);
    let verdict = asked.verdict(&line(&right), open);
    assert_eq!((&verdict["status"], &verdict["reason"]), (&"unknown".into(), &"anonymous".into()));
    let asked = Asked { provider: "nats", probe: "nats-nkey", options: &[] };
    let line = |seed: &str| format!("nats_url: nats://nats.acme.dev:4222\nnkey_seed: {seed}");
    assert_eq!(asked.verdict(&line(&seed), port)["status"], "live");
    assert_eq!(asked.verdict(&line(&user_key().0), port)["status"], "revoked");
    let log = servers.read_until("log", "[PONG]");
    assert!(log.contains("[CONNECT ") && log.contains("[PING]"), "{log}");
    assert!(!log.contains("[PUB ") && !log.contains("[SUB "), "{log}");
}

/// A seed of a user and its public key, made up anew each time.
fn user_key() -> (String, String) {
    use ring::signature::KeyPair as _;
    let mut key = [0; 32];
    getrandom::fill(&mut key).unwrap();
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&key).unwrap();
    let text = |prefix: &[u8], key: &[u8]| {
        let mut bytes = [prefix, key].concat();
        // CRC-16/XMODEM.
        let sum = bytes.iter().fold(0_u16, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            })
        });
        bytes.extend(sum.to_le_bytes());
        data_encoding::BASE32_NOPAD.encode(&bytes)
    };
    // `S` for a seed, `U` for a user: five bits each.
    let (seed, user) = (18 << 3 | 20 >> 2, 20 << 3);
    (text(&[seed, (20 & 3) << 6], &key), text(&[user], pair.public_key().as_ref()))
}

#[test]
fn mosquitto() {
    let (mut servers, right, port) = (Servers::new(), password(7), free_port());
    let file = servers.text("passwords");
    servers.once("mosquitto_passwd", &["-b", "-c", &file, "sensor", &right]);
    let config = |name: &str, port: u16, rest: &str| {
        servers.write(
            name,
            &format!("listener {port} 127.0.0.1\nlog_type all\nlog_dest stderr\n{rest}\n"),
        )
    };
    let closed = config("closed", port, &format!("allow_anonymous false\npassword_file {file}"));
    let open = free_port();
    let anybody = config("open", open, "allow_anonymous true");
    servers.start("mosquitto", &["-c", &closed], &[], "log", port);
    servers.start("mosquitto", &["-c", &anybody], &[], "openlog", open);
    let asked = Asked { provider: "mqtt", probe: "mqtt-login", options: &[] };
    let line = |password: &str| format!("URL=mqtt://sensor:{password}@broker.acme.dev:1883");
    asked.holds(&line, &right, port);
    let verdict = asked.verdict(&line(&right), open);
    let told = (&verdict["status"], &verdict["reason"]);
    assert_eq!(told, (&"unknown".into(), &"accepts-anything".into()), "{verdict}");
    let log = servers.read_until("log", "DISCONNECT");
    assert!(log.contains("as leakspan") && log.contains("u'sensor'"), "{log}");
    assert!(!log.contains("PUBLISH") && !log.contains("SUBSCRIBE"), "{log}");
}

#[test]
fn openldap() {
    let (mut servers, right, port) = (Servers::new(), password(8), free_port());
    servers.certificate();
    let data = servers.folder("data");
    let (key, certificate) = (servers.text("key.pem"), servers.text("cert.pem"));
    let config = |tls: &str| {
        format!(
            "include /etc/ldap/schema/core.schema\n{tls}\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n\
             database mdb\nsuffix \"dc=acme,dc=dev\"\nrootdn \"cn=admin,dc=acme,dc=dev\"\n\
             rootpw {right}\ndirectory {data}\n"
        )
    };
    let tls = format!("TLSCertificateFile {certificate}\nTLSCertificateKeyFile {key}\n");
    let (plain, secure) =
        (servers.write("plain", &config("")), servers.write("secure", &config(&tls)));
    let address = |port| format!("ldap://127.0.0.1:{port}");
    servers.start("slapd", &["-h", &address(port), "-f", &plain, "-d", "stats"], &[], "log", port);
    let asked = Asked { provider: "ldap", probe: "ldap-bind", options: &[] };
    let line = |password: &str| {
        format!(
            "url: ldap://ldap.acme.dev\nbindDN: cn=admin,dc=acme,dc=dev\nbindCredentials: \"{password}\""
        )
    };
    asked.holds(&line, &right, port);
    let (port, before) = (free_port(), servers.read("log"));
    servers.start("slapd", &["-h", &address(port), "-f", &secure, "-d", "stats"], &[], "tls", port);
    let options = ["--authorities", &certificate];
    let asked = Asked { options: &options, ..asked };
    asked.holds(&line, &right, port);
    let log = servers.read_until("tls", "UNBIND");
    assert!(before.contains("err=49") && before.contains("method=128"), "{before}");
    assert!(log.contains("TLS established"), "{log}");
    assert!(![before, log].iter().any(|log| log.contains("SRCH") || log.contains("ANONYMOUS")));
}

#[test]
fn smtp() {
    let (mut servers, right, port) = (Servers::new(), password(10), free_port());
    servers.certificate();
    let script = servers.write("mail.py", include_str!("mail.py"));
    let user = "shop@acme.dev";
    let number = port.to_string();
    servers.start("python3", &[&script, &number, user, &right], &[], "log", port);
    let asked = Asked { provider: "smtp", probe: "smtp-login", options: &[] };
    let line = |password: &str| format!("URL=smtp://shop%40acme.dev:{password}@mail.acme.dev:587");
    asked.holds(&line, &right, port);
    let port = free_port();
    let number = port.to_string();
    let (key, certificate) = (servers.text("key.pem"), servers.text("cert.pem"));
    let arguments = [&script, number.as_str(), user, &right, &certificate, &key];
    servers.start("python3", &arguments, &[], "tls", port);
    assert_eq!(asked.verdict(&line(&right), port)["reason"], "certificate");
    let options = ["--authorities", &certificate];
    Asked { options: &options, ..asked }.holds(&line, &right, port);
    let (plain, secure) = (servers.read("log"), servers.read_until("tls", "PLAIN True False"));
    assert!(plain.contains("PLAIN False True") && secure.contains("PLAIN True True"), "{secure}");
    assert!(![plain, secure].iter().any(|log| log.contains("MAIL FROM") || log.contains("RCPT")));
}

#[test]
fn mongodb() {
    let right = password(11);
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-1"] {
        let (mut servers, port) = (Servers::new(), free_port());
        let script = servers.write("mongo.py", include_str!("mongo.py"));
        let number = port.to_string();
        servers.start("python3", &[&script, &number, "svc", &right, mechanism], &[], "log", port);
        let asked = Asked { provider: "mongodb", probe: "mongodb-login", options: &[] };
        let line = |password: &str| {
            format!(
                "URL=mongodb://svc:{password}@db1.acme.dev:27017,db2.acme.dev/shop?authSource=accounts"
            )
        };
        asked.holds(&line, &right, port);
        let srv = format!("URL=mongodb+srv://svc:{right}@c0.acme.dev/shop");
        let verdict = asked.verdict(&srv, port);
        let told = (&verdict["status"], &verdict["reason"]);
        assert_eq!(told, (&"not-checkable".into(), &"srv-lookup".into()), "{verdict}");
        let log = servers.read("log");
        let mut commands: Vec<_> = log.lines().collect();
        commands.sort_unstable();
        commands.dedup();
        assert_eq!(commands, ["hello", "saslContinue", "saslStart"]);
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
