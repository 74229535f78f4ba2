//! The state of one connection, without its bytes.

use core::num::NonZeroUsize;

use crate::contract::{AtEof, Extent, Framing, Located, Progress};
use crate::error::{DecodeError, DecodeErrorKind, EofError, FrameError, Truncated};
use crate::number::at_least_one;

/// Finds frames in bytes that somebody else holds: all of a decoder but its buffer, and what every adapter is built on.
///
/// Most programs want [`Decoder`](crate::Decoder). This is for those that have a buffer of their own, and for machines
/// without an allocator.
///
/// The caller keeps the bytes that are not done with, hands all of them to [`step`](Self::step), and does as the answer
/// says. No more than 24 bytes of state beside the framing.
///
/// ```
/// use anysplit::{Deframer, Prefix, Step};
///
/// let mut deframer = Deframer::new(Prefix::u16_be());
/// let mut bytes: &[u8] = b"\x00\x02hi\x00\x03yo";
///
/// let Step::Frame(extent) = deframer.step(bytes)? else { panic!() };
/// assert_eq!((extent.header_len(), extent.payload_len()), (2, 2));
/// bytes = &bytes[4..];
/// let Step::Need(need) = deframer.step(bytes)? else { panic!() };
/// assert_eq!(need.get(), 1);
/// assert_eq!(deframer.position(), 4);
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Deframer<F> {
    framing: F,
    /// Stream offset of the first byte that is neither handed out nor part of a kept header.
    position: u64,
    state: State,
}

/// More than half of the address space cannot be held in one piece.
const ADDRESSABLE: u64 = isize::MAX as u64;

/// What becomes of a frame whose payload is over the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Oversize {
    /// It is an error, and decoding ends there.
    #[default]
    Fail,
    /// All of it is passed over, counted, and never searched for frames. Then comes one
    /// [`DecodeErrorKind::Skipped`] with the count, and decoding goes on after it.
    Skip,
}

/// What to do with the bytes at the front of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A whole frame is there. The next step's input begins after it.
    Frame(Extent),
    /// `len` bytes at index `at` are of no use: remove them, and step again.
    Discard {
        /// Index of the first of them. Bytes before it must stay.
        at: usize,
        /// How many.
        len: usize,
    },
    /// A frame over the limit has been skipped, as [`Oversize::Skip`] asks. Remove the first `len` bytes of the buffer,
    /// report the error, and go on.
    Skipped {
        /// How many bytes of the frame are still in the buffer.
        len: usize,
        /// Of the kind [`DecodeErrorKind::Skipped`].
        error: DecodeError,
    },
    /// At least this many bytes more are needed.
    Need(NonZeroUsize),
}

/// As [`Step`], for a frame passed on in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceStep {
    /// A frame begins, and its header is there. It stays at the front until `End`.
    Start { extent: Extent, announced: bool },
    /// `len` bytes of payload at index `at`. The next step's input is without them.
    Data { at: usize, len: usize },
    /// The frame is over. The next step's input is without these first bytes, the header and the trailer.
    End { len: usize },
    /// There is no piece in this, but something to do.
    Other(Step),
}

impl PieceStep {
    /// The same, where nobody wants the piece.
    fn without_piece(self) -> Step {
        match self {
            Self::Start { .. } => Step::Discard { at: 0, len: 0 },
            Self::Data { at, len } => Step::Discard { at, len },
            Self::End { len } => Step::Discard { at: 0, len },
            Self::Other(step) => step,
        }
    }
}

/// Kept small, as every connection has one.
#[derive(Clone, Copy, Debug)]
struct State {
    doing: Phase,
    oversize: Oversize,
    stream: Stream,
    /// Bytes of header that stay at the front of the buffer, while pieces are passed or skipped.
    header: u16,
    /// Bytes of trailer of the frame that is being passed or skipped. Of one that is searched, bytes of header, where its payload
    /// has begun.
    trailer: u16,
    /// Its meaning depends on `doing`.
    count: u64,
}

/// Whether there can be more frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Open,
    Failed,
    Ended,
    /// By the end of the stream, which is asked again for the same error.
    FailedAtEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// At the start of a frame. `count`: bytes that were searched.
    Searching,
    /// At the start of a frame that is known. `count`: with fewer bytes than this there is nothing new to see.
    Waiting,
    /// Inside a payload whose length is known. `count`: bytes of it to come.
    Passing(Purpose),
    /// Inside a payload whose end is not known. `count`: bytes of it that have gone.
    PassingOpen(Purpose),
    /// Behind such a payload: its end was seen with its last bytes, and they are gone. `count` as before.
    PassingTail(Purpose),
    /// Inside the header of a frame over the limit. `count`: bytes that were searched.
    SkippingHead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The caller takes the payload in pieces.
    Pieces,
    /// The caller has lost interest in the frame and asked for the next.
    Dropped,
    /// The frame is over the limit, and its payload is passed over.
    Oversize,
}

