//! Fields at the end of a buffer that grows.

use bytes::BufMut;

use super::{FieldError, Order, check_room, without};

/// Appends fields one after the other to any `bytes::BufMut`, such as a `Vec<u8>` or the `BytesMut` of `encode_with`.
///
/// ```text
///  appended   07  00 2a  61 6c 69 63 65 00
///             u8  u16    terminated by 00
/// ```
///
/// ```
/// use anysplit::order::{FieldAppender, FieldError, Order};
///
/// let mut payload = Vec::new();
/// FieldAppender::new(Order::NETWORK, &mut payload).u8(7)?.u16(42)?.terminated(b"alice", 0)?;
/// assert_eq!(payload, b"\x07\x00\x2aalice\x00");
///
/// // In a frame, without a buffer between.
/// use anysplit::{EncodeError, Framing, Prefix};
///
/// let mut wire = Vec::new();
/// Prefix::u8().try_encode_with(&mut wire, |out| {
///     FieldAppender::new(Order::NETWORK, out).u32(5)?.bytes(b"hi")?;
///     Ok::<(), Box<dyn std::error::Error>>(())
/// })?;
/// assert_eq!(wire, b"\x06\x00\x00\x00\x05hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Errors: [`FieldError::Short`] where the output cannot grow. A method whose type is wider than its field also returns
/// [`FieldError::DoesNotFit`] or [`FieldError::DoesNotFitSigned`]. Nothing is then appended.
#[derive(Debug)]
pub struct FieldAppender<'o, O> {
    order: Order,
    out: &'o mut O,
}

macro_rules! appenders {
    ($($(#[$doc:meta])* $name:ident($type:ty), $width:literal bytes, $put:ident($value:ident => $number:expr);)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// As the type.
        pub fn $name(&mut self, $value: $type) -> Result<&mut Self, FieldError> {
            self.order.$put(self.out, $number, $width)?;
            Ok(self)
        }
    )*};
}

impl<'o, O: BufMut> FieldAppender<'o, O> {
    /// Begins at the end of `out`, for numbers in this order.
    pub const fn new(order: Order, out: &'o mut O) -> Self {
        Self { order, out }
    }

    appenders! {
        /// Appends one byte.
        u8(u8), 1 bytes, put_uint(value => value.into());
        /// Appends an unsigned number of 2 bytes.
        u16(u16), 2 bytes, put_uint(value => value.into());
        /// Appends an unsigned number of 3 bytes.
        u24(u32), 3 bytes, put_uint(value => value.into());
        /// Appends an unsigned number of 4 bytes.
        u32(u32), 4 bytes, put_uint(value => value.into());
        /// Appends an unsigned number of 6 bytes.
        u48(u64), 6 bytes, put_uint(value => value.into());
        /// Appends an unsigned number of 8 bytes.
        u64(u64), 8 bytes, put_uint(value => value.into());
        /// Appends an unsigned number of 16 bytes.
        u128(u128), 16 bytes, put_uint(value => value);
        /// Appends one signed byte.
        i8(i8), 1 bytes, put_int(value => value.into());
        /// Appends a signed number of 2 bytes.
        i16(i16), 2 bytes, put_int(value => value.into());
        /// Appends a signed number of 3 bytes.
        i24(i32), 3 bytes, put_int(value => value.into());
        /// Appends a signed number of 4 bytes.
        i32(i32), 4 bytes, put_int(value => value.into());
        /// Appends a signed number of 6 bytes.
        i48(i64), 6 bytes, put_int(value => value.into());
        /// Appends a signed number of 8 bytes.
        i64(i64), 8 bytes, put_int(value => value.into());
        /// Appends a signed number of 16 bytes.
        i128(i128), 16 bytes, put_int(value => value);
        /// Appends a float of 4 bytes (IEEE 754 binary32). Every bit pattern is valid and kept.
        f32(f32), 4 bytes, put_uint(value => value.to_bits().into());
        /// Appends a float of 8 bytes (IEEE 754 binary64). Every bit pattern is valid and kept.
        f64(f64), 8 bytes, put_uint(value => value.to_bits().into());
    }

    /// Appends an unsigned number of `width` bytes, 1 to 16.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], and as the type.
    pub fn uint(&mut self, value: u128, width: usize) -> Result<&mut Self, FieldError> {
        self.order.put_uint(self.out, value, width)?;
        Ok(self)
    }

    /// Appends a signed number of `width` bytes, 1 to 16.
    ///
    /// # Errors
    ///
    /// [`FieldError::Width`], and as the type.
    pub fn int(&mut self, value: i128, width: usize) -> Result<&mut Self, FieldError> {
        self.order.put_int(self.out, value, width)?;
        Ok(self)
    }

    /// Appends these bytes unchanged.
    ///
    /// # Errors
    ///
    /// As the type.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<&mut Self, FieldError> {
        check_room(self.out.remaining_mut(), bytes.len())?;
        self.out.put_slice(bytes);
        Ok(self)
    }

    /// Checks that `len` bytes can be appended.
    pub(crate) fn check_room(&self, len: usize) -> Result<(), FieldError> {
        check_room(self.out.remaining_mut(), len)
    }

    /// Appends these bytes and `terminator` after them.
    ///
    /// # Errors
    ///
    /// [`FieldError::ContainsTerminator`] where the bytes have one, and as the type.
    pub fn terminated(&mut self, bytes: &[u8], terminator: u8) -> Result<&mut Self, FieldError> {
        without(bytes, terminator)?;
        check_room(self.out.remaining_mut(), bytes.len().saturating_add(1))?;
        self.out.put_slice(bytes);
        self.out.put_u8(terminator);
        Ok(self)
    }
}
