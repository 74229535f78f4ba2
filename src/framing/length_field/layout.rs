//! All of a length field but its number, and what follows from it.

use super::second::Second;
use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::error::{ConfigError, FrameError};
use crate::literal::Literal;

/// All of a [`LengthField`](super::LengthField) but its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Layout {
    pub(crate) offset: u16,
    /// Header bytes after the field.
    pub(crate) after: u16,
    /// Bytes that the number counts one of.
    pub(crate) unit: u32,
    /// What the caller set. Without it, the number counts what follows the header: see [`adjustment`](Self::adjustment).
    pub(crate) adjustment: Option<i64>,
    /// The least payload, in bytes.
    pub(crate) min: u64,
    pub(crate) max: u64,
    /// A second number, which adds to the payload.
    pub(crate) second: Option<Second>,
    pub(crate) trailer: Trailer,
    /// Bytes that the header must have.
    pub(crate) required: [Option<(u16, Literal)>; Layout::REQUIRED],
    /// Header bytes that some bits of an earlier byte announce.
    pub(crate) extra: Option<Extra>,
    /// What follows from the rest: set by [`settled`](Self::settled).
    pub(super) plain: Plain,
}

/// Frames whose number alone gives their extent, with a payload within the limit, if the required bytes are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Plain {
    /// The first such number, and how many there are.
    pub(super) least: u64,
    pub(super) count: u64,
    /// The payload's length less the number, modulo 2^64.
    pub(super) more: u64,
    /// Header bytes beside the number.
    pub(super) beside: u16,
    /// The required bytes among the first 8, and which bits these are.
    lead: u64,
    mask: u64,
    /// Whether more is required than that.
    has_more: bool,
}

impl Plain {
    pub(super) const NONE: Self = Self { least: 0, count: 0, more: 0, beside: 0, lead: 0, mask: 0, has_more: false };
}

/// More header bytes: the number in some bits of a byte, times a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Extra {
    /// Not after the first byte of the length field.
    pub(crate) at: u16,
    /// One unbroken run of bits.
    pub(crate) mask: u8,
    pub(crate) unit: u8,
}

impl Extra {
    /// These bits of the byte at `at`, times `unit`.
    pub(super) fn new(at: u16, mask: u8, unit: u8) -> Result<Self, ConfigError> {
        let run = mask.wrapping_shr(mask.trailing_zeros());
        if mask == 0 || run & run.wrapping_add(1) != 0 {
            return Err(ConfigError::BitMask { found: mask.into() });
        }
        if unit == 0 {
            return Err(ConfigError::Unit { found: 0, max: u8::MAX.into() });
        }
        Ok(Self { at, mask, unit })
    }

    /// How many bytes the header at the front of `input` announces.
    #[inline]
    fn len(&self, input: &[u8]) -> usize {
        let byte = input.get(usize::from(self.at)).copied().unwrap_or_default() & self.mask;
        usize::from(byte.wrapping_shr(self.mask.trailing_zeros())).saturating_mul(self.unit.into())
    }
}

/// The bytes after the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Trailer {
    None,
    Literal(Literal),
    /// As many bytes as make the payload a multiple of this.
    Multiple(u16),
    /// As many bytes as the header byte at this offset counts.
    PadLen(u16),
}

impl Layout {
    /// How many runs of bytes may be required.
    pub(crate) const REQUIRED: usize = 2;

    /// A number at `offset` that ends the header and counts what follows it.
    pub(crate) const fn new(offset: u16) -> Self {
        Self {
            offset,
            after: 0,
            unit: 1,
            adjustment: None,
            min: 0,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            second: None,
            trailer: Trailer::None,
            required: [None; Self::REQUIRED],
            extra: None,
            plain: Plain::NONE,
        }
    }

    /// Packet length = field end + number × unit + this.
    #[inline]
    pub(crate) const fn adjustment(&self) -> i64 {
        match self.adjustment {
            Some(adjustment) => adjustment,
            None => self.after as i64,
        }
    }

    /// What is added to the number's bytes to get the payload's length.
    #[inline]
    pub(super) fn payload_adjustment(&self) -> i128 {
        i128::from(self.adjustment()) - i128::from(self.after)
    }

    /// Brings up to date what follows from the rest.
    pub(super) const fn settled(mut self) -> Self {
        let is_plain =
            self.unit == 1 && self.second.is_none() && matches!(self.trailer, Trailer::None) && self.extra.is_none();
        let difference = self.adjustment().checked_sub(self.after as i64);
        let (least, most) = match difference {
            Some(less) if less < 0 => {
                let less = less.unsigned_abs();
                (self.min.saturating_add(less), self.max.checked_add(less))
            }
            Some(more) => {
                let more = more.unsigned_abs();
                (self.min.saturating_sub(more), self.max.checked_sub(more))
            }
            None => (0, None),
        };
        self.plain = match (difference, most, self.offset.checked_add(self.after)) {
            (Some(difference), Some(most), Some(beside)) if is_plain && most >= least => {
                let (lead, mask, has_more) = self.required_lead();
                let count = (most - least).saturating_add(1);
                Plain { least, count, more: 0_u64.wrapping_add_signed(difference), beside, lead, mask, has_more }
            }
            _ => Plain::NONE,
        };
        self
    }

