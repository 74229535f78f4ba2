//! Byte-stuffed frames for serial lines: SLIP and COBS.
//!
//! A delimiter that no payload can hold, as the bytes that would be it are written otherwise. So a reader that joins in
//! the middle, or meets noise, is right again from the next delimiter on. What that costs: a payload's length on the
//! wire depends on its bytes.
//!
//! | | delimiter | a payload of `n` bytes on the wire | of `n` bytes without a special one |
//! | --- | --- | --- | --- |
//! | [`Slip`] | `c0` | at most 2 × n + 2 | n + 2 |
//! | [`Cobs`] | `00` | at most n + n ÷ 254 + 2 | n + n ÷ 254 + 2 |
//!
//! As payloads differ from their wire, these are no [`Framing`](crate::Framing)s. They keep the same laws, but for one:
//! a frame that is wrong is reported once and passed over, and decoding goes on after its delimiter. So errors do not
//! stay, and a stream that ends after one, before the next delimiter, has a clean end: that frame was reported.
//!
//! On the command line they are `slip` and `cobs`, as in `anysplit decode cobs,max=4k /dev/ttyUSB0`.
//!
//! ```
//! use anysplit::stuffed::{Slip, StuffedDecoder, Stuffing};
//!
//! let mut wire = Vec::new();
//! Slip.encode(b"a\xc0b", &mut wire)?;
//! assert_eq!(wire, b"\xc0a\xdb\xdcb\xc0");
//!
//! let mut decoder = StuffedDecoder::new(Slip);
//! decoder.push(b"noise\xdb!\xc0");
//! decoder.push(&wire);
//! assert!(decoder.next_frame().is_err());
//! let frame = decoder.next_frame()?.unwrap();
//! assert_eq!((frame.payload(), frame.offset()), (&b"a\xc0b"[..], 9));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::vec::Vec;

use bytes::{Buf, BufMut, BytesMut};

use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError, EofError, Truncated};

/// A way to write payloads without the delimiter. Sealed: [`Slip`] and [`Cobs`].
pub trait Stuffing: Copy + core::fmt::Debug + sealed::Sealed {
    /// The byte that ends a frame and stands nowhere else.
    const DELIMITER: u8;

    /// Appends the frame of `payload` to `out` and gives its length in bytes.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Empty`] for an empty payload in SLIP, where it would be no frame; [`EncodeError::NoRoom`] for an output that
    /// cannot grow. Nothing was written.
    fn encode<B: BufMut>(&self, payload: &[u8], out: &mut B) -> Result<usize, EncodeError>;

    /// The length of `payload`'s frame in bytes.
    fn encoded_len(&self, payload: &[u8]) -> u64;
}

mod sealed {
    use crate::error::DecodeErrorKind;

    /// What undoes the stuffing, run by run.
    pub trait Sealed {
        /// What is to be remembered between two bytes of one frame.
        type State: Copy + Default + core::fmt::Debug;

        /// Looks at the front of `rest`, which begins with a byte that is no delimiter, and not after the next delimiter.
        fn run(state: &mut Self::State, rest: &[u8]) -> Result<Run, DecodeErrorKind>;

        /// Whether a delimiter may come now, and the frame is then whole.
        fn end(state: Self::State) -> Result<(), DecodeErrorKind>;

        /// How many bytes more a frame has at least, its delimiter included. `None` stands for one that has not begun.
        fn lacks(state: Option<Self::State>) -> usize;
    }

    /// What the next bytes are.
    #[derive(Clone, Copy, Debug)]
    pub enum Run {
        /// So many bytes of payload as they are.
        Plain(usize),
        /// One byte, which stands for this.
        Byte(u8),
        /// One byte, which stands for none.
        Nothing,
    }
}

use sealed::Run;

/// SLIP: `c0` ends a frame; inside, `c0` is written `db dc`, and `db` is written `db dd`.
///
/// ```text
///  payload      61  c0      62
///  wire     c0  61  db  dc  62  c0
/// ```
///
/// A frame also begins with `c0`, which ends whatever noise came before it. Empty frames are passed over.
///
/// Errors: [`DecodeErrorKind::Mismatch`] for a byte after `db` that is neither `dc` nor `dd`, also where that is the delimiter.
///
/// Specification: RFC 1055, with the leading END of its section "Protocol". There an unknown byte after `db` is taken
/// as it is; here it is a fault, as no encoder writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slip;

