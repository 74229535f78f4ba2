//! The state of a stream between two calls, and every transition of it.
//!
//! ```text
//!           ┌───────────────── frame returned ◀─────────────┐
//!           ▼                                               │ complete and intact
//!  Fresh, or Locate ─── its end is known ────────────────▶ Wait
//!           │  │                                            │
//!           │  │ piece wanted                  piece wanted │
//!           │  ▼                                            ▼
//!           │  OpenBody ──── its end is known ───────────▶ Body ──▶ last piece, or Skipped ──▶ Fresh or Locate
//!           │  ▲                                            ▲
//!           │  │ header complete            header complete │
//!           │  └──────────────────── Reject ────────────────┤
//!           └── error, and the policy skips ──▶ ▲           │ a check failed, and the policy skips
//!                                                           │
//!  any ─── error that stays ──▶ Failed                     Wait
//!  Locate, Wait ─── error, and the policy resynchronises ──▶ Hunt ─── a frame may begin here ──▶ Locate
//! ```
//!
//! | phase | the window begins with | frame at hand |
//! | --- | --- | --- |
//! | `Fresh` | a frame | its end is looked for; it follows a frame that left no word, or begins the stream |
//! | `Simple` | a frame | its end is looked for; it follows a frame that left a word, filler or a stretch |
//! | `Locate` | a frame | its end is looked for, in any other case: in a hunt, at the end, after a glance in vain |
//! | `Wait` | a frame | its extent is known; bytes of it may be missing |
//! | `Reject` | a rejected frame | its end is looked for, leniently |
//! | `OpenBody` | the frame's header | `consumed` payload bytes are gone; its end is looked for |
//! | `Body` | the frame's header | `consumed` payload bytes are gone; its extent is known |
//! | `Hunt` | bytes of a stretch | the place where the next one may begin is looked for |
//! | `Failed` | whatever was there | none; the error is stored |
//!
//! The end of the stream is a flag beside the phase: the phases go on until they need bytes that cannot come. So is a
//! stretch that began with a hunt: it is open until a frame is accepted, or the stream ends, whatever phase comes between.
//!
//! `Fresh`, `Simple` and `Locate` differ in what may be done without a step: see `deframer/glance.rs`.

use crate::contract::{Extent, Progress};
use crate::decode::recovery::{Skips, Stretch};
use crate::error::DecodeError;

mod in_memory;

/// Where a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    Fresh,
    Simple,
    Locate,
    Wait(Extent),
    Reject(Purpose),
    OpenBody {
        /// The header and the flags; `payload` is meaningless.
        so_far: Extent,
        purpose: Purpose,
    },
    Body {
        /// With all of the payload, the consumed bytes included.
        extent: Extent,
        purpose: Purpose,
    },
    Hunt {
        /// No frame begins before this index of the window.
        from: usize,
    },
    Failed {
        /// Header bytes at the front of the window that were passed on before.
        kept: u16,
    },
}

/// Why a payload goes as it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// The caller takes it in pieces.
    Pieces,
    /// The caller lost interest in the frame and asked for the next one.
    Dropped,
    /// The frame is over the limit, and nothing else may be wrong with it.
    Oversize,
    /// The frame is rejected, whatever is wrong with it.
    Rejected,
}

impl Purpose {
    /// Whether a stretch is reported at the frame's end.
    pub(crate) const fn is_skipping(self) -> bool {
        matches!(self, Self::Oversize | Self::Rejected)
    }
}

/// Whether bytes may still come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    Open,
    /// None that belong to what is there: the caller has heard silence. Lasts for one call.
    Silent,
    Closed,
}

/// A stretch that began with a hunt, and to which no accepted frame has put an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Hunted {
    /// Stream offset of its first byte.
    offset: u64,
    /// Whether a frame in it was rejected only because the stream ended.
    cut: bool,
}

/// The bytes before the frame at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Before {
    /// A frame, or the start of the stream.
    Frame,
    /// Filler, and before that a frame or the start of the stream.
    Filler,
    /// Bytes that were skipped, and perhaps filler after them.
    Stretch,
}

impl Before {
    /// Adds filler.
    pub(crate) const fn and_filler(self) -> Self {
        if matches!(self, Self::Stretch) { self } else { Self::Filler }
    }

    /// Marks the frame that follows.
    pub(crate) const fn mark(self, extent: Extent) -> Extent {
        extent.after_filler_if(matches!(self, Self::Filler))
    }
}

