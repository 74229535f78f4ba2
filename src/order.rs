//! Byte order: `htons` and its kin, an order chosen at run time, and fields of every width.
//!
//! | to | use |
//! | --- | --- |
//! | turn one number round, as in C | [`htons`] [`ntohs`] [`htonl`] [`ntohl`] [`htonll`] [`ntohll`] |
//! | choose the order at compile time | [`BigEndian`], [`LittleEndian`] and their aliases, from the `byteorder` crate |
//! | choose it at run time | [`Order`] |
//! | read the fields of a payload | [`FieldReader`] |
//! | write the fields of a payload | [`FieldWriter`] |
//! | do both through `bytes::Buf` and `bytes::BufMut` | `Order::take_uint`, `Order::put_uint` and their signed twins |
//!
//! Network order is big-endian: the most significant byte goes first (RFC 1700, Data Notations).
//!
//! No number is ever cut to make it fit: a value that its field does not hold is an error.

use core::fmt;

mod fields;

pub use fields::{FieldReader, FieldWriter};

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
    /// From host to network order, 16 bits: the bytes of the result in memory are those of `value` on the wire.
    ///
    /// Turns the bytes round on a little-endian host, does nothing on a big-endian one.
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

    /// From network to host order, 16 bits: the number whose bytes on the wire are those of `value` in memory.
    ///
    /// Turns the bytes round on a little-endian host, does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::ntohs;
    ///
    /// assert_eq!(ntohs(u16::from_ne_bytes([0x12, 0x34])), 0x1234);
    /// ```
    ///
    /// Specification: POSIX.1-2024, `ntohs`.
    ntohs(u16) = from_be;

    /// From host to network order, 32 bits: the bytes of the result in memory are those of `value` on the wire.
    ///
    /// Turns the bytes round on a little-endian host, does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::htonl;
    ///
    /// assert_eq!(htonl(0x1234_5678).to_ne_bytes(), [0x12, 0x34, 0x56, 0x78]);
    /// ```
    ///
    /// Specification: POSIX.1-2024, `htonl`.
    htonl(u32) = to_be;

    /// From network to host order, 32 bits: the number whose bytes on the wire are those of `value` in memory.
    ///
    /// Turns the bytes round on a little-endian host, does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::ntohl;
    ///
    /// assert_eq!(ntohl(u32::from_ne_bytes([0x12, 0x34, 0x56, 0x78])), 0x1234_5678);
    /// ```
    ///
    /// Specification: POSIX.1-2024, `ntohl`.
    ntohl(u32) = from_be;

    /// From host to network order, 64 bits: the bytes of the result in memory are those of `value` on the wire.
    ///
    /// Turns the bytes round on a little-endian host, does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::htonll;
    ///
    /// assert_eq!(htonll(0x0102_0304_0506_0708).to_ne_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
    /// ```
    ///
    /// Specification: not in POSIX under this name; there it is `htobe64` (POSIX.1-2024, `<endian.h>`).
    htonll(u64) = to_be;

    /// From network to host order, 64 bits: the number whose bytes on the wire are those of `value` in memory.
    ///
    /// Turns the bytes round on a little-endian host, does nothing on a big-endian one.
    ///
    /// ```
    /// use anysplit::order::ntohll;
    ///
    /// assert_eq!(ntohll(u64::from_ne_bytes([1, 2, 3, 4, 5, 6, 7, 8])), 0x0102_0304_0506_0708);
    /// ```
    ///
    /// Specification: not in POSIX under this name; there it is `be64toh` (POSIX.1-2024, `<endian.h>`).
    ntohll(u64) = from_be;
}

