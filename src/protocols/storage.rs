//! Disks and files.

use super::layouts::counts_rest;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::either::Either;
use crate::framing::fixed::Fixed;
use crate::framing::length_field::{LengthField, Second, Trailer};
use crate::framing::require::{Condition, Require};
use crate::literal::Literal;
use crate::number::Binary;
use crate::scan::ByteSet;

/// The framing that [`nbd`] returns.
pub type Nbd = ByFirstByte<NbdFrame, [(ByteRange, NbdFrame); 3]>;

type NbdFrame = Either<Either<Fixed, LengthField<Binary>>, NbdRequest>;
type NbdRequest = ByFirstByte<NbdBody, [(ByteRange, NbdBody); 3]>;
type NbdBody = Either<Require<Fixed>, LengthField<Binary>>;

/// What clients may send in one request, unless the server allows more.
const MOST_NBD_DATA: u64 = 32 << 20;

/// NBD, what the client sends: its flags, its options, and then requests. Only requests to write have data.
///
/// ```text
///  offset   0            4       6       8         16        24           28
///  wire     25 60 95 13  00 00   00 01   cookie    offset    00 00 00 02  h i       type 1: write 2 bytes
///           magic        flags   type                        length       payload
///  wire     25 60 95 13  00 00   00 00   cookie    offset    00 00 10 00            type 0: read; no data follow
///
///  wire     I H A V E O P T   00 00 00 07   00 00 00 06   6 bytes                   an option: GO
///  wire     00 00 00 03                                                             the client's flags, once
/// ```
///
/// The low byte of a request's type, at offset 7, chooses the form of the request.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::nbd());
/// decoder.push(b"\x25\x60\x95\x13\0\0\0\x01cookie!!\0\0\0\0\0\0\0\0\0\0\0\x02hi")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hi");
/// decoder.push(b"\x25\x60\x95\x13\0\0\0\0cookie!!\0\0\0\0\0\0\0\0\0\0\x10\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 28);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: another magic, such as that of extended headers (`21 e4 1c 71`), and types above 7.
/// Servers differ in the most data that they take in one request: 32 MiB in qemu-nbd, 64 MiB in nbdkit. A server can
/// answer frame by frame.
///
/// Limit: 32 MiB of data. Specification: NBD, doc/proto.md, "Request message" and "Newstyle negotiation".
#[must_use]
pub const fn nbd() -> Nbd {
    const MAGIC: [u8; 4] = [0x25, 0x60, 0x95, 0x13];
    const OPTION: Literal = constant!(Literal::new(b"IHAVEOPT"));
    const PLAIN: Require<Fixed> =
        Require::from_parts([constant!(Condition::bytes(0, &MAGIC))], constant!(Fixed::new(28)));
    let mut option = counts_rest(12, Binary::u32_be(), 16);
    option.required[0] = Some((0, OPTION));
    let mut write = counts_rest(24, Binary::u32_be(), 28);
    write.required[0] = Some((0, Literal::of_four(MAGIC)));
    write.max = MOST_NBD_DATA;
    let write = Either::B(LengthField::from_parts(Binary::u32_be(), write));
    let option = LengthField::from_parts(Binary::u32_be(), option);
    // Type 1 alone has data. The others: read, disconnect, flush, trim, cache, write zeros, block status.
    let request = NbdRequest::from_table([
        (ByteRange::new(1, 1), write),
        (ByteRange::new(0, 0), Either::A(PLAIN)),
        (ByteRange::new(2, 7), Either::A(PLAIN)),
    ]);
    ByFirstByte::from_table([
        (ByteRange::new(0, 0), Either::A(Either::A(constant!(Fixed::new(4))))),
        (ByteRange::new(b'I', b'I'), Either::A(Either::B(option))),
        (ByteRange::new(0x25, 0x25), Either::B(request.choosing_at(7))),
    ])
}

/// The framing that [`nbd_replies`] returns.
pub type NbdReplies = ByFirstByte<NbdReply, [(ByteRange, NbdReply); 4]>;