impl<F: Framing> Deframer<F> {
    /// At the start of a stream.
    pub const fn new(framing: F) -> Self {
        Self::at(framing, 0)
    }

    /// At this offset of a stream, at the start of a frame.
    pub const fn at(framing: F, position: u64) -> Self {
        let state = State {
            doing: Phase::Searching,
            oversize: Oversize::Fail,
            stream: Stream::Open,
            header: 0,
            trailer: 0,
            count: 0,
        };
        Self { framing, position, state }
    }

    /// The same with another policy for frames over the limit.
    #[must_use]
    pub const fn with_oversize(mut self, oversize: Oversize) -> Self {
        self.state.oversize = oversize;
        self
    }

    /// The framing.
    pub const fn framing(&self) -> &F {
        &self.framing
    }

    /// The framing, for the one that follows it.
    pub fn into_framing(self) -> F {
        self.framing
    }

    /// The policy for frames over the limit.
    pub const fn oversize(&self) -> Oversize {
        self.state.oversize
    }

    /// Offset in the stream of the first byte that was neither handed out nor discarded.
    #[inline]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Whether there can be more frames.
    #[inline]
    pub(crate) const fn stream(&self) -> Stream {
        self.state.stream
    }

    /// Bytes at the front of the buffer that have been handed out as a header and must stay for now.
    pub(crate) const fn kept(&self) -> usize {
        self.state.header as usize
    }

    /// Whether the frame at the front of the buffer is known, and the next [`Step::Need`] is all that it lacks.
    #[inline]
    pub(crate) const fn is_waiting(&self) -> bool {
        matches!(self.state.doing, Phase::Waiting)
    }

    /// Whether all of the `have` bytes of the frame at hand have been searched for its end.
    #[inline]
    pub(crate) fn has_searched(&self, have: usize) -> bool {
        matches!(self.state.doing, Phase::Searching) && self.state.count == have as u64
    }

    /// No end of the frame at hand, of which nothing else is known, begins before this index.
    #[inline]
    pub(crate) fn begin_search_at(&mut self, scanned: usize) {
        debug_assert!(self.is_fresh(), "nothing has been searched");
        self.state.count = scanned as u64;
    }

    /// Whether the stream is open, the frame at hand is known, and `have` bytes are fewer than there must be before there
    /// is anything new to see.
    #[inline]
    pub(crate) fn lacks(&self, have: usize) -> bool {
        self.is_waiting() && self.state.stream == Stream::Open && self.state.count > have as u64
    }

    /// Bytes that are known to be wanted beyond `have`; 0 where nothing is known.
    #[inline]
    pub(crate) fn lacking_known(&self, have: usize) -> usize {
        match self.state.doing {
            Phase::Waiting => usize::try_from(self.state.count.saturating_sub(have as u64)).unwrap_or(usize::MAX),
            _ => 0,
        }
    }

    /// Back to the start of a stream.
    pub(crate) fn reset(&mut self) {
        self.position = 0;
        self.state.stream = Stream::Open;
        self.searching(0);
    }

    /// Whether a frame has begun to be passed on in pieces, and is not over.
    pub(crate) const fn is_inside_frame(&self) -> bool {
        !matches!(self.state.doing, Phase::Searching | Phase::Waiting)
    }

    /// How many bytes more there must be at least before the next frame is whole: 0 if it is, or if the stream has
    /// failed. Never more than the frame really lacks, so that a reader that takes no more than this never takes a byte
    /// of what follows the frame.
    pub fn need(&self, input: &[u8]) -> usize {
        let located = match self.state.doing {
            _ if self.state.stream == Stream::Failed => return 0,
            Phase::Searching => self.framing.locate(input, self.search_progress(self.scanned(input))),
            Phase::Waiting => self.framing.locate(input, Progress::default()),
            Phase::SkippingHead => self.framing.locate(input, Progress { unlimited: true, ..Progress::default() }),
            Phase::PassingOpen(why) => self.framing.locate(input, self.open_progress(why)),
            Phase::Passing(_) => {
                let there = input.len().saturating_sub(self.kept()) as u64;
                let left = self.state.count.saturating_add(self.state.trailer.into()).saturating_sub(there);
                return usize::try_from(left).unwrap_or(usize::MAX);
            }
            Phase::PassingTail(_) => {
                let there = input.len().saturating_sub(self.kept());
                return usize::from(self.state.trailer).saturating_sub(there);
            }
        };
        match located {
            Ok(Located::Known(extent)) => {
                let lacking = extent.frame_len().saturating_sub(input.len() as u64);
                usize::try_from(lacking).unwrap_or(usize::MAX)
            }
            Ok(Located::Header { need, .. } | Located::Open { need, .. }) => need.get(),
            Err(_) => 0,
        }
    }