/// A byte order chosen at run time, beside the `byteorder` crate's [`BigEndian`] and [`LittleEndian`], which are types.
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
    /// The most significant byte first: network order.
    Big,
    /// The least significant byte first.
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

    /// The order of the machine that this runs on.
    pub const HOST: Self = if cfg!(target_endian = "big") { Self::Big } else { Self::Little };

    /// The greatest width of a field in bytes.
    pub const MAX_WIDTH: usize = 16;

    /// The order that a type of the `byteorder` crate stands for.
    #[inline]
    #[must_use]
    pub fn of<O: ByteOrder>() -> Self {
        if O::read_u16(&[0, 1]) == 1 { Self::Big } else { Self::Little }
    }

    /// The unsigned number in `bytes`, all of them, 1 to 16.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`] for another number of bytes.
    #[inline]
    pub fn read_uint(self, bytes: &[u8]) -> Result<u128, FieldError> {
        let width = checked_width(bytes.len())?;
        Ok(in_order!(self, read_uint128(bytes, width)))
    }

    /// The signed number (two's complement) in `bytes`, all of them, 1 to 16.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`] for another number of bytes.
    #[inline]
    pub fn read_int(self, bytes: &[u8]) -> Result<i128, FieldError> {
        let width = checked_width(bytes.len())?;
        Ok(in_order!(self, read_int128(bytes, width)))
    }

    /// Writes `value` over `field`, all of it, 1 to 16 bytes.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`] for another number of bytes, [`FieldError::DoesNotFit`] for a value that they do not
    /// hold. `field` is then unchanged.
    #[inline]
    pub fn write_uint(self, value: u128, field: &mut [u8]) -> Result<(), FieldError> {
        let width = width_for(value, field.len())?;
        in_order!(self, write_uint128(field, value, width));
        Ok(())
    }

    /// Writes `value` over `field` in two's complement, all of it, 1 to 16 bytes.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`] for another number of bytes, [`FieldError::DoesNotFitSigned`] for a value that they do
    /// not hold. `field` is then unchanged.
    #[inline]
    pub fn write_int(self, value: i128, field: &mut [u8]) -> Result<(), FieldError> {
        let width = signed_width_for(value, field.len())?;
        in_order!(self, write_int128(field, value, width));
        Ok(())
    }
}

/// With the feature `alloc`: fields at the front of a `bytes::Buf` and at the end of a `bytes::BufMut`.
///
/// For floats, put and take their bits: `order.put_uint(out, x.to_bits().into(), 8)`.
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
    /// [`FieldError::Width`], [`FieldError::DoesNotFit`], and [`FieldError::Short`] where `out` cannot grow and has no
    /// room, with offset 0. Nothing was appended.
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
    /// [`FieldError::Width`], [`FieldError::DoesNotFitSigned`], and [`FieldError::Short`] where `out` cannot grow and
    /// has no room, with offset 0. Nothing was appended.
    pub fn put_int(self, out: &mut impl bytes::BufMut, value: i128, width: usize) -> Result<(), FieldError> {
        signed_width_for(value, width)?;
        check_room(out.remaining_mut(), width)?;
        let mut field = [0; Self::MAX_WIDTH];
        in_order!(self, write_int128(&mut field, value, width));
        out.put_slice(&field[..width]);
        Ok(())
    }

    /// Takes an unsigned number of `width` bytes, 1 to 16, off the front of `input`.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], and [`FieldError::Short`] with offset 0. Nothing was taken.
    pub fn take_uint(self, input: &mut impl bytes::Buf, width: usize) -> Result<u128, FieldError> {
        let mut field = [0; Self::MAX_WIDTH];
        input.try_copy_to_slice(&mut field[..checked_width(width)?])?;
        Ok(in_order!(self, read_uint128(&field, width)))
    }

    /// Takes a signed number (two's complement) of `width` bytes, 1 to 16, off the front of `input`.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], and [`FieldError::Short`] with offset 0. Nothing was taken.
    pub fn take_int(self, input: &mut impl bytes::Buf, width: usize) -> Result<i128, FieldError> {
        let mut field = [0; Self::MAX_WIDTH];
        input.try_copy_to_slice(&mut field[..checked_width(width)?])?;
        Ok(in_order!(self, read_int128(&field, width)))
    }
}

/// `width`, if a field can have it.
#[inline]
fn checked_width(width: usize) -> Result<usize, FieldError> {
    if (1..=Order::MAX_WIDTH).contains(&width) { Ok(width) } else { Err(FieldError::Width { width }) }
}

/// `width`, if a field can have it and then holds `value`.
#[inline]
fn width_for(value: u128, width: usize) -> Result<usize, FieldError> {
    checked_width(width)?;
    // 16 bytes hold every value: the shift by 128 bits has no result.
    match value.checked_shr(bits(width)) {
        None | Some(0) => Ok(width),
        Some(_) => Err(FieldError::DoesNotFit { value, width }),
    }
}

/// `width`, if a field can have it and then holds `value` in two's complement.
#[inline]
fn signed_width_for(value: i128, width: usize) -> Result<usize, FieldError> {
    checked_width(width)?;
    // A value fits if all bits from the field's sign bit upwards are the same.
    match value >> (bits(width) - 1) {
        0 | -1 => Ok(width),
        _ => Err(FieldError::DoesNotFitSigned { value, width }),
    }
}

/// The bits in a width of 1 to 16 bytes: 8 to 128.
#[inline]
fn bits(width: usize) -> u32 {
    u32::try_from(width).map_or(128, |width| (8 * width.min(16)).max(8))
}

#[cfg(feature = "alloc")]
#[inline]
fn check_room(available: usize, needed: usize) -> Result<(), FieldError> {
    if needed > available { Err(FieldError::Short { offset: 0, needed, available }) } else { Ok(()) }
}

