//! Every login against servers that say what they should, break off, or say anything at all.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

use super::login::{Login, OTHER_VERSION};
use super::mechanism::With;
use super::wire::Wire;
use super::{amqp, jdbc, ldap, mongodb, mqtt, mysql, nats, nkey, postgres, redis, smtp};
use crate::net::{Client, ClientOptions, Failure, Policy, System};

const LOGINS: &[(&str, &dyn Login)] = &[
    ("amqp", &amqp::Amqp),
    ("jdbc", &jdbc::Jdbc),
    ("ldap", &ldap::Ldap),
    ("mongodb", &mongodb::Mongodb),
    ("mqtt", &mqtt::Mqtt),
    ("mysql", &mysql::Mysql),
    ("nats", &nats::Nats),
    ("postgres", &postgres::Postgres),
    ("redis", &redis::Redis),
    ("smtp", &smtp::Smtp),
];

const PASSWORD: &str = "correct horse";

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    Client::new(ClientOptions {
        policy: Arc::new(Policy::default()),
        lookup: Arc::new(System),
        proxy: None,
        authorities: Vec::new(),
        timeout: Duration::from_secs(5),
    })
    .expect("a client can be made")
});

/// What a login may take, without TLS where that is asked for.
fn with(scheme: &str) -> With {
    let given = [("user", "ann"), ("password", PASSWORD), ("scheme", scheme), ("tls", "off")];
    given.map(|(name, text)| (name.to_owned(), Zeroizing::new(text.to_owned()))).into()
}

/// What comes of a login at a server that says this and closes; and what it was told.
fn told(
    login: &dyn Login,
    with: &With,
    own: bool,
    says: &[u8],
) -> (Result<String, Failure>, Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("the system gives a runtime");
    runtime.block_on(async {
        let (ours, theirs) = tokio::io::duplex(256 * 1024);
        let (mut reading, mut writing) = tokio::io::split(theirs);
        writing.write_all(says).await.expect("there is room");
        writing.shutdown().await.expect("it is open");
        let mut wire = Wire::new(Box::new(ours), CLIENT.tls().clone(), "localhost", own);
        let talk = login.talk(&mut wire, with, 0);
        let told = tokio::time::timeout(Duration::from_secs(5), talk).await.expect("it ends");
        drop(wire);
        let mut sent = Vec::new();
        reading.read_to_end(&mut sent).await.expect("it is closed");
        let event = told.map(|reply| reply.header("event").expect("it tells one").to_owned());
        (event, sent)
    })
}