const ESCAPE: u8 = 0xdb;
const ESCAPED_END: u8 = 0xdc;
const ESCAPED_ESCAPE: u8 = 0xdd;

impl Stuffing for Slip {
    const DELIMITER: u8 = 0xc0;

    fn encode<B: BufMut>(&self, payload: &[u8], out: &mut B) -> Result<usize, EncodeError> {
        if payload.is_empty() {
            return Err(EncodeError::Empty);
        }
        let need = room(self.encoded_len(payload), out)?;
        out.put_u8(Self::DELIMITER);
        let mut rest = payload;
        while let Some(at) = memchr::memchr2(Self::DELIMITER, ESCAPE, rest) {
            let (before, after) = rest.split_at(at);
            out.put_slice(before);
            let (special, after) = after.split_at(1);
            out.put_slice(if special == [ESCAPE] { &[ESCAPE, ESCAPED_ESCAPE] } else { &[ESCAPE, ESCAPED_END] });
            rest = after;
        }
        out.put_slice(rest);
        out.put_u8(Self::DELIMITER);
        Ok(need)
    }

    fn encoded_len(&self, payload: &[u8]) -> u64 {
        (payload.len() as u64) + (memchr::memchr2_iter(Self::DELIMITER, ESCAPE, payload).count() as u64) + 2
    }
}

impl sealed::Sealed for Slip {
    /// Whether the last byte was the escape.
    type State = bool;

    fn run(escaped: &mut bool, rest: &[u8]) -> Result<Run, DecodeErrorKind> {
        let found = rest.first().copied().unwrap_or_default();
        if *escaped {
            *escaped = false;
            return match found {
                ESCAPED_END => Ok(Run::Byte(Self::DELIMITER)),
                ESCAPED_ESCAPE => Ok(Run::Byte(ESCAPE)),
                found => Err(DecodeErrorKind::Mismatch { found, expected: ESCAPED_END }),
            };
        }
        Ok(match memchr::memchr2(Self::DELIMITER, ESCAPE, rest).unwrap_or(rest.len()) {
            0 => {
                *escaped = true;
                Run::Nothing
            }
            plain => Run::Plain(plain),
        })
    }

    fn end(escaped: bool) -> Result<(), DecodeErrorKind> {
        let fault = DecodeErrorKind::Mismatch { found: Self::DELIMITER, expected: ESCAPED_END };
        if escaped { Err(fault) } else { Ok(()) }
    }

    fn lacks(escaped: Option<bool>) -> usize {
        match escaped {
            // There is no empty frame.
            None | Some(true) => 2,
            Some(false) => 1,
        }
    }
}

/// COBS: `00` ends a frame; inside, each zero is replaced by how far it is to the next.
///
/// ```text
///  payload      11  22  00  33
///  wire     03  11  22  02  33  00        03 and 02 point to the next zero, the last of which is the delimiter
/// ```
///
/// Runs of 254 bytes without a zero have a byte of their own ahead. Empty frames, two delimiters one after the other,
/// are passed over; an empty payload is `01 00`.
///
/// Errors: [`DecodeErrorKind::TooShort`] for a delimiter inside a run.
///
/// Specification: S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7
/// (2), 1999.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cobs;

/// The code of a run that no zero follows.
const LONGEST: u8 = 0xff;

impl Stuffing for Cobs {
    const DELIMITER: u8 = 0;

    fn encode<B: BufMut>(&self, payload: &[u8], out: &mut B) -> Result<usize, EncodeError> {
        let need = room(self.encoded_len(payload), out)?;
        for run in runs(payload) {
            out.put_u8(u8::try_from(run.len() + 1).unwrap_or(LONGEST));
            out.put_slice(run);
        }
        out.put_u8(Self::DELIMITER);
        Ok(need)
    }

    fn encoded_len(&self, payload: &[u8]) -> u64 {
        runs(payload).map(|run| run.len() as u64 + 1).sum::<u64>() + 1
    }
}

