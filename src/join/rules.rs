//! The rules of binary protocols, and of HTTP chunks.

use crate::error::EncodeError;
use crate::join::split::{OutPart, SplitRule};
use crate::join::{Candidate, JoinErrorKind, Rule, Verdict};
use crate::short::ShortBytes;

/// Takes at most `max` bytes of `rest`, and reports whether that was all.
fn up_to(rest: &[u8], max: usize) -> (&[u8], bool) {
    let part = rest.split_at_checked(max).map_or(rest, |(part, _)| part);
    (part, part.len() == rest.len())
}

/// A length that must fit a field whose greatest value is `max`.
fn fits(len: usize, max: u64) -> Result<u64, EncodeError> {
    let value = len as u64;
    if value > max { Err(EncodeError::DoesNotFit { value, max }) } else { Ok(value) }
}

/// ONC RPC records: the highest bit of a fragment's header marks the last fragment. For the frames of `protocols::onc_rpc`.
///
/// ```text
///  wire     00 00 00 03  h e l      80 00 00 02  l o
///           more                    last
/// ```
///
/// As a [`SplitRule`] it writes such records:
///
/// ```
/// use anysplit::join::{OncRpc, Split};
///
/// let mut wire = Vec::new();
/// Split::new(OncRpc, b"hello", 3).encode(&mut wire)?;
/// assert_eq!(wire, b"\x00\x00\x00\x03hel\x80\x00\x00\x02lo");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Specification: RFC 5531, section 11.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OncRpc;

impl Rule for OncRpc {
    fn judge(&self, frame: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
        Ok(Verdict::last_if(frame.header.first().is_some_and(|first| first & 0x80 != 0)))
    }
}

impl SplitRule for OncRpc {
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, _: bool) -> Result<OutPart<'m>, EncodeError> {
        let (part, is_last) = up_to(rest, max.min(0x7fff_ffff));
        let len = fits(part.len(), 0x7fff_ffff)? | (u64::from(is_last) << 31);
        let [.., a, b, c, d] = len.to_be_bytes();
        Ok(OutPart::new(ShortBytes::new(&[a, b, c, d])?, part, is_last))
    }
}

/// MySQL and MariaDB payloads: a packet of 16,777,215 bytes is continued by the next, and a shorter one, also an empty one,
/// is the last. For the frames of `protocols::mysql`.
///
/// ```text
///  wire     ff ff ff  00  16,777,215 bytes     03 00 00  01  e n d
///           length    seq                      last
/// ```
///
/// The sequence numbers of a message's packets must follow each other, and 255 is followed by 0. How they follow from one
/// message to the next is for the code after it.
///
/// Wireshark shows each of these packets alone, with its length and number, and does not join them.
///
/// [`MySqlParts`] writes such packets. Specification: MySQL internals manual, "MySQL Packets".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MySql;

/// The greatest length of a packet.
const MYSQL_MAX: u64 = 0xff_ffff;

impl Rule for MySql {
    fn judge(&self, frame: &Candidate<'_>, memo: &mut u64) -> Result<Verdict, JoinErrorKind> {
        let &[a, b, c, sequence, ..] = frame.header else {
            return Err(JoinErrorKind::Custom("a MySQL packet has a header of four bytes"));
        };
        if frame.continues && *memo != sequence.into() {
            return Err(JoinErrorKind::Sequence { found: sequence.into(), expected: *memo });
        }
        *memo = sequence.wrapping_add(1).into();
        Ok(Verdict::last_if([a, b, c] != [0xff; 3]))
    }
}

/// Writes MySQL's packets. A message of 16,777,215 bytes, or a multiple, ends with an empty packet.
///
/// The size of the parts is the protocol's, whatever size is asked for.
///
/// ```
/// use anysplit::join::{MySqlParts, Split};
///
/// let mut parts = MySqlParts::new(0);
/// let mut wire = Vec::new();
/// Split::new(&mut parts, b"\x03select 1", usize::MAX).encode(&mut wire)?;
/// assert_eq!(wire, b"\x09\x00\x00\x00\x03select 1");
/// assert_eq!(parts.sequence(), 1);
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MySqlParts {
    sequence: u8,
}

impl MySqlParts {
    /// Begins with this sequence number: 0 for a command, and for an answer the one after the last packet's.
    #[must_use]
    pub const fn new(sequence: u8) -> Self {
        Self { sequence }
    }

    /// The sequence number of the next packet.
    #[must_use]
    pub const fn sequence(&self) -> u8 {
        self.sequence
    }
}

impl SplitRule for MySqlParts {
    fn part<'m>(&mut self, rest: &'m [u8], _: usize, _: bool) -> Result<OutPart<'m>, EncodeError> {
        let (part, _) = up_to(rest, 0xff_ffff);
        let len = part.len() as u64;
        let [a, b, c, ..] = len.to_le_bytes();
        let header = ShortBytes::new(&[a, b, c, self.sequence])?;
        self.sequence = self.sequence.wrapping_add(1);
        Ok(OutPart::new(header, part, len < MYSQL_MAX))
    }
}

