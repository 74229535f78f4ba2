//! The framings of known protocols, one function each.
//!
//! ```
//! use anysplit::{Decoder, protocols};
//!
//! let mut decoder = Decoder::new(protocols::postgres());
//! decoder.push(b"Q\x00\x00\x00\x0dselect 1\0Z\x00\x00\x00\x05I")?;
//! assert_eq!(decoder.next_frame()?.unwrap().message(), b"Qselect 1\0");
//! assert_eq!(decoder.next_frame()?.unwrap().message(), b"ZI");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`ALL`] lists them with their specifications and how each was tested: with bytes that other programs exchanged, with the
//! message boundaries that Wireshark shows, or with the examples of the specification. With the `spec` feature each has a text
//! form, `@` and its name: `"@postgres".parse::<AnyFraming>()`.
//!
//! In some protocols a message is several frames. [`JOINED`] lists names for such messages: a framing and the rule that joins its
//! frames, as in `"@mysql-messages".parse::<AnyMessages>()`. See [`join`](crate::join).
//!
//! A framing only finds where messages end. The program reads the messages and checks their order. It also handles a change of
//! protocol in mid-stream, such as STARTTLS or a WebSocket's handshake: see
//! [`Decoder::with_framing`](crate::Decoder::with_framing).
//!
//! Limits are those of the specification, or of the usual implementation if they are known, and otherwise
//! [`DEFAULT_MAX_PAYLOAD_LEN`](crate::contract::DEFAULT_MAX_PAYLOAD_LEN). `with_max_payload_len` of each framing sets another; in the text
//! form that is `@postgres,max=64M`.

use crate::contract::Framing;
#[cfg(feature = "alloc")]
use crate::framing::any::{AnyFraming, Named};

/// The value of a `Result` that is known at compile time. An error stops the compilation.
macro_rules! constant {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(_) => panic!("a protocol's framing can be built"),
        }
    };
}

mod admin;
mod databases;
mod desktop;
mod devices;
mod fieldbus;
mod finance;
mod industry;
mod layouts;
mod messages;
mod messaging;
mod network;
mod queues;
mod rpc;
mod serial;
mod session;
mod storage;
mod text;
mod tools;
mod values;
mod web;

pub use admin::{
    Proxy, RpkiRtr, Socks5, Socks5Password, Socks5PasswordReplies, Socks5Replies, Stun, Tacacs, Zabbix, kerberos,
    proxy, radius, rpki_rtr, snmp, socks5, socks5_password, socks5_password_replies, socks5_replies, stun, tacacs,
    zabbix,
};
pub use databases::{
    Memcached, MemcachedBinary, Mysql, Postgres, Redis, cassandra, cassandra_v5, memcached, memcached_binary, mongodb,
    mysql, postgres, redis,
};
pub use desktop::{Dbus, Osc, X11, X11Server, dbus, osc, osc_slip, x11, x11_server};
pub use devices::{Coap, Hl7, adb, coap, dicom, hl7, modbus, onc_rpc, p9, rtp, tpkt};
pub use fieldbus::{
    Dnp3, Esp3, Ft12, Gdb, GdbRequests, ModbusRtu, dnp3, esp3, gdb, gdb_requests, hdlc, hdlc_fcs32, iec101, mbus,
    modbus_ascii, modbus_rtu_requests, modbus_rtu_responses,
};
pub use finance::{fix, iso8583, iso8583_bcd, iso8583_binary, iso8583_hex, smpp};
pub use industry::{Doip, Hsms, OpcUa, ads, dlms, doip, enip, hsms, iec104, knx, opcua, someip};
pub use messages::{JOINED, JoinedProtocol, joined_by_name};
pub use messaging::{Amqp, Nats, Zmtp, amqp10, amqp091, kafka, mqtt, nats, stomp, zmtp};
pub use network::{Tls, bgp, bitcoin, diameter, dns, ldap, minecraft, openflow, tls};
pub use queues::{Beanstalkd, Gearman, Gelf, Lumberjack, beanstalkd, fluentd, gearman, gelf, lumberjack};
pub use rpc::{grpc, lsp, protobuf, thrift};
pub use serial::{
    Crsf, Dsmr, Nmea, Rtcm3, Sbp, Ubx, Xbee, XbeeEscaped, crsf, dsmr, mavlink, midi, nmea, rtcm3, sbp, smp_serial, ubx,
    xbee, xbee_escaped,
};
pub use session::{
    BitTorrent, Epmd, Erlang, ErlangAccepting, Jdwp, Pop3, Rtsp, SshEtm, Tarantool, bittorrent, epmd, erlang,
    erlang_accepting, jdwp, pop3, rtsp, ssh_etm, tarantool, uwsgi,
};
pub use storage::{Iscsi, Nbd, NbdReplies, Rsync, Smb, iscsi, nbd, nbd_replies, rsync, smb};
pub use text::{Ftp, Imap, Irc, Smtp, Syslog, ftp, imap, irc, sip, smtp, syslog};
pub use tools::{Ssh, git, netstring, scgi, ssh};
pub use values::{cbor, json, json_seq, msgpack, resp_replies};
pub use web::{
    Http2, WebSocket, WebSocketUnmasked, fastcgi, http_chunked, http1, http2, websocket, websocket_unmasked,
};

