//! What has passed through a reader or a writer.

use crate::decode::recovery::Skips;

/// What has passed through one direction of a connection: see `counters` of the readers and writers.
///
/// ```
/// use anysplit::io::FrameReader;
/// use anysplit::{Prefix, Recovery};
///
/// let framing = Prefix::u8().with_max_payload_len(5);
/// let mut reader = FrameReader::new(&b"\x02hi\x06longer\x03you"[..], framing).with_recovery(Recovery::SkipOversize);
/// while reader.read_frame()?.is_some() {}
/// let counters = reader.counters();
/// assert_eq!((counters.frames, counters.bytes), (2, 14));
/// assert_eq!((counters.skipped.stretches, counters.skipped.bytes), (1, 7));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Counters {
    /// Frames: of a reader those that it returned, of a writer those that it took. A frame in pieces counts at its end.
    pub frames: u64,
    /// Bytes on the wire: of a reader those that it returned or skipped, of a writer those that the transport took.
    pub bytes: u64,
    /// What a reader skipped. Nothing for a writer.
    pub skipped: Skips,
}
