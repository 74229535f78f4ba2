//! COBS.

use crate::error::DecodeErrorKind;
use crate::framing::stuffed::{StuffedRun, Stuffing};

/// COBS: `00` ends a frame; inside, each zero is replaced by its distance to the next zero.
///
/// ```text
///  message          11  22  00  33
///  wire         03  11  22  02  33  00        03 and 02 count the bytes to the next zero; the last zero is the delimiter
/// ```
///
/// A run of 254 bytes without a zero has the code `ff`, and no zero follows it. The empty message is `01 00`. The first code is
/// the frame's header.
///
/// # Errors
///
/// [`DecodeErrorKind::EndsEarly`] at a delimiter inside a run.
///
/// # Specification
///
/// S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7 (2), 1999. A
/// message that ends with a run of 254 bytes ends with it here; some encoders write an unnecessary `01` after it, which is
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
            [left, ..] => Err(DecodeErrorKind::EndsEarly { missing: left.into() }),
        }
    }

    #[inline]
    fn stuff(&self, message: &[u8], sum: &[u8], mut write: impl FnMut(&[u8])) {
        runs(message, sum, |code, one, other, _| {
            write(&[code]);
            write(one);
            write(other);
        });
    }

    #[inline]
    fn takes_any_byte(&self) -> bool {
        true
    }

    #[inline]
    fn begins_with_header(&self) -> bool {
        true
    }
}

/// Passes the runs of two slices that follow each other to `write`: the code, the bytes in one slice and in the
/// other, and whether it is the last.
#[inline]
fn runs<'a>(message: &'a [u8], sum: &'a [u8], mut write: impl FnMut(u8, &'a [u8], &'a [u8], bool)) {
    let most = usize::from(LONGEST) - 1;
    let (mut rest, mut later) = (message, sum);
    loop {
        let window = rest.get(..most).unwrap_or(rest);
        let in_later = later.get(..most - window.len()).unwrap_or(later);
        let zero = memchr::memchr(0, window);
        // A run goes on in the second slice where the first is over.
        let later_zero = if zero.is_none() { memchr::memchr(0, in_later) } else { None };
        let (one, after) = rest.split_at(zero.unwrap_or(window.len()));
        let (other, after_later) = match zero {
            Some(_) => later.split_at(0),
            None => later.split_at(later_zero.unwrap_or(in_later.len())),
        };
        // No other run is needed after a full one at the message's end: its code means that no zero follows.
        let is_last = zero.is_none() && later_zero.is_none() && after.is_empty() && after_later.is_empty();
        write(u8::try_from(one.len() + other.len() + 1).unwrap_or(LONGEST), one, other, is_last);
        if is_last {
            return;
        }
        (rest, later) = match (zero, later_zero) {
            (Some(_), _) => (after.get(1..).unwrap_or_default(), after_later),
            (None, Some(_)) => (after, after_later.get(1..).unwrap_or_default()),
            (None, None) => (after, after_later),
        };
    }
}

/// COBS in other forms: with a delimiter other than zero, reduced, or with a delimiter before each frame.
///
/// ```text
///  message          11  22  00  33
///  wire, aa         a9  bb  88  a8  99  aa        each byte of COBS is XORed with the sentinel aa
///  wire, reduced    03  11  22  33  00            33 is the last code, because it is greater than 02
/// ```
///
/// Reduced COBS replaces the last code by the last byte of the message if that byte is not less than the code. Then the
/// code announces more bytes than come, and the code itself is the last byte. Frames of this form have no header.
///
/// # Errors
///
/// As [`Cobs`]. In the reduced form every frame can be read.
///
/// # Specification
///
/// As [`Cobs`]; C. McQuaid, "COBS/R", 2010, in the Python package `cobs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CobsVariant {
    sentinel: u8,
    is_reduced: bool,
    begins_with_delimiter: bool,
}

impl CobsVariant {
    /// Creates COBS with this delimiter.
    #[must_use]
    pub const fn new(sentinel: u8) -> Self {
        Self { sentinel, is_reduced: false, begins_with_delimiter: false }
    }

    /// Makes it the reduced form, COBS/R.
    #[must_use]
    pub const fn reduced(mut self) -> Self {
        self.is_reduced = true;
        self
    }

    /// Makes the encoder write a delimiter before each frame too.
    #[must_use]
    pub const fn with_delimiter_before(mut self) -> Self {
        self.begins_with_delimiter = true;
        self
    }

    /// Returns the delimiter, whether the form is reduced, and whether a delimiter stands before each frame.
    #[cfg(feature = "spec")]
    pub(crate) const fn parts(&self) -> (u8, bool, bool) {
        (self.sentinel, self.is_reduced, self.begins_with_delimiter)
    }
}

impl Stuffing for CobsVariant {
    #[inline]
    fn delimiter(&self) -> u8 {
        self.sentinel
    }

    /// As in [`Cobs`], and the third byte of the state is the last code.
    #[inline]
    fn unstuff(&self, state: &mut u64, first: u8, after: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
        let code = first ^ self.sentinel;
        let [left, zero, last, ..] = state.to_le_bytes();
        if left > 0 && self.sentinel != 0 {
            *state = u64::from_le_bytes([left - 1, zero, last, 0, 0, 0, 0, 0]);
            return Ok(StuffedRun::Byte(code));
        }
        let mut cobs = u64::from_le_bytes([left, zero, 0, 0, 0, 0, 0, 0]);
        let run = Cobs.unstuff(&mut cobs, code, after)?;
        let [left_now, zero, ..] = cobs.to_le_bytes();
        *state = u64::from_le_bytes([left_now, zero, if left > 0 { last } else { code }, 0, 0, 0, 0, 0]);
        Ok(run)
    }

    #[inline]
    fn end(&self, state: u64) -> Result<(), DecodeErrorKind> {
        if self.is_reduced { Ok(()) } else { Cobs.end(state & 0xffff) }
    }

    #[inline]
    fn last(&self, state: u64) -> Option<u8> {
        match state.to_le_bytes() {
            [0, ..] => None,
            [_, _, code, ..] => self.is_reduced.then_some(code),
        }
    }

    #[inline]
    fn adds_at_end(&self) -> bool {
        self.is_reduced
    }

    fn stuff(&self, message: &[u8], sum: &[u8], mut write: impl FnMut(&[u8])) {
        let mut write = |bytes: &[u8]| match self.sentinel {
            0 => write(bytes),
            sentinel => bytes.iter().for_each(|byte| write(&[byte ^ sentinel])),
        };
        let last = sum.last().or(message.last()).copied();
        runs(message, sum, |code, one, other, is_last| match last {
            Some(byte) if self.is_reduced && is_last && byte >= code && code > 1 => {
                write(&[byte]);
                match other.split_last() {
                    Some((_, other)) => {
                        write(one);
                        write(other);
                    }
                    None => write(one.split_last().map_or(&[][..], |(_, one)| one)),
                }
            }
            _ => {
                write(&[code]);
                write(one);
                write(other);
            }
        });
    }

    #[inline]
    fn begins_with_delimiter(&self) -> bool {
        self.begins_with_delimiter
    }

    #[inline]
    fn takes_any_byte(&self) -> bool {
        true
    }

    /// Not in the reduced form, whose first code may be the last byte of the message.
    #[inline]
    fn begins_with_header(&self) -> bool {
        !self.is_reduced
    }
}
