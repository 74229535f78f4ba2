//! Numbers of every form as fields of a payload, and fields with their length before them.

#[cfg(feature = "alloc")]
use bytes::BufMut;

use super::{Decoded, Number};
use crate::error::{EncodeError, FrameError};
#[cfg(feature = "alloc")]
use crate::order::FieldAppender;
use crate::order::{FieldError, FieldReader, FieldWriter};
use crate::short::ShortBytes;

impl<'a> FieldReader<'a> {
    /// Reads a number of this form, such as a varint.
    ///
    /// ```
    /// use anysplit::number::{Binary, Varint};
    /// use anysplit::order::{FieldReader, Order};
    ///
    /// let mut fields = FieldReader::new(Order::NETWORK, b"\xac\x02\x05alice\x00\x02hi");
    /// assert_eq!(fields.number(Varint::leb128())?, 300);
    /// assert_eq!(fields.prefixed(Binary::u8())?, b"alice");
    /// assert_eq!(fields.prefixed(Binary::u16_be())?, b"hi");
    /// # Ok::<(), anysplit::order::FieldError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::Number`], [`FieldError::Short`].
    pub fn number(&mut self, number: impl Number) -> Result<u64, FieldError> {
        let (offset, available) = (self.position(), self.remaining());
        match number.decode(self.clone().rest(), u64::MAX) {
            Ok(Decoded::Value { value, len }) => {
                self.bytes(len)?;
                Ok(value)
            }
            Ok(Decoded::Incomplete(more)) => {
                Err(FieldError::Short { offset, needed: available.saturating_add(more.get()), available })
            }
            Err(FrameError { at, kind }) => Err(FieldError::Number { offset: offset.saturating_add(at), kind }),
        }
    }

    /// Reads a number of this form, and as many bytes as it counts.
    ///
    /// # Errors
    ///
    /// [`FieldError::Number`], [`FieldError::Short`]. Nothing is then read.
    pub fn prefixed(&mut self, number: impl Number) -> Result<&'a [u8], FieldError> {
        let mut after = self.clone();
        let len = after.number(number)?;
        // A length that exceeds `usize` is longer than the rest.
        let field = after.bytes(usize::try_from(len).unwrap_or(usize::MAX))?;
        *self = after;
        Ok(field)
    }
}

impl FieldWriter<'_> {
    /// Writes a number of this form, such as a varint.
    ///
    /// # Errors
    ///
    /// [`FieldError::NumberTooLarge`], [`FieldError::Short`]. Nothing is then written.
    pub fn number(&mut self, value: u64, number: impl Number) -> Result<&mut Self, FieldError> {
        self.bytes(&encoded(value, number)?)
    }

    /// Writes the length of `bytes` as a number of this form, and the bytes after it.
    ///
    /// # Errors
    ///
    /// [`FieldError::NumberTooLarge`], [`FieldError::Short`]. Nothing is then written.
    pub fn prefixed(&mut self, bytes: &[u8], number: impl Number) -> Result<&mut Self, FieldError> {
        let len = encoded(bytes.len() as u64, number)?;
        let needed = len.len().saturating_add(bytes.len());
        if needed > self.remaining() {
            return Err(FieldError::Short { offset: self.position(), needed, available: self.remaining() });
        }
        self.bytes(&len)?.bytes(bytes)
    }
}

#[cfg(feature = "alloc")]
impl<O: BufMut> FieldAppender<'_, O> {
    /// Appends a number of this form, such as a varint.
    ///
    /// # Errors
    ///
    /// [`FieldError::NumberTooLarge`], and as the type.
    pub fn number(&mut self, value: u64, number: impl Number) -> Result<&mut Self, FieldError> {
        self.bytes(&encoded(value, number)?)
    }

    /// Appends the length of `bytes` as a number of this form, and the bytes after it.
    ///
    /// ```
    /// use anysplit::number::Varint;
    /// use anysplit::order::{FieldAppender, Order};
    ///
    /// let mut payload = Vec::new();
    /// FieldAppender::new(Order::NETWORK, &mut payload).number(300, Varint::leb128())?.prefixed(b"hi", Varint::leb128())?;
    /// assert_eq!(payload, b"\xac\x02\x02hi");
    /// # Ok::<(), anysplit::order::FieldError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::NumberTooLarge`], and as the type. Nothing is then appended.
    pub fn prefixed(&mut self, bytes: &[u8], number: impl Number) -> Result<&mut Self, FieldError> {
        let len = encoded(bytes.len() as u64, number)?;
        self.check_room(len.len().saturating_add(bytes.len()))?;
        self.bytes(&len)?.bytes(bytes)
    }
}

