//! Byte order: `htons` and similar functions, an order chosen at run time, and fields of every width.
//!
//! | to | use |
//! | --- | --- |
//! | convert one number, as in C | [`htons`] [`ntohs`] [`htonl`] [`ntohl`] [`htonll`] [`ntohll`] |
//! | choose the order at compile time | [`BigEndian`], [`LittleEndian`] and their aliases, from the `byteorder` crate |
//! | choose it at run time | [`Order`] |
//! | read the fields of a payload | [`FieldReader`] |
//! | write the fields of a payload | [`FieldWriter`]; appended to a `Vec<u8>` or a `BytesMut`, `FieldAppender` |
//! | do both through `bytes::Buf` and `bytes::BufMut` | `Order::take_uint`, `put_uint`, `take_int`, `put_int` |
//!
//! Network order is big-endian: the most significant byte is first (RFC 1700, Data Notations).
//!
//! No number is ever truncated: a value that its field cannot hold is an error.

use core::fmt;

#[cfg(feature = "alloc")]
mod append;
mod fields;

#[cfg(feature = "alloc")]
pub use append::FieldAppender;
pub use fields::{FieldReader, FieldWriter};

use crate::error::{Bytes, DecodeErrorKind};

#[doc(no_inline)]
pub use byteorder::{BigEndian, ByteOrder, LittleEndian, NativeEndian, NetworkEndian};

