//! JDBC URLs: the database that the scheme names.

use super::login::{Login, Talk, given};
use super::mechanism::{With, event};
use super::mysql::Mysql;
use super::postgres::Postgres;
use super::wire::Wire;

pub(super) struct Jdbc;

/// The login of a scheme.
fn of(with: &With) -> Option<&'static dyn Login> {
    match given(with, "scheme") {
        "postgresql" | "pgsql" => Some(&Postgres),
        "mysql" | "mariadb" => Some(&Mysql),
        _ => None,
    }
}

impl Login for Jdbc {
    fn with(&self) -> &'static [&'static str] {
        &["user", "password", "database", "tls", "scheme"]
    }

    fn port(&self, with: &With) -> u16 {
        of(with).map_or(0, |login| login.port(with))
    }

    fn is_tls(&self, with: &With) -> bool {
        of(with).is_some_and(|login| login.is_tls(with))
    }

    fn refuses(&self, with: &With) -> Option<&'static str> {
        of(with).map_or(Some("no-login-for-this-database"), |login| login.refuses(with))
    }

    fn talk<'a>(&'a self, wire: &'a mut Wire, with: &'a With, variant: usize) -> Talk<'a> {
        match of(with) {
            Some(login) => login.talk(wire, with, variant),
            None => Box::pin(async { Ok(event("other-method")) }),
        }
    }
}