type NbdReply = Either<Require<Fixed>, LengthField<Binary>>;

/// NBD, what a server sends to a client that asked for structured replies: its greeting, answers to options, and replies.
///
/// ```text
///  offset   0            4       6       8         16           20
///  wire     66 8e 33 ef  00 01   00 01   cookie    00 00 00 0a  10 bytes            a chunk: OFFSET_DATA
///           magic        flags   type              length       payload
///  wire     67 44 66 98  00 00 00 00     cookie                                     a simple reply
///
///  wire     00 03 e8 89 04 55 65 a9   00 00 00 07   00 00 00 01   00 00 00 00       an answer to an option
///  wire     N B D M A G I C   I H A V E O P T   00 03                               the greeting
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let chunk = b"\x66\x8e\x33\xef\0\x01\0\x01cookie!!\0\0\0\x0aoffset..hi";
/// let extent = Extent::new(20, 10, 0).with_message_header(20);
/// assert_eq!(Deframer::new(protocols::nbd_replies()).step(chunk)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// A simple reply has no data here. Without structured replies, only the request shows whether a simple reply has data,
/// so one direction alone cannot be read. The same is true of the answer to `EXPORT_NAME`. Refused in both directions:
/// any other magic. Servers differ: some do not know structured replies, and send simple replies with data. A client
/// can continue frame by frame.
///
/// Limit: 32 MiB of data and 8 bytes of offset. Specification: NBD, doc/proto.md, "Structured reply chunk message" and
/// "Option haggling".
#[must_use]
pub const fn nbd_replies() -> NbdReplies {
    const GREETING: Require<Fixed> = Require::from_parts(
        [constant!(Condition::bytes(0, b"NBDMAGIC")), constant!(Condition::bytes(8, b"IHAVEOPT"))],
        constant!(Fixed::new(18)),
    );
    const SIMPLE: Require<Fixed> =
        Require::from_parts([constant!(Condition::bytes(0, b"\x67\x44\x66\x98"))], constant!(Fixed::new(16)));
    const ANSWER: Literal = constant!(Literal::new(b"\x00\x03\xe8\x89\x04\x55\x65\xa9"));
    let mut answer = counts_rest(16, Binary::u32_be(), 20);
    answer.required[0] = Some((0, ANSWER));
    let mut chunk = counts_rest(16, Binary::u32_be(), 20);
    chunk.required[0] = Some((0, Literal::of_four([0x66, 0x8e, 0x33, 0xef])));
    chunk.max = MOST_NBD_DATA + 8;
    ByFirstByte::from_table([
        (ByteRange::new(0x66, 0x66), Either::B(LengthField::from_parts(Binary::u32_be(), chunk))),
        (ByteRange::new(0x67, 0x67), Either::A(SIMPLE)),
        (ByteRange::new(0, 0), Either::B(LengthField::from_parts(Binary::u32_be(), answer))),
        (ByteRange::new(b'N', b'N'), Either::A(GREETING)),
    ])
}

/// The framing that [`iscsi`] returns.
pub type Iscsi = Require<LengthField<Binary>>;

