//! Byte-stuffed frames for serial lines: one framing over any stuffing.

use crate::contract::shape::Shape;
use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, NextStart, Part, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;
use crate::sum::{Sum, SumForm};

mod any;
mod cobs;
mod escaping;
mod hex_line;
mod slip;
mod stuffing;
#[cfg(test)]
mod tests;

pub use any::AnyStuffing;
pub use cobs::{Cobs, CobsVariant};
pub use escaping::Escaping;
#[cfg(feature = "spec")]
pub(crate) use escaping::How;
pub use hex_line::HexLine;
pub use slip::Slip;
pub use stuffing::{StuffedRun, Stuffing};

/// Byte stuffing: a delimiter that occurs inside no frame, because equal bytes of the message are escaped.
///
/// After noise, or if a reader begins in the middle of a frame, the next good frame begins after the next delimiter.
///
/// ```text
///  message          61  c0      62
///  SLIP         c0  61  db  dc  62  c0        db dc stands for c0
///               filler  payload     trailer
///
///  message          11  22  00  33
///  COBS         03  11  22  02  33  00        03 and 02 count the bytes to the next zero; the last zero is the delimiter
///           header  payload         trailer
/// ```
///
/// A frame is everything between two delimiters and the delimiter after it. Delimiters that follow each other, and those
/// at the start of the stream, are filler: there are no empty frames. The payload on the wire is stuffed; a decoder copies
/// it once and restores the message in place. `frames_in` borrows a payload that needs no unstuffing, if all of the frame is in
/// the chunk and has no checksum. In COBS, whose first code is the header, that is a message of at most 254 bytes without a zero; in
/// COBS/R none is borrowed.
///
/// | | delimiter | a message of `n` bytes takes at most | a message without a special byte takes |
/// | --- | --- | --- | --- |
/// | [`slip`](Self::slip) | `c0` | 2 × n + 2 | n + 2 |
/// | [`cobs`](Self::cobs) | `00` | n + n ÷ 254 + 2 | the same, or 1 less if n is 254, 508, … |
///
/// [`new`](Self::new) makes a framing of any [`Stuffing`].
///
/// A frame has no checksum unless [`with_sum`](Self::with_sum) adds one. If bytes can be lost or changed, it needs one: a reader that
/// begins in the middle of a frame takes the second half for a frame.
///
/// # Errors
///
/// - The errors of the stuffing: see [`Slip`] and [`Cobs`].
/// - [`DecodeErrorKind::Oversize`] at the first byte that exceeds the limit. The limit counts the message's bytes, before stuffing,
///   in both directions.
///
/// Encoding refuses a message over the limit, and one that would be an empty frame ([`EncodeError::Empty`]): the empty
/// message in SLIP.
///
/// With [`Recovery::SkipFrame`](crate::Recovery::SkipFrame) a rejected frame is skipped up to and including its delimiter.
///
/// # Cost
///
/// Every byte is read once to find the frame's end and once to open it, for every split. No allocation, no table.
///
/// # Examples
///
/// ```
/// use anysplit::{Framing, Stuffed};
///
/// let mut wire = [0; 6];
/// assert_eq!(Stuffed::slip().encode_into(b"a\xc0b", &mut wire), Ok(6));
/// assert_eq!(&wire, b"\xc0a\xdb\xdcb\xc0");
/// assert_eq!(Stuffed::cobs().encode_into(b"\x11\x22\x00\x33", &mut wire), Ok(6));
/// assert_eq!(&wire, b"\x03\x11\x22\x02\x33\x00");
/// ```
///
/// Noise, and then a frame:
///
/// ```
/// use anysplit::{Decoder, Event, Recovery, Stuffed};
///
/// let mut decoder = Decoder::new(Stuffed::slip()).with_recovery(Recovery::SkipFrame);
/// decoder.push(b"noise\xdb!\xc0")?;
/// decoder.push(b"\xc0a\xdb\xdcb\xc0")?;
/// let Some(Event::Skipped(stretch)) = decoder.next_event()? else { panic!() };
/// assert_eq!((stretch.offset, stretch.len, stretch.reason.offset), (0, 8, 6));
/// let Some(Event::Frame(frame)) = decoder.next_event()? else { panic!() };
/// assert_eq!((frame.payload(), frame.offset()), (&b"a\xc0b"[..], 9));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// See [`Slip`] and [`Cobs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stuffed<S, C = ()> {
    stuffing: S,
    sum: C,
    form: SumForm,
    max: u64,
    takes_empty: bool,
}

impl Stuffed<Slip> {
    /// Creates the framing of SLIP, with the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
    #[must_use]
    pub const fn slip() -> Self {
        Self::new(Slip)
    }
}

