//! COBS.

use crate::error::DecodeErrorKind;
use crate::framing::stuffed::{StuffedRun, Stuffing};

/// COBS: `00` ends a frame; inside, each zero is replaced by how far it is to the next.
///
/// ```text
///  message          11  22  00  33
///  wire         03  11  22  02  33  00        03 and 02 count the bytes to the next zero, the last of which is the delimiter
/// ```
///
/// A run of 254 bytes without a zero has the code `ff`, and no zero follows it. The empty message is `01 00`.
///
/// # Errors
///
/// [`DecodeErrorKind::TooShort`] at a delimiter inside a run. Its `min` counts the bytes of the run that are missing.
///
/// # Specification
///
/// S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7 (2), 1999. A
/// message that ends with a run of 254 bytes ends with it here; some encoders write a needless `01` after it, which is
/// taken as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cobs;

/// The code of a run that no zero follows.
const LONGEST: u8 = 0xff;

impl Stuffing for Cobs {
    #[inline]
    fn delimiter(&self) -> u8 {
        0
    }

    /// The state has two bytes: how many bytes of the run are to come, and 1 if a zero follows the run and the frame goes
    /// on.
    #[inline]
    fn unstuff(&self, state: &mut u64, first: u8, after: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
        let [left, zero, ..] = state.to_le_bytes();
        if left > 0 {
            let plain = after.len().saturating_add(1).min(left.into());
            // The run's bytes are in the lowest byte, and no more than those are taken.
            *state = state.saturating_sub(plain as u64);
            return Ok(StuffedRun::Plain(plain));
        }
        *state = u64::from_le_bytes([first.saturating_sub(1), u8::from(first < LONGEST), 0, 0, 0, 0, 0, 0]);
        Ok(if zero == 1 { StuffedRun::Byte(0) } else { StuffedRun::Nothing })
    }

    #[inline]
    fn end(&self, state: u64) -> Result<(), DecodeErrorKind> {
        match state.to_le_bytes() {
            [0, ..] => Ok(()),
            [left, ..] => Err(DecodeErrorKind::TooShort { len: 0, min: left.into() }),
        }
    }

    #[inline]
    fn stuff(&self, message: &[u8], mut write: impl FnMut(&[u8])) {
        let most = usize::from(LONGEST) - 1;
        let mut rest = message;
        loop {
            let window = rest.get(..most).unwrap_or(rest);
            let zero = memchr::memchr(0, window);
            let (run, after) = rest.split_at(zero.unwrap_or(window.len()));
            write(&[u8::try_from(run.len() + 1).unwrap_or(LONGEST)]);
            write(run);
            match (zero, after) {
                (Some(_), [_, after @ ..]) => rest = after,
                // After a full run at the message's end no further one is needed: its code says that no zero follows.
                (None, [_, ..]) => rest = after,
                (_, []) => return,
            }
        }
    }
}