macro_rules! network_order {
    ($($(#[$doc:meta])* $name:ident($type:ident) = $method:ident;)*) => {$(
        $(#[$doc])*
        #[inline]
        #[must_use]
        pub const fn $name(value: $type) -> $type {
            $type::$method(value)
        }
    )*};
}

network_order! {
    /// Converts 16 bits from host to network order: the result has in memory the bytes that `value` has on the wire.
    ///
    /// Reverses the bytes on a little-endian host, and does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::htons;
    ///
    /// assert_eq!(htons(0x1234).to_ne_bytes(), [0x12, 0x34]);
    /// assert_eq!(htons(0x1234), if cfg!(target_endian = "little") { 0x3412 } else { 0x1234 });
    /// ```
    ///
    /// Specification: POSIX.1-2024, `htons`.
    htons(u16) = to_be;

    /// Converts 16 bits from network to host order: the result has on the wire the bytes that `value` has in memory.
    ///
    /// Reverses the bytes on a little-endian host, and does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::ntohs;
    ///
    /// assert_eq!(ntohs(u16::from_ne_bytes([0x12, 0x34])), 0x1234);
    /// ```
    ///
    /// Specification: POSIX.1-2024, `ntohs`.
    ntohs(u16) = from_be;

    /// Converts 32 bits from host to network order: the result has in memory the bytes that `value` has on the wire.
    ///
    /// Reverses the bytes on a little-endian host, and does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::htonl;
    ///
    /// assert_eq!(htonl(0x1234_5678).to_ne_bytes(), [0x12, 0x34, 0x56, 0x78]);
    /// ```
    ///
    /// Specification: POSIX.1-2024, `htonl`.
    htonl(u32) = to_be;

    /// Converts 32 bits from network to host order: the result has on the wire the bytes that `value` has in memory.
    ///
    /// Reverses the bytes on a little-endian host, and does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::ntohl;
    ///
    /// assert_eq!(ntohl(u32::from_ne_bytes([0x12, 0x34, 0x56, 0x78])), 0x1234_5678);
    /// ```
    ///
    /// Specification: POSIX.1-2024, `ntohl`.
    ntohl(u32) = from_be;

    /// Converts 64 bits from host to network order: the result has in memory the bytes that `value` has on the wire.
    ///
    /// Reverses the bytes on a little-endian host, and does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::htonll;
    ///
    /// assert_eq!(htonll(0x0102_0304_0506_0708).to_ne_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
    /// ```
    ///
    /// Specification: POSIX.1-2024, `<endian.h>`, which names it `htobe64`.
    htonll(u64) = to_be;

    /// Converts 64 bits from network to host order: the result has on the wire the bytes that `value` has in memory.
    ///
    /// Reverses the bytes on a little-endian host, and does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::ntohll;
    ///
    /// assert_eq!(ntohll(u64::from_ne_bytes([1, 2, 3, 4, 5, 6, 7, 8])), 0x0102_0304_0506_0708);
    /// ```
    ///
    /// Specification: POSIX.1-2024, `<endian.h>`, which names it `be64toh`.
    ntohll(u64) = from_be;
}

/// A byte order chosen at run time. The `byteorder` crate's [`BigEndian`] and [`LittleEndian`] are types instead.
///
/// ```text
///  0x0102 in   Order::Big      01  02
///              Order::Little   02  01
/// ```
///
/// ```
/// use anysplit::order::{FieldError, LittleEndian, NetworkEndian, Order};
///
/// let mut field = [0; 3];
/// Order::NETWORK.write_uint(0x010203, &mut field)?;
/// assert_eq!(field, [1, 2, 3]);
/// assert_eq!(Order::Little.read_uint(&field)?, 0x030201);
///
/// let refused = Order::Big.write_uint(0x0100_0000, &mut field);
/// assert_eq!(refused, Err(FieldError::DoesNotFit { value: 0x0100_0000, width: 3 }));
/// assert_eq!(field, [1, 2, 3]);
///
/// assert_eq!(Order::of::<NetworkEndian>(), Order::Big);
/// assert_eq!(Order::of::<LittleEndian>(), Order::Little);
/// # Ok::<(), FieldError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The most significant byte is first: network order.
    Big,
    /// The least significant byte is first.
    Little,
}

/// Calls a method of `byteorder` in an order known at run time.
macro_rules! in_order {
    ($order:expr, $method:ident($($argument:expr),*)) => {
        match $order {
            Order::Big => BigEndian::$method($($argument),*),
            Order::Little => LittleEndian::$method($($argument),*),
        }
    };
}
use in_order;

impl Order {
    /// Network order: [`Order::Big`].
    pub const NETWORK: Self = Self::Big;

    /// The order of the host.
    pub const HOST: Self = if cfg!(target_endian = "big") { Self::Big } else { Self::Little };

    /// The greatest width of a field in bytes.
    pub const MAX_WIDTH: usize = 16;

    /// Returns the order of this `byteorder` type.
    #[inline]
    #[must_use]
    pub fn of<O: ByteOrder>() -> Self {
        if O::read_u16(&[0, 1]) == 1 { Self::Big } else { Self::Little }
    }

    /// Reads the bytes as an unsigned number of 1 to 16 bytes.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`] for another number of bytes.
    #[inline]
    pub fn read_uint(self, bytes: &[u8]) -> Result<u128, FieldError> {
        let width = checked_width(bytes.len())?;
        Ok(in_order!(self, read_uint128(bytes, width)))
    }

    /// Reads the bytes as a signed number (two's complement) of 1 to 16 bytes.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`] for another number of bytes.
    #[inline]
    pub fn read_int(self, bytes: &[u8]) -> Result<i128, FieldError> {
        let width = checked_width(bytes.len())?;
        Ok(in_order!(self, read_int128(bytes, width)))
    }

    /// Writes `value` over the complete `field`, 1 to 16 bytes.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`] for another number of bytes, [`FieldError::DoesNotFit`] for a value that they cannot hold.
    /// `field` is then unchanged.
    #[inline]
    pub fn write_uint(self, value: u128, field: &mut [u8]) -> Result<(), FieldError> {
        let width = width_for(value, field.len())?;
        in_order!(self, write_uint128(field, value, width));
        Ok(())
    }

    /// Writes `value` over the complete `field` in two's complement, 1 to 16 bytes.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`] for another number of bytes, [`FieldError::DoesNotFitSigned`] for a value that they cannot
    /// hold. `field` is then unchanged.
    #[inline]
    pub fn write_int(self, value: i128, field: &mut [u8]) -> Result<(), FieldError> {
        let width = signed_width_for(value, field.len())?;
        in_order!(self, write_int128(field, value, width));
        Ok(())
    }
}

/// With the feature `alloc`: fields at the start of a `bytes::Buf` and at the end of a `bytes::BufMut`.
///
/// For a float, put or take its bits: `order.put_uint(out, x.to_bits().into(), 8)`.
#[cfg(feature = "alloc")]
impl Order {
    /// Appends `value` to `out` in `width` bytes, 1 to 16.
    ///
    /// ```
    /// use anysplit::order::{FieldError, Order};
    ///
    /// let mut out = Vec::new();
    /// Order::NETWORK.put_uint(&mut out, 5, 3)?;
    /// assert_eq!(out, [0, 0, 5]);
    /// assert_eq!(Order::NETWORK.take_uint(&mut &out[..], 3)?, 5);
    /// # Ok::<(), FieldError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], [`FieldError::DoesNotFit`], and [`FieldError::Short`] with offset 0 if `out` has no room
    /// and cannot grow. Nothing is then appended.
    pub fn put_uint(self, out: &mut impl bytes::BufMut, value: u128, width: usize) -> Result<(), FieldError> {
        width_for(value, width)?;
        check_room(out.remaining_mut(), width)?;
        let mut field = [0; Self::MAX_WIDTH];
        in_order!(self, write_uint128(&mut field, value, width));
        out.put_slice(&field[..width]);
        Ok(())
    }

    /// Appends `value` to `out` in `width` bytes, 1 to 16, in two's complement.
    ///
    /// ```
    /// use anysplit::order::{FieldError, Order};
    ///
    /// let mut out = Vec::new();
    /// Order::Little.put_int(&mut out, -2, 3)?;
    /// assert_eq!(out, [0xfe, 0xff, 0xff]);
    /// assert_eq!(Order::Little.take_int(&mut &out[..], 3)?, -2);
    /// # Ok::<(), FieldError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], [`FieldError::DoesNotFitSigned`], and [`FieldError::Short`] with offset 0 if `out` has no
    /// room and cannot grow. Nothing is then appended.
    pub fn put_int(self, out: &mut impl bytes::BufMut, value: i128, width: usize) -> Result<(), FieldError> {
        signed_width_for(value, width)?;
        check_room(out.remaining_mut(), width)?;
        let mut field = [0; Self::MAX_WIDTH];
        in_order!(self, write_int128(&mut field, value, width));
        out.put_slice(&field[..width]);
        Ok(())
    }

    /// Takes an unsigned number of `width` bytes, 1 to 16, from the start of `input`.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], and [`FieldError::Short`] with offset 0. Nothing is then taken.
    pub fn take_uint(self, input: &mut impl bytes::Buf, width: usize) -> Result<u128, FieldError> {
        let mut field = [0; Self::MAX_WIDTH];
        input.try_copy_to_slice(&mut field[..checked_width(width)?])?;
        Ok(in_order!(self, read_uint128(&field, width)))
    }

    /// Takes a signed number (two's complement) of `width` bytes, 1 to 16, from the start of `input`.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], and [`FieldError::Short`] with offset 0. Nothing is then taken.
    pub fn take_int(self, input: &mut impl bytes::Buf, width: usize) -> Result<i128, FieldError> {
        let mut field = [0; Self::MAX_WIDTH];
        input.try_copy_to_slice(&mut field[..checked_width(width)?])?;
        Ok(in_order!(self, read_int128(&field, width)))
    }
}

/// Returns `width`, if a field can have it.
#[inline]
fn checked_width(width: usize) -> Result<usize, FieldError> {
    if (1..=Order::MAX_WIDTH).contains(&width) { Ok(width) } else { Err(FieldError::Width { width }) }
}

/// Returns `width`, if a field can have it and then holds `value`.
#[inline]
fn width_for(value: u128, width: usize) -> Result<usize, FieldError> {
    checked_width(width)?;
    // 16 bytes hold every value: a shift by 128 bits returns `None`.
    match value.checked_shr(bits(width)) {
        None | Some(0) => Ok(width),
        Some(_) => Err(FieldError::DoesNotFit { value, width }),
    }
}

/// Returns `width`, if a field can have it and then holds `value` in two's complement.
#[inline]
fn signed_width_for(value: i128, width: usize) -> Result<usize, FieldError> {
    checked_width(width)?;
    // A value fits if the field's sign bit and all bits above it are the same.
    match value >> (bits(width) - 1) {
        0 | -1 => Ok(width),
        _ => Err(FieldError::DoesNotFitSigned { value, width }),
    }
}

/// Returns the count of bits in 1 to 16 bytes: 8 to 128.
#[inline]
fn bits(width: usize) -> u32 {
    u32::try_from(width).map_or(128, |width| (8 * width.min(16)).max(8))
}

/// Checks that no byte of a field is its terminator.
fn without(bytes: &[u8], terminator: u8) -> Result<(), FieldError> {
    match memchr::memchr(terminator, bytes) {
        Some(at) => Err(FieldError::ContainsTerminator { at, terminator }),
        None => Ok(()),
    }
}

/// Checks that a field has room.
#[cfg(feature = "alloc")]
#[inline]
fn check_room(available: usize, needed: usize) -> Result<(), FieldError> {
    if needed > available { Err(FieldError::Short { offset: 0, needed, available }) } else { Ok(()) }
}

/// Why a field was not read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FieldError {
    /// A number cannot have this width. It has 1 to 16 bytes.
    Width {
        /// The requested width in bytes.
        width: usize,
    },
    /// The field extends past the end.
    Short {
        /// Where the field begins, in bytes from the start.
        offset: usize,
        /// Its length in bytes.
        needed: usize,
        /// The bytes from the offset to the end.
        available: usize,
    },
    /// The field cannot hold this value.
    DoesNotFit {
        /// The value.
        value: u128,
        /// The width of the field in bytes.
        width: usize,
    },
    /// The field cannot hold this value in two's complement.
    DoesNotFitSigned {
        /// The value.
        value: i128,
        /// The width of the field in bytes.
        width: usize,
    },
    /// A field that a byte ends, and that byte does not come.
    Unterminated {
        /// Where the field begins, in bytes from the start.
        offset: usize,
        /// The byte.
        terminator: u8,
    },
    /// Bytes that are to be ended by a byte have that byte inside.
    ContainsTerminator {
        /// Its index in these bytes.
        at: usize,
        /// The byte.
        terminator: u8,
    },
    /// The bytes are no number of this form.
    Number {
        /// The first byte that proves it, in bytes from the start.
        offset: usize,
        /// Why.
        kind: DecodeErrorKind,
    },
    /// The form of a number cannot write this value.
    NumberTooLarge {
        /// The value.
        value: u64,
        /// The greatest that can be written.
        max: u64,
    },
    /// Bytes are left after the last field.
    Left {
        /// Where they begin, in bytes from the start.
        offset: usize,
        /// Their count.
        left: usize,
    },
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Width { width } => {
                write!(f, "a field of {} is outside 1 to {}", Bytes(width as u64), Order::MAX_WIDTH)
            }
            Self::Short { offset, needed, available } => {
                write!(f, "a field of {} at offset {offset} where {available} are left", Bytes(needed as u64))
            }
            Self::DoesNotFit { value, width } => {
                write!(f, "{value} does not fit an unsigned field of {}", Bytes(width as u64))
            }
            Self::DoesNotFitSigned { value, width } => {
                write!(f, "{value} does not fit a signed field of {}", Bytes(width as u64))
            }
            Self::Unterminated { offset, terminator } => {
                write!(f, "no byte {terminator:#04x} ends the field at offset {offset}")
            }
            Self::ContainsTerminator { at, terminator } => {
                write!(f, "the byte {terminator:#04x} at index {at} would end the field")
            }
            Self::Number { offset, kind } => write!(f, "no number at offset {offset}: {kind}"),
            Self::NumberTooLarge { value, max } => write!(f, "{value} is over {max}, the greatest number of this form"),
            Self::Left { offset, left } => {
                write!(f, "{} left at offset {offset}, where the fields end", Bytes(left as u64))
            }
        }
    }
}

impl core::error::Error for FieldError {}

#[cfg(feature = "alloc")]
impl From<bytes::TryGetError> for FieldError {
    fn from(error: bytes::TryGetError) -> Self {
        Self::Short { offset: 0, needed: error.requested, available: error.available }
    }
}

#[cfg(test)]
mod tests;
