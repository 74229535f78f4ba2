//! Escapes in general: SLIP, HDLC, PPP, and what a device invents.

use crate::error::{ConfigError, DecodeErrorKind};
use crate::framing::stuffed::{StuffedRun, Stuffing};
use crate::scan::ByteSet;

/// A delimiter, an escape byte, and the byte after it: the escaped byte XORed with a number, or another byte from a table.
///
/// ```text
///  message            7e  11      7d
///  hdlc()         7e  7d  5e  11  7d  5d  7e        XOR 20
/// ```
///
/// # Errors
///
/// [`DecodeErrorKind::Forbidden`] at a delimiter after an escape, which aborts a frame in HDLC, and at a byte after an escape that
/// has no meaning.
///
/// # Specification
///
/// [`hdlc`](Self::hdlc): RFC 1662, section 4.2. The control characters of
/// [`with_control_characters`](Self::with_control_characters) are its ACCM; received unescaped they are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Escaping {
    delimiter: u8,
    escape: u8,
    how: How,
    /// A bit for each of the 32 control characters.
    control: u32,
    begins_with_delimiter: bool,
    /// Other bytes that the encoder escapes.
    also: ByteSet,
}

/// How the byte after the escape is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum How {
    Xor(u8),
    /// For the delimiter, and for the escape.
    Codes(u8, u8),
}

/// The state after the escape.
const ESCAPED: u64 = 1;

impl Escaping {
    /// Creates the octet stuffing of HDLC and PPP: delimiter `7e`, escape `7d`, XOR `20`. A flag stands before each frame too.
    #[must_use]
    pub const fn hdlc() -> Self {
        Self {
            delimiter: 0x7e,
            escape: 0x7d,
            how: How::Xor(0x20),
            control: 0,
            begins_with_delimiter: true,
            also: ByteSet::EMPTY,
        }
    }

    /// Creates a stuffing in which an escaped byte is XORed with `xor`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if delimiter and escape are one byte, or if an escaped one would still be a delimiter or be
    /// itself.
    pub const fn xor(delimiter: u8, escape: u8, xor: u8) -> Result<Self, ConfigError> {
        if delimiter == escape || xor == 0 || delimiter ^ xor == escape {
            return Err(ConfigError::Conflict("delimiter and escape are the same byte, or become it when escaped"));
        }
        Ok(Self {
            delimiter,
            escape,
            how: How::Xor(xor),
            control: 0,
            begins_with_delimiter: false,
            also: ByteSet::EMPTY,
        })
    }

    /// Creates a stuffing in which one byte after the escape stands for the delimiter and another for the escape, as in SLIP.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if delimiter and escape are one byte, if the two codes are, or if a code is the delimiter.
    pub const fn codes(delimiter: u8, escape: u8, for_delimiter: u8, for_escape: u8) -> Result<Self, ConfigError> {
        if delimiter == escape || for_delimiter == for_escape || for_delimiter == delimiter || for_escape == delimiter {
            return Err(ConfigError::Conflict("delimiter, escape and codes must differ"));
        }
        let how = How::Codes(for_delimiter, for_escape);
        Ok(Self { delimiter, escape, how, control: 0, begins_with_delimiter: false, also: ByteSet::EMPTY })
    }

    /// Escapes those of the 32 control characters whose bits are set, as PPP's ACCM does; bit 0 is for `00`. Where they come
    /// unescaped they are dropped: a modem has inserted them.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if the stuffing has codes, or if the delimiter, the escape or an escaped one is such a
    /// character.
    pub const fn with_control_characters(mut self, control: u32) -> Result<Self, ConfigError> {
        let How::Xor(xor) = self.how else {
            return Err(ConfigError::Conflict("with codes there is no code for a control character"));
        };
        if !self.also.is_empty() {
            return Err(ConfigError::Conflict("control characters are set before other bytes"));
        }
        self.control = control;
        let mut byte = 0;
        while byte < 32 {
            let escaped = byte ^ xor;
            if self.is_control(byte) && (self.is_control(escaped) || escaped == self.delimiter) {
                return Err(ConfigError::Conflict(
                    "an escaped control character would be a control character or the delimiter",
                ));
            }
            byte += 1;
        }
        let escaped = [self.delimiter, self.escape, self.delimiter ^ xor, self.escape ^ xor];
        let mut at = 0;
        while at < escaped.len() {
            if self.is_control(escaped[at]) {
                return Err(ConfigError::Conflict(
                    "the delimiter or the escape is a control character that is dropped",
                ));
            }
            at += 1;
        }
        Ok(self)
    }