/// The runs between zeros, none longer than 254 bytes.
fn runs(payload: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(payload);
    core::iter::from_fn(move || {
        let all = rest?;
        let most = usize::from(LONGEST) - 1;
        let window = all.get(..most).unwrap_or(all);
        let run = match memchr::memchr(0, window) {
            Some(zero) => {
                rest = all.get(zero + 1..);
                &all[..zero]
            }
            None => {
                // No run is needed after a full one that ends the payload: its code says that no zero follows.
                rest = all.get(window.len()..).filter(|after| !after.is_empty());
                window
            }
        };
        Some(run)
    })
}

/// Where a COBS frame is.
#[derive(Clone, Copy, Debug, Default)]
pub struct CobsState {
    /// Bytes of the run to come.
    left: u8,
    /// Whether a zero follows the run, if the frame goes on.
    zero: bool,
}

impl sealed::Sealed for Cobs {
    type State = CobsState;

    fn run(state: &mut CobsState, rest: &[u8]) -> Result<Run, DecodeErrorKind> {
        if state.left > 0 {
            let run = rest.get(..state.left.into()).unwrap_or(rest);
            let plain = memchr::memchr(Self::DELIMITER, run).unwrap_or(run.len());
            state.left -= u8::try_from(plain).unwrap_or(state.left);
            return Ok(Run::Plain(plain));
        }
        let code = rest.first().copied().unwrap_or_default();
        let zero = state.zero;
        *state = CobsState { left: code.saturating_sub(1), zero: code < LONGEST };
        Ok(if zero { Run::Byte(0) } else { Run::Nothing })
    }

    fn end(state: CobsState) -> Result<(), DecodeErrorKind> {
        match state.left {
            0 => Ok(()),
            left => Err(DecodeErrorKind::TooShort { len: 0, min: left.into() }),
        }
    }

    fn lacks(state: Option<CobsState>) -> usize {
        // A delimiter inside the run ends this frame as a fault, and after it the next may have two bytes.
        state.map_or(2, |state| usize::from(state.left).saturating_add(1).min(3))
    }
}

/// As many bytes are given back while others are in use. Fewer are not worth another block.
const SHED: usize = 8192;

fn room<B: BufMut>(need: u64, out: &B) -> Result<usize, EncodeError> {
    let have = out.remaining_mut() as u64;
    match usize::try_from(need) {
        Ok(len) if need <= have => Ok(len),
        _ => Err(EncodeError::NoRoom { need, have }),
    }
}

/// Bytes in, payloads out. Stuffed bytes become the payload in the place where they came.
///
/// ```text
///  in a frame        ──a delimiter──▶  the payload is handed out        ──▶ between frames
///                    ──a fault──────▶  reported, and passed over up to the next delimiter
///  between frames    ──a delimiter──▶  between frames: there are no empty frames
/// ```
///
/// # Errors
///
/// A frame that is wrong, or longer than the limit, is one [`DecodeError`]. The next call goes on after its delimiter:
/// what a serial line needs, where noise is no reason to give up. A reader that joins in mid-frame has one broken frame, or
/// one that is a whole frame's end, so its payload needs a checksum.
///
/// # Cost
///
/// Every byte is looked at once, for every split, and moved once at most, but for what a block's growth moves. Memory:
/// twice what has arrived of the frame, and one chunk, where that is more than 8 KiB.
#[derive(Debug)]
pub struct StuffedDecoder<S: Stuffing> {
    stuffing: S,
    max: u64,
    /// Payload so far in the first `written` bytes; bytes of no use up to `read`; then what was not looked at yet.
    buffer: BytesMut,
    written: usize,
    read: usize,
    state: S::State,
    doing: Phase,
    /// Stream offset of the buffer's byte at `read`.
    position: u64,
    /// Stream offset of the frame's first byte.
    frame: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Between,
    Frame,
    Skipping,
    /// The payload in the buffer has been handed out, and goes at the next call.
    Given,
}

/// One payload, borrowed from the decoder.
#[derive(Debug, PartialEq, Eq)]
pub struct StuffedFrame<'a> {
    payload: &'a mut [u8],
    offset: u64,
    wire_len: u64,
}

