//! Peers, shells and application servers.

use super::layouts::{counts_all, counts_rest, multiples};
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::delimited::{Delimited, Lines};
use crate::framing::either::Either;
use crate::framing::fixed::Fixed;
use crate::framing::forbid::Forbid;
use crate::framing::header_block::HeaderBlock;
use crate::framing::length_field::{Layout, LengthField};
use crate::framing::prefix::Prefix;
use crate::framing::require::{Condition, Require};
use crate::framing::then::Then;
use crate::literal::Literal;
use crate::number::Binary;
use crate::scan::ByteSet;

/// The framing that [`bittorrent`] returns.
pub type BitTorrent = ByFirstByte<BitTorrentFrame, [(ByteRange, BitTorrentFrame); 2]>;

type BitTorrentFrame = Either<Require<Fixed>, Prefix<Binary>>;

/// BitTorrent between peers: a handshake of 68 bytes, and then messages after 32 bits of length.
///
/// ```text
///  wire     13 B i t T o r r e n t _ p r o t o c o l   8 bytes   20 bytes   20 bytes      the handshake
///                                                      flags     info hash  peer
///  wire     00 00 00 01   02                                                              interested
///  wire     00 00 00 00                                                                   a keep-alive: empty
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::bittorrent());
/// decoder.push(b"\0\0\0\x01\x02\0\0\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x02");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a handshake of another protocol, such as the encrypted one. Peers differ: some answer as
/// soon as they have read the info hash, before the handshake is complete. A peer can answer frame by frame, unless the
/// other side waits for the answer before it sends its peer ID.
///
/// Limit: 1 MiB, which the specification does not set. Specification: BEP 3, "peer protocol".
#[must_use]
pub const fn bittorrent() -> BitTorrent {
    const HANDSHAKE: Require<Fixed> = Require::from_parts(
        [constant!(Condition::bytes(0, b"\x13BitTorrent")), constant!(Condition::bytes(11, b" protocol"))],
        constant!(Fixed::new(68)),
    );
    ByFirstByte::from_table([
        (ByteRange::new(0, 0), Either::B(Prefix::u32_be().with_max_payload_len(1 << 20))),
        (ByteRange::new(0x13, 0x13), Either::A(HANDSHAKE)),
    ])
}

/// The framing that [`jdwp`] returns.
pub type Jdwp = ByFirstByte<JdwpPacket, [(ByteRange, JdwpPacket); 2]>;

type JdwpPacket = Either<Require<LengthField<Binary>>, Require<Fixed>>;

/// JDWP, Java's debugger: a handshake of 14 bytes, and then packets with a length of all.
///
/// ```text
///  wire     J D W P - H a n d s h a k e                     once, in both directions
///
///  offset   0            4            8    9   10   11
///  wire     00 00 00 0b  00 00 00 01  00   01  01           a command without data: VirtualMachine.Version
///           length       id           flags set cmd payload
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::jdwp());
/// decoder.push(b"JDWP-Handshake\0\0\0\x0b\0\0\0\x01\0\x01\x01")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"JDWP-Handshake");
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 11);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: another handshake, lengths below 11, and flags other than 0 and `80`. No peer is known
/// to differ. A peer can answer frame by frame.
///
/// Limit: 8 MiB. Specification: Java Debug Wire Protocol, "JDWP Overview", packet structure.
#[must_use]
pub const fn jdwp() -> Jdwp {
    const HANDSHAKE: Require<Fixed> =
        Require::from_parts([constant!(Condition::bytes(0, b"JDWP-Handshake"))], constant!(Fixed::new(14)));
    // A command, or an answer.
    let conditions = [constant!(Condition::one_of(8, ByteSet::of(0).with(0x80)))];
    let packet = LengthField::from_parts(Binary::u32_be(), counts_all(0, Binary::u32_be(), 11));
    let packet = Require::from_parts(conditions, packet);
    ByFirstByte::from_table([
        (ByteRange::new(0, b'I'), Either::A(packet)),
        (ByteRange::new(b'J', b'J'), Either::B(HANDSHAKE)),
    ])
}