    /// Looks at `input`, all the bytes that are there from the start of the frame.
    ///
    /// After [`Step::Need`] the next input must be the same bytes and perhaps more after them.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] where the bytes are no frame. The next step gives the same, for the same bytes and for more.
    /// [`DecodeErrorKind::Skipped`] is the exception: the next step goes on.
    #[inline]
    pub fn step(&mut self, input: &[u8]) -> Result<Step, DecodeError> {
        match self.state.doing {
            _ if self.state.stream == Stream::Failed => self.again(input),
            Phase::Searching => self.search(input, self.scanned(input)),
            Phase::Waiting => match self.lacking(input) {
                Some(need) => Ok(Step::Need(need)),
                None => self.search(input, 0),
            },
            _ => self.leave(input),
        }
    }

    /// A frame of `len` bytes was found where the deframer [is fresh](Self::is_fresh), and handed out.
    #[inline]
    pub(crate) fn pass_fresh(&mut self, len: usize) {
        debug_assert!(self.is_fresh(), "a frame begins where nothing else is known");
        self.advance(len as u64);
    }

    /// Frames were found without the deframer and handed out, up to this offset of the stream.
    #[inline]
    pub(crate) fn pass_frames_to(&mut self, position: u64) {
        self.position = position;
        self.searching(0);
    }

    /// Whether the next byte of the buffer begins a frame of which nothing is known.
    #[inline]
    pub(crate) const fn is_fresh(&self) -> bool {
        matches!(self.state.doing, Phase::Searching) && self.state.count == 0
    }

    #[inline]
    fn search(&mut self, input: &[u8], scanned: usize) -> Result<Step, DecodeError> {
        match self.framing.locate(input, self.search_progress(scanned)) {
            Ok(Located::Known(extent)) => {
                if let Some(len) = extent.fits(input.len()) {
                    self.advance(len as u64);
                    self.searching(0);
                    return Ok(Step::Frame(extent));
                }
                self.wait(input, extent)
            }
            Ok(Located::Header { need, scanned }) if scanned > input.len() => {
                self.state.doing = Phase::Waiting;
                self.state.count = scanned as u64;
                Ok(Step::Need(need))
            }
            Ok(Located::Header { need, scanned }) => {
                self.searching(scanned);
                Ok(Step::Need(need))
            }
            Ok(Located::Open { header, need, scanned }) => {
                self.searching(scanned);
                self.state.trailer = header;
                Ok(Step::Need(need))
            }
            Err(fault) => self.fail(input, fault),
        }
    }

    /// Takes note of the frame that `input` begins with and does not hold all of, as a step would; or says no, where there
    /// is more to it.
    #[inline]
    pub(crate) fn waits(&mut self, input: &[u8]) -> bool {
        match self.framing.locate(input, Progress::default()) {
            Ok(Located::Known(extent)) if extent.frame_len() <= ADDRESSABLE && extent.fits(input.len()).is_none() => {
                self.wait(input, extent).is_ok()
            }
            _ => false,
        }
    }

    /// The frame is known, and not all of it is there.
    fn wait(&mut self, input: &[u8], extent: Extent) -> Result<Step, DecodeError> {
        let frame = extent.frame_len();
        if frame > ADDRESSABLE && input.is_empty() {
            // The stream may end before the frame begins.
            return Ok(Step::Need(at_least_one(self.need(input))));
        }
        if frame > ADDRESSABLE {
            let kind = DecodeErrorKind::Oversize { len: extent.payload_len(), max: ADDRESSABLE };
            return self.fail(input, FrameError::new(0, kind));
        }
        let have = input.len() as u64;
        let payload_end = frame.saturating_sub(extent.trailer_len() as u64);
        self.state.doing = Phase::Waiting;
        // A trailer is looked at byte by byte: its first byte may be a fault already.
        self.state.count = if have < payload_end { frame.min(payload_end.saturating_add(1)) } else { have + 1 };
        Ok(Step::Need(self.lacking(input).unwrap_or(NonZeroUsize::MIN)))
    }