/// Kept small, as every connection has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    phase: Phase,
    /// `Frame` in the phase `Fresh`.
    before: Before,
    end: End,
    /// `consumed` counts payload bytes that are gone from the window.
    progress: Progress,
    /// Stream offset of the frame at hand. All other offsets follow from it.
    frame_offset: u64,
    /// With fewer bytes in the window there is nothing new to see. 0 where nothing is known, and at the end.
    least: u64,
    /// The frame has at least this many bytes in the window, as far as is known.
    need: u64,
    /// What `check` and `open` keep between parts.
    sum: u64,
    memo: u64,
    /// The reason of the failure, or of the stretch that is being skipped.
    reason: Option<DecodeError>,
    hunted: Option<Hunted>,
    skips: Skips,
}

impl State {
    /// At the start of a frame, at this offset of the stream.
    pub(crate) const fn at(frame_offset: u64) -> Self {
        Self {
            phase: Phase::Fresh,
            before: Before::Frame,
            end: End::Open,
            progress: Progress { scanned: 0, consumed: 0, carry: [0; 4], previous: 0, next: 0, lenient: false },
            frame_offset,
            least: 0,
            need: 1,
            sum: 0,
            memo: 0,
            reason: None,
            hunted: None,
            skips: Skips { stretches: 0, bytes: 0, last_reason: None },
        }
    }

    /// At the start of a stream whose frame before left this word.
    #[cfg(feature = "testing")]
    pub(crate) fn after(previous: u32) -> Self {
        let mut state = Self::at(0);
        state.progress.next = previous;
        state.pass(0);
        state
    }

    /// Returns this state as if its frame were the stream's first.
    #[cfg(feature = "testing")]
    pub(crate) const fn without_offset(&self) -> Self {
        Self { frame_offset: 0, ..*self }
    }

    /// At the start of a frame, here, with the same counts.
    pub(crate) const fn restarted(&self) -> Self {
        let fresh = Self { skips: self.skips, before: self.before, ..Self::at(self.position()) };
        match (self.hunted, self.before) {
            (Some(_), _) => Self { phase: Phase::Locate, hunted: self.hunted, reason: self.reason, ..fresh },
            (None, Before::Frame) => fresh,
            (None, _) => Self { phase: Phase::Locate, ..fresh },
        }
    }

    /// As [`restarted`](Self::restarted), but an error or the end that was reached stays.
    pub(crate) const fn reframed(&self) -> Self {
        if matches!(self.phase, Phase::Failed { .. }) {
            return *self;
        }
        let mut state = self.restarted();
        if matches!(self.end, End::Closed) {
            state.end();
        }
        state
    }

    /// Whether bytes are taken: neither an error nor the end has arrived.
    #[inline]
    pub(crate) const fn is_open(&self) -> bool {
        !matches!(self.end, End::Closed)
    }

    #[inline]
    pub(crate) const fn phase(&self) -> Phase {
        self.phase
    }

    #[inline]
    pub(crate) const fn is_fresh(&self) -> bool {
        matches!(self.phase, Phase::Fresh)
    }

    /// Whether no byte comes that belongs to what is there.
    pub(crate) const fn is_eof(&self) -> bool {
        !matches!(self.end, End::Open)
    }

    /// Whether that is so because of a silence: the stream goes on.
    pub(crate) const fn is_silent(&self) -> bool {
        matches!(self.end, End::Silent)
    }

    pub(crate) const fn progress(&self) -> Progress {
        self.progress
    }

    pub(crate) const fn progress_mut(&mut self) -> &mut Progress {
        &mut self.progress
    }

    pub(crate) const fn frame_offset(&self) -> u64 {
        self.frame_offset
    }

    pub(crate) const fn skips(&self) -> &Skips {
        &self.skips
    }

    pub(crate) const fn reason(&self) -> Option<DecodeError> {
        self.reason
    }

    /// Header bytes at the front of the window that were passed on and stay until the frame's end.
    #[inline]
    pub(crate) const fn kept(&self) -> usize {
        match self.phase {
            Phase::OpenBody { so_far, .. } => so_far.header_len(),
            Phase::Body { extent, .. } => extent.header_len(),
            Phase::Failed { kept } => kept as usize,
            _ => 0,
        }
    }

    /// Stream offset of the first byte that was neither passed on nor skipped.
    #[inline]
    pub(crate) const fn position(&self) -> u64 {
        self.frame_offset.saturating_add(self.kept() as u64).saturating_add(self.progress.consumed)
    }

    pub(crate) const fn purpose(&self) -> Option<Purpose> {
        match self.phase {
            Phase::Reject(purpose) | Phase::OpenBody { purpose, .. } | Phase::Body { purpose, .. } => Some(purpose),
            _ => None,
        }
    }