/// uWSGI: a header of four bytes, with the little-endian length of the request's variables.
///
/// ```text
///  offset   0    1   2    3    4
///  wire     00   08  00   00   01 00 A 03 00 b c d          the variable A is "bcd"
///           mod1 length   mod2 payload
/// ```
///
/// The length of the body after it is in the variable `CONTENT_LENGTH`.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let request = b"\0\x08\0\0\x01\0A\x03\0bcd";
/// assert_eq!(Deframer::new(protocols::uwsgi()).step(request)?, Step::Frame(Extent::new(4, 8, 0).with_message_header(4)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: nothing; each of the four bytes may have any value. Servers differ: uWSGI closes the
/// connection if the variables are longer than its `buffer-size`, 4 KiB by default. A server can work frame by frame,
/// and answers when the body has arrived.
///
/// Limit: 65,535 bytes, the field's. Specification: uWSGI documentation, "The uwsgi Protocol".
#[must_use]
pub const fn uwsgi() -> LengthField<Binary> {
    LengthField::from_parts(Binary::u16_le(), counts_rest(1, Binary::u16_le(), 4))
}

/// The framing that [`tarantool`] returns.
pub type Tarantool = ByFirstByte<TarantoolFrame, [(ByteRange, TarantoolFrame); 2]>;

type TarantoolFrame = Either<Require<Fixed>, LengthField<Binary>>;

/// Tarantool's binary protocol: the server's greeting of 128 bytes, and then messages. Before each message stands its
/// length, a MessagePack number.
///
/// ```text
///  offset   0    1            5
///  wire     ce   00 00 00 05  82 00 40 01 01                a ping: 5 bytes
///           u32  length       payload
///
///  wire     T a r a n t o o l _ 2 . 6 . 0 …                 the greeting
/// ```
///
/// The message is the complete frame.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let ping = b"\xce\0\0\0\x05\x82\0\x40\x01\x01";
/// assert_eq!(Deframer::new(protocols::tarantool()).step(ping)?, Step::Frame(Extent::new(5, 5, 0).with_message_header(5)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths in another form of MessagePack than 32 bits. Servers differ: Tarantool reads the
/// other forms too. It and the usual clients write 32 bits. A server can answer frame by frame.
///
/// Limit: 8 MiB; the field's is 4 GiB. Specification: Tarantool documentation, "Client-server protocol", `<size>` and
/// "Greeting message".
#[must_use]
pub const fn tarantool() -> Tarantool {
    const GREETING: Require<Fixed> =
        Require::from_parts([constant!(Condition::bytes(0, b"Tarantool "))], constant!(Fixed::new(128)));
    ByFirstByte::from_table([
        (ByteRange::new(0xce, 0xce), Either::B(LengthField::from_parts(Binary::u32_be(), Layout::new(1)))),
        (ByteRange::new(b'T', b'T'), Either::A(GREETING)),
    ])
}

/// The framing that [`erlang`] returns.
pub type Erlang = Then<Require<Prefix<Binary>>, Then<Require<Prefix<Binary>>, Prefix<Binary>>>;

/// Frames of Erlang's handshake, 16 bits of length and this tag.
const fn handshake(tags: ByteSet) -> Require<Prefix<Binary>> {
    Require::from_parts([constant!(Condition::one_of(2, tags))], Prefix::u16_be())
}

