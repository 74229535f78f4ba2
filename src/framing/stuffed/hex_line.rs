//! Bytes as hexadecimal digits on a line.

use crate::error::DecodeErrorKind;
use crate::framing::stuffed::{StuffedRun, Stuffing};

/// A start character, two hexadecimal digits for each byte, CR LF: Modbus ASCII, Intel HEX.
///
/// ```text
///  message       01  03  00
///  wire      :   0 1 0 3 0 0   CR LF
/// ```
///
/// LF is the delimiter. Digits are written in upper case and read in both. A line without a byte is refused in both
/// directions.
///
/// # Errors
///
/// [`DecodeErrorKind::Mismatch`] at another first character, and at a byte other than LF after CR.
/// [`DecodeErrorKind::NotADigit`] at a byte that is no digit, and at an LF without its CR.
///
/// # Specification
///
/// MODBUS over Serial Line 1.02, section 2.5.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HexLine {
    start: u8,
}

impl HexLine {
    /// Creates lines that begin with this character.
    #[must_use]
    pub const fn new(start: u8) -> Self {
        Self { start }
    }

    /// Returns the first character of each line.
    #[must_use]
    pub const fn start(&self) -> u8 {
        self.start
    }
}

/// States: before the start character, before a byte's first digit, after the CR, and before the second digit, with the first in
/// the second byte.
const START: u8 = 0;
const FIRST: u8 = 1;
const END: u8 = 2;
const SECOND: u8 = 3;

fn digit(found: u8) -> Result<u8, DecodeErrorKind> {
    match found {
        b'0'..=b'9' => Ok(found - b'0'),
        b'a'..=b'f' => Ok(found - b'a' + 10),
        b'A'..=b'F' => Ok(found - b'A' + 10),
        _ => Err(DecodeErrorKind::NotADigit { found, radix: 16 }),
    }
}

impl Stuffing for HexLine {
    fn delimiter(&self) -> u8 {
        b'\n'
    }

    fn unstuff(&self, state: &mut u64, first: u8, _: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
        let [phase, high, ..] = state.to_le_bytes();
        let (next, run) = match (phase, first) {
            (START, found) if found == self.start => ([FIRST, 0], StuffedRun::Nothing),
            (START, found) => return Err(DecodeErrorKind::Mismatch { found, expected: self.start }),
            // A line without a byte is no frame.
            (FIRST, b'\r') if high == 1 => ([END, 0], StuffedRun::Nothing),
            (FIRST, found) => ([SECOND, digit(found)?], StuffedRun::Nothing),
            (SECOND, found) => ([FIRST, 1], StuffedRun::Byte(high << 4 | digit(found)?)),
            (_, found) => return Err(DecodeErrorKind::Mismatch { found, expected: b'\n' }),
        };
        *state = u16::from_le_bytes(next).into();
        Ok(run)
    }

    fn end(&self, state: u64) -> Result<(), DecodeErrorKind> {
        match state.to_le_bytes() {
            [END, ..] => Ok(()),
            _ => Err(DecodeErrorKind::NotADigit { found: b'\n', radix: 16 }),
        }
    }

    fn stuff(&self, message: &[u8], sum: &[u8], mut write: impl FnMut(&[u8])) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        if message.is_empty() && sum.is_empty() {
            return;
        }
        write(&[self.start]);
        for byte in message.iter().chain(sum) {
            write(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        write(b"\r");
    }
}
