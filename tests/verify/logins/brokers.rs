//! Brokers, a directory and a mail server.

use super::{Asked, password};
use crate::support::servers::{Servers, free_port};

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
    let distribution = "-kernel inet_dist_use_interface {127,0,0,1}";
    let variables = [
        ("RABBITMQ_NODENAME", "leakspan@localhost"),
        ("RABBITMQ_CONFIG_FILE", config.as_str()),
        ("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
        ("RABBITMQ_MNESIA_BASE", &data),
        ("RABBITMQ_LOG_BASE", &logs),
        ("RABBITMQ_PID_FILE", &process),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", &plugins),
        ("RABBITMQ_DIST_PORT", &between),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", distribution),
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