/// Erlang distribution, what the node that connects sends: its name, its answer to the challenge, and then messages
/// after 32 bits of length.
///
/// ```text
///  wire     00 10   N …                                     send_name: 16 bits of length
///  wire     00 15   r …                                     challenge_reply
///  wire     00 00 00 00                                     a tick: 32 bits of length, from here on
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::erlang());
/// decoder.push(b"\0\x05Nname\0\x03rab\0\0\0\x02\x70\x83\0\0\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"Nname");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"rab");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x70\x83");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a handshake other than a name (`N` or `n`) and a reply (`r`). A third handshake message
/// is refused too: the complement (`c`) after a name of the old form, and a status (`s`). Nodes differ: those before
/// OTP 23 send the old form of the name (`n`). A node can answer frame by frame.
///
/// Limit: 8 MiB; the field's is 4 GiB. Specification: Erlang/OTP, ERTS user's guide, "Distribution Protocol", section
/// "Distribution Handshake" and "Protocol between Connected Nodes".
#[must_use]
pub const fn erlang() -> Erlang {
    let name = handshake(ByteSet::of(b'N').with(b'n'));
    Then::new(name, Then::new(handshake(ByteSet::of(b'r')), Prefix::u32_be()))
}

/// The framing that [`erlang_accepting`] returns.
pub type ErlangAccepting = Then<Require<Prefix<Binary>>, Erlang>;

/// Erlang distribution, what the node that is connected to sends: a status, a challenge, an answer, and then messages
/// after 32 bits of length.
///
/// ```text
///  wire     00 03   s o k                                   send_status: 16 bits of length
///  wire     00 1d   N …                                     send_challenge
///  wire     00 11   a …                                     challenge_ack
///  wire     00 00 00 00                                     a tick: 32 bits of length, from here on
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::erlang_accepting());
/// decoder.push(b"\0\x03sok\0\x02N!\0\x02a!\0\0\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"sok");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other messages in the handshake. After the status `alive` the other node sends a status
/// too, which [`erlang`] refuses. Nodes differ: those before OTP 23 send the old form of the challenge (`n`). A node
/// can answer frame by frame.
///
/// Limit: 8 MiB; the field's is 4 GiB. Specification: as [`erlang`].
#[must_use]
pub const fn erlang_accepting() -> ErlangAccepting {
    let challenge = handshake(ByteSet::of(b'N').with(b'n'));
    let answer = handshake(ByteSet::of(b'a'));
    Then::new(handshake(ByteSet::of(b's')), Then::new(challenge, Then::new(answer, Prefix::u32_be())))
}

/// The framing that [`epmd`] returns.
pub type Epmd = Require<Prefix<Binary>>;

/// Requests to Erlang's port mapper: 16 bits of length.
///
/// ```text
///  offset   0   1    2
///  wire     00  02   z a                                    where is the node "a"?
///           length   payload
/// ```
///
/// The answers have no length. Those to `x` have a fixed form, the one to `z` has lengths inside, and the others end
/// with the connection.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = [0; 4];
/// protocols::epmd().encode_into(b"za", &mut wire)?;
/// assert_eq!(wire, *b"\0\x02za");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: requests other than `x`, `z`, `n`, `d`, `k` and `s`. Servers differ: Erlang's epmd takes
/// one request on each connection, and closes the connection after every answer except that to `x`. A server can answer
/// frame by frame.
///
/// Limit: 65,535 bytes. Specification: Erlang/OTP, ERTS user's guide, "Distribution Protocol", section "EPMD Protocol".
#[must_use]
pub const fn epmd() -> Epmd {
    handshake(ByteSet::of(b'x').with(b'z').with(b'n').with(b'd').with(b'k').with(b's'))
}

/// The framing that [`ssh_etm`] returns.
pub type SshEtm = Require<LengthField<Binary>>;