impl Stuffed<Cobs> {
    /// Creates the framing of COBS, with the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
    #[must_use]
    pub const fn cobs() -> Self {
        Self::new(Cobs)
    }
}

impl<S> Stuffed<S> {
    /// Creates the framing of any stuffing, with the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
    #[must_use]
    pub const fn new(stuffing: S) -> Self {
        let form = SumForm::Binary(crate::order::Order::NETWORK);
        Self { stuffing, sum: (), form, max: DEFAULT_MAX_PAYLOAD_LEN, takes_empty: false }
    }
}

impl<S, C> Stuffed<S, C> {
    /// Puts a checksum of the message after it, inside the stuffing, as HDLC's frame check sequence is.
    ///
    /// It covers the message before stuffing. A wrong one is [`DecodeErrorKind::Check`] at the delimiter that ends
    /// the frame; a frame that is shorter than its sum is [`DecodeErrorKind::TooShort`] there. The limit does not count it.
    /// A frame with a checksum is returned in one piece.
    ///
    /// ```
    /// use anysplit::order::Order;
    /// use anysplit::sum::Crc;
    /// use anysplit::sum::SumForm;
    /// use anysplit::{Framing, Stuffed};
    ///
    /// let crc = Crc::named("CRC-16/XMODEM").unwrap();
    /// let framing = Stuffed::cobs().with_sum(crc, SumForm::Binary(Order::Big));
    /// let mut wire = Vec::new();
    /// framing.encode(b"123456789", &mut wire)?;
    /// assert_eq!(wire, b"\x0c123456789\x31\xc3\x00");
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    #[must_use]
    pub fn with_sum<D: Sum>(self, sum: D, form: SumForm) -> Stuffed<S, D> {
        Stuffed { stuffing: self.stuffing, sum, form, max: self.max, takes_empty: self.takes_empty }
    }

    /// Creates a framing whose parts are known.
    #[cfg(feature = "protocols")]
    pub(crate) const fn of_parts(stuffing: S, sum: C, form: SumForm, max: u64) -> Self {
        Self { stuffing, sum, form, max, takes_empty: false }
    }

    /// Replaces the stuffing and the sum.
    #[cfg(feature = "alloc")]
    pub(crate) fn map<T, D>(self, stuffing: impl FnOnce(S) -> T, sum: impl FnOnce(C) -> D) -> Stuffed<T, D> {
        let Self { form, max, takes_empty, .. } = self;
        Stuffed { stuffing: stuffing(self.stuffing), sum: sum(self.sum), form, max, takes_empty }
    }

    /// Returns the sum: `()` for none.
    #[must_use]
    pub const fn sum(&self) -> &C {
        &self.sum
    }

    /// Returns how the sum is written, and whether a frame may be empty.
    #[cfg(feature = "spec")]
    pub(crate) const fn form(&self) -> (SumForm, bool) {
        (self.form, self.takes_empty)
    }

    /// Sets the limit, in bytes of the message. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Makes a delimiter without bytes before it an empty frame, and no filler. The stuffing writes none before a frame.
    pub(crate) const fn taking_empty(mut self) -> Self {
        self.takes_empty = true;
        self
    }

    /// Returns the stuffing.
    #[must_use]
    pub const fn stuffing(&self) -> &S {
        &self.stuffing
    }
}

/// Finds a byte among a few. It is out of line, so that its loop takes no registers of the caller.
#[inline(never)]
fn find_few(byte: u8, bytes: &[u8]) -> Option<usize> {
    if bytes.len() < 8 { bytes.iter().position(|&other| other == byte) } else { memchr::memchr(byte, bytes) }
}

impl<S: Stuffing, C: Sum> Stuffed<S, C> {
    /// Makes a delimiter without bytes before it an empty frame, as between GDB's `$` and `#`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if the stuffing writes a delimiter before each frame: it would be read as an empty frame.
    pub fn with_empty_frames(self) -> Result<Self, ConfigError> {
        match self.stuffing.begins_with_delimiter() {
            true => Err(ConfigError::Conflict("a delimiter before a frame would be an empty frame")),
            false => Ok(self.taking_empty()),
        }
    }

    /// Returns how many bytes the sum takes before it is stuffed.
    #[inline]
    fn sum_len(&self) -> u64 {
        self.form.len(self.sum.width()) as u64
    }

    /// Returns the sum of a message in its written form.
    fn sum_of(&self, message: &[u8]) -> ShortBytes<20> {
        match self.sum.width() {
            0 => ShortBytes::empty(),
            width => self.form.write(self.sum.of(message), width),
        }
    }

