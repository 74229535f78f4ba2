//! Lines of text.

use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::delimited::{Delimited, Lines, Unterminated};
use crate::framing::either::Either;
use crate::framing::forbid::Forbid;
use crate::framing::header_block::HeaderBlock;
use crate::framing::line_then_block::{BlockRule, LineThenBlock};
use crate::framing::prefix::{Prefix, Rules};
use crate::number::Ascii;
use crate::scan::ByteSet;

/// The framing that [`smtp`] returns.
pub type Smtp = LineThenBlock<[BlockRule; 1]>;

/// SMTP: commands, replies and the lines of a mail, each ended by CR LF and by nothing else.
///
/// ```text
///  wire     E H L O _ a . e x a m p l e \r \n
/// ```
///
/// `BDAT` and the number of bytes after it announce a block, which has no line end after it (RFC 3030). The line and its
/// block are one frame.
///
/// ```text
///  wire     B D A T _ 7 \r \n   a \r \n b \n c \r
/// ```
///
/// The end of a mail is the line `.`; before a line that begins with a dot the sender puts another dot, which the reader must
/// remove. The lines of a mail after `DATA` are read as commands are, so a mail with a line that begins with `BDAT` would be
/// misread: read mails with `Delimited::crlf()`, see [`Decoder::with_framing`](crate::Decoder::with_framing).
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::smtp());
/// decoder.push(b"250-a.example\r\n250 OK\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"250-a.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a lone CR, a lone LF and NUL in a line. Servers differ: Postfix, Exim and Sendmail end
/// lines at a lone LF too, unless configured otherwise, and so let one mail smuggle in another. RFC 5321, section 2.3.8,
/// forbids that. A server can answer frame by frame. With [`Recovery::SkipFrame`](crate::Recovery::SkipFrame) it can
/// answer a line that is too long or has a forbidden byte, and go on. Exim breaks off when its answer to a long line
/// would be longer than its buffer.
///
/// Limits: 12,288 bytes for a line, as RFC 4954, section 4, requires for SASL (mails have 998), and 8 MiB for a block.
/// Specification: RFC 5321, sections 2.3.8 and 4.5.3.1; RFC 3030, section 2.
#[must_use]
pub const fn smtp() -> Smtp {
    const BDAT: BlockRule =
        constant!(constant!(BlockRule::word("BDAT")).ignoring_case().splitting_at_space().in_field(1));
    LineThenBlock::from_rules([BDAT]).without_block_trailer().with_max_line_len(12_288 + 2)
}

/// What no line has that ends with LF: a CR that is not before it would end the line for some servers.
const NUL_AND_CR: ByteSet = ByteSet::of(0).with(b'\r');

/// The framing that [`ftp`] returns.
pub type Ftp = Forbid<Delimited<Lines>>;

/// FTP's control connection: lines ended by CR LF, read with LF alone too.
///
/// ```text
///  wire     2 2 0 _ r e a d y \r \n
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::ftp().encode(b"USER anonymous", &mut wire)?;
/// assert_eq!(wire, b"USER anonymous\r\n");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: NUL, and a CR that is not before an LF. Servers differ: Telnet, on which FTP is based,
/// writes a CR inside a name as CR NUL, but common servers do not read it so. A server can answer frame by frame. With
/// [`Recovery::SkipOversize`](crate::Recovery::SkipOversize) it can answer a line that is too long, and go on.
///
/// Limit: 8 KiB; the specification sets none. Specification: RFC 959, sections 4.2 and 5.3.
#[must_use]
pub const fn ftp() -> Ftp {
    let line = Delimited::line().with_crlf().with_unterminated(Unterminated::Fail).with_max_payload_len(8192);
    Forbid::from_parts(NUL_AND_CR, line)
}

/// The framing that [`irc`] returns.
pub type Irc = Forbid<Delimited<Lines>>;

/// IRC messages: lines ended by CR LF, read with LF alone too, as servers do.
///
/// ```text
///  wire     : i r c . e x a m p l e _ 0 0 1 _ m e _ : W e l c o m e \r \n
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::irc());
/// decoder.push(b"PING :irc.example\r\nPRIVMSG #a :hi\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"PING :irc.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: NUL, and a CR that is not before an LF. Servers differ: ngIRCd ends a message at a lone
/// CR. A server can answer frame by frame. With [`Recovery::SkipOversize`](crate::Recovery::SkipOversize) it can answer a
/// line that is too long, and go on; ngIRCd itself closes the connection.
///
/// Limit: 8701 bytes: 510 for the message and 8191 for tags. Specification: RFC 2812, section 2.3; IRCv3, "Message Tags".
#[must_use]
pub const fn irc() -> Irc {
    let line = Delimited::line().with_crlf().with_unterminated(Unterminated::Fail).with_max_payload_len(8191 + 510);
    Forbid::from_parts(NUL_AND_CR, line)
}

/// The framing that [`imap`] returns.
pub type Imap = LineThenBlock<[BlockRule; 1]>;