impl StuffedFrame<'_> {
    /// The payload.
    #[must_use]
    pub const fn payload(&self) -> &[u8] {
        self.payload
    }

    /// The payload, to be changed in place.
    pub const fn payload_mut(&mut self) -> &mut [u8] {
        self.payload
    }

    /// Where the frame's first byte stood, in bytes from the start of the stream. A delimiter ahead of it is not its own.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Its length on the wire in bytes, with the delimiter after it.
    #[must_use]
    pub const fn wire_len(&self) -> u64 {
        self.wire_len
    }
}

impl<S: Stuffing> StuffedDecoder<S> {
    /// At the start of a stream. No allocation.
    #[must_use]
    pub fn new(stuffing: S) -> Self {
        Self {
            stuffing,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            buffer: BytesMut::new(),
            written: 0,
            read: 0,
            state: S::State::default(),
            doing: Phase::Between,
            position: 0,
            frame: 0,
        }
    }

    /// The same with another limit, in bytes of payload.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Takes the next bytes of the stream. Any number, 0 included. Cost: one copy.
    pub fn push(&mut self, chunk: &[u8]) {
        self.release();
        self.buffer.extend_from_slice(chunk);
    }

    /// The next payload, if its frame is whole.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], once for a frame that is wrong; the next call goes on.
    pub fn next_frame(&mut self) -> Result<Option<StuffedFrame<'_>>, DecodeError> {
        let whole = self.advance()?;
        Ok(whole.then(|| self.given()))
    }

    /// The stream is at its end: the payloads that are left, one a call, and then how it ended.
    ///
    /// ```
    /// use anysplit::stuffed::{Cobs, StuffedDecoder};
    ///
    /// let mut decoder = StuffedDecoder::new(Cobs);
    /// decoder.push(b"\x02a\0\x05b");
    /// assert_eq!(decoder.finish()?.unwrap().payload(), b"a");
    /// let cut = decoder.finish().unwrap_err();
    /// assert_eq!(cut.to_string(), "stream ended at byte 5 after 2 bytes of a message whose delimiter is missing (frame begins at byte 3)");
    /// # Ok::<(), anysplit::EofError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EofError::Decode`] as [`next_frame`](Self::next_frame), and the next call goes on. [`EofError::Truncated`] where the
    /// stream ends inside a frame, again with each call.
    pub fn finish(&mut self) -> Result<Option<StuffedFrame<'_>>, EofError> {
        if self.advance().map_err(EofError::Decode)? {
            return Ok(Some(self.given()));
        }
        match self.doing {
            Phase::Frame => {
                let cut = Truncated::Unterminated { have: self.unfinished() };
                Err(EofError::Truncated { frame: self.frame, end: self.position, cut })
            }
            _ => Ok(None),
        }
    }

    /// How many bytes more there must be at least before the next frame is whole. A reader that takes no more than that
    /// never takes a byte of what follows the frame. Never more than 3: noise may end the frame at hand with the next
    /// byte, and the one after it be short.
    ///
    /// 0 where [`next_frame`](Self::next_frame) has not looked at all that came: it knows more.
    #[must_use]
    pub fn need(&self) -> usize {
        if self.read < self.buffer.len() {
            return 0;
        }
        match self.doing {
            Phase::Frame => S::lacks(Some(self.state)),
            Phase::Skipping => 1 + S::lacks(None),
            Phase::Between | Phase::Given => S::lacks(None),
        }
    }

    /// The payload that has just become whole.
    fn given(&mut self) -> StuffedFrame<'_> {
        let wire_len = self.position.saturating_sub(self.frame);
        let payload = self.buffer.get_mut(..self.written).unwrap_or_default();
        StuffedFrame { payload, offset: self.frame, wire_len }
    }

    /// Goes on to the end of the next frame, or of what is there.
    fn advance(&mut self) -> Result<bool, DecodeError> {
        self.release();
        loop {
            let fresh = self.buffer.get(self.read..).unwrap_or_default();
            let Some(&first) = fresh.first() else {
                self.compact();
                return Ok(false);
            };
            match self.doing {
                Phase::Between | Phase::Given if first == S::DELIMITER => self.skip(1),
                Phase::Between | Phase::Given => {
                    self.doing = Phase::Frame;
                    self.frame = self.position;
                    self.state = S::State::default();
                }
                Phase::Skipping => match memchr::memchr(S::DELIMITER, fresh) {
                    Some(at) => {
                        self.skip(at + 1);
                        self.doing = Phase::Between;
                    }
                    None => self.skip(fresh.len()),
                },
                Phase::Frame if first == S::DELIMITER => {
                    self.skip(1);
                    self.doing = Phase::Between;
                    if let Err(kind) = S::end(self.state) {
                        self.written = 0;
                        return Err(DecodeError { frame: self.frame, offset: self.position - 1, kind });
                    }
                    self.doing = Phase::Given;
                    return Ok(true);
                }
                Phase::Frame => self.unstuff()?,
            }
        }
    }

    /// Undoes the stuffing of the next run of the frame, in place.
    fn unstuff(&mut self) -> Result<(), DecodeError> {
        let fresh = self.buffer.get(self.read..).unwrap_or_default();
        let run = match S::run(&mut self.state, fresh) {
            Ok(run) => run,
            Err(kind) => return Err(self.fail(0, kind)),
        };
        let len = match run {
            Run::Plain(len) => len,
            Run::Byte(_) => 1,
            Run::Nothing => {
                self.skip(1);
                return Ok(());
            }
        };
        let left = usize::try_from(self.max).unwrap_or(usize::MAX).saturating_sub(self.written);
        if len > left {
            let kind = DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max };
            return Err(self.fail(left, kind));
        }
        match run {
            Run::Byte(byte) => {
                if let Some(place) = self.buffer.get_mut(self.written) {
                    *place = byte;
                }
            }
            // As long as nothing was removed, the bytes are where they belong.
            _ if self.written < self.read => self.buffer.copy_within(self.read..self.read + len, self.written),
            _ => {}
        }
        self.written += len;
        self.skip(len);
        Ok(())
    }

    /// The frame is wrong at the `at`th byte that was not looked at.
    fn fail(&mut self, at: usize, kind: DecodeErrorKind) -> DecodeError {
        let offset = self.position.saturating_add(at as u64);
        self.doing = Phase::Skipping;
        self.written = 0;
        DecodeError { frame: self.frame, offset, kind }
    }

    fn skip(&mut self, len: usize) {
        self.read += len;
        self.position = self.position.saturating_add(len as u64);
    }

    /// Drops a payload that was handed out.
    fn release(&mut self) {
        if self.doing == Phase::Given {
            self.doing = Phase::Between;
            let gone = self.read.min(self.buffer.len());
            self.buffer.advance(gone);
            self.read = 0;
            self.written = 0;
            self.shed(gone);
        }
    }

    /// Gives back memory of which `unused` bytes are of no use, if that is most of it and worth it.
    fn shed(&mut self, unused: usize) {
        if unused >= SHED && unused > self.buffer.len() {
            self.buffer = BytesMut::from(&self.buffer[..]);
        }
    }

    /// Nothing is left to be looked at: drops what is of no use.
    fn compact(&mut self) {
        self.buffer.truncate(self.written);
        self.read = self.written;
        if self.written == 0 {
            // An idle line owns no memory.
            self.buffer = BytesMut::new();
        }
        self.shed(self.buffer.capacity().saturating_sub(self.buffer.len()));
    }

    /// Offset in the stream of the first byte that was not looked at.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// How many bytes of a frame that is not whole have come. They are lost if the stream ends here.
    #[must_use]
    pub fn unfinished(&self) -> u64 {
        match self.doing {
            Phase::Frame | Phase::Skipping => self.position.saturating_sub(self.frame),
            Phase::Between | Phase::Given => 0,
        }
    }

    /// Bytes of heap memory in use.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// The stuffing.
    #[must_use]
    pub const fn stuffing(&self) -> S {
        self.stuffing
    }
}

/// The frames of `payloads`, one after the other.
///
/// # Errors
///
/// As [`Stuffing::encode`].
pub fn encode_all<S: Stuffing, P: AsRef<[u8]>>(stuffing: S, payloads: &[P]) -> Result<Vec<u8>, EncodeError> {
    let mut wire = Vec::new();
    for payload in payloads {
        stuffing.encode(payload.as_ref(), &mut wire)?;
    }
    Ok(wire)
}