/// Purpose a field cannot be read or written. Nothing was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldError {
    /// A number cannot have this width: the least is 1 byte, the greatest 16.
    Width {
        /// The width asked for, in bytes.
        width: usize,
    },
    /// The field goes beyond the end.
    Short {
        /// Where the field begins, in bytes from the start.
        offset: usize,
        /// Its length in bytes.
        needed: usize,
        /// The bytes there are from the offset to the end.
        available: usize,
    },
    /// The field does not hold this value.
    DoesNotFit {
        /// The value.
        value: u128,
        /// The width of the field in bytes.
        width: usize,
    },
    /// The field does not hold this value in two's complement.
    DoesNotFitSigned {
        /// The value.
        value: i128,
        /// The width of the field in bytes.
        width: usize,
    },
    /// Bytes are left where there should be no more.
    Left {
        /// Where they begin, in bytes from the start.
        offset: usize,
        /// How many they are.
        left: usize,
    },
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Width { width } => {
                write!(f, "a field of {width} bytes is outside 1 to {}", Order::MAX_WIDTH)
            }
            Self::Short { offset, needed, available } => {
                write!(f, "a field of {needed} bytes at offset {offset} where {available} are left")
            }
            Self::DoesNotFit { value, width } => {
                write!(f, "{value} does not fit an unsigned field of {width} bytes")
            }
            Self::DoesNotFitSigned { value, width } => {
                write!(f, "{value} does not fit a signed field of {width} bytes")
            }
            Self::Left { offset, left } => {
                write!(f, "{left} bytes are left at offset {offset} where the fields end")
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
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::*;

    const ORDERS: [Order; 2] = [Order::Big, Order::Little];

    /// Byte by byte, most significant first.
    fn naive(order: Order, value: u128, width: usize) -> [u8; 16] {
        let mut bytes = [0; 16];
        for (at, byte) in bytes[..width].iter_mut().enumerate() {
            let place = if order == Order::Big { width - 1 - at } else { at };
            *byte = value.to_le_bytes()[place];
        }
        bytes
    }

    fn boundaries() -> impl Iterator<Item = u128> {
        (0..128).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1_u128 << bit) | 1]).chain([u128::MAX - 1, u128::MAX])
    }

    #[test]
    fn the_c_functions_put_the_most_significant_byte_first_in_memory() {
        assert_eq!(htons(0x0102).to_ne_bytes(), [1, 2]);
        assert_eq!(htonl(0x0102_0304).to_ne_bytes(), [1, 2, 3, 4]);
        assert_eq!(htonll(0x0102_0304_0506_0708).to_ne_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
        const { assert!(ntohl(htonl(0xdead_beef)) == 0xdead_beef) };
        for value in 0..=u16::MAX {
            assert_eq!(ntohs(htons(value)), value);
            assert_eq!(htons(value).to_ne_bytes(), value.to_be_bytes());
        }
        for bit in 0..64 {
            assert_eq!(ntohll(htonll(1 << bit)), 1 << bit);
            assert_eq!(ntohl(htonl(1 << (bit % 32))), 1 << (bit % 32));
        }
    }

    #[test]
    fn a_run_time_order_is_that_of_the_compile_time_type() {
        assert_eq!(Order::of::<BigEndian>(), Order::Big);
        assert_eq!(Order::of::<LittleEndian>(), Order::Little);
        assert_eq!(Order::of::<NetworkEndian>(), Order::NETWORK);
        assert_eq!(Order::of::<NativeEndian>(), Order::HOST);
        assert_eq!(Order::HOST.read_uint(&0x0102_u16.to_ne_bytes()), Ok(0x0102));
    }

    #[test]
    fn unsigned_fields_hold_every_value_of_their_width_and_refuse_the_next() {
        for order in ORDERS {
            for width in 1..=16 {
                for value in boundaries() {
                    let mut field = [0xee; 16];
                    let fits = width == 16 || value < 1 << (8 * width);
                    let written = order.write_uint(value, &mut field[..width]);
                    if fits {
                        assert_eq!(written, Ok(()));
                        assert_eq!(field[..width], naive(order, value, width)[..width]);
                        assert_eq!(order.read_uint(&field[..width]), Ok(value));
                    } else {
                        assert_eq!(written, Err(FieldError::DoesNotFit { value, width }));
                        assert_eq!(field, [0xee; 16]);
                    }
                }
            }
        }
    }

    #[test]
    fn signed_fields_hold_every_value_of_their_width_and_refuse_the_next() {
        for order in ORDERS {
            for width in 1..=16 {
                let least = i128::MIN >> (128 - 8 * width);
                for value in boundaries().map(|value| i128::from_ne_bytes(value.to_ne_bytes())) {
                    let mut field = [0xee; 16];
                    let written = order.write_int(value, &mut field[..width]);
                    if value >= least && value <= !least {
                        assert_eq!(written, Ok(()));
                        let bits = u128::from_ne_bytes(value.to_ne_bytes());
                        assert_eq!(field[..width], naive(order, bits, width)[..width]);
                        assert_eq!(order.read_int(&field[..width]), Ok(value));
                    } else {
                        assert_eq!(written, Err(FieldError::DoesNotFitSigned { value, width }));
                        assert_eq!(field, [0xee; 16]);
                    }
                }
                for value in [least, least + 1, -1, !least - 1, !least] {
                    assert_eq!(order.write_int(value, &mut [0; 16][..width]), Ok(()));
                }
            }
        }
    }

    #[test]
    fn a_width_of_none_or_over_16_is_refused() {
        for width in [0, 17, 40] {
            let refused = FieldError::Width { width };
            let mut field = [1; 40];
            assert_eq!(Order::Big.read_uint(&field[..width]), Err(refused));
            assert_eq!(Order::Big.read_int(&field[..width]), Err(refused));
            assert_eq!(Order::Big.write_uint(0, &mut field[..width]), Err(refused));
            assert_eq!(Order::Big.write_int(0, &mut field[..width]), Err(refused));
        }
        assert_eq!(width_for(0, usize::MAX), Err(FieldError::Width { width: usize::MAX }));
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn fields_go_onto_a_buf_mut_and_come_off_a_buf_as_from_a_slice() {
        use bytes::Buf;

        for order in ORDERS {
            for width in 1..=16 {
                for value in boundaries() {
                    let mut out = std::vec::Vec::new();
                    let mut field = [0; 16];
                    assert_eq!(order.put_uint(&mut out, value, width), order.write_uint(value, &mut field[..width]));
                    if !out.is_empty() {
                        assert_eq!(out, field[..width]);
                        // Two pieces, so that no field lies in one.
                        for cut in 0..=width {
                            let mut input = out[..cut].chain(&out[cut..]);
                            assert_eq!(order.take_uint(&mut input, width), Ok(value));
                            assert_eq!(input.remaining(), 0);
                        }
                    }
                    let value = i128::from_ne_bytes(value.to_ne_bytes());
                    let mut out = std::vec::Vec::new();
                    assert_eq!(order.put_int(&mut out, value, width), order.write_int(value, &mut field[..width]));
                    if !out.is_empty() {
                        assert_eq!(out, field[..width]);
                        assert_eq!(order.take_int(&mut &out[..], width), Ok(value));
                    }
                }
            }
        }
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn a_buf_that_is_short_and_a_buf_mut_without_room_are_left_alone() {
        for order in ORDERS {
            for width in 1..=16 {
                let have = width - 1;
                let short = FieldError::Short { offset: 0, needed: width, available: have };
                let mut input = &[1; 16][..have];
                assert_eq!(order.take_uint(&mut input, width), Err(short));
                assert_eq!(order.take_int(&mut input, width), Err(short));
                assert_eq!(input.len(), have);
                let mut room = [1; 16];
                let mut out = &mut room[..have];
                assert_eq!(order.put_uint(&mut out, 0, width), Err(short));
                assert_eq!(order.put_int(&mut out, 0, width), Err(short));
                assert_eq!(out.len(), have);
                assert_eq!(room, [1; 16]);
            }
            for width in [0, 17] {
                let refused = FieldError::Width { width };
                assert_eq!(order.take_uint(&mut &[1; 20][..], width), Err(refused));
                assert_eq!(order.take_int(&mut &[1; 20][..], width), Err(refused));
                assert_eq!(order.put_uint(&mut std::vec::Vec::new(), 0, width), Err(refused));
                assert_eq!(order.put_int(&mut std::vec::Vec::new(), 0, width), Err(refused));
            }
        }
    }

    #[test]
    fn errors_read_as_one_clause_with_the_numbers() {
        let texts = [
            (FieldError::Width { width: 17 }, "a field of 17 bytes is outside 1 to 16"),
            (
                FieldError::Short { offset: 5, needed: 4, available: 2 },
                "a field of 4 bytes at offset 5 where 2 are left",
            ),
            (FieldError::DoesNotFit { value: 256, width: 1 }, "256 does not fit an unsigned field of 1 bytes"),
            (FieldError::DoesNotFitSigned { value: -129, width: 1 }, "-129 does not fit a signed field of 1 bytes"),
            (FieldError::Left { offset: 5, left: 2 }, "2 bytes are left at offset 5 where the fields end"),
        ];
        for (error, text) in texts {
            assert_eq!(error.to_string(), text);
        }
    }
}
