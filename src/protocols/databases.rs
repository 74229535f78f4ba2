//! Databases and caches.

use super::layouts::{counts_all, counts_rest};
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::by_type::{Body, ByType};
use crate::framing::either::Either;
use crate::framing::length_field::LengthField;
use crate::framing::line_then_block::{BlockRule, LineThenBlock};
use crate::framing::prefix::Prefix;
use crate::number::{Binary, Bits};

/// The framing that [`postgres`] returns.
pub type Postgres = ByFirstByte<PostgresMessage, [(ByteRange, PostgresMessage); 2]>;

type PostgresMessage = Either<ByType<Prefix<Binary>, [(u8, Body<Prefix<Binary>>); 31]>, Prefix<Binary>>;

/// PostgreSQL, version 3: a type byte and a length that counts itself, and a first message without a type.
///
/// ```text
///  offset   0    1   2   3   4    5
///  wire     Q    00  00  00  0d   s e l e c t _ 1 \0      13 = 4 + 9
///           type length           payload
///
///  offset   0   1   2   3    4   5   6   7
///  wire     00  00  00  08   04  d2  16  2f               the first message: a length, and a code (here: SSL, please)
/// ```
///
/// The message is the type byte and the payload; for a first message, which alone begins with the 0 of its length, it
/// is the payload. Both directions are read. The single byte `S` or `N` that answers a request for SSL is no message,
/// and must be removed before. A message that begins with 0 or 4, as versions and codes do, is written as a
/// first message; one that begins with no type of the protocol is refused.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::postgres().encode(b"\x04\xd2\x16\x2f", &mut wire)?;
/// protocols::postgres().encode(b"Qselect 1\0", &mut wire)?;
/// assert_eq!(wire, b"\x00\x00\x00\x08\x04\xd2\x16\x2fQ\x00\x00\x00\x0dselect 1\0");
/// let unknown = protocols::postgres().encode(b"?select 1\0", &mut wire);
/// assert_eq!(unknown, Err(anysplit::EncodeError::UnknownType { found: b'?' }));
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: types that no version 3 has, and lengths below 4. Servers differ: PostgreSQL refuses a first
/// message over 10,000 bytes. A server can answer frame by frame.
///
/// Limit: 8 MiB, where the server's own is 1 GiB. Specification: PostgreSQL 17, chapter 53, sections 53.2 and 53.7.
#[must_use]
pub fn postgres() -> Postgres {
    // The types of both directions.
    let types = *b"123ABCDEFGHIKNPQRSTVWXZcdfnpstv";
    let rest = Prefix::u32_be().self_inclusive();
    let typed = ByType::from_table(types.map(|kind| (kind, Body::Framed(rest))));
    // A first message begins with a version or a code after its length, and its first byte is 0 or 4: every
    // other message to be written therefore has a type, or is refused.
    ByFirstByte::from_table([(ByteRange::new(5, u8::MAX), Either::A(typed)), (ByteRange::new(0, 0), Either::B(rest))])
}

/// The framing that [`mysql`] returns.
pub type Mysql = LengthField<Binary>;

/// MySQL and MariaDB packets: a 24-bit length, little-endian, and a sequence number.
///
/// ```text
///  offset   0   1   2   3     4   5
///  wire     09  00  00  00    03  s e l e c t _ 1
///           length      seq   payload
/// ```
///
/// The message is the packet, header included, because the sender chooses the sequence number. A packet of 16,777,215
/// bytes is followed by one that continues it, so a longer statement is several frames.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let quit = b"\x01\x00\x00\x00\x01";
/// assert_eq!(Deframer::new(protocols::mysql()).step(quit)?, Step::Frame(Extent::new(4, 1, 0).with_message_header(4)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: nothing; every header is read. Servers differ: they check the sequence number, and refuse
/// statements over their `max_allowed_packet`. A server can answer frame by frame.
///
/// Limit: 16,777,215 bytes. Not for compressed connections, whose header is `LengthField` over 24 bits of 7.
/// Specification: MySQL internals manual, "MySQL Packets".
#[must_use]
pub const fn mysql() -> Mysql {
    let mut layout = counts_rest(0, Binary::u24_le(), 4);
    layout.max = 0xff_ffff;
    LengthField::from_parts(Binary::u24_le(), layout)
}

/// The framing that [`redis`] returns.
pub type Redis = LineThenBlock<[BlockRule; 4]>;

