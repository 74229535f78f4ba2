//! The policies for rejected frames, and how skipped bytes are reported.

use crate::error::{Bytes, DecodeError};

/// What a decoder does with a frame that it rejects.
///
/// A skipped frame is not an error but a [`Stretch`]: [`next_event`](crate::Decoder::next_event) returns it in place of the
/// frame, and [`skipped`](crate::Decoder::skipped) counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// The error is returned by this call and by every later call.
    #[default]
    Fail,
    /// A frame whose payload is over the limit is skipped to its end. Its bytes are not searched for frames. For other
    /// errors, as `Fail`.
    SkipOversize,
    /// A rejected frame is skipped to its announced end, or to the next delimiter. If the framing finds no end, as after a wrong
    /// first byte, as `Fail`.
    ///
    /// Attack: a peer that damages or forges a length chooses how many good frames are skipped with it.
    SkipFrame,
    /// The decoder searches for the next frame, from the second byte of the rejected one on, at every place where a frame
    /// [may begin](crate::Framing::next_start). For links that lose bytes, and for readers that begin in the middle of a stream.
    /// The only error is a truncation at the end of the stream.
    ///
    /// If frames have a checksum, no undamaged frame is lost. A payload is returned only when its frame is complete and intact, in
    /// pieces too. The bytes between two accepted frames are one stretch, whose reason is that of the first rejected frame in it.
    /// It is reported before the next frame.
    ///
    /// Delay: after a damaged length the decoder waits until that many bytes have arrived, and only then returns the good frames
    /// among them. Set a small [limit](crate::Framing::max_payload_len), and report a silence with [`idle`](crate::Decoder::idle).
    ///
    /// Attack: bytes inside a rejected frame are searched, so an attacker who chooses a payload and can get its frame rejected can
    /// forge a frame.
    ///
    /// Cost: every place that may begin a frame is located, and a complete frame there is checked once. So a byte is checked
    /// once for each such place whose frame contains it. If frames have at most `L` bytes on the wire, and places are at least `d` bytes
    /// apart, that is at most `L / d` times. After a delimiter there is one place for each frame, and the work is linear.
    /// After a sync word of `w` bytes that cannot overlap itself, `d` is `w`; without one it is 1. A small
    /// [limit](crate::Framing::max_payload_len) bounds `L`. `tests/linear` measures streams made of nothing but such places.
    Resync,
    /// As [`Resync`](Self::Resync), but the first frame after a stretch is returned only if another frame follows it directly: for
    /// protocols with a weak checksum or none.
    ///
    /// The first frame is confirmed by any of these:
    ///
    /// - a complete and intact frame after it, whose end its first 64 bytes show;
    /// - 64 bytes after it that contain no error, if they do not show where their frame ends;
    /// - the end of the stream, or [`idle`](crate::Decoder::idle);
    /// - in memory of fixed size, no room for both frames.
    ///
    /// Until then the decoder keeps it and the bytes after it. A good frame that is followed by new damage is lost: it becomes part of
    /// the stretch.
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

/// Bytes of the stream that were skipped: one rejected frame, or with [`Recovery::Resync`] and `ResyncConfirmed` all bytes between
/// two frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stretch {
    /// Where it begins, in bytes from the start of the stream.
    pub offset: u64,
    /// How many bytes were skipped. At the end of the stream, those that arrived.
    pub len: u64,
    /// Why the frame was rejected.
    pub reason: DecodeError,
}

impl core::fmt::Display for Stretch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "skipped {} from byte {} on: {}", Bytes(self.len), self.offset, self.reason)
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