    /// Returns the required bytes among the first 8, which bits these are, and whether more is required, of one of them perhaps.
    const fn required_lead(&self) -> (u64, u64, bool) {
        let (mut lead, mut mask, mut has_more) = ([0; 8], [0; 8], false);
        let mut run = 0;
        while run < Self::REQUIRED {
            if let Some((offset, mark)) = &self.required[run] {
                let mut at = *offset as usize;
                let mut bytes = mark.as_slice();
                while let [first, rest @ ..] = bytes {
                    if at < 8 && mask[at] == 0 {
                        (lead[at], mask[at]) = (*first, 0xff);
                    } else {
                        has_more = true;
                    }
                    (at, bytes) = (at + 1, rest);
                }
            }
            run += 1;
        }
        (u64::from_le_bytes(lead), u64::from_le_bytes(mask), has_more)
    }

    /// Whether the header of a number of this fixed width, or of any of at least one byte, is longer than a header can be.
    pub(super) fn check_header_len(&self, width: Option<usize>) -> Result<(), ConfigError> {
        let end = usize::from(self.offset).saturating_add(width.unwrap_or(1));
        match u16::try_from(end.saturating_add(self.after.into())) {
            Ok(_) => Ok(()),
            Err(_) => Err(ConfigError::Conflict("the header is longer than 65,535 bytes")),
        }
    }

    /// Whether all that has an offset after a field of this fixed width lies in the header.
    pub(super) fn check_places(&self, width: Option<usize>) -> Result<(), ConfigError> {
        let second = self.second.map(|second| (second.at, second.number.width()));
        let pad_len = match self.trailer {
            Trailer::PadLen(at) => Some((at, 1)),
            _ => None,
        };
        let required = self.required.iter().flatten().map(|(at, mark)| (*at, mark.as_slice().len()));
        for (at, len) in required.chain(second).chain(pad_len) {
            self.check_place(at, len, width)?;
        }
        Ok(())
    }

    /// Whether `len` header bytes at `offset` lie in the header and beside a field of this fixed width.
    pub(super) fn check_place(&self, offset: u16, len: usize, width: Option<usize>) -> Result<(), ConfigError> {
        let start = usize::from(offset);
        let end = start.saturating_add(len);
        let field = usize::from(self.offset);
        if end <= field {
            return Ok(());
        }
        match width.map(|width| field.saturating_add(width)) {
            None => Err(ConfigError::Conflict("after a number of variable width nothing has a fixed offset")),
            Some(field_end) if start < field_end => Err(ConfigError::Conflict("the bytes overlap the length field")),
            Some(field_end) if end > field_end.saturating_add(self.after.into()) => {
                Err(ConfigError::Conflict("the bytes are after the header: set the header's length first"))
            }
            Some(_) => Ok(()),
        }
    }

    /// The first required byte that is another. An earlier byte proves its error first, however the bytes were split.
    #[inline]
    pub(super) fn mismatch(&self, input: &[u8]) -> Option<FrameError> {
        let mut first: Option<FrameError> = None;
        for &(offset, mark) in self.required.iter().flatten() {
            let Some(there) = input.get(offset.into()..) else { continue };
            if let Err(error) = mark.check(there) {
                let error = error.shifted(offset.into());
                if first.is_none_or(|other| error.at < other.at) {
                    first = Some(error);
                }
            }
        }
        first
    }

    /// Whether all required bytes are there, and right. `false` may also mean that `input` is short.
    #[inline]
    pub(super) fn has_required(&self, input: &[u8]) -> bool {
        let Plain { lead, mask, has_more, .. } = self.plain;
        let has_lead = mask == 0 || input.first_chunk().is_some_and(|word| u64::from_le_bytes(*word) & mask == lead);
        has_lead && (!has_more || self.has_each_required(input))
    }

    fn has_each_required(&self, input: &[u8]) -> bool {
        let is_there = |(offset, mark): &(u16, Literal)| {
            let there = input.get(usize::from(*offset)..).unwrap_or_default().get(..mark.as_slice().len());
            there.is_some_and(|there| there.iter().eq(mark.as_slice()))
        };
        self.required.iter().flatten().all(is_there)
    }

    /// Where the last required byte ends, or 0.
    #[inline]
    pub(super) fn required_end(&self) -> usize {
        let ends = self.required.iter().flatten();
        ends.map(|(offset, mark)| usize::from(*offset).saturating_add(mark.as_slice().len())).max().unwrap_or_default()
    }

    /// Header bytes that are announced by bits, which are there once the number is.
    #[inline]
    pub(super) fn extra_len(&self, input: &[u8]) -> usize {
        self.extra.as_ref().map_or(0, |extra| extra.len(input))
    }

    /// The length of the trailer, if the header bytes that determine it are there.
    #[inline]
    pub(super) fn trailer_len(&self, input: &[u8], payload: u64) -> Option<u16> {
        Some(match &self.trailer {
            Trailer::None => 0,
            Trailer::Literal(mark) => mark.len_u16(),
            Trailer::Multiple(multiple) => padding(payload, *multiple),
            Trailer::PadLen(at) => u16::from(*input.get(usize::from(*at))?),
        })
    }
}

/// How many bytes make `len` a multiple of `multiple`.
#[inline]
fn padding(len: u64, multiple: u16) -> u16 {
    let over = u16::try_from(len % u64::from(multiple)).unwrap_or_default();
    if over == 0 { 0 } else { multiple - over }
}