/// Redis RESP, versions 2 and 3, one element a frame: a line, and for strings of counted length the block after it.
///
/// ```text
///  wire     * 2 \r \n                                    an array of two: the next two frames are its elements
///           $ 4 \r \n   E C H O   \r \n                  a string of 4 bytes
///           $ - 1 \r \n                                  no string
///           + O K \r \n                                  a simple string
/// ```
///
/// The message is the line, or the line with its end and the block. The reader counts which elements make one reply,
/// from `*`, `~`, `>`, `%` and `|`. Signs with blocks are `$`, `=`, `!` and, in streamed strings, `;`.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::redis());
/// decoder.push(b"*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"*2");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"ECHO");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"$2\r\nhi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Lines end with LF too, as Redis reads inline commands; they are written with CR LF. Servers differ: Redis wants CR LF
/// in lines that begin with a sign, and refuses leading zeros there. Refused in both directions: a CR in a line that is
/// not before an LF, and NUL. A server can answer frame by frame.
///
/// Limits: lines to 64 KiB, the limit of Redis's inline commands; blocks to 8 MiB, where the server's own is 512 MiB.
/// Specification: Redis serialization protocol; RESP3 specification, "Streamed strings".
#[must_use]
pub const fn redis() -> Redis {
    const RULES: [BlockRule; 4] = [
        constant!(constant!(constant!(BlockRule::sign("$")).without_block("-1")).without_block("?")),
        constant!(BlockRule::sign("=")),
        constant!(BlockRule::sign("!")),
        constant!(constant!(BlockRule::sign(";")).without_block("0")),
    ];
    LineThenBlock::from_rules(RULES).allowing_bare_lf().with_max_line_len(u16::MAX)
}

/// The framing that [`memcached`] returns.
pub type Memcached = LineThenBlock<[BlockRule; 9]>;

/// memcached's text protocol: lines, and blocks after the lines that store or return a value.
///
/// ```text
///  wire     s e t _ k _ 0 _ 0 _ 5 \r \n   h e l l o   \r \n        the fourth field is the length
///           V A L U E _ k _ 0 _ 5 \r \n   h e l l o   \r \n        the third
///           E N D \r \n                                            a line alone
/// ```
///
/// Both directions are read, and the meta commands `ms` and `VA` too. The message is the line, or the line with its
/// end and the block.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::memcached());
/// decoder.push(b"VALUE k 0 5\r\nhello\r\nEND\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"END");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Fields are split at spaces alone, as memcached does: a tab is part of a key. Refused in both directions: a CR in a
/// line that is not before an LF, and NUL. A server can answer frame by frame.
///
/// Servers differ: memcached rejects some lines with a block without reading the block, and takes the block for commands.
/// These are a key of more than 250 bytes; flags, a time or a version that are no numbers; too few or too many fields;
/// and `VALUE` and `VA`, which only a server sends. No framing of both directions can refuse them, so a client must not
/// let strangers choose any of these: check the length of keys, and refuse blanks in them.
///
/// Limits: lines to 65,535 bytes, blocks to 8 MiB, where the server's own is 1 MiB by default. A line that the
/// server would answer with `CLIENT_ERROR`, such as `set` without a length, is a fault here. Specification: memcached,
/// doc/protocol.txt.
#[must_use]
pub const fn memcached() -> Memcached {
    const fn rule(word: &str, field: u8) -> BlockRule {
        constant!(constant!(BlockRule::word(word)).splitting_at_space().in_field(field))
    }
    const RULES: [BlockRule; 9] = [
        rule("VALUE", 3),
        rule("set", 4),
        rule("add", 4),
        rule("replace", 4),
        rule("append", 4),
        rule("prepend", 4),
        rule("cas", 4),
        rule("ms", 2),
        rule("VA", 1),
    ];
    LineThenBlock::from_rules(RULES).allowing_bare_lf().with_max_line_len(u16::MAX)
}

/// The framing that [`memcached_binary`] returns.
pub type MemcachedBinary = ByFirstByte<LengthField<Binary>, [(ByteRange, LengthField<Binary>); 1]>;