    /// How many bytes more there must be before there is anything new to see.
    #[inline]
    fn lacking(&self, input: &[u8]) -> Option<NonZeroUsize> {
        let lacking = self.state.count.checked_sub(input.len() as u64)?;
        NonZeroUsize::new(usize::try_from(lacking).unwrap_or(usize::MAX))
    }

    /// A fault in a frame of which nothing was handed out.
    #[cold]
    fn fail(&mut self, input: &[u8], fault: FrameError) -> Result<Step, DecodeError> {
        if matches!(fault.kind, DecodeErrorKind::Oversize { .. }) && self.state.oversize == Oversize::Skip {
            self.state.doing = Phase::SkippingHead;
            self.state.count = 0;
            // Where the rest of the header is faulty too, that is the error, as it is when it comes later.
            return self.leave(input);
        }
        Err(self.error(self.position, fault))
    }

    /// The same error as before: nothing has been forgotten of what led to it.
    #[cold]
    fn again(&mut self, input: &[u8]) -> Result<Step, DecodeError> {
        match self.state.doing {
            Phase::Searching | Phase::Waiting => self.search(input, self.scanned(input)),
            Phase::SkippingHead => self.leave(input),
            Phase::Passing(why) | Phase::PassingOpen(why) | Phase::PassingTail(why) => {
                self.pass(input, why).map(PieceStep::without_piece)
            }
        }
    }

    /// Goes on to the end of a frame that is not wanted.
    #[cold]
    fn leave(&mut self, input: &[u8]) -> Result<Step, DecodeError> {
        let why = match self.state.doing {
            Phase::Searching | Phase::Waiting => return self.search(input, 0),
            Phase::SkippingHead => {
                let scanned = usize::try_from(self.state.count).unwrap_or_default().min(input.len());
                let progress = Progress { scanned, unlimited: true, ..Progress::default() };
                match self.locate_piece(input, progress) {
                    Ok(located) => match self.begin(input, located, Purpose::Oversize) {
                        Ok(_) => Purpose::Oversize,
                        Err((need, scanned)) => {
                            self.state.count = scanned as u64;
                            return Ok(Step::Need(need));
                        }
                    },
                    Err(fault) => return Err(self.error(self.position, fault)),
                }
            }
            Phase::Passing(Purpose::Pieces) => {
                self.state.doing = Phase::Passing(Purpose::Dropped);
                Purpose::Dropped
            }
            Phase::PassingOpen(Purpose::Pieces) => {
                self.state.doing = Phase::PassingOpen(Purpose::Dropped);
                Purpose::Dropped
            }
            Phase::PassingTail(Purpose::Pieces) => {
                self.state.doing = Phase::PassingTail(Purpose::Dropped);
                Purpose::Dropped
            }
            Phase::Passing(why) | Phase::PassingOpen(why) | Phase::PassingTail(why) => why,
        };
        self.pass(input, why).map(PieceStep::without_piece)
    }

    /// As [`step`](Self::step), with the payload passed on as it comes.
    pub(crate) fn step_piece(&mut self, input: &[u8]) -> Result<PieceStep, DecodeError> {
        let progress = match self.state.doing {
            _ if self.state.stream == Stream::Failed => return self.again(input).map(PieceStep::Other),
            Phase::Passing(Purpose::Pieces)
            | Phase::PassingOpen(Purpose::Pieces)
            | Phase::PassingTail(Purpose::Pieces) => {
                return self.pass(input, Purpose::Pieces);
            }
            Phase::Searching => self.search_progress(self.scanned(input)),
            Phase::Waiting => Progress::default(),
            _ => return self.leave(input).map(PieceStep::Other),
        };
        match self.locate_piece(input, progress) {
            Ok(located) => Ok(self.begin(input, located, Purpose::Pieces).unwrap_or_else(|(need, scanned)| {
                self.searching(scanned);
                PieceStep::Other(Step::Need(need))
            })),
            Err(fault) => self.fail(input, fault).map(PieceStep::Other),
        }
    }

    /// As [`Framing::locate`], but what lies before a fault after the header has its turn first, as it has when it comes
    /// first.
    fn locate_piece(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        self.framing.locate(input, progress).or_else(|fault| {
            let scanned = progress.scanned.min(self.kept());
            let before =
                input.get(..fault.at).map(|before| self.framing.locate(before, Progress { scanned, ..progress }));
            match before {
                Some(Ok(located @ Located::Known(_))) => Ok(located),
                Some(Ok(located @ Located::Open { scanned, .. }))
                    if !self.is_inside_frame() || scanned > self.kept() =>
                {
                    Ok(located)
                }
                _ => Err(fault),
            }
        })
    }