/// SSH with encrypt-then-MAC or AES-GCM, after `SSH_MSG_NEWKEYS`: the length is not encrypted, and the bytes after it
/// are.
///
/// ```text
///  offset   0   1   2   3    4                4 + length
///  wire     00  00  00  10   16 bytes         32 bytes      HMAC-SHA2-256
///           length           encrypted        tag           payload: both
/// ```
///
/// `tag` is the length of the MAC: 32 for `hmac-sha2-256-etm@openssh.com`, 64 for `hmac-sha2-512-etm@openssh.com`, 16 for
/// AES-GCM and for `umac-128-etm@openssh.com`. With other MACs, and with `chacha20-poly1305@openssh.com`, the length is
/// encrypted, and no framing can read it. The message is the complete packet.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let mut packet = [0; 4 + 16 + 32];
/// packet[3] = 16;
/// let extent = Extent::new(4, 48, 0).with_message_header(4);
/// assert_eq!(Deframer::new(protocols::ssh_etm(32)).step(&packet)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths below 8, and lengths that are no multiple of 8, the smallest block. Peers
/// differ: OpenSSH takes packets of up to 256 KiB. A peer can answer frame by frame.
///
/// Limit: 35,000 bytes and the tag. Specification: RFC 4253, section 6; OpenSSH, PROTOCOL, section 1.5 (encrypt-then-MAC);
/// RFC 5647, section 7.2.
#[must_use]
pub const fn ssh_etm(tag: u16) -> SshEtm {
    let mut layout = Layout::new(0);
    layout.adjustment = Some(tag as i64);
    layout.min = 8 + tag as u64;
    layout.max = 35_000 + tag as u64;
    let conditions = [constant!(Condition::one_of(3, multiples(8)))];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u32_be(), layout))
}

/// The framing that [`pop3`] returns.
pub type Pop3 = Forbid<Delimited<Lines>>;

/// POP3: lines ended by CR LF, read with LF alone too, as servers do.
///
/// ```text
///  wire     R E T R _ 1 \r \n
///  wire     + O K \r \n   . . t w o \r \n   . \r \n         a mail: its lines, and a dot alone
/// ```
///
/// Mails and lists are lines up to the line `.`; from a line that begins with a dot the reader must remove that dot.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::pop3());
/// decoder.push(b"+OK\r\nhello\r\n.\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"+OK");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: NUL, and a CR that is not before an LF. Servers differ: Dovecot ends a command at a lone LF.
/// A server can answer frame by frame.
///
/// Limit: 8 KiB; commands have 255 bytes, answers 512, lines of mails 998. Specification: RFC 1939, section 3; RFC 2449,
/// section 4.
#[must_use]
pub const fn pop3() -> Pop3 {
    super::text::ftp()
}

/// The framing that [`rtsp`] returns.
pub type Rtsp = ByFirstByte<RtspFrame, [(ByteRange, RtspFrame); 2]>;

type RtspFrame = Either<LengthField<Binary>, HeaderBlock>;

/// RTSP with interleaved data: messages with a header in text, and packets of media after a dollar sign.
///
/// ```text
///  wire     O P T I O N S _ * _ … \r \n   C S e q : _ 1 \r \n   \r \n       a request without a body
///
///  offset   0    1    2   3    4
///  wire     $    00   00  0c   80 60 00 01 …                                12 bytes of RTP on channel 0
///                ch   length   payload
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::rtsp());
/// decoder.push(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n$\0\0\x02hi")?;
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 28);
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A message without `Content-Length` has no body. Refused in both directions: a lone CR, a lone LF and NUL in a
/// header, and a second length. Servers differ: RFC 2326, section 4, asks receivers to end lines at a lone CR and a
/// lone LF too. A server can answer frame by frame.
///
/// Limits: 8 KiB of header, 8 MiB of body. Specification: RFC 2326, sections 4.4 and 10.12; RFC 7826, section 14.
#[must_use]
pub const fn rtsp() -> Rtsp {
    const LENGTH: HeaderBlock = constant!(HeaderBlock::new("Content-Length"));
    let mut data = counts_rest(2, Binary::u16_be(), 4);
    data.required[0] = Some((0, Literal::byte(b'$')));
    ByFirstByte::from_table([
        (ByteRange::new(b'$', b'$'), Either::A(LengthField::from_parts(Binary::u16_be(), data))),
        (ByteRange::new(b'A', b'Z'), Either::B(LENGTH.with_start_line().empty_without_length())),
    ])
}