/// memcached's binary protocol: a header of 24 bytes with the length of all that follows.
///
/// ```text
///  offset   0   1   2   3   4   5   6   7   8   9  10  11  12          16                24
///  wire     80  00  00  01  00  00  00  00  00  00  00  01  00 00 00 00 00 00 …  00       k
///           │   op  key len ex  ty  vbucket body length     opaque      cas               payload
///           80 in requests, 81 in responses
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let mut get = [0; 25];
/// (get[0], get[3], get[11], get[24]) = (0x80, 1, 1, b'k');
/// let extent = Extent::new(24, 1, 0).with_message_header(24);
/// assert_eq!(Deframer::new(protocols::memcached_binary()).step(&get)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: first bytes other than `80` and `81`. Servers differ: memcached closes the connection if
/// extras and key are longer than the body. A server can answer frame by frame.
///
/// Specification: memcached, "BinaryProtocolRevamped", packet structure.
#[must_use]
pub const fn memcached_binary() -> MemcachedBinary {
    let packet = LengthField::from_parts(Binary::u32_be(), counts_rest(8, Binary::u32_be(), 24));
    ByFirstByte::from_table([(ByteRange::new(0x80, 0x81), packet)])
}

/// MongoDB's wire messages: a header of 16 bytes that begins with the length of all.
///
/// ```text
///  offset   0   1   2   3   4           8           12          16
///  wire     15  00  00  00  01 00 00 00 00 00 00 00 dd 07 00 00 …        0x15 = 21 = 16 + 5
///           length          request id  answers     opcode      payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let message = b"\x15\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0";
/// let extent = Extent::new(16, 5, 0).with_message_header(16);
/// assert_eq!(Deframer::new(protocols::mongodb()).step(message)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths below 16 and over the limit. No server is known to differ. A server can answer frame
/// by frame.
///
/// Limit: 48,000,000 bytes in all, the server's `maxMessageSizeBytes`. Specification: MongoDB wire protocol.
#[must_use]
pub const fn mongodb() -> LengthField<Binary> {
    let mut layout = counts_all(0, Binary::u32_le(), 16);
    layout.max = 48_000_000 - 16;
    LengthField::from_parts(Binary::u32_le(), layout)
}

/// Cassandra's native protocol, versions 3 and 4: a header of 9 bytes that ends with the length of the body.
///
/// ```text
///  offset   0   1   2   3   4    5   6   7   8    9
///  wire     04  00  00  01  05   00  00  00  00             OPTIONS: no body
///           ver fl  stream  op   length
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let options = b"\x04\x00\x00\x01\x05\x00\x00\x00\x00";
/// let extent = Extent::new(9, 0, 0).with_message_header(9);
/// assert_eq!(Deframer::new(protocols::cassandra()).step(options)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: bodies over the limit. The version is not looked at. Servers differ: Cassandra answers a
/// version that it does not speak with an error of its own version, and has another limit where
/// `native_transport_max_frame_size` is set. A server can answer frame by frame.
///
/// Limit: 256 MiB, which the specification sets. Specification: CQL binary protocol v4, section 2.
#[must_use]
pub const fn cassandra() -> LengthField<Binary> {
    let mut layout = counts_rest(5, Binary::u32_be(), 9);
    layout.max = 256 * 1024 * 1024;
    LengthField::from_parts(Binary::u32_be(), layout)
}

/// Cassandra's native protocol 5, uncompressed, after the first exchange: frames with checksums.
///
/// ```text
///  offset   0   1   2    3   4   5    6             6 + length
///  wire     09  00  02   xx  xx  xx   9 bytes       xx xx xx xx
///           17 bits of   CRC-24       envelopes     CRC-32, part of the payload here
///           length, 1 of flag, little-endian
/// ```
///
/// The reader must check the checksums. The first exchange, up to `READY` or `AUTHENTICATE`, is in the form of
/// [`cassandra`].
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// // The checksums are not right, and not looked at.
/// let frame = b"\x09\x00\x02xxx\x05\x00\x00\x01\x05\x00\x00\x00\x00xxxx";
/// let extent = Extent::new(6, 13, 0).with_message_header(6);
/// assert_eq!(Deframer::new(protocols::cassandra_v5()).step(frame)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: nothing; every 17 bits are a length, and a longer message cannot be written. Servers differ:
/// Cassandra closes the connection for a checksum that is wrong. A server can answer frame by frame.
///
/// Limit: 131,071 bytes, and 4 of checksum. Specification: CQL binary protocol v5, section 2.2.
#[must_use]
pub const fn cassandra_v5() -> LengthField<Bits> {
    const LENGTH: Bits = constant!(Bits::new(Binary::u24_le(), 0x1_ffff));
    let mut layout = counts_rest(0, Binary::u24_le(), 6);
    layout.adjustment = Some(layout.adjustment() + 4);
    layout.max = 0x1_ffff + 4;
    LengthField::from_parts(LENGTH, layout)
}