fn encoded(value: u64, number: impl Number) -> Result<ShortBytes, FieldError> {
    let mut out = ShortBytes::empty();
    match number.encode(value, &mut out) {
        Ok(()) => Ok(out),
        Err(EncodeError::DoesNotFit { max, .. }) => Err(FieldError::NumberTooLarge { value, max }),
        Err(_) => Err(FieldError::NumberTooLarge { value, max: number.max() }),
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use alloc::vec::Vec;

    use super::*;
    use crate::error::DecodeErrorKind;
    use crate::number::{Ascii, Binary, Varint};
    use crate::order::Order;

    #[test]
    fn fields_of_every_form_read_back() {
        let (mut appended, mut room) = (Vec::new(), [0; 18]);
        let mut writer = FieldWriter::new(Order::Big, &mut room);
        writer.number(300, Varint::leb128()).unwrap().prefixed(b"alice", Varint::quic()).unwrap();
        writer.prefixed(b"", Binary::u16_be()).unwrap().terminated(b"x\xff", 0).unwrap();
        writer.number(7, Ascii::netstring()).unwrap().terminated(b"", b'\n').unwrap().u16(9).unwrap();
        writer.finish().unwrap();
        let mut appender = FieldAppender::new(Order::Big, &mut appended);
        appender.number(300, Varint::leb128()).unwrap().prefixed(b"alice", Varint::quic()).unwrap();
        appender.prefixed(b"", Binary::u16_be()).unwrap().terminated(b"x\xff", 0).unwrap();
        appender.number(7, Ascii::netstring()).unwrap().terminated(b"", b'\n').unwrap().u16(9).unwrap();
        assert_eq!(appended, room);
        assert_eq!(room, *b"\xac\x02\x05alice\0\0x\xff\x007:\n\0\x09");

        let mut reader = FieldReader::new(Order::Big, &room);
        assert_eq!(reader.number(Varint::leb128()), Ok(300));
        assert_eq!(reader.prefixed(Varint::quic()), Ok(&b"alice"[..]));
        assert_eq!(reader.prefixed(Binary::u16_be()), Ok(&b""[..]));
        assert_eq!(reader.until(0), Ok(&b"x\xff"[..]));
        assert_eq!(reader.number(Ascii::netstring()), Ok(7));
        assert_eq!(reader.until(b'\n'), Ok(&b""[..]));
        assert_eq!((reader.u16(), reader.finish()), (Ok(9), Ok(())));
    }

    #[test]
    fn field_that_is_refused_reads_nothing() {
        let mut reader = FieldReader::new(Order::Big, b"\x05abc");
        let short = FieldError::Short { offset: 1, needed: 5, available: 3 };
        assert_eq!(reader.prefixed(Binary::u8()), Err(short));
        assert_eq!(reader.prefixed(Binary::u64_be()), Err(FieldError::Short { offset: 0, needed: 8, available: 4 }));
        assert_eq!(reader.until(0), Err(FieldError::Unterminated { offset: 0, terminator: 0 }));
        let kind = DecodeErrorKind::NotShortest;
        let mut longer = FieldReader::new(Order::Big, b"x\x85\x00");
        longer.u8().unwrap();
        assert_eq!(longer.number(Varint::leb128()), Err(FieldError::Number { offset: 2, kind }));
        assert_eq!((reader.position(), longer.position()), (0, 1));
        let mut huge = FieldReader::new(Order::Big, &[0xff; 9]);
        assert_eq!(huge.prefixed(Binary::u64_be()).map_err(|_| huge.position()), Err(0));
    }

    #[test]
    fn field_that_is_refused_writes_nothing() {
        let mut room = [7; 4];
        let mut writer = FieldWriter::new(Order::Big, &mut room);
        let large = FieldError::NumberTooLarge { value: 256, max: 255 };
        assert_eq!(writer.number(256, Binary::u8()).unwrap_err(), large);
        assert_eq!(writer.prefixed(&[0; 256], Binary::u8()).unwrap_err(), large);
        let short = FieldError::Short { offset: 0, needed: 5, available: 4 };
        assert_eq!(writer.prefixed(b"abcd", Binary::u8()).unwrap_err(), short);
        assert_eq!(writer.terminated(b"abcd", 0).unwrap_err(), short);
        let inside = FieldError::ContainsTerminator { at: 1, terminator: 0 };
        assert_eq!(writer.terminated(b"a\0", 0).unwrap_err(), inside);
        assert_eq!((writer.position(), room), (0, [7; 4]));

        let mut fixed = [7; 4];
        let mut out = &mut fixed[..];
        let mut appender = FieldAppender::new(Order::Big, &mut out);
        assert_eq!(appender.prefixed(b"abcd", Binary::u8()).unwrap_err(), short);
        assert_eq!(appender.terminated(b"abcd", 0).unwrap_err(), short);
        assert_eq!(appender.terminated(b"a\0", 0).unwrap_err(), inside);
        assert_eq!(appender.number(256, Binary::u8()).unwrap_err(), large);
        assert_eq!((out.len(), fixed), (4, [7; 4]));
    }
}
