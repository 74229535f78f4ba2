//! The fields of a payload, one after the other.

use super::{BigEndian, ByteOrder, FieldError, LittleEndian, Order};
use super::{checked_width, in_order, signed_width_for, width_for, without};

/// Reads the fields of a payload one after the other.
///
/// ```text
///  offset    0   1   2   3   4   5   6
///  payload  07  00  2a  ff  ff  68  69
///           u8  u16     i16     rest
/// ```
///
/// ```
/// use anysplit::order::{FieldError, FieldReader, Order};
///
/// let mut fields = FieldReader::new(Order::NETWORK, b"\x07\x00\x2a\xff\xffhi");
/// assert_eq!(fields.u8()?, 7);
/// assert_eq!(fields.u16()?, 42);
/// assert_eq!(fields.i16()?, -1);
/// assert_eq!(fields.u32(), Err(FieldError::Short { offset: 5, needed: 4, available: 2 }));
/// assert_eq!(fields.finish(), Err(FieldError::Left { offset: 5, left: 2 }));
/// assert_eq!(fields.rest(), b"hi");
/// fields.finish()?;
/// # Ok::<(), FieldError>(())
/// ```
///
/// Errors: every method that reads a field returns [`FieldError::Short`] if the field extends past the end, and then
/// reads nothing.
///
/// Cost: constant time for each field, no copy of bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldReader<'a> {
    order: Order,
    /// The bytes that were not read.
    rest: &'a [u8],
    position: usize,
}

macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident -> $type:ty, $width:literal bytes, $read:ident($($argument:literal)?);)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// [`FieldError::Short`].
        #[inline]
        pub fn $name(&mut self) -> Result<$type, FieldError> {
            let field = self.array::<$width>()?;
            Ok(in_order!(self.order, $read(field $(, $argument)?)))
        }
    )*};
}

impl<'a> FieldReader<'a> {
    /// Creates a reader from the start of `payload`, for numbers in this order.
    #[inline]
    #[must_use]
    pub const fn new(order: Order, payload: &'a [u8]) -> Self {
        Self { order, rest: payload, position: 0 }
    }

    /// Reads one byte.
    ///
    /// # Errors
    ///
    /// [`FieldError::Short`].
    #[inline]
    pub fn u8(&mut self) -> Result<u8, FieldError> {
        let [byte] = self.array()?;
        Ok(*byte)
    }

    /// Reads one signed byte.
    ///
    /// # Errors
    ///
    /// [`FieldError::Short`].
    #[inline]
    pub fn i8(&mut self) -> Result<i8, FieldError> {
        Ok(i8::from_ne_bytes(*self.array()?))
    }

    readers! {
        /// Reads an unsigned number of 2 bytes.
        u16 -> u16, 2 bytes, read_u16();
        /// Reads an unsigned number of 3 bytes.
        u24 -> u32, 3 bytes, read_u24();
        /// Reads an unsigned number of 4 bytes.
        u32 -> u32, 4 bytes, read_u32();
        /// Reads an unsigned number of 6 bytes.
        u48 -> u64, 6 bytes, read_u48();
        /// Reads an unsigned number of 8 bytes.
        u64 -> u64, 8 bytes, read_u64();
        /// Reads an unsigned number of 16 bytes.
        u128 -> u128, 16 bytes, read_u128();
        /// Reads a signed number of 2 bytes.
        i16 -> i16, 2 bytes, read_i16();
        /// Reads a signed number of 3 bytes.
        i24 -> i32, 3 bytes, read_i24();
        /// Reads a signed number of 4 bytes.
        i32 -> i32, 4 bytes, read_i32();
        /// Reads a signed number of 6 bytes.
        i48 -> i64, 6 bytes, read_int(6);
        /// Reads a signed number of 8 bytes.
        i64 -> i64, 8 bytes, read_i64();
        /// Reads a signed number of 16 bytes.
        i128 -> i128, 16 bytes, read_i128();
        /// Reads a float of 4 bytes (IEEE 754 binary32). Every bit pattern is valid and kept.
        f32 -> f32, 4 bytes, read_f32();
        /// Reads a float of 8 bytes (IEEE 754 binary64). Every bit pattern is valid and kept.
        f64 -> f64, 8 bytes, read_f64();
    }