    /// Enters a frame whose payload will be passed on or over, if its header is there. Otherwise says how many bytes that
    /// lacks, and how far it was searched.
    fn begin(&mut self, input: &[u8], located: Located, why: Purpose) -> Result<PieceStep, (NonZeroUsize, usize)> {
        if input.is_empty() {
            // A frame without a header is known before it has begun, and the stream may end here.
            return Err((NonZeroUsize::MIN, 0));
        }
        let header = match located {
            Located::Known(extent) => extent.header_len(),
            Located::Open { header, .. } => usize::from(header),
            Located::Header { need, scanned } => return Err((need, scanned)),
        };
        let Some(kept) = input.get(..header) else { return Err((at_least_one(header - input.len()), 0)) };
        // What the header alone says, so that it does not matter how much of the payload came with it.
        let announced = self.announced(kept);
        self.advance(header as u64);
        // Both come from an extent, where they have 16 bits.
        self.state.header = u16::try_from(header).unwrap_or(u16::MAX);
        let extent = announced.unwrap_or(Extent::new(self.state.header, 0, 0));
        self.state.trailer = u16::try_from(extent.trailer_len()).unwrap_or(u16::MAX);
        self.state.count = extent.payload_len();
        self.state.doing = match announced {
            Some(_) => Phase::Passing(why),
            None => Phase::PassingOpen(why),
        };
        Ok(PieceStep::Start { extent, announced: announced.is_some() })
    }

    /// What a header alone says of its frame, if it says how long the payload is.
    fn announced(&self, header: &[u8]) -> Option<Extent> {
        let progress = Progress { unlimited: true, ..Progress::default() };
        match self.framing.locate(header, progress) {
            Ok(Located::Known(extent)) => Some(extent),
            _ => None,
        }
    }

    /// Goes on inside a frame whose header is at the front of `input`.
    fn pass(&mut self, input: &[u8], why: Purpose) -> Result<PieceStep, DecodeError> {
        let header = self.kept();
        let there = input.len().saturating_sub(header);
        let mut ends = false;
        let (left, need, trailer) = match self.state.doing {
            Phase::PassingTail(_) => (0, NonZeroUsize::MIN, usize::from(self.state.trailer)),
            Phase::PassingOpen(_) => {
                let progress = self.open_progress(why);
                match self.locate_piece(input, progress) {
                    Ok(Located::Known(extent)) => {
                        ends = extent.payload_len() <= there as u64;
                        (extent.payload_len(), NonZeroUsize::MIN, extent.trailer_len())
                    }
                    Ok(Located::Open { scanned, need, .. }) => match scanned.min(input.len()).saturating_sub(header) {
                        0 => return Ok(PieceStep::Other(Step::Need(need))),
                        len => (len as u64, need, 0),
                    },
                    Ok(Located::Header { need, .. }) => return Ok(PieceStep::Other(Step::Need(need))),
                    Err(FrameError { kind: DecodeErrorKind::Oversize { .. }, .. })
                        if self.state.oversize == Oversize::Skip && why != Purpose::Oversize =>
                    {
                        self.state.doing = Phase::PassingOpen(Purpose::Oversize);
                        return self.leave(input).map(PieceStep::Other);
                    }
                    Err(fault) => return Err(self.error(self.frame_start(input), fault)),
                }
            }
            _ => {
                let trailer = usize::from(self.state.trailer);
                let lacking = self.state.count.saturating_add(trailer as u64);
                let lacking = usize::try_from(lacking).unwrap_or(usize::MAX);
                (self.state.count, at_least_one(lacking.saturating_sub(there)), trailer)
            }
        };
        if left == 0 {
            return self.pass_trailer(input, trailer, why);
        }
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(there);
        if len == 0 {
            return Ok(PieceStep::Other(Step::Need(need)));
        }
        self.state.count = match self.state.doing {
            Phase::PassingOpen(_) => self.state.count.saturating_add(len as u64),
            _ => left.saturating_sub(len as u64),
        };
        if ends {
            // The end may lie in the bytes that go now, where a delimiter is kept in the payload.
            self.state.doing = Phase::PassingTail(why);
            self.state.trailer = u16::try_from(trailer).unwrap_or(u16::MAX);
        }
        self.advance(len as u64);
        Ok(PieceStep::Data { at: header, len })
    }

