//! TLS handshake messages.

use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::join::split::{OutPart, SplitRule};
use crate::join::{Candidate, JoinErrorKind, Rule, Verdict};
use crate::short::ShortBytes;

/// TLS handshake messages, each with a header of four bytes: one may span records, and a record may hold several. Records of
/// other types are control frames between messages. For the frames of `protocols::tls`.
///
/// ```text
///  record   16 03 03 00 06   14 00 00 05 68 65        record   16 03 03 00 07   6c 6c 6f   0e 00 00 00
///                            type, length 5, h e                                l l o      the next message
/// ```
///
/// The message has its header. For the handshake in the clear: TLS 1.3 sends encrypted messages in records of application
/// data, and after a `ChangeCipherSpec` of TLS 1.2 the records cannot be read without the keys.
///
/// ```
/// use anysplit::join::{Joined, Joiner, TlsHandshake};
/// use anysplit::number::Binary;
/// use anysplit::{Decoder, LengthField};
///
/// let mut decoder = Decoder::new(LengthField::new(3, Binary::u16_be())?);
/// decoder.push(b"\x16\x03\x03\x00\x06\x14\x00\x00\x05he\x16\x03\x03\x00\x07llo\x0e\x00\x00\x00")?;
/// let mut joiner = Joiner::new(TlsHandshake);
/// let mut messages = Vec::new();
/// while let Some(frame) = decoder.next_frame()? {
///     while let Some(Joined::Message(message)) = joiner.next_message(&frame)? {
///         messages.push(message.payload().to_vec());
///     }
/// }
/// assert_eq!(messages, [&b"\x14\x00\x00\x05hello"[..], b"\x0e\x00\x00\x00"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`JoinErrorKind::Interrupted`] for a record of another type inside a message, and [`JoinErrorKind::EmptyPart`] for an empty
/// handshake record. A message whose header announces more than the limit is refused when its header is complete.
///
/// As a [`SplitRule`] it refuses a message whose length differs from the one in its header.
///
/// Specification: RFC 8446, sections 4 and 5.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsHandshake;

const HANDSHAKE: u8 = 22;
/// The length of a message's header.
const HEADER: u64 = 4;
/// The greatest record, RFC 8446, section 5.1.
const RECORD: usize = 1 << 14;

/// What the memo holds. Bits 32 to 34: how many bytes of the header came. Bits 0 to 31: those bytes until there are four,
/// then the bytes of the message that are missing.
const COUNT_SHIFT: u32 = 32;

impl Rule for TlsHandshake {
    fn judge(&self, frame: &Candidate<'_>, memo: &mut u64) -> Result<Verdict, JoinErrorKind> {
        if frame.header.first() != Some(&HANDSHAKE) {
            return if frame.continues { Err(JoinErrorKind::Interrupted) } else { Ok(Verdict::control()) };
        }
        if frame.payload.is_empty() {
            return Err(JoinErrorKind::EmptyPart);
        }
        let mut count = *memo >> COUNT_SHIFT;
        let mut value = *memo & u64::from(u32::MAX);
        let mut of_header = 0;
        for &byte in frame.payload {
            if count == HEADER {
                break;
            }
            value = (value << 8) | u64::from(byte);
            count = count.saturating_add(1);
            of_header += 1;
            if count == HEADER {
                // The first byte is the type.
                value &= 0xff_ffff;
            }
        }
        let body = frame.payload.get(of_header..).unwrap_or_default().len() as u64;
        if count == HEADER && body >= value {
            let take = usize::try_from(value).unwrap_or(usize::MAX).saturating_add(of_header);
            return Ok(Verdict::last().taking(take));
        }
        let missing = if count == HEADER { value.saturating_sub(body) } else { value };
        *memo = (count << COUNT_SHIFT) | missing;
        Ok(Verdict::more().announcing(if count == HEADER { missing } else { 0 }))
    }

    fn reads_payload(&self) -> bool {
        true
    }
}

impl SplitRule for TlsHandshake {
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, is_first: bool) -> Result<OutPart<'m>, EncodeError> {
        if is_first {
            let len = rest.len() as u64;
            let &[_, a, b, c, ..] = rest else { return Err(EncodeError::TooShort { len, min: HEADER }) };
            let found = u64::from(u32::from_be_bytes([0, a, b, c]));
            let expected = len.saturating_sub(HEADER);
            if expected > 0xff_ffff {
                return Err(EncodeError::Malformed(FrameError::new(
                    1,
                    DecodeErrorKind::NumberTooLarge { max: 0xff_ffff },
                )));
            }
            if found != expected {
                return Err(EncodeError::LengthDisagrees { found, expected });
            }
        }
        let part = rest.split_at_checked(max.min(RECORD)).map_or(rest, |(part, _)| part);
        let [.., high, low] = (part.len() as u64).to_be_bytes();
        let header = ShortBytes::new(&[HANDSHAKE, 3, 3, high, low])?;
        Ok(OutPart::new(header, part, part.len() == rest.len()))
    }
}
