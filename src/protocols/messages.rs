//! Messages of several frames, by name.

#[cfg(feature = "alloc")]
use crate::join::AnyMessages;
use crate::join::{
    AnyRule, HttpChunks, HttpMessages, ImapCommands, MySql, OncRpc, Replies, SideBands, TlsHandshake, WebSocket, Zmtp,
};

/// Messages of several frames: the framing of a protocol, and the rule that joins its frames.
///
/// ```
/// let joined = anysplit::protocols::joined_by_name("onc-rpc-messages").unwrap();
/// assert_eq!((joined.protocol, joined.specification), ("onc-rpc", "RFC 5531, section 11"));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct JoinedProtocol {
    /// The name, in lower case, with hyphens.
    pub name: &'static str,
    /// What the messages are.
    pub title: &'static str,
    /// The document and the section that specify how they are joined.
    pub specification: &'static str,
    /// The name of the protocol that has the frames, in [`ALL`](crate::protocols::ALL).
    pub protocol: &'static str,
    /// The rule that joins the frames.
    pub rule: AnyRule,
    /// What is expected where this name stands for a framing.
    #[cfg(feature = "spec")]
    pub(crate) instead: &'static str,
}

impl JoinedProtocol {
    /// Returns its framing and its rule, with its name. `None` if there is no such protocol, which does not occur in [`JOINED`].
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn messages(&self) -> Option<AnyMessages> {
        let protocol = crate::protocols::by_name(self.protocol)?;
        Some(AnyMessages::new(protocol.framing(), self.rule).named(self.name))
    }
}

/// Returns the messages of this name.
#[must_use]
pub fn joined_by_name(name: &str) -> Option<&'static JoinedProtocol> {
    JOINED.iter().find(|joined| joined.name == name)
}

macro_rules! table {
    ($($name:literal, $title:literal, $specification:literal, $protocol:literal, $rule:expr;)*) => {
        /// All messages of several frames, by name.
        pub static JOINED: &[JoinedProtocol] = &[$(JoinedProtocol {
            name: $name,
            title: $title,
            specification: $specification,
            protocol: $protocol,
            rule: $rule,
            #[cfg(feature = "spec")]
            instead: concat!("the name of a framing: these are messages of several frames, and their frames are those of @", $protocol),
        }),*];
    };
}

#[rustfmt::skip]
table! {
    "ftp-replies", "FTP replies, with all their lines", "RFC 959, section 4.2", "ftp", AnyRule::Replies(Replies::ftp());
    "git-bands", "the data of git's side band 1", "gitprotocol-pack(5), packfile data", "git", AnyRule::SideBands(SideBands);
    "http-bodies", "HTTP/1.1 bodies in chunks", "RFC 9112, section 7.1", "http-chunked", AnyRule::HttpChunks(HttpChunks);
    "http1-messages", "HTTP/1 messages, bodies complete, from either side", "RFC 9112, sections 6 and 7", "http1", AnyRule::HttpMessages(HttpMessages::from_either());
    "http1-requests", "HTTP/1 requests, bodies complete", "RFC 9112, sections 6 and 7", "http1", AnyRule::HttpMessages(HttpMessages::from_clients());
    "http1-responses", "HTTP/1 responses, bodies complete", "RFC 9112, sections 6 and 7", "http1", AnyRule::HttpMessages(HttpMessages::from_servers());
    "imap-messages", "IMAP commands and responses, with their literals", "RFC 9051, section 4.3", "imap", AnyRule::ImapCommands(ImapCommands);
    "mysql-messages", "MySQL and MariaDB payloads of any length", "MySQL internals, protocol basics, sending more than 16 MiB", "mysql", AnyRule::MySql(MySql);
    "onc-rpc-messages", "ONC RPC messages, with all their fragments", "RFC 5531, section 11", "onc-rpc", AnyRule::OncRpc(OncRpc);
    "smtp-replies", "SMTP replies, with all their lines", "RFC 5321, section 4.2.1", "smtp", AnyRule::Replies(Replies::smtp());
    "tls-handshake", "TLS handshake messages in the clear", "RFC 8446, sections 4 and 5.1", "tls", AnyRule::TlsHandshake(TlsHandshake);
    "websocket-messages", "WebSocket messages, with all their fragments, unmasked", "RFC 6455, section 5.4", "websocket-unmasked", AnyRule::WebSocket(WebSocket::from_either());
    "zmtp-messages", "ZeroMQ messages, with all their parts", "ZMTP 3.1, framing", "zmtp", AnyRule::Zmtp(Zmtp);
}