    /// All of the payload has gone: what is left of the frame is its header, and its trailer after it.
    fn pass_trailer(&mut self, input: &[u8], trailer: usize, why: Purpose) -> Result<PieceStep, DecodeError> {
        let frame = self.kept().saturating_add(trailer);
        let start = self.frame_start(input);
        // A wrong trailer says that the length was wrong, so that what follows is no frame: also where it is skipped.
        if let (Phase::Passing(_), true) = (self.state.doing, trailer > 0) {
            let passed = self.passed(input);
            let progress = Progress { passed, unlimited: true, ..Progress::default() };
            if let Err(fault) = self.framing.locate(input.get(..frame).unwrap_or(input), progress) {
                return Err(self.error(start, fault));
            }
        }
        if input.len() < frame {
            return Ok(PieceStep::Other(Step::Need(at_least_one(frame - input.len()))));
        }
        self.advance(trailer as u64);
        let skipped = self.position.saturating_sub(start);
        self.searching(0);
        if why == Purpose::Oversize {
            let error = DecodeError { frame: start, offset: start, kind: DecodeErrorKind::Skipped { len: skipped } };
            return Ok(PieceStep::Other(Step::Skipped { len: frame, error }));
        }
        Ok(PieceStep::End { len: frame })
    }

    /// The stream has ended, and `input` is what is left of it. To be called until it gives `None`, and with the same
    /// care for the answers as [`step`](Self::step); [`Step::Need`] is never among them.
    ///
    /// # Errors
    ///
    /// [`EofError`] where the end cuts a frame, or the bytes are none. The next call gives the same.
    pub fn finish(&mut self, input: &[u8]) -> Result<Option<Step>, EofError> {
        if self.state.stream == Stream::FailedAtEnd {
            return self.at_eof(input).map(Result::err);
        }
        if self.is_waiting() {
            // No more bytes will come, so this is the time to look at those that are there.
            self.searching(0);
        }
        match self.step(input)? {
            Step::Need(_) => {}
            step => return Ok(Some(step)),
        }
        match self.at_eof(input)? {
            Err(step) => Ok(Some(step)),
            Ok(AtEof::Frame(extent)) if self.is_inside_frame() => {
                Ok(Some(self.pass_at_end(input, extent).without_piece()))
            }
            Ok(AtEof::Frame(extent)) => {
                self.advance(extent.frame_len());
                self.searching(0);
                Ok(Some(Step::Frame(extent)))
            }
            Ok(_) => Ok(None),
        }
    }

    /// As [`finish`](Self::finish), with the payload passed on.
    pub(crate) fn finish_piece(&mut self, input: &[u8]) -> Result<Option<PieceStep>, EofError> {
        if self.state.stream == Stream::FailedAtEnd {
            return self.at_eof(input).map(|step| step.err().map(PieceStep::Other));
        }
        match self.step_piece(input)? {
            PieceStep::Other(Step::Need(_)) => {}
            step => return Ok(Some(step)),
        }
        match self.at_eof(input)? {
            Err(step) => Ok(Some(PieceStep::Other(step))),
            Ok(AtEof::Frame(extent)) if self.is_inside_frame() => {
                let wanted = self.state.doing == Phase::PassingOpen(Purpose::Pieces);
                let piece = self.pass_at_end(input, extent);
                Ok(Some(if wanted { piece } else { PieceStep::Other(piece.without_piece()) }))
            }
            Ok(AtEof::Frame(extent)) => {
                let header = u16::try_from(extent.header_len()).unwrap_or(u16::MAX);
                let open = Located::Open { header, scanned: header.into(), need: NonZeroUsize::MIN };
                Ok(self.begin(input, open, Purpose::Pieces).ok())
            }
            Ok(_) => Ok(None),
        }
    }

    /// Goes on inside a frame that the end of the stream completes: `extent` is what is left of it.
    fn pass_at_end(&mut self, input: &[u8], extent: Extent) -> PieceStep {
        let header = self.kept();
        let len = usize::try_from(extent.payload_len()).unwrap_or(usize::MAX).min(input.len().saturating_sub(header));
        if len > 0 {
            self.state.count = self.state.count.saturating_add(len as u64);
            self.advance(len as u64);
            return PieceStep::Data { at: header, len };
        }
        let start = self.frame_start(input);
        let why = self.state.doing;
        self.advance(input.len().saturating_sub(header) as u64);
        let skipped = self.position.saturating_sub(start);
        self.searching(0);
        if why == Phase::PassingOpen(Purpose::Oversize) {
            let error = DecodeError { frame: start, offset: start, kind: DecodeErrorKind::Skipped { len: skipped } };
            return PieceStep::Other(Step::Skipped { len: input.len(), error });
        }
        PieceStep::End { len: input.len() }
    }