fn holds(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// Bytes of several pieces.
fn joined(pieces: &[&[u8]]) -> Vec<u8> {
    pieces.concat()
}

/// Conversations that end well, from the server's side: the login, its scheme, what is said.
fn conversations() -> Vec<(&'static dyn Login, &'static str, Vec<u8>)> {
    let frame = |class: u8, method: u8, body: &[u8]| {
        let length = [0, 0, 0, u8::try_from(body.len() + 4).expect("it is short")];
        joined(&[&[1, 0, 0], &length, &[0, class, 0, method], body, &[0xce]])
    };
    let start = joined(&[&[0, 9, 0, 0, 0, 0, 0, 0, 0, 14], b"AMQPLAIN PLAIN", &[0, 0, 0, 0]]);
    let amqp = joined(&[
        &frame(10, 10, &start),
        &frame(10, 30, &[0, 1, 0, 1, 0, 0, 0, 60]),
        &frame(10, 41, &[0]),
    ]);
    let greeting = joined(&[
        &[10],
        b"8.0.36\0",
        &[1, 0, 0, 0],
        b"abcdefgh\0",
        &[0xff, 0xf7, 45, 2, 0, 0xff, 0xc1, 21],
        &[0; 10],
        b"ijklmnopqrst\0",
        b"caching_sha2_password\0",
    ]);
    let packet = |number: u8, body: &[u8]| {
        joined(&[&[u8::try_from(body.len()).expect("it is short"), 0, 0, number], body])
    };
    let mysql =
        joined(&[&packet(0, &greeting), &packet(2, &[1, 3]), &packet(3, &[0, 0, 0, 2, 0, 0, 0])]);
    let postgres = joined(&[
        b"R\0\0\0\x0c\0\0\0\x05salt",
        b"R\0\0\0\x08\0\0\0\0",
        b"S\0\0\0\x14is_superuser\0on\0",
        b"Z\0\0\0\x05I",
    ]);
    let smtp = b"220 mail\r\n250-mail\r\n250 AUTH PLAIN LOGIN\r\n235 2.7.0 welcome\r\n";
    let nats = b"INFO {\"auth_required\":true,\"nonce\":\"abc\"}\r\nPONG\r\n";
    vec![
        (&amqp::Amqp, "amqp", amqp),
        (&ldap::Ldap, "ldap", b"\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\0\x04\0\x04\0".to_vec()),
        (&mqtt::Mqtt, "mqtt", b"\x20\x03\0\0\0".to_vec()),
        (&mysql::Mysql, "mysql", mysql.clone()),
        (&jdbc::Jdbc, "mariadb", mysql),
        (&nats::Nats, "nats", nats.to_vec()),
        (&postgres::Postgres, "postgresql", postgres),
        (&redis::Redis, "redis", b"-NOAUTH Authentication required.\r\n+OK\r\n".to_vec()),
        (&smtp::Smtp, "smtp", smtp.to_vec()),
    ]
}

#[test]
fn a_login_that_is_accepted_is_told_so_and_one_that_breaks_off_is_not() {
    for (login, scheme, says) in conversations() {
        let with = with(scheme);
        assert_eq!(told(login, &with, true, &says).0.as_deref(), Ok("ok"), "{scheme}");
        for end in 0..says.len() {
            let (told, _) = told(login, &with, true, &says[..end]);
            assert!(
                matches!(told, Err(Failure::Connection | Failure::Garbled)),
                "{scheme}, {end} of {}: {told:?}",
                says.len()
            );
        }
    }
}

#[test]
fn no_password_goes_out_in_clear_where_others_may_listen() {
    for (login, scheme, says) in conversations() {
        let (told, sent) = told(login, &with(scheme), false, &says);
        let proves = matches!(scheme, "mysql" | "mariadb" | "postgresql");
        assert_eq!(
            told.as_deref(),
            Ok(if proves { "ok" } else { "cleartext-refused" }),
            "{scheme}"
        );
        let encoded = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            format!("\0ann\0{PASSWORD}"),
        );
        assert!(!holds(&sent, PASSWORD) && !holds(&sent, &encoded), "{scheme}");
    }
    // Servers that ask for the password itself.
    let asks = b"R\0\0\0\x08\0\0\0\x03";
    let (told, sent) = told(&postgres::Postgres, &with("postgres"), false, asks);
    assert_eq!((told.as_deref(), holds(&sent, PASSWORD)), (Ok("cleartext-refused"), false));
}

#[test]
fn mysql_gives_the_password_itself_to_nobody_without_tls() {
    let (login, scheme, says) =
        conversations().into_iter().find(|(_, scheme, _)| *scheme == "mysql").unwrap();
    let greeting = &says[..4 + usize::from(says[0])];
    for asks in [
        b"\x02\0\0\x02\x01\x04".to_vec(),
        joined(&[&[23, 0, 0, 2, 0xfe], b"mysql_clear_password\0\0"]),
        joined(&[&[18, 0, 0, 2, 0xfe], b"sha256_password\0a"]),
    ] {
        let says = joined(&[greeting, &asks]);
        // Not even where the way there is our own.
        let (told, sent) = told(login, &with(scheme), true, &says);
        assert_eq!((told.as_deref(), holds(&sent, PASSWORD)), (Ok("cleartext-refused"), false));
    }
}

#[test]
fn servers_that_accept_anybody_are_told_from_others() {
    let trust = b"R\0\0\0\x08\0\0\0\0";
    let open = b"INFO {\"server_id\":\"x\"}\r\n";
    let cases: [(&dyn Login, &str, &[u8]); 3] = [
        (&postgres::Postgres, "postgres", trust),
        (&redis::Redis, "redis", b"+PONG\r\n"),
        (&nats::Nats, "nats", open),
    ];
    for (login, scheme, says) in cases {
        let (told, sent) = told(login, &with(scheme), true, says);
        assert_eq!(told.as_deref(), Ok("no-password-needed"), "{scheme}");
        assert!(!holds(&sent, PASSWORD), "{scheme}");
    }
}

