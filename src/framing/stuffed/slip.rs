//! SLIP.

use crate::error::DecodeErrorKind;
use crate::framing::stuffed::{StuffedRun, Stuffing};

/// SLIP: `c0` ends a frame; inside, `c0` is written `db dc`, and `db` is written `db dd`.
///
/// ```text
///  message          61  c0      62
///  wire         c0  61  db  dc  62  c0
/// ```
///
/// The encoder writes `c0` before a frame too, which ends whatever noise came before it. There are no empty frames.
///
/// # Errors
///
/// [`DecodeErrorKind::Mismatch`] at a byte after `db` that is neither `dc` nor `dd`, also if it is the delimiter.
///
/// # Specification
///
/// RFC 1055, with the leading END of its section "Protocol". There an unknown byte after `db` is taken for itself; here it
/// is an error, because no encoder writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slip;

const END: u8 = 0xc0;
const ESCAPE: u8 = 0xdb;
const ESCAPED_END: u8 = 0xdc;
const ESCAPED_ESCAPE: u8 = 0xdd;

/// The state after `db`.
const ESCAPED: u64 = 1;

impl Stuffing for Slip {
    #[inline]
    fn delimiter(&self) -> u8 {
        END
    }

    #[inline]
    fn unstuff(&self, state: &mut u64, first: u8, after: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
        if *state == ESCAPED {
            *state = 0;
            return match first {
                ESCAPED_END => Ok(StuffedRun::Byte(END)),
                ESCAPED_ESCAPE => Ok(StuffedRun::Byte(ESCAPE)),
                found => Err(DecodeErrorKind::Mismatch { found, expected: ESCAPED_END }),
            };
        }
        if first == ESCAPE {
            *state = ESCAPED;
            return Ok(StuffedRun::Nothing);
        }
        let more = memchr::memchr(ESCAPE, after).unwrap_or(after.len());
        Ok(StuffedRun::Plain(more.saturating_add(1)))
    }

    #[inline]
    fn end(&self, state: u64) -> Result<(), DecodeErrorKind> {
        match state {
            ESCAPED => Err(DecodeErrorKind::Mismatch { found: END, expected: ESCAPED_END }),
            _ => Ok(()),
        }
    }

    #[inline]
    fn stuff(&self, message: &[u8], sum: &[u8], mut write: impl FnMut(&[u8])) {
        for bytes in [message, sum] {
            let mut rest = bytes;
            while let Some(at) = memchr::memchr2(END, ESCAPE, rest) {
                let (plain, after) = rest.split_at(at);
                write(plain);
                let (special, after) = after.split_at(1);
                write(if special == [ESCAPE] { &[ESCAPE, ESCAPED_ESCAPE] } else { &[ESCAPE, ESCAPED_END] });
                rest = after;
            }
            write(rest);
        }
    }

    #[inline]
    fn begins_with_delimiter(&self) -> bool {
        true
    }

    #[inline]
    fn escape(&self) -> Option<u8> {
        Some(ESCAPE)
    }
}