    /// Returns the length of the header of a frame whose first `end` bytes hold no delimiter.
    #[inline]
    fn header_len(&self, end: usize) -> u16 {
        u16::from(self.stuffing.begins_with_header() && end > 0)
    }

    /// Returns the stuffing's state after this header.
    #[inline]
    fn state_after(&self, header: &[u8]) -> u64 {
        let mut state = 0;
        if let (true, Some(&code)) = (self.stuffing.begins_with_header(), header.first()) {
            // A stuffing with a header returns `Nothing` for it, and no error.
            let _ = self.stuffing.unstuff(&mut state, code, &[]);
        }
        state
    }

    /// Adds what is needed of a frame's extent.
    fn marked(&self, extent: Extent) -> Extent {
        let extent = extent.rewritten();
        match (self.sum.width(), self.stuffing.adds_at_end()) {
            (0, false) => extent,
            (0, true) => extent.in_one_piece(),
            _ => extent.checked().in_one_piece(),
        }
    }

    /// Reads `bytes` from index `at` on, and returns what `carry` holds after them: the stuffing's state, the count of opened
    /// bytes, and whether opening changes any byte.
    #[inline]
    fn judge(&self, bytes: &[u8], mut at: usize, carry: [u64; 3]) -> Result<[u64; 3], FrameError> {
        let [mut state, mut opened, mut stuffed] = carry;
        let most = self.max.saturating_add(self.sum_len());
        if at == 0 && self.header_len(bytes.len()) > 0 {
            state = self.state_after(bytes);
            at = 1;
        }
        while let Some((&first, after)) = bytes.get(at..).and_then(<[u8]>::split_first) {
            let run = self.stuffing.unstuff(&mut state, first, after).map_err(|kind| FrameError::new(at, kind))?;
            let (wire, opens) = run.lengths(after.len().saturating_add(1));
            let room = most.saturating_sub(opened);
            if opens as u64 > room {
                let kind = DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max };
                // The room is less than the length of a run in memory, so it fits.
                let first_over = usize::try_from(room).unwrap_or(usize::MAX);
                return Err(FrameError::new(at.saturating_add(first_over), kind));
            }
            if !matches!(run, StuffedRun::Plain(_)) {
                stuffed = 1;
            }
            opened = opened.saturating_add(opens as u64);
            at = at.saturating_add(wire);
        }
        Ok([state, opened, stuffed])
    }
}