    /// Whether `have` bytes are too few for a complete frame.
    #[inline]
    pub(crate) const fn is_missing(&self, have: usize) -> bool {
        self.least > have as u64
    }

    /// Whether `have` bytes are too few for anything new to be seen. A piece may be there sooner than the frame.
    #[inline]
    pub(crate) const fn is_waiting_for(&self, have: usize, pieces: bool) -> bool {
        let sooner = pieces
            && match self.phase {
                Phase::Wait(_) => true,
                Phase::Fresh | Phase::Simple | Phase::Locate => self.least == have as u64 + 1,
                _ => false,
            };
        self.least > have as u64 && !sooner
    }

    /// How many bytes the frame is missing at least, with `have` in the window.
    pub(crate) fn missing(&self, have: usize) -> u64 {
        self.need.saturating_sub(have as u64).max(1)
    }

    /// The stream has ended: nothing is waited for any more.
    pub(crate) const fn end(&mut self) {
        self.wait_no_more(End::Closed);
    }

    /// There was silence: nothing more comes that belongs to what is there, until [`resume`](Self::resume).
    pub(crate) const fn fall_silent(&mut self) {
        if matches!(self.end, End::Open) {
            self.wait_no_more(End::Silent);
        }
    }

    /// The stream goes on after a silence.
    pub(crate) const fn resume(&mut self) {
        if matches!(self.end, End::Silent) {
            self.end = End::Open;
        }
    }

    const fn wait_no_more(&mut self, end: End) {
        self.end = end;
        self.least = 0;
        if matches!(self.phase, Phase::Fresh | Phase::Simple) {
            self.phase = Phase::Locate;
        }
    }

    /// The frame has at least `need` bytes, and there is nothing new to see before `least`.
    pub(crate) const fn wait_for(&mut self, least: u64, need: u64) {
        // A call for the next frame must not miss that the pieces of this one are dropped.
        let least = if self.is_eof() || matches!(self.purpose(), Some(Purpose::Pieces)) { 0 } else { least };
        (self.least, self.need) = (least, need);
    }

    /// The frame's end is known.
    pub(crate) const fn know(&mut self, extent: Extent) {
        self.wait_for_known(extent, extent.frame_len());
    }

    /// The frame's end is known, and there is nothing to do before `least` bytes of it are there.
    pub(crate) const fn wait_for_known(&mut self, extent: Extent, least: u64) {
        self.phase = Phase::Wait(extent);
        (self.least, self.need) = if self.is_eof() { (0, 0) } else { (least, least) };
    }

    /// A rejected frame is known to its end, and goes as it comes.
    pub(crate) fn enter_rejected(&mut self, extent: Extent, purpose: Purpose) {
        self.enter(extent, purpose);
        (self.sum, self.memo) = (0, 0);
    }

    /// The payload goes from here on as it comes.
    pub(crate) const fn enter(&mut self, extent: Extent, purpose: Purpose) {
        self.phase = Phase::Body { extent, purpose };
        (self.least, self.need) = (0, 0);
    }

    /// The payload goes from here on as it comes, until its end is found.
    pub(crate) const fn enter_open(&mut self, so_far: Extent, purpose: Purpose) {
        self.phase = Phase::OpenBody { so_far, purpose };
        (self.least, self.need) = (0, 0);
    }

    /// A caller that asks for the next frame has lost interest in the pieces of this one.
    #[inline]
    pub(crate) const fn drop_pieces(&mut self) {
        if let Phase::OpenBody { purpose: purpose @ Purpose::Pieces, .. }
        | Phase::Body { purpose: purpose @ Purpose::Pieces, .. } = &mut self.phase
        {
            *purpose = Purpose::Dropped;
        }
    }

    /// `len` payload bytes are gone from the window.
    pub(crate) const fn consume(&mut self, len: usize) {
        self.progress.consumed = self.progress.consumed.saturating_add(len as u64);
        self.progress.scanned = self.progress.scanned.saturating_sub(len);
        (self.least, self.need) = (0, 0);
    }

    /// The frame at hand is over after `len` bytes. The next one begins with what it left.
    #[inline]
    pub(crate) fn pass(&mut self, len: u64) {
        let previous = self.progress.next;
        // A stream of 2^64 bytes would take five hundred years at 10 Gbit/s.
        self.frame_offset = self.frame_offset.saturating_add(len);
        self.progress = Progress { previous, ..Progress::default() };
        self.phase = match previous {
            _ if self.is_eof() || self.hunted.is_some() => Phase::Locate,
            0 => Phase::Fresh,
            _ => Phase::Simple,
        };
        self.before = Before::Frame;
        (self.least, self.need, self.sum, self.memo) = (0, 1, 0, 0);
    }

