//! Ways to ask that are no plain HTTP, by name: each tells an event, which the probe's clauses judge.
//!
//! To add one: a file with a [`Mechanism`] and a row in [`ALWAYS`]; for a login over a connection of its own, a
//! file with a `Login` and a row in [`LOGINS`]. No login sends a query, a statement or a message:
//! it authenticates, with one no-op at most, and closes.

mod jwt;
mod mechanism;
mod retired;
#[cfg(not(feature = "logins"))]
mod without;

#[cfg(feature = "logins")]
mod amqp;
#[cfg(feature = "logins")]
mod bson;
#[cfg(feature = "logins")]
mod jdbc;
#[cfg(feature = "logins")]
mod ldap;
#[cfg(feature = "logins")]
mod login;
#[cfg(feature = "logins")]
mod mongodb;
#[cfg(feature = "logins")]
mod mqtt;
#[cfg(feature = "logins")]
mod mysql;
#[cfg(feature = "logins")]
mod nats;
#[cfg(feature = "logins")]
mod nkey;
#[cfg(feature = "logins")]
mod postgres;
#[cfg(feature = "logins")]
mod redis;
#[cfg(feature = "logins")]
mod scram;
#[cfg(feature = "logins")]
mod smtp;
#[cfg(all(test, feature = "logins"))]
mod tests;
#[cfg(feature = "logins")]
mod wire;

pub(super) use mechanism::{Means, Mechanism, With};

#[cfg(feature = "logins")]
use login::Through;

/// Those of every build.
const ALWAYS: &[(&str, &dyn Mechanism)] = &[("jwt", &jwt::Jwt), ("retired", &retired::Retired)];

/// The logins.
#[cfg(feature = "logins")]
const LOGINS: &[(&str, &dyn Mechanism)] = &[
    ("amqp", &Through(&amqp::Amqp)),
    ("jdbc", &Through(&jdbc::Jdbc)),
    ("ldap", &Through(&ldap::Ldap)),
    ("mongodb", &Through(&mongodb::Mongodb)),
    ("mqtt", &Through(&mqtt::Mqtt)),
    ("mysql", &Through(&mysql::Mysql)),
    ("nats", &Through(&nats::Nats)),
    ("postgres", &Through(&postgres::Postgres)),
    ("redis", &Through(&redis::Redis)),
    ("smtp", &Through(&smtp::Smtp)),
];
/// The logins are known by name, so that their probes can be read.
#[cfg(not(feature = "logins"))]
const LOGINS: &[(&str, &dyn Mechanism)] = &[
    ("amqp", &without::Without),
    ("jdbc", &without::Without),
    ("ldap", &without::Without),
    ("mongodb", &without::Without),
    ("mqtt", &without::Without),
    ("mysql", &without::Without),
    ("nats", &without::Without),
    ("postgres", &without::Without),
    ("redis", &without::Without),
    ("smtp", &without::Without),
];

/// The mechanism of a name.
pub(super) fn named(name: &str) -> Option<&'static dyn Mechanism> {
    let mut all = ALWAYS.iter().chain(LOGINS);
    all.find(|(own, _)| *own == name).map(|(_, mechanism)| *mechanism)
}
