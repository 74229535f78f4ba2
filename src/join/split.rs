//! Splits a message into parts to write.

use crate::error::EncodeError;
use crate::short::ShortBytes;

/// Writes what a [`Rule`](crate::join::Rule) reads: cuts the next part off a message and makes its header.
pub trait SplitRule {
    /// Returns the next part of a message: some bytes from the start of `rest`, at most `max`, and what is written around
    /// them. `is_first` is set for the first part. Called again until a part is the last.
    ///
    /// # Errors
    ///
    /// An [`EncodeError`] for a message that would not come back the same.
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, is_first: bool) -> Result<OutPart<'m>, EncodeError>;
}

impl<R: SplitRule + ?Sized> SplitRule for &mut R {
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, is_first: bool) -> Result<OutPart<'m>, EncodeError> {
        (**self).part(rest, max, is_first)
    }
}

/// One part of a message on its way out: header, bytes of the message, trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutPart<'m> {
    header: ShortBytes<24>,
    payload: &'m [u8],
    trailer: &'static [u8],
    mask: Option<[u8; 4]>,
    skip: usize,
    is_last: bool,
}

impl<'m> OutPart<'m> {
    /// A part with this header. `payload` is the start of the `rest` that the rule was given.
    #[must_use]
    pub const fn new(header: ShortBytes<24>, payload: &'m [u8], is_last: bool) -> Self {
        Self { header, payload, trailer: b"", mask: None, skip: 0, is_last }
    }

    /// Adds bytes after the payload.
    #[must_use]
    pub const fn with_trailer(mut self, trailer: &'static [u8]) -> Self {
        self.trailer = trailer;
        self
    }

    /// Masks the payload: each byte is combined with a byte of the key by exclusive or, in turn.
    #[must_use]
    pub const fn with_mask(mut self, key: [u8; 4]) -> Self {
        self.mask = Some(key);
        self
    }

    /// Skips `len` bytes of the message after the payload, because the trailer already holds them.
    #[must_use]
    pub const fn dropping(mut self, len: usize) -> Self {
        self.skip = len;
        self
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &[u8] {
        self.header.as_slice()
    }

    /// Whether the message ends with this part.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.is_last
    }

    /// Its length on the wire in bytes.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        self.payload.len().saturating_add(self.header.len()).saturating_add(self.trailer.len())
    }

    /// Its bytes on the wire, for a vectored write, where no byte of the message changes: `None` for a masked part.
    #[must_use]
    pub fn slices(&self) -> Option<[&[u8]; 3]> {
        self.mask.is_none().then_some([self.header.as_slice(), self.payload, self.trailer])
    }

    /// Writes the part to the front of `out` and returns its length. Needs no allocator.
    ///
    /// # Errors
    ///
    /// [`EncodeError::NoRoom`]. Nothing was written.
    pub fn write_into(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        let len = self.wire_len();
        let (need, have) = (len as u64, out.len() as u64);
        let no_room = EncodeError::NoRoom { need, have };
        let out = out.get_mut(..len).ok_or(no_room)?;
        let (header, rest) = out.split_at_mut_checked(self.header.len()).ok_or(no_room)?;
        let (payload, trailer) = rest.split_at_mut_checked(self.payload.len()).ok_or(no_room)?;
        header.copy_from_slice(&self.header);
        payload.copy_from_slice(self.payload);
        trailer.copy_from_slice(self.trailer);
        if let Some(key) = self.mask {
            payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        }
        Ok(len)
    }
}

/// A message in parts of at most a given size.
///
/// ```
/// use anysplit::join::{Split, TlsHandshake};
///
/// // A handshake message of 9 bytes in records of at most 6.
/// let mut split = Split::new(TlsHandshake, b"\x14\x00\x00\x05hello", 6);
/// let mut wire = Vec::new();
/// while let Some(part) = split.next_part()? {
///     // The bytes of the message are borrowed.
///     wire.extend(part.slices().unwrap().concat());
/// }
/// assert_eq!(wire, b"\x16\x03\x03\x00\x06\x14\x00\x00\x05he\x16\x03\x03\x00\x03llo");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// An empty message is one empty part, where the protocol allows that.
#[derive(Clone, Debug)]
pub struct Split<'m, R> {
    rule: R,
    /// `None` after the last part.
    rest: Option<&'m [u8]>,
    max: usize,
    is_first: bool,
}

impl<'m, R: SplitRule> Split<'m, R> {
    /// Cuts `message` into parts of at most `max_part_len` bytes, or what the protocol allows if that is less. 0 counts as 1.
    pub const fn new(rule: R, message: &'m [u8], max_part_len: usize) -> Self {
        let max = if max_part_len == 0 { 1 } else { max_part_len };
        Self { rule, rest: Some(message), max, is_first: true }
    }

    /// Sets the size of the parts that follow, if it changes in the middle of the message.
    pub const fn set_max_part_len(&mut self, max_part_len: usize) {
        self.max = if max_part_len == 0 { 1 } else { max_part_len };
    }

    /// The next part; `None` after the last.
    ///
    /// # Errors
    ///
    /// An [`EncodeError`] of the rule. Nothing follows it.
    pub fn next_part(&mut self) -> Result<Option<OutPart<'m>>, EncodeError> {
        let Some(rest) = self.rest.take() else { return Ok(None) };
        let part = self.rule.part(rest, self.max, core::mem::replace(&mut self.is_first, false))?;
        if !part.is_last {
            let taken = part.payload.len().saturating_add(part.skip);
            if taken == 0 {
                return Err(EncodeError::Custom("a rule cuts off an empty part"));
            }
            self.rest = Some(rest.get(taken..).unwrap_or_default());
        }
        Ok(Some(part))
    }

    /// Appends all parts to `out` and returns their length in bytes.
    ///
    /// Cost: one copy of the message.
    ///
    /// # Errors
    ///
    /// As [`next_part`](Self::next_part). `out` is then as it was before.
    #[cfg(feature = "alloc")]
    pub fn encode(mut self, out: &mut alloc::vec::Vec<u8>) -> Result<usize, EncodeError> {
        let start = out.len();
        loop {
            let written = self.next_part().and_then(|part| {
                let Some(part) = part else { return Ok(false) };
                let end = out.len();
                out.resize(end.saturating_add(part.wire_len()), 0);
                part.write_into(out.get_mut(end..).unwrap_or_default())?;
                Ok(true)
            });
            match written {
                Ok(true) => {}
                Ok(false) => return Ok(out.len().saturating_sub(start)),
                Err(error) => {
                    out.truncate(start);
                    return Err(error);
                }
            }
        }
    }
}