/// ZMTP messages: if the bit MORE of the flags is set, another part follows. Greetings and commands are control frames. For
/// the frames of `protocols::zmtp`.
///
/// ```text
///  wire     01  03  h e l      00  02  l o
///           MORE               last
/// ```
///
/// The parts of a ZMTP message mean something each, so most programs take them with
/// [`Joiner::next_part`](crate::join::Joiner::next_part); [`Joiner::next_message`](crate::join::Joiner::next_message) returns
/// them in one run of bytes.
///
/// ```
/// use anysplit::join::{Split, Zmtp};
///
/// let mut wire = Vec::new();
/// Split::new(Zmtp, b"hello", 3).encode(&mut wire)?;
/// assert_eq!(wire, b"\x01\x03hel\x00\x02lo");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Specification: ZMTP 3.1, "Framing".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zmtp;

const ZMTP_MORE: u8 = 1;
const ZMTP_LONG: u8 = 2;
const ZMTP_COMMAND: u8 = 4;

impl Rule for Zmtp {
    fn judge(&self, frame: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
        Ok(match frame.header.first() {
            // The greeting has no header.
            None => Verdict::control(),
            Some(flags) if flags & ZMTP_COMMAND != 0 => Verdict::control(),
            Some(flags) => Verdict::last_if(flags & ZMTP_MORE == 0),
        })
    }
}

impl SplitRule for Zmtp {
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, _: bool) -> Result<OutPart<'m>, EncodeError> {
        let (part, is_last) = up_to(rest, max);
        let more = if is_last { 0 } else { ZMTP_MORE };
        let header = match u8::try_from(part.len()) {
            Ok(len) => ShortBytes::new(&[more, len])?,
            Err(_) => {
                let mut header = ShortBytes::new(&[more | ZMTP_LONG])?;
                header.push(&(part.len() as u64).to_be_bytes())?;
                header
            }
        };
        Ok(OutPart::new(header, part, is_last))
    }
}

/// The body of an HTTP/1.1 message in chunks: the last chunk ends it. For the frames of [`Chunked`](crate::Chunked).
///
/// ```text
///  wire     3\r\n  hel  \r\n      2\r\n  lo  \r\n      0\r\n \r\n
///           more                  more                 last, with the trailer fields in its header
/// ```
///
/// ```
/// use anysplit::join::{HttpChunks, Split};
///
/// let mut wire = Vec::new();
/// Split::new(HttpChunks, b"hello", 3).encode(&mut wire)?;
/// assert_eq!(wire, b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Specification: RFC 9112, section 7.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpChunks;

impl Rule for HttpChunks {
    fn judge(&self, frame: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
        // Whatever the last chunk has as payload is no part of the body.
        Ok(if frame.is_control { Verdict::last().skipping(frame.payload.len()) } else { Verdict::more() })
    }
}

impl SplitRule for HttpChunks {
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, _: bool) -> Result<OutPart<'m>, EncodeError> {
        if rest.is_empty() {
            return Ok(OutPart::new(ShortBytes::new(b"0\r\n\r\n")?, rest, true));
        }
        let (part, _) = up_to(rest, max);
        let mut header = ShortBytes::empty();
        let digits = (part.len() as u64).to_be_bytes().map(|byte| [byte >> 4, byte & 15]);
        let significant = digits.as_flattened().iter().skip_while(|digit| **digit == 0);
        for &digit in significant {
            header.push(&[if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }])?;
        }
        header.push(b"\r\n")?;
        Ok(OutPart::new(header, part, false).with_trailer(b"\r\n"))
    }
}

/// git's side bands: band 1 is the message, bands 2 (progress) and 3 (a fatal error) are control frames, and the flush packet
/// `0000` ends the message. For the frames of `protocols::git`.
///
/// ```text
///  wire     0008  01 PAC      000a  02 50 %\n      0006  01 K      0000
///           more              control              more            last
/// ```
///
/// ```
/// use anysplit::join::{SideBands, Split};
///
/// let mut wire = Vec::new();
/// Split::new(SideBands, b"PACK", 3).encode(&mut wire)?;
/// assert_eq!(wire, b"0008\x01PAC0006\x01K0000");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Specification: gitprotocol-pack, "Packfile Data".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideBands;

/// The greatest packet has 65,520 bytes: four digits, the band and the data.
const BAND_MAX: usize = 65_515;

impl Rule for SideBands {
    fn judge(&self, frame: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
        match (frame.is_control, frame.payload.first()) {
            (true, _) if frame.header == b"0000" => Ok(Verdict::last()),
            (true, _) | (false, Some(2 | 3)) => Ok(Verdict::control()),
            (false, Some(1)) => Ok(Verdict::more().skipping(1)),
            (false, _) => Err(JoinErrorKind::Custom("a packet without one of the bands 1, 2 and 3")),
        }
    }

    fn reads_payload(&self) -> bool {
        true
    }
}

impl SplitRule for SideBands {
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, _: bool) -> Result<OutPart<'m>, EncodeError> {
        if rest.is_empty() {
            return Ok(OutPart::new(ShortBytes::new(b"0000")?, rest, true));
        }
        let (part, _) = up_to(rest, max.min(BAND_MAX));
        let digits = fits(part.len().saturating_add(5), 0xffff)?;
        let mut header = ShortBytes::empty();
        for shift in [12, 8, 4, 0] {
            let [digit, ..] = ((digits >> shift) & 15).to_le_bytes();
            header.push(&[if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }])?;
        }
        header.push(&[1])?;
        Ok(OutPart::new(header, part, false))
    }
}