    /// What the end of the stream means, where a step can do no more.
    fn at_eof(&mut self, input: &[u8]) -> Result<Result<AtEof, Step>, EofError> {
        self.state.stream = Stream::Ended;
        let frame = self.frame_start(input);
        let there = input.len().saturating_sub(self.kept()) as u64;
        let end = self.position.saturating_add(there);
        let cut = |cut| Err(EofError::Truncated { frame, end, cut });
        let have = end.saturating_sub(frame);
        let progress = match self.state.doing {
            Phase::SkippingHead | Phase::Passing(Purpose::Oversize) | Phase::PassingTail(Purpose::Oversize) => {
                return cut(Truncated::Skipped { have });
            }
            Phase::PassingTail(_) => return cut(Truncated::Trailer { have: there, need: self.state.trailer.into() }),
            Phase::Passing(_) => {
                let passed = self.passed(input);
                return cut(match self.state.count {
                    0 => Truncated::Trailer { have: there, need: self.state.trailer.into() },
                    left => Truncated::Payload { have: passed, need: passed.saturating_add(left) },
                });
            }
            Phase::PassingOpen(why) => self.open_progress(why),
            Phase::Searching => self.search_progress(self.scanned(input)),
            Phase::Waiting => Progress::default(),
        };
        match self.framing.at_eof(input, progress) {
            Ok(AtEof::Truncated(_)) if self.state.doing == Phase::PassingOpen(Purpose::Oversize) => {
                cut(Truncated::Skipped { have })
            }
            Ok(AtEof::Truncated(found)) => cut(found),
            Ok(at_eof) => Ok(Ok(at_eof)),
            Err(fault) => {
                let skip =
                    matches!(fault.kind, DecodeErrorKind::Oversize { .. }) && self.state.oversize == Oversize::Skip;
                match self.state.doing {
                    Phase::Searching | Phase::Waiting if skip => match self.fail(input, fault)? {
                        Step::Need(_) => self.at_eof(input),
                        step => Ok(Err(step)),
                    },
                    Phase::PassingOpen(Purpose::Pieces) if skip => {
                        self.state.doing = Phase::PassingOpen(Purpose::Oversize);
                        self.at_eof(input)
                    }
                    _ => {
                        let error = self.error(frame, fault);
                        self.state.stream = Stream::FailedAtEnd;
                        Err(EofError::Decode(error))
                    }
                }
            }
        }
    }

    /// How far the open payload at hand has got.
    fn open_progress(&self, why: Purpose) -> Progress {
        // A frame that is not wanted may be as long as it likes.
        let unlimited = why != Purpose::Pieces;
        Progress { scanned: self.kept(), passed: self.state.count, header: self.state.header, unlimited }
    }

    /// How far a frame got that is searched, or is begun afresh with a `scanned` of 0.
    #[inline]
    fn search_progress(&self, scanned: usize) -> Progress {
        let header = if scanned > 0 { self.state.trailer } else { 0 };
        Progress { scanned, header, ..Progress::default() }
    }

    /// Bytes of the payload at hand that have gone.
    fn passed(&self, input: &[u8]) -> u64 {
        match self.state.doing {
            Phase::PassingOpen(_) | Phase::PassingTail(_) => self.state.count,
            Phase::Passing(_) => {
                let announced = self.announced(input.get(..self.kept()).unwrap_or_default());
                announced.map_or(0, |extent| extent.payload_len().saturating_sub(self.state.count))
            }
            _ => 0,
        }
    }

    /// Where the frame at hand begins in the stream.
    fn frame_start(&self, input: &[u8]) -> u64 {
        self.position.saturating_sub(self.passed(input)).saturating_sub(self.kept() as u64)
    }

    /// A fault at an index of the buffer is an error at an offset of the stream.
    fn error(&mut self, frame: u64, fault: FrameError) -> DecodeError {
        self.state.stream = Stream::Failed;
        let offset = match fault.at.checked_sub(self.kept()) {
            Some(after) => self.position.saturating_add(after as u64),
            None => frame.saturating_add(fault.at as u64),
        };
        DecodeError { frame, offset, kind: fault.kind }
    }

    /// How far the bytes of the frame at hand were searched.
    #[inline]
    fn scanned(&self, input: &[u8]) -> usize {
        match self.state.doing {
            // It came from an index into fewer bytes than these.
            Phase::Searching => usize::try_from(self.state.count).unwrap_or_default().min(input.len()),
            _ => 0,
        }
    }