    /// Makes the encoder escape these bytes too, such as GDB's `$` and `*`. The decoder also reads them unescaped.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if the stuffing has codes, or if an escaped one would be a delimiter or a control character that is
    /// dropped.
    pub fn with_also_escaped(mut self, also: ByteSet) -> Result<Self, ConfigError> {
        let How::Xor(xor) = self.how else {
            return Err(ConfigError::Conflict("with codes there is no code for another byte"));
        };
        if also.iter().any(|byte| byte ^ xor == self.delimiter || self.is_control(byte ^ xor)) {
            return Err(ConfigError::Conflict("an escaped byte would be a delimiter, or would be dropped"));
        }
        self.also = also;
        Ok(self)
    }

    /// Makes the encoder escape these bytes too, without checking them.
    #[cfg(feature = "protocols")]
    pub(crate) const fn also_escaping(mut self, also: ByteSet) -> Self {
        self.also = also;
        self
    }

    /// Returns the other bytes that are escaped.
    #[cfg(feature = "spec")]
    pub(crate) const fn also(&self) -> &ByteSet {
        &self.also
    }

    /// Sets whether the encoder writes a delimiter before each frame too.
    #[must_use]
    pub const fn with_delimiter_before(mut self, before: bool) -> Self {
        self.begins_with_delimiter = before;
        self
    }

    /// Returns the delimiter, with which frames begin or end.
    #[must_use]
    pub const fn start(&self) -> u8 {
        self.delimiter
    }

    #[inline]
    const fn is_control(&self, byte: u8) -> bool {
        byte < 32 && self.control >> byte & 1 == 1
    }

    /// Returns the escape byte, how it escapes, the control characters, and whether a delimiter stands before frames.
    #[cfg(feature = "spec")]
    pub(crate) const fn parts(&self) -> (u8, How, u32, bool) {
        (self.escape, self.how, self.control, self.begins_with_delimiter)
    }
}

impl Stuffing for Escaping {
    #[inline]
    fn delimiter(&self) -> u8 {
        self.delimiter
    }

    #[inline]
    fn unstuff(&self, state: &mut u64, first: u8, after: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
        if self.is_control(first) {
            return Ok(StuffedRun::Nothing);
        }
        if *state == ESCAPED {
            *state = 0;
            return match self.how {
                How::Xor(xor) => Ok(StuffedRun::Byte(first ^ xor)),
                How::Codes(code, _) if first == code => Ok(StuffedRun::Byte(self.delimiter)),
                How::Codes(_, code) if first == code => Ok(StuffedRun::Byte(self.escape)),
                How::Codes(..) => Err(DecodeErrorKind::Forbidden { found: first }),
            };
        }
        if first == self.escape {
            *state = ESCAPED;
            return Ok(StuffedRun::Nothing);
        }
        let plain = match self.control {
            0 => memchr::memchr(self.escape, after),
            _ => after.iter().position(|&byte| byte == self.escape || self.is_control(byte)),
        };
        Ok(StuffedRun::Plain(plain.unwrap_or(after.len()).saturating_add(1)))
    }

    #[inline]
    fn end(&self, state: u64) -> Result<(), DecodeErrorKind> {
        match state {
            ESCAPED => Err(DecodeErrorKind::Forbidden { found: self.delimiter }),
            _ => Ok(()),
        }
    }

    #[inline]
    fn takes_any_byte(&self) -> bool {
        matches!(self.how, How::Xor(_))
    }

    #[inline]
    fn escape(&self) -> Option<u8> {
        Some(self.escape)
    }

    fn stuff(&self, message: &[u8], sum: &[u8], mut write: impl FnMut(&[u8])) {
        for bytes in [message, sum] {
            let mut rest = bytes;
            let special = |byte: &u8| {
                *byte == self.delimiter || *byte == self.escape || self.is_control(*byte) || self.also.contains(*byte)
            };
            while let Some(at) = rest.iter().position(special) {
                let (plain, after) = rest.split_at(at);
                write(plain);
                let byte = after[0];
                write(&[
                    self.escape,
                    match self.how {
                        How::Xor(xor) => byte ^ xor,
                        How::Codes(code, _) if byte == self.delimiter => code,
                        How::Codes(_, code) => code,
                    },
                ]);
                rest = &after[1..];
            }
            write(rest);
        }
    }

    #[inline]
    fn begins_with_delimiter(&self) -> bool {
        self.begins_with_delimiter
    }
}
