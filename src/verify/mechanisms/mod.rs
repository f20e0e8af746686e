//! Ways to ask that are no plain HTTP, by name: each tells an event, which the probe's clauses judge.
//!
//! To add one: a file with a [`Mechanism`] and a row in [`MECHANISMS`]; for a login over a connection of its
//! own, a file with a `Login` and a row in the same table. No login sends a query, a statement or a message:
//! it authenticates, with one no-op at most, and closes.

mod mechanism;
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

/// Every mechanism.
#[cfg(feature = "logins")]
const MECHANISMS: &[(&str, &dyn Mechanism)] = &[
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
/// Every mechanism: the logins are known by name, so that their probes can be read.
#[cfg(not(feature = "logins"))]
const MECHANISMS: &[(&str, &dyn Mechanism)] = &[
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
    MECHANISMS.iter().find(|(own, _)| *own == name).map(|(_, mechanism)| *mechanism)
}