/// iSCSI without digests: a header of 48 bytes, additional headers that it counts in words of four bytes, and data
/// padded to words.
///
/// ```text
///  offset   0    1 2 3    4     5   6   7    8         48
///  wire     43   8x xx xx 00    00  00  05   40 bytes  h e l l o   00 00 00      a login request with 5 bytes
///           op   flags    ahs   data length            payload     trailer
/// ```
///
/// The message is the PDU without its padding. The padding is written as zeros.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let mut login = [0; 56];
/// (login[0], login[7]) = (0x43, 5);
/// let extent = Extent::new(48, 5, 3).with_message_header(48);
/// assert_eq!(Deframer::new(protocols::iscsi()).step(&login)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: a first bit of 1, which is reserved, and opcodes that the specification does not have.
/// Targets differ in the longest data segment that they take, which they announce as `MaxRecvDataSegmentLength`. A
/// target can answer frame by frame.
///
/// Limit: 8 MiB. Specification: RFC 7143, sections 11.1 and 11.2.
#[must_use]
pub const fn iscsi() -> Iscsi {
    let mut layout = counts_rest(5, Binary::u24_be(), 48);
    layout.second = Some(Second { unit: 4, ..Second::new(4, Binary::u8()) });
    layout.trailer = Trailer::Multiple(4);
    // Of initiators 00 to 06 and 10, with and without the bit for immediate delivery, and vendors' 1c to 1e; of targets 20 to 26,
    // 31, 32, 3f, and vendors' 3c to 3e.
    const OPCODES: ByteSet = ByteSet::range(0, 6)
        .with(0x10)
        .and(ByteSet::range(0x1c, 0x1e))
        .and(ByteSet::range(0x40, 0x46))
        .with(0x50)
        .and(ByteSet::range(0x5c, 0x5e))
        .and(ByteSet::range(0x20, 0x26))
        .and(ByteSet::range(0x31, 0x32))
        .and(ByteSet::range(0x3c, 0x3f));
    let conditions = [constant!(Condition::one_of(0, OPCODES))];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u24_be(), layout))
}

/// The framing that [`smb`] returns.
pub type Smb = Require<LengthField<Binary>>;

/// SMB over TCP, and NetBIOS sessions: a type, and 24 bits of length.
///
/// ```text
///  offset   0    1   2   3    4
///  wire     00   00  00  48   fe S M B …                    a message of 72 bytes
///  wire     85   00  00  00                                 a keep-alive of NetBIOS
///           ty   length       payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let keep_alive = b"\x85\0\0\0";
/// assert_eq!(Deframer::new(protocols::smb()).step(keep_alive)?, Step::Frame(Extent::new(4, 0, 0).with_message_header(4)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: types other than 0 and `81` to `85`. Servers differ: those on port 139 use the types of
/// NetBIOS, while MS-SMB2 allows 0 alone on port 445. A server can answer frame by frame.
///
/// Limit: 16,777,215 bytes. NetBIOS itself has 17 bits of length, and zeros in the bits before them. Specification: MS-SMB2,
/// section 2.1; RFC 1002, section 4.3.1.
#[must_use]
pub const fn smb() -> Smb {
    let mut layout = counts_rest(1, Binary::u24_be(), 4);
    layout.max = 0xff_ffff;
    let conditions = [constant!(Condition::one_of(0, ByteSet::range(0x81, 0x85).with(0)))];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u24_be(), layout))
}

/// The framing that [`rsync`] returns.
pub type Rsync = Require<LengthField<Binary>>;

/// rsync's multiplexed stream: 24 bits of length, little-endian, and a tag.
///
/// ```text
///  offset   0   1   2    3    4
///  wire     05  00  00   07   h e l l o                     5 bytes of the transfer
///  wire     0f  00  00   08   …                             a message for the user
///           length       tag  payload
/// ```
///
/// This is the stream after the greeting and the negotiation, whose form depends on the version and on the options. The
/// message is the complete frame, because its tag shows whether it belongs to the transfer.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let data = b"\x05\0\0\x07hello";
/// assert_eq!(Deframer::new(protocols::rsync()).step(data)?, Step::Frame(Extent::new(4, 5, 0).with_message_header(4)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: tags that rsync does not have. Peers differ: rsync ends the connection at a tag that it
/// does not know, and older versions know fewer tags. A peer can answer frame by frame.
///
/// Limit: 16,777,215 bytes, the field's. Specification: none; rsync 3, io.c and the tags `MSG_DATA` to `MSG_NO_SEND`, plus 7.
#[must_use]
pub const fn rsync() -> Rsync {
    let mut layout = counts_rest(0, Binary::u24_le(), 4);
    layout.max = 0xff_ffff;
    // 7 and: 0 to 10, 22, 33, 42, 86, 100 to 102.
    const TAGS: ByteSet = ByteSet::range(7, 17).with(29).with(40).with(49).with(93).and(ByteSet::range(107, 109));
    let conditions = [constant!(Condition::one_of(3, TAGS))];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u24_le(), layout))
}