    /// Reads an unsigned number of `width` bytes, 1 to 16.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], [`FieldError::Short`].
    #[inline]
    pub fn uint(&mut self, width: usize) -> Result<u128, FieldError> {
        checked_width(width)?;
        self.order.read_uint(self.bytes(width)?)
    }

    /// Reads a signed number of `width` bytes, 1 to 16.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], [`FieldError::Short`].
    #[inline]
    pub fn int(&mut self, width: usize) -> Result<i128, FieldError> {
        checked_width(width)?;
        self.order.read_int(self.bytes(width)?)
    }

    /// Reads the next `len` bytes unchanged.
    ///
    /// # Errors
    ///
    /// [`FieldError::Short`].
    #[inline]
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], FieldError> {
        let (field, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.short(len))?;
        self.advance(len, rest);
        Ok(field)
    }

    /// Reads the bytes before the next `terminator`, and that byte: a field that ends with NUL, for example.
    ///
    /// ```
    /// use anysplit::order::{FieldReader, Order};
    ///
    /// let mut fields = FieldReader::new(Order::NETWORK, b"user\0alice\0");
    /// assert_eq!((fields.until(0)?, fields.until(0)?), (&b"user"[..], &b"alice"[..]));
    /// fields.finish()?;
    /// # Ok::<(), anysplit::order::FieldError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::Unterminated`].
    pub fn until(&mut self, terminator: u8) -> Result<&'a [u8], FieldError> {
        let unterminated = FieldError::Unterminated { offset: self.position, terminator };
        let len = memchr::memchr(terminator, self.rest).ok_or(unterminated)?;
        let field = self.bytes(len)?;
        self.array::<1>()?;
        Ok(field)
    }

    /// Reads the next `N` bytes unchanged.
    ///
    /// # Errors
    ///
    /// [`FieldError::Short`].
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], FieldError> {
        let (field, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.short(N))?;
        self.advance(N, rest);
        Ok(field)
    }

    /// Reads all remaining bytes, perhaps none.
    #[inline]
    pub fn rest(&mut self) -> &'a [u8] {
        let field = self.rest;
        self.advance(field.len(), &[]);
        field
    }

    /// Returns how many bytes were read.
    #[inline]
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Returns how many bytes remain.
    #[inline]
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Checks that every byte was read.
    ///
    /// # Errors
    ///
    /// [`FieldError::Left`].
    #[inline]
    pub const fn finish(&self) -> Result<(), FieldError> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(FieldError::Left { offset: self.position, left }),
        }
    }

    #[inline]
    fn advance(&mut self, len: usize, rest: &'a [u8]) {
        self.rest = rest;
        // At most the payload's length.
        self.position = self.position.saturating_add(len);
    }

    #[cold]
    fn short(&self, needed: usize) -> FieldError {
        FieldError::Short { offset: self.position, needed, available: self.remaining() }
    }
}

/// Writes fields one after the other into the caller's buffer, such as the payload of a message of fixed length.
///
/// ```text
///  offset    0   1   2   3   4   5   6
///  payload  07  00  2a  ff  ff  68  69
///           u8  u16     i16     bytes
/// ```
///
/// ```
/// use anysplit::order::{FieldError, FieldWriter, Order};
///
/// let mut payload = [0; 7];
/// let mut fields = FieldWriter::new(Order::NETWORK, &mut payload);
/// fields.u8(7)?.u16(42)?.i16(-1)?;
/// assert_eq!(fields.u32(1).unwrap_err(), FieldError::Short { offset: 5, needed: 4, available: 2 });
/// assert_eq!(fields.finish(), Err(FieldError::Left { offset: 5, left: 2 }));
/// fields.bytes(b"hi")?.finish()?;
/// assert_eq!(&payload, b"\x07\x00\x2a\xff\xffhi");
/// # Ok::<(), FieldError>(())
/// ```
///
/// Errors: every method that writes a field returns [`FieldError::Short`] if the field extends past the end. A method
/// whose type is wider than its field also returns [`FieldError::DoesNotFit`] or [`FieldError::DoesNotFitSigned`].
/// Nothing is then written.
///
/// Cost: constant time for each number, one copy of bytes.
#[derive(Debug)]
pub struct FieldWriter<'a> {
    order: Order,
    /// The bytes that were not written.
    room: &'a mut [u8],
    position: usize,
}