impl<S: Stuffing, C: Sum> Framing for Stuffed<S, C> {
    /// A frame with nothing to unstuff and no sum is plain. `carry`: see `judge`.
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let delimiter = self.stuffing.delimiter();
        if progress.scanned == 0 && progress.consumed == 0 && !self.takes_empty {
            let filler = input.iter().take_while(|&&byte| byte == delimiter).count();
            if filler > 0 {
                return Ok(Located::Filler(filler));
            }
            if input.is_empty() {
                return Ok(Located::Header(2));
            }
        }
        if input.is_empty() && progress.consumed == 0 && self.stuffing.begins_with_header() {
            return Ok(Located::Header(1));
        }
        let fresh = input.get(progress.scanned..).unwrap_or_default();
        let found = match progress.scanned {
            0 => memchr::memchr(delimiter, fresh),
            _ => find_few(delimiter, fresh),
        };
        let end = progress.scanned.saturating_add(found.unwrap_or(fresh.len()));
        if !progress.lenient {
            let [state, opened, stuffed, _] = progress.carry;
            let bytes = input.get(..end).unwrap_or(input);
            let [state, opened, stuffed] = self.judge(bytes, progress.scanned, [state, opened, stuffed])?;
            if found.is_some() {
                self.stuffing.end(state).map_err(|kind| FrameError::new(end, kind))?;
                let (len, min) = (opened + u64::from(self.stuffing.last(state).is_some()), self.sum_len());
                if len < min {
                    return Err(FrameError::new(end, DecodeErrorKind::TooShort { len, min }));
                }
                if len - min > self.max {
                    return Err(FrameError::new(end, DecodeErrorKind::Oversize { len: len - min, max: self.max }));
                }
            }
            progress.carry = [state, opened, stuffed, 0];
        }
        progress.scanned = end;
        let header = self.header_len(end);
        let payload = (end as u64).saturating_sub(header.into());
        let extent = Extent::new(header, payload, 1);
        Ok(match found {
            Some(_)
                if progress.carry[2] == 0
                    && !progress.lenient
                    && self.sum.width() == 0
                    && !self.stuffing.adds_at_end() =>
            {
                Located::Known(extent)
            }
            Some(_) => Located::Known(self.marked(extent)),
            // A delimiter may come at any place and end the frame, even if as an error, so one byte more is the least.
            None => Located::Search {
                so_far: self.marked(Extent::new(header, payload, 0)),
                least: (end as u64).saturating_add(1),
            },
        })
    }

    fn shape(&self) -> Shape<'_> {
        let last = self.stuffing.delimiter();
        match self.stuffing.escape() {
            _ if self.stuffing.takes_any_byte() => Shape::until(last),
            Some(escape) => Shape::until_or_escaped(last, escape),
            None => Shape::UNKNOWN,
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        let mut stuffed = 0_u64;
        let sum = self.sum_of(message);
        self.stuffing.stuff(message, &sum, |bytes| stuffed = stuffed.saturating_add(bytes.len() as u64));
        if stuffed == 0 && !self.takes_empty {
            return Err(EncodeError::Empty);
        }
        let delimiters = 1 + u64::from(self.stuffing.begins_with_delimiter());
        Ok(Envelope::Rewritten { len: stuffed.saturating_add(delimiters) })
    }

    /// `memo` holds the stuffing's state.
    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        if at == 0 {
            *memo = self.state_after(header);
        }
        let (mut from, mut to) = (0_usize, 0_usize);
        while let Some((&first, after)) = payload.get(from..).and_then(<[u8]>::split_first) {
            // `locate` has found every error.
            let run = self.stuffing.unstuff(memo, first, after).unwrap_or(StuffedRun::Nothing);
            let (wire, opens) = run.lengths(after.len().saturating_add(1));
            match run {
                StuffedRun::Byte(byte) => payload[to] = byte,
                // As long as nothing was removed, the bytes are in their place.
                StuffedRun::Plain(_) if to < from => payload.copy_within(from..from + wire, to),
                StuffedRun::Plain(_) | StuffedRun::Nothing => {}
            }
            from += wire;
            to += opens;
        }
        if let Some(byte) = self.stuffing.last(*memo) {
            // There is a place for it: on the wire at least one byte stands for it, which opened to no byte.
            if let Some(place) = payload.get_mut(to) {
                *place = byte;
                to += 1;
            }
        }
        to.saturating_sub(usize::try_from(self.sum_len()).unwrap_or_default())
    }

    /// The frame comes in one part. The sum's bytes are the last that its payload opens to.
    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        let len = usize::try_from(self.sum_len()).unwrap_or_default();
        let (mut state, mut sum) = (self.state_after(part.header), self.sum.start());
        // The last opened bytes, which may be the sum.
        let mut held = ShortBytes::<20>::empty();
        let mut take = |bytes: &[u8]| {
            let over = (held.len() + bytes.len()).saturating_sub(len);
            let from_held = over.min(held.len());
            let (covered, kept) = held.split_at(from_held);
            sum = self.sum.update(sum, covered);
            let (covered, last) = bytes.split_at(over - from_held);
            sum = self.sum.update(sum, covered);
            let mut next = ShortBytes::new(kept).unwrap_or_default();
            // At most `len` bytes in all.
            let _ = next.push(last);
            held = next;
        };
        let mut rest = part.payload();
        while let Some((&first, after)) = rest.split_first() {
            let run = self.stuffing.unstuff(&mut state, first, after).unwrap_or(StuffedRun::Nothing);
            let (wire, _) = run.lengths(after.len().saturating_add(1));
            match run {
                StuffedRun::Plain(_) => take(&rest[..wire]),
                StuffedRun::Byte(byte) => take(&[byte]),
                StuffedRun::Nothing => {}
            }
            rest = &rest[wire..];
        }
        if let Some(byte) = self.stuffing.last(state) {
            take(&[byte]);
        }
        let computed = self.sum.finish(sum, &[]);
        let found = self.form.read(&held).map_err(|error| FrameError::new(part.trailer_start(), error.kind))?;
        match found == computed {
            true => Ok(()),
            false => Err(FrameError::new(part.trailer_start(), DecodeErrorKind::Check { found, computed })),
        }
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        let delimiter = [self.stuffing.delimiter()];
        let mut room = frame;
        let mut write = |bytes: &[u8]| {
            if let Some((place, after)) = core::mem::take(&mut room).split_at_mut_checked(bytes.len()) {
                place.copy_from_slice(bytes);
                room = after;
            }
        };
        if self.stuffing.begins_with_delimiter() {
            write(&delimiter);
        }
        self.stuffing.stuff(message, &self.sum_of(message), &mut write);
        write(&delimiter);
    }

    fn next_start(&self, input: &[u8], _: usize) -> NextStart {
        NextStart::after_end(self, input)
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}