#[test]
fn refusals_have_names() {
    let error = b"E\0\0\0\x27SFATAL\0VFATAL\0C28P01\0Rauth_failed\0\0";
    let many = b"\x17\0\0\0\xff\x10\x04Too many connections";
    let data = b"\x30\x19\x02\x01\x02\x61\x14\x0a\x01\x31\x04\0\x04\x0dx, data 532, ";
    let cases: [(&dyn Login, &str, &[u8], &str); 9] = [
        (&postgres::Postgres, "postgres", error, "28P01"),
        (&mysql::Mysql, "mysql", many, "1040"),
        (&redis::Redis, "redis", b"-NOAUTH x\r\n-WRONGPASS x\r\n", "WRONGPASS"),
        (&redis::Redis, "redis", b"-NOAUTH x\r\n-correct horse\r\n", "ERR"),
        (&mqtt::Mqtt, "mqtt", b"\x20\x02\0\x01", OTHER_VERSION),
        (&mqtt::Mqtt, "mqtt", b"\x20\x03\0\x87\0", "not-authorized"),
        (&ldap::Ldap, "ldap", data, "49-532"),
        (&smtp::Smtp, "smtp", b"220 x\r\n250-x\r\n250 AUTH PLAIN\r\n535 5.7.8 no\r\n", "535"),
        (
            &smtp::Smtp,
            "smtp",
            b"220 x\r\n250-x\r\n250 AUTH PLAIN\r\n535 5.7.139 no\r\n",
            "535-5.7.139",
        ),
    ];
    for (login, scheme, says, expected) in cases {
        assert_eq!(told(login, &with(scheme), true, says).0.as_deref(), Ok(expected), "{scheme}");
    }
}

#[test]
fn what_was_said_ahead_of_tls_is_not_believed() {
    let mut with = with("smtp");
    with.remove("tls");
    let says = b"220 x\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n250 AUTH PLAIN\r\n235 ok\r\n";
    let (told, sent) = told(&smtp::Smtp, &with, true, says);
    assert_eq!((told, holds(&sent, "AUTH")), (Err(Failure::Garbled), false));
}

#[test]
fn a_key_signs_the_nonce_and_is_not_sent() {
    let seed = nkey::tests::made(20 << 3);
    let with = With::from([("seed".to_owned(), Zeroizing::new(seed.clone()))]);
    assert_eq!(nats::Nats.refuses(&with), None);
    let says = b"INFO {\"auth_required\":true,\"nonce\":\"abc\"}\r\nPONG\r\n";
    let (told, sent) = told(&nats::Nats, &with, false, says);
    assert_eq!(told.as_deref(), Ok("ok"));
    assert!(holds(&sent, "\"sig\"") && !holds(&sent, &seed));
    assert!(nats::Nats.refuses(&With::new()).is_some());
}

#[test]
fn an_empty_password_is_never_tried() {
    for (name, login) in LOGINS {
        let scheme = if *name == "jdbc" { "mysql" } else { name };
        let mut with = with(scheme);
        assert_eq!(login.refuses(&with), None, "{name}");
        with.insert("password".to_owned(), Zeroizing::new(String::new()));
        assert_eq!(login.refuses(&with), Some("no-password"), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_at_all_ends_without_a_panic(
        says in prop::collection::vec(any::<u8>(), 0..300),
        cut in 0_usize..200,
        flip in any::<u8>(),
        tls in any::<bool>(),
    ) {
        for (name, login) in LOGINS {
            let mut with = with(if *name == "jdbc" { "mysql" } else { name });
            if tls {
                with.remove("tls");
            }
            let (result, _) = told(*login, &with, true, &says);
            prop_assert!(result.as_deref() != Ok("ok"), "{name}");
        }
        for (login, scheme, mut right) in conversations() {
            let at = cut % right.len();
            right[at] ^= flip;
            right.truncate(right.len().max(at) - cut % 3);
            right.extend_from_slice(&says);
            drop(told(login, &with(scheme), true, &right));
        }
    }
}