macro_rules! writers {
    ($($(#[$doc:meta])* $name:ident($type:ty), $width:literal bytes, $write:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// [`FieldError::Short`].
        #[inline]
        pub fn $name(&mut self, value: $type) -> Result<&mut Self, FieldError> {
            let order = self.order;
            in_order!(order, $write(self.field($width)?, value));
            Ok(self)
        }
    )*};
}

macro_rules! narrow_writers {
    ($($(#[$doc:meta])* $name:ident($type:ty), $width:literal bytes, $write:ident, $error:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        #[doc = concat!("[`FieldError::", stringify!($error), "`], [`FieldError::Short`].")]
        #[inline]
        pub fn $name(&mut self, value: $type) -> Result<&mut Self, FieldError> {
            self.$write(value.into(), $width)
        }
    )*};
}

impl<'a> FieldWriter<'a> {
    /// Creates a writer from the start of `room`, for numbers in this order.
    #[inline]
    #[must_use]
    pub const fn new(order: Order, room: &'a mut [u8]) -> Self {
        Self { order, room, position: 0 }
    }

    /// Writes one byte.
    ///
    /// # Errors
    ///
    /// [`FieldError::Short`].
    #[inline]
    pub fn u8(&mut self, value: u8) -> Result<&mut Self, FieldError> {
        self.bytes(&[value])
    }

    /// Writes one signed byte.
    ///
    /// # Errors
    ///
    /// [`FieldError::Short`].
    #[inline]
    pub fn i8(&mut self, value: i8) -> Result<&mut Self, FieldError> {
        self.bytes(&value.to_ne_bytes())
    }

    writers! {
        /// Writes an unsigned number of 2 bytes.
        u16(u16), 2 bytes, write_u16;
        /// Writes an unsigned number of 4 bytes.
        u32(u32), 4 bytes, write_u32;
        /// Writes an unsigned number of 8 bytes.
        u64(u64), 8 bytes, write_u64;
        /// Writes an unsigned number of 16 bytes.
        u128(u128), 16 bytes, write_u128;
        /// Writes a signed number of 2 bytes.
        i16(i16), 2 bytes, write_i16;
        /// Writes a signed number of 4 bytes.
        i32(i32), 4 bytes, write_i32;
        /// Writes a signed number of 8 bytes.
        i64(i64), 8 bytes, write_i64;
        /// Writes a signed number of 16 bytes.
        i128(i128), 16 bytes, write_i128;
        /// Writes a float of 4 bytes (IEEE 754 binary32). Every bit pattern is valid and kept.
        f32(f32), 4 bytes, write_f32;
        /// Writes a float of 8 bytes (IEEE 754 binary64). Every bit pattern is valid and kept.
        f64(f64), 8 bytes, write_f64;
    }

    narrow_writers! {
        /// Writes an unsigned number of 3 bytes.
        u24(u32), 3 bytes, uint, DoesNotFit;
        /// Writes an unsigned number of 6 bytes.
        u48(u64), 6 bytes, uint, DoesNotFit;
        /// Writes a signed number of 3 bytes.
        i24(i32), 3 bytes, int, DoesNotFitSigned;
        /// Writes a signed number of 6 bytes.
        i48(i64), 6 bytes, int, DoesNotFitSigned;
    }

    /// Writes an unsigned number of `width` bytes, 1 to 16.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], [`FieldError::DoesNotFit`], [`FieldError::Short`].
    #[inline]
    pub fn uint(&mut self, value: u128, width: usize) -> Result<&mut Self, FieldError> {
        let width = width_for(value, width)?;
        let order = self.order;
        order.write_uint(value, self.field(width)?)?;
        Ok(self)
    }

    /// Writes a signed number of `width` bytes, 1 to 16.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], [`FieldError::DoesNotFitSigned`], [`FieldError::Short`].
    #[inline]
    pub fn int(&mut self, value: i128, width: usize) -> Result<&mut Self, FieldError> {
        let width = signed_width_for(value, width)?;
        let order = self.order;
        order.write_int(value, self.field(width)?)?;
        Ok(self)
    }

    /// Writes these bytes unchanged.
    ///
    /// # Errors
    ///
    /// [`FieldError::Short`].
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<&mut Self, FieldError> {
        self.field(bytes.len())?.copy_from_slice(bytes);
        Ok(self)
    }

    /// Writes these bytes and `terminator` after them.
    ///
    /// # Errors
    ///
    /// [`FieldError::ContainsTerminator`] where the bytes have one, [`FieldError::Short`].
    pub fn terminated(&mut self, bytes: &[u8], terminator: u8) -> Result<&mut Self, FieldError> {
        without(bytes, terminator)?;
        let field = self.field(bytes.len().saturating_add(1))?;
        field.iter_mut().zip(bytes.iter().chain([&terminator])).for_each(|(to, from)| *to = *from);
        Ok(self)
    }

    /// Returns how many bytes were written.
    #[inline]
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Returns how many bytes of room remain.
    #[inline]
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.room.len()
    }

    /// Checks that every byte was written.
    ///
    /// # Errors
    ///
    /// [`FieldError::Left`].
    #[inline]
    pub const fn finish(&self) -> Result<(), FieldError> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(FieldError::Left { offset: self.position, left }),
        }
    }

    /// Takes the next `len` bytes of room.
    #[inline]
    fn field(&mut self, len: usize) -> Result<&mut [u8], FieldError> {
        let available = self.remaining();
        if len > available {
            return Err(FieldError::Short { offset: self.position, needed: len, available });
        }
        let (field, room) = core::mem::take(&mut self.room).split_at_mut(len);
        self.room = room;
        // At most the room's length.
        self.position = self.position.saturating_add(len);
        Ok(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: [Order; 2] = [Order::Big, Order::Little];

    #[test]
    fn fields_of_every_type_read_back_in_both_orders() {
        for order in ORDERS {
            let mut payload = [0; 128];
            let mut writer = FieldWriter::new(order, &mut payload);
            writer.u8(0x81).unwrap().u16(0x8182).unwrap().u24(0x81_8283).unwrap().u32(0x8182_8384).unwrap();
            writer.u48(0x8182_8384_8586).unwrap().u64(1 << 63 | 5).unwrap().u128(1 << 127 | 6).unwrap();
            writer.i8(-1).unwrap().i16(-2).unwrap().i24(-3).unwrap().i32(-4).unwrap();
            writer.i48(-5).unwrap().i64(-6).unwrap().i128(-7).unwrap();
            writer.f32(-0.5).unwrap().f64(f64::NAN).unwrap();
            writer.uint(0x81_8283_8485, 5).unwrap().int(-8, 9).unwrap().bytes(b"bytes").unwrap();
            let len = writer.position();
            assert_eq!(len, 40 + 40 + 12 + 14 + 5);
            assert_eq!(writer.remaining(), 128 - len);
            assert_eq!(writer.finish(), Err(FieldError::Left { offset: len, left: 128 - len }));

            let mut reader = FieldReader::new(order, &payload[..len]);
            assert_eq!(reader.u8(), Ok(0x81));
            assert_eq!(reader.u16(), Ok(0x8182));
            assert_eq!(reader.u24(), Ok(0x81_8283));
            assert_eq!(reader.u32(), Ok(0x8182_8384));
            assert_eq!(reader.u48(), Ok(0x8182_8384_8586));
            assert_eq!(reader.u64(), Ok(1 << 63 | 5));
            assert_eq!(reader.u128(), Ok(1 << 127 | 6));
            assert_eq!(reader.i8(), Ok(-1));
            assert_eq!(reader.i16(), Ok(-2));
            assert_eq!(reader.i24(), Ok(-3));
            assert_eq!(reader.i32(), Ok(-4));
            assert_eq!(reader.i48(), Ok(-5));
            assert_eq!(reader.i64(), Ok(-6));
            assert_eq!(reader.i128(), Ok(-7));
            assert_eq!(reader.f32(), Ok(-0.5));
            assert_eq!(reader.f64().map(f64::to_bits), Ok(f64::NAN.to_bits()));
            assert_eq!(reader.uint(5), Ok(0x81_8283_8485));
            assert_eq!(reader.int(9), Ok(-8));
            assert_eq!(reader.remaining(), 5);
            assert_eq!(reader.finish(), Err(FieldError::Left { offset: len - 5, left: 5 }));
            assert_eq!(reader.array::<2>(), Ok(b"by"));
            assert_eq!(reader.bytes(3), Ok(&b"tes"[..]));
            assert_eq!(reader.finish(), Ok(()));
            assert_eq!(reader.rest(), b"");
            assert_eq!(reader.position(), len);
        }
    }

    #[test]
    fn bytes_of_a_field_are_in_its_order() {
        let mut payload = [0; 18];
        let mut writer = FieldWriter::new(Order::Big, &mut payload);
        writer.u16(0x0102).unwrap().u24(0x03_0405).unwrap().u48(0x0607_0809_0a0b).unwrap().i24(-2).unwrap();
        writer.f32(1.0).unwrap().finish().unwrap();
        assert_eq!(payload, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xff, 0xff, 0xfe, 0x3f, 0x80, 0, 0]);
        let mut writer = FieldWriter::new(Order::Little, &mut payload);
        writer.u16(0x0102).unwrap().u24(0x03_0405).unwrap().u48(0x0607_0809_0a0b).unwrap().i24(-2).unwrap();
        writer.f32(1.0).unwrap().finish().unwrap();
        assert_eq!(payload, [2, 1, 5, 4, 3, 11, 10, 9, 8, 7, 6, 0xfe, 0xff, 0xff, 0, 0, 0x80, 0x3f]);
    }

    #[test]
    fn narrow_field_of_a_value_too_great_is_refused() {
        let mut payload = [0xee; 8];
        let mut writer = FieldWriter::new(Order::Big, &mut payload);
        let unsigned = |value, width| FieldError::DoesNotFit { value, width };
        let signed = |value, width| FieldError::DoesNotFitSigned { value, width };
        assert_eq!(writer.u24(0x0100_0000).unwrap_err(), unsigned(0x0100_0000, 3));
        assert_eq!(writer.u48(1 << 48).unwrap_err(), unsigned(1 << 48, 6));
        assert_eq!(writer.i24(0x80_0000).unwrap_err(), signed(0x80_0000, 3));
        assert_eq!(writer.i24(-0x80_0001).unwrap_err(), signed(-0x80_0001, 3));
        assert_eq!(writer.i48(1 << 47).unwrap_err(), signed(1 << 47, 6));
        assert_eq!(writer.i48(-(1 << 47) - 1).unwrap_err(), signed(-(1 << 47) - 1, 6));
        assert_eq!((writer.position(), writer.remaining()), (0, 8));
        assert_eq!(payload, [0xee; 8]);
    }

    #[test]
    fn field_past_the_end_reads_and_writes_nothing() {
        let payload = [9; 10];
        for have in 0..10 {
            let mut reader = FieldReader::new(Order::Little, &payload[..have]);
            let short = |needed| FieldError::Short { offset: 0, needed, available: have };
            assert_eq!(reader.bytes(have + 1), Err(short(have + 1)));
            assert_eq!(reader.bytes(usize::MAX), Err(short(usize::MAX)));
            assert_eq!(reader.u128(), Err(short(16)));
            assert_eq!(reader.uint(16), Err(short(16)));
            assert_eq!(reader.int(have + 1), Err(short(have + 1)));
            assert_eq!(reader.array::<11>(), Err(short(11)));
            assert_eq!((reader.position(), reader.remaining()), (0, have));

            let mut room = [7; 10];
            let mut writer = FieldWriter::new(Order::Little, &mut room[..have]);
            assert_eq!(writer.bytes(&payload[..=have]).unwrap_err(), short(have + 1));
            assert_eq!(writer.u128(0).unwrap_err(), short(16));
            assert_eq!(writer.uint(0, have + 1).unwrap_err(), short(have + 1));
            assert_eq!((writer.position(), writer.remaining()), (0, have));
            assert_eq!(room, [7; 10]);
        }
    }

    #[test]
    fn number_of_0_or_over_16_bytes_is_refused() {
        for width in [0, 17, 40] {
            let refused = FieldError::Width { width };
            let mut field = [1; 40];
            let mut reader = FieldReader::new(Order::Big, &field);
            assert_eq!(reader.uint(width), Err(refused));
            assert_eq!(reader.int(width), Err(refused));
            assert_eq!(reader.position(), 0);
            let mut writer = FieldWriter::new(Order::Big, &mut field);
            assert_eq!(writer.uint(0, width).unwrap_err(), refused);
            assert_eq!(writer.int(0, width).unwrap_err(), refused);
            assert_eq!(writer.position(), 0);
        }
    }
}