/// One protocol.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Protocol {
    /// The name, in lower case, with hyphens.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The document and the section that specify how it is framed.
    pub specification: &'static str,
    /// How the framing was tested.
    pub proof: Proof,
    #[cfg(feature = "alloc")]
    any: fn() -> AnyFraming,
}

/// A callback that borrows a framing.
type Visit<'a> = dyn FnMut(&dyn Framing) + 'a;

/// How a framing was tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proof {
    /// On streams between these programs, both directions. The frames end where Wireshark's dissector shows the end of a message.
    Dissected(&'static str),
    /// On streams that these programs wrote, in both directions if both have this framing. Every byte belongs to a frame.
    Captured(&'static str),
    /// On the example bytes in this section of its specification.
    Examples(&'static str),
}

impl core::fmt::Display for Proof {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Dissected(programs) => write!(f, "captured from {programs}; boundaries as Wireshark dissects them"),
            Self::Captured(programs) => write!(f, "captured from {programs}"),
            Self::Examples(section) => write!(f, "by the examples of {section}"),
        }
    }
}

impl Protocol {
    /// Returns its framing, with its name.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn framing(&self) -> AnyFraming {
        AnyFraming::Protocol(Named::new(self.name, self.any_framing()))
    }

    /// Returns its framing without the name: one that can be inspected and has a text form of its own.
    ///
    /// ```
    /// # #[cfg(feature = "spec")] {
    /// let tls = anysplit::protocols::by_name("tls").unwrap().any_framing();
    /// assert_eq!(tls.to_string(), r"(field:offset=3,size=2,max=18432),allow=0:\x14-\x18,allow=1:\x03,allow=2:\0-\x04");
    /// # }
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn any_framing(&self) -> AnyFraming {
        (self.any)()
    }

    /// Calls `visit` with its framing, once. Needs no allocator.
    pub fn with(&self, mut visit: impl FnMut(&dyn Framing)) {
        if let Some(at) = ALL.iter().position(|protocol| protocol.name == self.name) {
            LENDERS[at](&mut visit);
        }
    }
}

/// Returns the protocol of this name.
///
/// ```
/// assert_eq!(anysplit::protocols::by_name("dns").unwrap().specification, "RFC 7766, section 8");
/// assert!(anysplit::protocols::by_name("Dns").is_none());
/// ```
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Protocol> {
    ALL.iter().find(|protocol| protocol.name == name)
}

