//! Databases: from Debian's packages, and the login of MongoDB from a script.

use super::{Asked, password};
use crate::support::servers::{Servers, free_port};

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
