//! What becomes of frames that are rejected, and how that is reported.

use crate::error::DecodeError;

/// What a decoder does with a frame that it rejects.
///
/// A frame that is skipped is not an error: it is a [`Stretch`], which [`next_event`](crate::Decoder::next_event) returns in
/// its place, and which [`skipped`](crate::Decoder::skipped) counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// The error is returned by this call and by every later one.
    #[default]
    Fail,
    /// A frame whose payload is over the limit is skipped to its end and never searched for frames. Other errors stay, as
    /// with `Fail`.
    SkipOversize,
    /// A rejected frame is skipped to its end: the announced one, or the next delimiter. Where the framing finds no end, as
    /// after a wrong first byte, the error stays.
    ///
    /// Open to an attack: a peer that damages or forges a length chooses how many good frames are skipped with it.
    SkipFrame,
    /// The search for the next frame begins one byte after the first byte of the rejected one, or where the framing
    /// reports that a frame [may begin](crate::Framing::next_start): for links that lose bytes, and for joining a stream in the
    /// middle. No error stays but the truncation at the end of the stream.
    ///
    /// Nothing undamaged is lost where frames have a check. A payload is passed on only when its frame is complete and intact,
    /// in pieces too. The bytes between two accepted frames are one stretch, whose reason is that of the first rejected
    /// frame in it. It is reported with the frame after it.
    ///
    /// Open to an attack: bytes inside a rejected frame are searched, so that whoever chooses a payload and can have its
    /// frame rejected can forge a frame.
    ///
    /// Cost: every place that may begin a frame is located, and a complete frame there is checked once. So a byte is checked
    /// at most once for each place before it whose frame reaches to it: for frames of at most `L` bytes on the wire, and
    /// places at least `d` bytes apart, `L / d` times. After a delimiter there is one place for each frame, and the work is linear.
    /// After a sync word of `w` bytes that cannot overlap itself, `d` is `w`; without one it is 1. A small
    /// [limit](crate::Framing::max_payload_len) bounds `L`. `tests/linear` measures streams made of nothing but such places.
    Resync,
    /// As [`Resync`](Self::Resync), but the first frame after a stretch counts only if another follows where it should: for
    /// protocols whose check is weak, or that have none.
    ///
    /// What follows must be a complete and intact frame, as far as its first 64 bytes announce one; longer headers, and
    /// frames that a delimiter ends after more than that, need only begin well. The end of the stream confirms a frame as
    /// well, and so does [`idle`](crate::Decoder::idle), and a memory of fixed size that has no room for both. Until then the frame is held back, and the next one with it. A good
    /// frame before another damage is lost: it is part of the stretch.
    ///
    /// Cost: as `Resync`, and the frame that follows is looked at twice.
    ResyncConfirmed,
}

impl Recovery {
    /// Whether the next frame is searched for inside a rejected one.
    pub(crate) const fn searches(self) -> bool {
        matches!(self, Self::Resync | Self::ResyncConfirmed)
    }
}

/// Bytes of the stream that were skipped: one rejected frame, or under [`Recovery::Resync`] and `ResyncConfirmed` all that is between two frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stretch {
    /// Where it begins, in bytes from the start of the stream.
    pub offset: u64,
    /// How many bytes were skipped. At the end of the stream, those that came.
    pub len: u64,
    /// Why the frame was rejected.
    pub reason: DecodeError,
}

impl core::fmt::Display for Stretch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes from byte {} were skipped: {}", self.len, self.offset, self.reason)
    }
}

/// What a decoder has skipped so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Skips {
    /// How many stretches.
    pub stretches: u64,
    /// How many bytes in them.
    pub bytes: u64,
    /// Why the last of them was skipped.
    pub last_reason: Option<DecodeError>,
}