macro_rules! table {
    ($($name:literal, $title:literal, $specification:literal, $proof:expr, $make:expr;)*) => {
        /// All protocols, by name.
        pub static ALL: &[Protocol] = &[$(Protocol {
            name: $name,
            title: $title,
            specification: $specification,
            proof: $proof,
            #[cfg(feature = "alloc")]
            any: || $make.into(),
        }),*];

        /// The functions that lend the framing of each protocol, in the order of `ALL`. A separate table, because it holds the
        /// code of 132 types: a program that does not call [`Protocol::with`] is linked without it.
        static LENDERS: &[fn(&mut Visit<'_>)] = &[$(|visit| visit(&$make)),*];
    };
}

use Proof::{Captured, Dissected, Examples};

#[rustfmt::skip]
table! {
    "9p", "9P2000 messages", "9P2000 manual, intro(5)", Dissected("diod's client and server"), p9();
    "adb", "Android Debug Bridge, requests to the host", "AOSP, adb, SERVICES.TXT and OVERVIEW.TXT", Dissected("adb"), adb();
    "ads", "Beckhoff ADS over TCP", "Beckhoff Information System, AMS/TCP packet", Captured("pyads"), ads();
    "amqp091", "AMQP 0-9-1 frames", "AMQP 0-9-1, section 4.2.3", Dissected("Pika and RabbitMQ"), amqp091();
    "amqp10", "AMQP 1.0 frames", "OASIS AMQP 1.0, part 2, section 2.3", Dissected("Qpid Proton"), amqp10();
    "beanstalkd", "beanstalkd's queue protocol", "beanstalkd, doc/protocol.txt", Captured("greenstalk and beanstalkd"), beanstalkd();
    "bgp", "BGP messages", "RFC 4271, section 4.1", Dissected("BIRD"), bgp();
    "bitcoin", "Bitcoin messages", "Bitcoin developer reference, message headers", Captured("python-bitcoinlib"), bitcoin(*b"\xf9\xbe\xb4\xd9");
    "bittorrent", "BitTorrent between peers", "BEP 3, peer protocol", Dissected("libtorrent"), bittorrent();
    "cassandra", "Cassandra native protocol, versions 3 and 4", "CQL binary protocol v4, section 2", Captured("cassandra-driver"), cassandra();
    "cassandra-v5", "Cassandra native protocol 5, uncompressed frames", "CQL binary protocol v5, section 2.2", Captured("cassandra-driver"), cassandra_v5();
    "cbor", "CBOR data items", "RFC 8949, section 3; RFC 8742", Examples("RFC 8949, appendix A"), cbor();
    "coap", "CoAP over TCP", "RFC 8323, section 3.2", Dissected("aiocoap"), coap();
    "crsf", "Crossfire and ExpressLRS frames", "TBS CRSF specification, frame construction", Captured("crsf-parser"), crsf();
    "dbus", "D-Bus messages and authentication", "D-Bus specification 0.43, message format and authentication protocol", Captured("dbus-send and dbus-daemon"), dbus();
    "diameter", "Diameter messages", "RFC 6733, section 3", Dissected("freeDiameter"), diameter();
    "dicom", "DICOM upper layer PDUs", "DICOM PS3.8, section 9.3", Dissected("pynetdicom"), dicom();
    "dlms", "DLMS/COSEM over TCP, the wrapper", "IEC 62056-47, section 5.3.2", Captured("dlms-cosem"), dlms();
    "dnp3", "DNP3 link frames", "IEEE 1815-2012, sections 9.2.4.1 and 9.2.4.2", Captured("dnp3py"), dnp3();
    "dns", "DNS over TCP", "RFC 7766, section 8", Dissected("dig and Unbound"), dns();
    "doip", "DoIP, diagnostics of vehicles", "ISO 13400-2, section 9.2", Captured("doipclient"), doip();
    "dsmr", "smart meters' P1 telegrams", "DSMR P1 companion standard 5.0.2, section 6.2", Examples("DSMR P1 companion standard 5.0.2, section 6.12"), dsmr();
    "enip", "EtherNet/IP encapsulation", "CIP networks library, volume 2, section 2-3", Dissected("cpppo"), enip();
    "epmd", "requests to Erlang's port mapper", "ERTS user's guide, distribution protocol, EPMD protocol", Captured("Erlang/OTP"), epmd();
    "erlang", "Erlang distribution, the node that connects", "ERTS user's guide, distribution protocol, handshake", Dissected("Erlang/OTP"), erlang();
    "erlang-accepting", "Erlang distribution, the node that is connected to", "ERTS user's guide, distribution protocol, handshake", Dissected("Erlang/OTP"), erlang_accepting();
    "esp3", "EnOcean Serial Protocol 3 packets", "EnOcean Serial Protocol 1.51, sections 1.6 and 3.1", Captured("enocean"), esp3();
    "fastcgi", "FastCGI records", "FastCGI 1.0, section 3.3", Dissected("nginx and PHP-FPM"), fastcgi();
    "fix", "FIX messages, tag=value", "FIX 4.4, volume 1, message format; FIX session layer, section 4.3", Dissected("QuickFIX"), fix();
    "fluentd", "Fluentd's forward protocol", "Fluentd, forward protocol specification v1", Captured("fluent-logger"), fluentd();
    "ftp", "FTP commands and replies", "RFC 959, sections 4.2 and 5.3", Dissected("curl and pyftpdlib"), ftp();
    "gdb", "GDB's remote protocol", "Debugging with GDB, appendix E.1", Captured("GDB and gdbserver"), gdb();
    "gdb-requests", "GDB's remote protocol, GDB to stub, escapes undone", "Debugging with GDB, appendix E.1", Examples("Debugging with GDB, appendix E.1"), gdb_requests();
    "gearman", "Gearman packets and administrators' lines", "Gearman, PROTOCOL", Dissected("gearman and gearmand"), gearman();
    "gelf", "GELF over TCP", "Graylog documentation, GELF via TCP", Captured("graypy"), gelf();
    "git", "git's pkt-line", "gitprotocol-common(5), pkt-line format", Dissected("git"), git();
    "grpc", "gRPC messages", "gRPC over HTTP/2, length-prefixed message", Captured("grpcio"), grpc();
    "hdlc", "HDLC and PPP frames, FCS-16", "RFC 1662, sections 3.1, 4.2 and C.2", Captured("yahdlc"), hdlc();
    "hdlc-fcs32", "HDLC and PPP frames, FCS-32", "RFC 1662, sections 3.1, 4.2 and C.3", Examples("RFC 1662, section C.3"), hdlc_fcs32();
    "hl7", "HL7 MLLP blocks", "HL7 version 3, transport specification: MLLP, release 1", Dissected("python-hl7"), hl7();
    "hsms", "HSMS, SECS-II over TCP", "SEMI E37, section 8.2", Dissected("secsgem"), hsms();
    "http-chunked", "HTTP/1.1 chunked bodies", "RFC 9112, section 7.1", Dissected("curl and nginx"), http_chunked();
    "http1", "HTTP/1 messages, chunk by chunk", "RFC 9112, sections 6 and 7", Dissected("curl and nginx"), http1();
    "http2", "HTTP/2 frames", "RFC 9113, sections 3.4 and 4.1", Dissected("curl and nginx"), http2();
    "iec101", "IEC 60870-5-101 link frames", "IEC 60870-5-1, section 6.2.4; IEC 60870-5-2, section 3.2", Captured("pyMeterBus"), iec101();
    "iec104", "IEC 60870-5-104 frames", "IEC 60870-5-104, section 5", Captured("c104"), iec104();
    "imap", "IMAP lines and literals", "RFC 9051, sections 2.2 and 4.3", Dissected("imaplib and Dovecot"), imap();
    "irc", "IRC messages", "RFC 2812, section 2.3; IRCv3 message tags", Dissected("ii and ngIRCd"), irc();
    "iscsi", "iSCSI, without digests", "RFC 7143, sections 11.1 and 11.2", Captured("libiscsi and tgt"), iscsi();
    "iso8583", "ISO 8583 messages, four ASCII digits ahead", "by agreement of the two sides", Captured("iso8583sim"), iso8583();
    "iso8583-bcd", "ISO 8583 messages, two bytes of BCD ahead", "by agreement of the two sides", Examples("jPOS programmer's guide, BCDChannel"), iso8583_bcd();
    "iso8583-binary", "ISO 8583 messages, two binary bytes ahead", "by agreement of the two sides", Captured("iso8583sim"), iso8583_binary();
    "iso8583-hex", "ISO 8583 messages, four hexadecimal digits ahead", "by agreement of the two sides", Examples("jPOS programmer's guide, HEXChannel"), iso8583_hex();
    "jdwp", "Java Debug Wire Protocol", "JDWP overview, packet structure", Dissected("jdb and OpenJDK"), jdwp();
    "json", "JSON texts, one after the other", "RFC 8259, sections 2 to 7", Examples("RFC 8259, section 13"), json();
    "json-seq", "JSON text sequences", "RFC 7464, section 2", Examples("RFC 7464, section 2.2"), json_seq();
    "kafka", "Kafka requests and responses", "Kafka protocol guide, protocol primitives, size", Dissected("librdkafka and its mock broker"), kafka();
    "kerberos", "Kerberos over TCP", "RFC 4120, section 7.2.2", Dissected("kinit and MIT krb5kdc"), kerberos();
    "knx", "KNXnet/IP over TCP", "ISO 22510, section 5.2", Captured("xknx"), knx();
    "ldap", "LDAP messages", "RFC 4511, section 5.1", Dissected("OpenLDAP's tools and slapd"), ldap();
    "lsp", "Language Server Protocol messages", "LSP 3.17, base protocol, header part", Captured("vscode-jsonrpc and python-lsp-server"), lsp();
    "lumberjack", "Lumberjack 2, Beats", "Lumberjack protocol, data framing", Captured("PyLogBeat"), lumberjack();
    "mavlink", "MAVLink packets, versions 1 and 2, common dialect", "MAVLink guide, packet serialization and message signing", Captured("pymavlink"), mavlink();
    "mbus", "wired M-Bus frames", "EN 13757-2, section 5.2", Captured("pyMeterBus"), mbus();
    "memcached", "memcached's text protocol", "memcached, doc/protocol.txt", Dissected("pymemcache and memcached"), memcached();
    "memcached-binary", "memcached's binary protocol", "memcached, binary protocol, packet structure", Dissected("libmemcached and memcached"), memcached_binary();
    "midi", "MIDI messages, with running status", "MIDI 1.0 detailed specification 4.2, data format", Captured("mido"), midi();
    "minecraft", "Minecraft packets", "Minecraft protocol documentation, packet format, without compression", Captured("node-minecraft-protocol"), minecraft();
    "modbus", "Modbus/TCP", "MODBUS Messaging on TCP/IP 1.0b, section 3.1.3", Dissected("pymodbus"), modbus();
    "modbus-ascii", "Modbus ASCII", "MODBUS over Serial Line 1.02, section 2.5.2", Captured("pymodbus"), modbus_ascii();
    "modbus-rtu", "Modbus RTU requests", "MODBUS over Serial Line 1.02, section 2.5.1", Captured("pymodbus"), modbus_rtu_requests();
    "modbus-rtu-responses", "Modbus RTU responses", "MODBUS over Serial Line 1.02, section 2.5.1", Captured("pymodbus"), modbus_rtu_responses();
    "mongodb", "MongoDB wire messages", "MongoDB wire protocol, standard message header", Dissected("PyMongo and mockupdb"), mongodb();
    "mqtt", "MQTT control packets, 3.1.1 and 5", "OASIS MQTT 5.0, section 2.1", Dissected("Mosquitto"), mqtt();
    "msgpack", "MessagePack values", "MessagePack specification, formats", Examples("MessagePack, msgpack.org"), msgpack();
    "mysql", "MySQL packets", "MySQL internals, protocol basics, packets", Dissected("mariadb, PyMySQL and MariaDB"), mysql();
    "nats", "NATS client protocol", "NATS documentation, client protocol", Captured("nats-py and nats-server"), nats();
    "nbd", "NBD, what a client sends", "NBD, doc/proto.md, request message", Captured("libnbd"), nbd();
    "nbd-replies", "NBD, structured replies of a server", "NBD, doc/proto.md, structured reply chunk message", Captured("nbdkit"), nbd_replies();
    "netstring", "netstrings", "D. J. Bernstein, Netstrings, 1997", Captured("pynetstring"), netstring();
    "nmea", "NMEA 0183 sentences with checksums", "NMEA 0183 version 4.11, section 5.3", Captured("pynmea2"), nmea();
    "onc-rpc", "ONC RPC record marking, fragments", "RFC 5531, section 11", Dissected("rpcinfo and rpcbind"), onc_rpc();
    "opcua", "OPC UA over TCP", "OPC 10000-6, section 7.1.2.2", Dissected("asyncua"), opcua();
    "openflow", "OpenFlow messages", "OpenFlow 1.5.1, section 7.1.1", Dissected("Open vSwitch"), openflow();
    "osc", "OSC 1.0 over TCP", "Open Sound Control 1.0, OSC packets", Captured("python-osc"), osc();
    "osc-slip", "OSC 1.1 over TCP, SLIP", "Open Sound Control 1.1; RFC 1055", Captured("python-osc"), osc_slip();
    "pop3", "POP3 commands and answers", "RFC 1939, section 3", Dissected("poplib and Dovecot"), pop3();
    "postgres", "PostgreSQL messages, version 3", "PostgreSQL 17, sections 53.2 and 53.7", Dissected("psql, pgbench and PostgreSQL"), postgres();
    "protobuf", "delimited protocol buffers", "Protocol Buffers, encoding and techniques: streaming", Captured("protobuf for Python"), protobuf();
    "proxy", "the PROXY protocol's header, 1 and 2", "The PROXY protocol, versions 1 & 2, sections 2.1 and 2.2", Captured("HAProxy"), proxy();
    "radius", "RADIUS over TCP", "RFC 6613, section 2.6.4; RFC 2865, section 3", Captured("radclient and FreeRADIUS"), radius();
    "redis", "Redis RESP 2 and 3, an element a frame", "Redis serialization protocol specification", Dissected("redis-py, redis-cli and Redis"), redis();
    "resp-replies", "Redis RESP 2 and 3, a complete value a frame", "Redis serialization protocol specification", Examples("Redis serialization protocol specification, arrays"), resp_replies();
    "rpki-rtr", "RPKI to router", "RFC 8210, section 5.1", Captured("scapy"), rpki_rtr();
    "rsync", "rsync's multiplexed stream", "rsync 3, io.c, multiplexed messages", Captured("rsync"), rsync();
    "rtcm3", "RTCM 3 messages", "RTCM 10403.3, section 4", Captured("pyrtcm"), rtcm3();
    "rtp", "RTP and RTCP over TCP", "RFC 4571, section 2", Dissected("GStreamer"), rtp();
    "rtsp", "RTSP with interleaved data", "RFC 2326, sections 4.4 and 10.12", Captured("FFmpeg"), rtsp();
    "sbp", "Swift Navigation Binary Protocol", "SBP 4.0, message framing", Captured("sbp"), sbp();
    "scgi", "SCGI request headers", "SCGI, version 1, 2008", Captured("nginx"), scgi();
    "sip", "SIP messages over TCP", "RFC 3261, sections 7 and 18.3; RFC 5626, section 3.5.1", Dissected("SIPp"), sip();
    "smb", "SMB over TCP, NetBIOS sessions", "MS-SMB2, section 2.1; RFC 1002, section 4.3.1", Dissected("smbclient and impacket"), smb();
    "smp-serial", "SMP over a serial console, mcuboot and Zephyr", "Zephyr documentation, SMP over console", Captured("smp"), smp_serial();
    "smpp", "SMPP PDUs", "SMPP 3.4, section 3.2", Dissected("node-smpp"), smpp();
    "smtp", "SMTP commands, replies and text lines", "RFC 5321, sections 2.3.8 and 4.5.3.1", Dissected("Swaks and aiosmtpd"), smtp();
    "snmp", "SNMP over TCP", "RFC 3430, section 2.1", Captured("Net-SNMP"), snmp();
    "socks5", "SOCKS 5, what a client sends", "RFC 1928, sections 3 and 4", Captured("curl"), socks5();
    "socks5-password", "SOCKS 5 with a password, what a client sends", "RFC 1929, section 2; RFC 1928, sections 3 and 4", Captured("curl"), socks5_password();
    "socks5-password-replies", "SOCKS 5 with a password, what a server sends", "RFC 1929, section 2; RFC 1928, sections 3 and 6", Captured("microsocks"), socks5_password_replies();
    "socks5-replies", "SOCKS 5, what a server sends", "RFC 1928, sections 3 and 6", Captured("OpenSSH"), socks5_replies();
    "someip", "SOME/IP over TCP", "AUTOSAR, SOME/IP protocol specification, section 4.1", Captured("someip"), someip();
    "ssh", "SSH, before encryption", "RFC 4253, sections 4.2 and 6", Dissected("OpenSSH"), ssh();
    "ssh-etm", "SSH with encrypt-then-MAC, 32 bytes of MAC", "OpenSSH, PROTOCOL, section 1.5; RFC 4253, section 6", Captured("OpenSSH"), ssh_etm(32);
    "ssh-gcm", "SSH with AES-GCM", "RFC 5647, section 7.2; OpenSSH, PROTOCOL, section 1.6", Captured("OpenSSH"), ssh_etm(16);
    "stomp", "STOMP frames", "STOMP 1.2, frames and body", Captured("stomp.py and RabbitMQ"), stomp();
    "stun", "STUN and TURN over TCP", "RFC 8489, section 5; RFC 8656, section 12", Captured("coturn"), stun();
    "syslog", "syslog over TCP, octets counted or lines", "RFC 6587, section 3.4", Dissected("logger and rsyslog"), syslog();
    "tacacs", "TACACS+ packets", "RFC 8907, section 4.1", Captured("tacacs_plus"), tacacs();
    "tarantool", "Tarantool's binary protocol", "Tarantool documentation, client-server protocol", Captured("Tarantool"), tarantool();
    "thrift", "Thrift, framed transport", "Apache Thrift, THeader and framed transport", Dissected("thriftpy2"), thrift();
    "tls", "TLS records", "RFC 8446, section 5.1", Dissected("curl and OpenSSL"), tls();
    "tpkt", "TPKT (RDP, H.323, S7)", "RFC 1006, section 6; RFC 2126, section 4.3", Dissected("Snap7"), tpkt();
    "ubx", "UBX, u-blox receivers", "u-blox M10 interface description, sections 3.2 and 3.4", Captured("pyubx2"), ubx();
    "uwsgi", "uWSGI request variables", "uWSGI documentation, the uwsgi protocol", Captured("nginx"), uwsgi();
    "websocket", "WebSocket frames", "RFC 6455, section 5.2", Dissected("websockets"), websocket();
    "websocket-unmasked", "WebSocket frames, masks taken off", "RFC 6455, sections 5.2 and 5.3", Examples("RFC 6455, section 5.7"), websocket_unmasked();
    "x11", "X11, what a client sends, little-endian", "X protocol 11, chapter 8; Big Requests extension", Captured("xdpyinfo, xprop and xwininfo"), x11();
    "x11-server", "X11, what a server sends, little-endian", "X protocol 11, chapter 8", Captured("Xvfb"), x11_server();
    "xbee", "XBee API frames, mode 1", "Digi XBee S2C user guide, API frame format", Captured("digi-xbee"), xbee();
    "xbee-escaped", "XBee API frames, mode 2", "Digi XBee S2C user guide, API operating mode", Captured("digi-xbee"), xbee_escaped();
    "zabbix", "Zabbix messages with a header", "Zabbix 6.0 manual, header", Captured("zabbix_utils and Zabbix agent"), zabbix();
    "zmtp", "ZeroMQ, ZMTP 3", "ZMTP 3.1 (RFC 37/ZMTP), framing and greeting", Captured("pyzmq"), zmtp();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Located, Progress};

    #[test]
    fn table_is_sorted_and_every_framing_works() {
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
        for protocol in ALL {
            let mut visited = 0;
            protocol.with(|framing| {
                visited += 1;
                let nothing = framing.locate(b"", &mut Progress::default());
                assert!(!matches!(nothing, Ok(Located::Known(_)) | Err(_)), "{}", protocol.name);
                assert!(framing.max_payload_len() > 0);
            });
            assert_eq!(visited, 1);
            assert!(by_name(protocol.name).is_some_and(|found| found.title == protocol.title));
        }
    }
}
