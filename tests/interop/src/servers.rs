//! The servers: how each is started, and how it is spoken to.

use crate::dialect::Running;
use crate::stage::{Fallible, Stage};

mod caches;
mod chat;
mod databases;
mod logs;
mod mail;
mod messaging;
mod web;

/// A server.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    /// Starts it. `None` if it is not installed.
    pub(crate) start: fn(&mut Stage) -> Fallible<Option<Running>>,
    /// Whether its messages are sent again with a framing that forbids nothing.
    pub(crate) forgets: bool,
}

const fn server(name: &'static str, start: fn(&mut Stage) -> Fallible<Option<Running>>) -> Server {
    Server { name, start, forgets: false }
}

pub(crate) static SERVERS: &[Server] = &[
    Server { forgets: true, ..server("redis", caches::redis) },
    server("memcached", caches::memcached),
    server("mosquitto", messaging::mosquitto),
    server("nats", messaging::nats),
    server("zeromq", messaging::zeromq),
    server("dovecot", mail::dovecot),
    server("exim", mail::exim),
    server("aiosmtpd", mail::aiosmtpd),
    server("ngircd", chat::ngircd),
    server("nginx", web::nginx),
    server("php-fpm", web::php_fpm),
    server("websockets", web::websockets),
    server("postgresql", databases::postgresql),
    server("mariadb", databases::mariadb),
    server("rsyslog", logs::rsyslog),
];