/// IMAP: lines, and literals after the lines that end with their length in braces.
///
/// ```text
///  wire     a _ L O G I N _ { 2 } \r \n                    a frame: the client waits for the server's `+`
///           m e                                            the next frame: the literal
///           _ { 3 + } \r \n   y o u                        a line and its literal: the client does not wait
///           \r \n                                          the last: the empty rest of the command
///
///           * _ L I S T _ … { 3 } \r \n   f o o            a line and its literal: servers do not wait
/// ```
///
/// A command or a response with literals is several frames, and the last is a line without a literal. Braces in the text of
/// a status response (`OK`, `NO`, `BAD`, `BYE`, `PREAUTH`) or after `+` announce nothing. See [`BlockRule::braces`]. To write
/// a literal that is a frame of its own, use an [`Encoder`](crate::Encoder), which remembers the line before it.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::imap());
/// decoder.push(b"a LOGIN {2}\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"a LOGIN {2}");
/// decoder.push(b"me {3+}\r\nyou\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"me");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"you");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a lone CR, a lone LF and NUL in a line, and a literal after an opening quote whose closing
/// one is missing. Servers differ: Dovecot ends a line at a lone LF too. It also takes a literal that it did not wait for
/// (`{5+}`) for the next command, if it rejects the command before it reads the literal: one that it does not know, one
/// whose tag is wrong, and after the login one without arguments, such as `NOOP`. RFC 7888, section 4, forbids that. So a
/// client must not let strangers choose a command's name or tag. A server can answer frame by frame. If it answers `{5}`
/// with `NO` or `BAD` instead of `+`, the client sends a new command instead of the literal: the server must then decode
/// with a new state ([`Decoder::with_framing`](crate::Decoder::with_framing)), and a proxy that cannot see the answer
/// cannot know it.
///
/// Limits: lines to 65,535 bytes, literals to 8 MiB. Specification: RFC 9051, sections 2.2 and 4.3; RFC 7888.
#[must_use]
pub const fn imap() -> Imap {
    LineThenBlock::from_rules([BlockRule::braces()]).without_block_trailer().with_max_line_len(u16::MAX)
}

/// SIP over TCP: a start line, header fields, an empty line, and a body whose length is in `Content-Length` or `l`.
///
/// ```text
///  wire     O P T I O N S _ … \r \n   l: 2 \r \n   \r \n    h i
///           header                                           payload
///           \r \n                                          a keep-alive between messages: a control frame
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::sip());
/// decoder.push(b"SIP/2.0 200 OK\r\nVia: x\r\nContent-Length: 0\r\n\r\n\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 45);
/// assert!(decoder.next_frame()?.unwrap().is_control());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Blanks between name and colon are read (section 7.3.1). Refused in both directions: a lone CR, a lone LF and NUL in a
/// header, a second length, and a length whose digits are on the next line. Servers differ: the grammar allows such a length
/// (section 25.1), but Kamailio sees no length there and takes the body for the next message. So a proxy that passed it on
/// would let a client forge messages. A server can answer frame by frame.
///
/// Limits: 16 KiB of header, 8 MiB of body.
/// Specification: RFC 3261, sections 7, 18.3 and 20.14; RFC 5626, section 3.5.1.
#[must_use]
pub const fn sip() -> HeaderBlock {
    const SIP: HeaderBlock = constant!(constant!(HeaderBlock::new("Content-Length")).or_named("l"));
    SIP.with_start_line().with_blank_lines_between().allowing_blanks_before_separator().with_max_header_len(16 * 1024)
}

/// The framing that [`syslog`] returns.
pub type Syslog = ByFirstByte<SyslogFrame, [(ByteRange, SyslogFrame); 2]>;

type SyslogFrame = Either<Prefix<Ascii>, Delimited<Lines>>;

/// syslog over TCP: messages after a count of octets, or on lines; the first byte shows which.
///
/// ```text
///  wire     8 _    < 1 3 > _ a b c                          octet counting: the first byte is a digit
///  wire     < 1 3 > _ a b c \n                              a line: the first byte is `<`
/// ```
///
/// Messages are written with their count, so that a line end inside them does no harm.
///
/// ```
/// use anysplit::{Decoder, Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::syslog().encode(b"<13> abc", &mut wire)?;
/// assert_eq!(wire, b"8 <13> abc");
///
/// let mut decoder = Decoder::new(protocols::syslog());
/// decoder.push(b"8 <13> abc<13> def\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"<13> abc");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"<13> def");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a first byte that is neither a digit from 1 to 9 nor `<`, and a count with anything but a
/// space after it. NUL is read. Servers differ: rsyslog takes a count over its `maxFrameSize`, 200 000 unless it is set,
/// for the start of a line, so that a line end in a longer message forges another. It splits a message that is longer
/// than its `maxMessageSize`, 8 KiB unless it is set: agree on a limit with
/// [`Limit::with_max_payload_len`](crate::Limit::with_max_payload_len). Nothing is answered, so a server can work frame
/// by frame.
///
/// Limit: 200 000 bytes, rsyslog's. Specification: RFC 6587, sections 3.4.1 and 3.4.2.
#[must_use]
pub const fn syslog() -> Syslog {
    const COUNT: Ascii = constant!(Ascii::decimal_ended_by(b" "));
    const MAX: u64 = 200_000;
    let counted = Prefix::from_parts(COUNT, Rules::DEFAULT).with_max_payload_len(MAX);
    let line = Delimited::line().with_max_payload_len(MAX);
    ByFirstByte::from_table([
        (ByteRange::new(b'1', b'9'), Either::A(counted)),
        (ByteRange::new(b'<', b'<'), Either::B(line)),
    ])
}