    /// The first `len` bytes are no frame, and are done with.
    fn pass_before(&mut self, len: u64, before: Before) {
        self.pass(len);
        self.before = before;
        if self.is_fresh() {
            self.phase = Phase::Simple;
        }
    }

    /// The filler at the front is over after `len` bytes. The next frame begins with what it left.
    pub(crate) fn pass_filler(&mut self, len: u64) {
        self.pass_before(len, self.before.and_filler());
    }

    /// The bytes before the frame at hand.
    #[inline]
    pub(crate) const fn before(&self) -> Before {
        self.before
    }

    /// The frame at hand is rejected, and will be skipped. `extent` is known where its check failed.
    pub(crate) fn reject(&mut self, reason: DecodeError, extent: Option<Extent>, before: Progress, purpose: Purpose) {
        self.reason = Some(reason);
        match (self.phase, extent) {
            (Phase::Body { extent, .. }, _) => self.enter(extent, purpose),
            (Phase::OpenBody { so_far, .. }, _) => {
                self.progress = Progress { lenient: true, ..before };
                self.enter_open(so_far, purpose);
            }
            (_, Some(extent)) => {
                self.enter(extent, purpose);
                (self.sum, self.memo) = (0, 0);
            }
            (_, None) => {
                // What it has written for the next frame stays.
                let Progress { previous, next, .. } = self.progress;
                self.progress = Progress { previous, next, lenient: true, ..Progress::default() };
                self.phase = Phase::Reject(purpose);
                (self.least, self.need) = (0, 1);
            }
        }
    }

    /// The skipped frame is over after `len` bytes.
    pub(crate) fn skip(&mut self, len: u64) -> Option<Stretch> {
        let stretch = self.count(self.frame_offset, len)?;
        self.pass_before(len, Before::Stretch);
        Some(stretch)
    }

    /// Counts a stretch, and takes the reason that was kept for it.
    fn count(&mut self, offset: u64, len: u64) -> Option<Stretch> {
        let stretch = Stretch { offset, len, reason: self.reason.take()? };
        self.skips.stretches = self.skips.stretches.saturating_add(1);
        self.skips.bytes = self.skips.bytes.saturating_add(len);
        self.skips.last_reason = Some(stretch.reason);
        Some(stretch)
    }

    /// Rejects the frame at hand while all its bytes are in the window: the next one may begin inside it. `cut`: it is
    /// rejected only because the stream ended.
    pub(crate) fn hunt(&mut self, reason: DecodeError, cut: bool) {
        let hunted = self.hunted.get_or_insert(Hunted { offset: self.frame_offset, cut });
        hunted.cut |= cut;
        // The first reason is the stretch's.
        self.reason.get_or_insert(reason);
        self.restart_frame();
        self.phase = Phase::Hunt { from: 1 };
    }

    /// No frame begins in the first `len` bytes of the window. With `found`, one may begin after them.
    pub(crate) const fn hunt_past(&mut self, len: usize, found: bool) {
        self.frame_offset = self.frame_offset.saturating_add(len as u64);
        if found {
            self.phase = Phase::Locate;
            (self.least, self.need) = (0, 1);
        } else if len > 0 {
            self.phase = Phase::Hunt { from: 0 };
        }
    }

    /// The frame at hand is looked at again from its start.
    pub(crate) fn restart_frame(&mut self) {
        self.progress = Progress { previous: self.progress.previous, ..Progress::default() };
        self.phase = Phase::Locate;
        (self.least, self.need, self.sum, self.memo) = (0, 1, 0, 0);
    }

    /// Whether a stretch is open that began with a hunt.
    pub(crate) const fn is_hunting(&self) -> bool {
        self.hunted.is_some()
    }

    /// Ends the stretch that began with a hunt before the frame at hand, and whether a frame in it was rejected only
    /// because the stream ended.
    pub(crate) fn end_hunt(&mut self) -> Option<(Stretch, bool)> {
        let Hunted { offset, cut } = self.hunted.take()?;
        self.before = Before::Stretch;
        Some((self.count(offset, self.frame_offset.saturating_sub(offset))?, cut))
    }

    /// The stream is over with this error.
    pub(crate) fn fail(&mut self, error: DecodeError) {
        // It came from an extent, where it has 16 bits.
        self.phase = Phase::Failed { kept: u16::try_from(self.kept()).unwrap_or(u16::MAX) };
        self.end = End::Closed;
        self.reason = Some(error);
        self.least = 0;
    }

    /// What is kept for `check` and `open`.
    pub(crate) const fn memory(&mut self) -> (&mut u64, &mut u64) {
        (&mut self.sum, &mut self.memo)
    }
}
