//! A second number in the header.

use super::LengthField;
use crate::error::ConfigError;
use crate::number::{Binary, Number};

/// A second number in the header, which adds to the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Second {
    pub(crate) at: u16,
    pub(crate) number: Binary,
    /// Bytes that the number counts one of.
    pub(crate) unit: u8,
    /// The bytes that it counts are padded to a multiple of this.
    pub(crate) multiple: u8,
}

impl Second {
    /// A number at `at` that counts bytes, without padding.
    pub(crate) const fn new(at: u16, number: Binary) -> Self {
        Self { at, number, unit: 1, multiple: 1 }
    }

    /// Returns the payload bytes that a number of this value adds. In 128 bits nothing overflows.
    #[inline]
    pub(super) fn len(&self, value: u64) -> i128 {
        let (len, multiple) = (i128::from(value) * i128::from(self.unit), i128::from(self.multiple));
        // A multiple is at least 1.
        len.checked_rem(multiple).map_or(len, |over| if over == 0 { len } else { len + multiple - over })
    }
}

impl<N: Number> LengthField<N> {
    /// Adds to the payload the number of bytes in a second number, at `offset` in the header.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where it lies outside the header or in the length field, or where there is one
    /// already.
    pub fn with_second_length_at(mut self, offset: u16, number: Binary) -> Result<Self, ConfigError> {
        self.layout.check_place(offset, number.width(), self.number.fixed_len())?;
        if self.layout.second.is_some() {
            return Err(ConfigError::Conflict("a packet has two length fields at most"));
        }
        self.layout.second = Some(Second::new(offset, number));
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// Makes the second number count units of `unit` bytes, as iSCSI counts the words of its additional headers.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Unit`] for 0, [`ConfigError::Conflict`] where there is no second number.
    pub fn with_second_unit(self, unit: u8) -> Result<Self, ConfigError> {
        self.with_second(unit, |second| second.unit = unit)
    }

    /// Pads the bytes that the second number counts to a multiple of `multiple`, as D-Bus pads its header fields to 8. The
    /// padding is part of the payload, and comes before the bytes that the first number counts.
    ///
    /// ```
    /// use anysplit::number::Binary;
    /// use anysplit::{Decoder, LengthField};
    ///
    /// // Two lengths: of a body, and of fields before it that are padded to four bytes.
    /// let framing = LengthField::new(0, Binary::u8())?.with_header_len(2)?;
    /// let framing = framing.with_second_length_at(1, Binary::u8())?.with_second_padding_to(4)?;
    /// let mut decoder = Decoder::new(framing);
    /// decoder.push(b"\x02\x05field\0\0\0hi")?;
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"field\0\0\0hi");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::Unit`] for 0, [`ConfigError::Conflict`] where there is no second number.
    pub fn with_second_padding_to(self, multiple: u8) -> Result<Self, ConfigError> {
        self.with_second(multiple, |second| second.multiple = multiple)
    }

    fn with_second(mut self, found: u8, change: impl FnOnce(&mut Second)) -> Result<Self, ConfigError> {
        if found == 0 {
            return Err(ConfigError::Unit { found: 0, max: u8::MAX.into() });
        }
        match &mut self.layout.second {
            Some(second) => change(second),
            None => return Err(ConfigError::Conflict("there is no second length field: give it first")),
        }
        Ok(self)
    }
}