    #[inline]
    fn searching(&mut self, scanned: usize) {
        self.state = State { doing: Phase::Searching, header: 0, trailer: 0, count: scanned as u64, ..self.state };
    }

    #[inline]
    fn advance(&mut self, len: u64) {
        // A stream of 2^64 bytes would take five hundred years at 10 Gbit/s: its offsets stay at the greatest.
        self.position = self.position.saturating_add(len);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::{EncodeError, Envelope, LengthField, Prefix};
    use std::vec::Vec;

    /// The answer to `input`, which must ask for bytes.
    fn need<F: Framing>(deframer: &mut Deframer<F>, input: &[u8]) -> usize {
        match deframer.step(input) {
            Ok(Step::Need(need)) => need.get(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_more_is_needed_of_a_skipped_frame_than_its_header_and_its_trailer_lack() {
        let header = LengthField::new(0, crate::number::Binary::u8()).with_header_after(4).unwrap();
        let mut deframer = Deframer::new(header.with_max_payload_len(1)).with_oversize(Oversize::Skip);
        for (len, lacking) in [(1, 4), (2, 3), (4, 1)] {
            assert_eq!(need(&mut deframer, &b"\x09\0\0\0"[..len]), lacking);
        }
        let trailer = Prefix::u16_be().with_trailer(b"abc").unwrap().with_max_payload_len(1);
        let mut deframer = Deframer::new(trailer).with_oversize(Oversize::Skip);
        assert_eq!(need(&mut deframer, b"\0\x02"), 5);
        assert_eq!(deframer.step(b"\0\x02hi"), Ok(Step::Discard { at: 2, len: 2 }));
        for (len, lacking) in [(2, 3), (3, 2), (4, 1)] {
            assert_eq!(need(&mut deframer, &b"\0\x02ab"[..len]), lacking);
        }
    }

    /// A byte of type and all that follows, which is no frame before the end says so.
    struct Late;

    impl Framing for Late {
        fn locate(&self, input: &[u8], _: Progress) -> Result<Located, FrameError> {
            Ok(Located::Header { need: NonZeroUsize::MIN, scanned: input.len() })
        }
        fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
            Err(EncodeError::Empty)
        }
        fn at_eof(&self, rest: &[u8], _: Progress) -> Result<AtEof, FrameError> {
            Ok(AtEof::Frame(Extent::new(1, rest.len() as u64 - 1, 0)))
        }
    }

    #[test]
    fn a_frame_that_the_end_alone_begins_has_a_start() {
        let mut deframer = Deframer::new(Late);
        assert!(matches!(deframer.step_piece(b"Abc"), Ok(PieceStep::Other(Step::Need(_)))));
        let start = deframer.finish_piece(b"Abc").unwrap();
        assert_eq!(start, Some(PieceStep::Start { extent: Extent::new(1, 0, 0), announced: false }));
        assert_eq!(Late.max_payload_len(), u64::MAX);
    }

    #[test]
    fn a_payload_of_a_tebibyte_ends_with_its_last_byte() {
        const LEN: u64 = 1 << 40;
        let framing = Prefix::u64_be().with_max_payload_len(u64::MAX).with_trailer(b",").unwrap();
        let mut deframer = Deframer::new(framing);
        let mut buffer: Vec<u8> = LEN.to_be_bytes().to_vec();
        assert!(matches!(deframer.step_piece(&buffer), Ok(PieceStep::Start { announced: true, .. })));
        buffer.extend_from_slice(&[0; 1000]);
        assert_eq!(deframer.step_piece(&buffer), Ok(PieceStep::Data { at: 8, len: 1000 }));
        buffer.truncate(8);
        // On 32 bits it is more than a call can ask for.
        assert_eq!(deframer.need(&buffer) as u64, (LEN - 1000 + 1).min(usize::MAX as u64));
        // All but three bytes of the rest pass: what feeding them would do.
        let rest = deframer.state.count - 3;
        deframer.state.count -= rest;
        deframer.advance(rest);
        assert_eq!(deframer.need(&buffer), 4);
        buffer.extend_from_slice(b"xyz,next");
        assert_eq!(deframer.step_piece(&buffer), Ok(PieceStep::Data { at: 8, len: 3 }));
        buffer.drain(8..11);
        assert_eq!(deframer.step_piece(&buffer), Ok(PieceStep::End { len: 9 }));
        assert_eq!(deframer.position(), 8 + LEN + 1);
    }
}
