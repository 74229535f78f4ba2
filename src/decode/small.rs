//! A decoder for machines on which each kilobyte of code counts.

use crate::contract::{Extent, Framing, Located, NextStart, Part, Progress};
use crate::decode::frame::Frame;

/// A decoder without an allocator and in little code: 2.4 KiB for a length of 16 bits, 4 for MAVLink, 7.5 for HDLC or for COBS with a
/// CRC, encoding included. [`FixedDecoder`](crate::FixedDecoder) takes about 17 KiB more.
///
/// It returns the frames that are complete and intact, and skips everything else. After a rejected frame it searches for the next
/// one, as [`Recovery::Resync`](crate::Recovery::Resync) does. A frame that does not fit into the memory is rejected too. `FixedDecoder`
/// has the other policies too, reports errors, returns payloads in pieces, and knows the end of the stream.
///
/// ```text
///  bytes    7f 00 02 h i 00 03 y o u        7f is noise
///  frames        └──────┘ └────────┘        two frames of `Prefix::u16_be`, 1 byte skipped
/// ```
///
/// ```
/// use anysplit::{Prefix, SmallDecoder};
///
/// // Room for the longest frame: a header of 2 bytes and 16 of payload.
/// let mut decoder = SmallDecoder::new(Prefix::u16_be().with_max_payload_len(16), [0; 18]);
/// let mut lengths = [0; 2];
/// let mut count = 0;
/// for byte in *b"\x7f\x00\x02hi\x00\x03you" {
///     decoder.push(&[byte]);
///     while let Some(frame) = decoder.next_frame() {
///         lengths[count] = frame.payload().len();
///         count += 1;
///     }
/// }
/// assert_eq!((lengths, decoder.skipped()), ([2, 3], 1));
/// ```
///
/// # Cost
///
/// After every frame the bytes that follow it are moved to the start of the memory. A header is read again with every push until
/// its frame is complete. A search for a delimiter goes on where it stopped. After a rejected frame, work is bounded as for
/// `Resync`, with the length of the memory as the longest frame.
#[derive(Clone, Debug)]
pub struct SmallDecoder<F, B> {
    framing: F,
    memory: B,
    /// How many bytes of the memory are in use.
    len: usize,
    /// How many of them were returned, and are removed by the next call.
    lent: usize,
    progress: Progress,
    /// Nothing was skipped since the frame before.
    follows: bool,
    /// Where to look for the next frame, after a rejected one: as the argument of [`Framing::next_start`].
    hunt: Option<usize>,
    /// Stream offset of the first byte in the memory.
    offset: u64,
    skipped: u64,
}

impl<F: Framing, B: AsMut<[u8]>> SmallDecoder<F, B> {
    /// Creates a decoder for a new stream, over this memory, such as `[0; 64]` or a `&mut [u8]`. The memory's length is the
    /// greatest length of a frame. Without memory every byte is skipped.
    pub const fn new(framing: F, memory: B) -> Self {
        let progress = Progress { scanned: 0, consumed: 0, carry: [0; 4], previous: 0, next: 0, lenient: false };
        Self { framing, memory, len: 0, lent: 0, progress, follows: true, hunt: None, offset: 0, skipped: 0 }
    }

    /// Takes the next bytes of the stream, as many as there is room for, and returns how many it took. After
    /// [`next_frame`](Self::next_frame) has returned `None`, there is room for at least one byte.
    pub fn push(&mut self, chunk: &[u8]) -> usize {
        self.remove(0);
        let memory = self.memory.as_mut();
        if memory.is_empty() {
            self.skipped = self.skipped.wrapping_add(chunk.len() as u64);
            return chunk.len();
        }
        let room = memory.get_mut(self.len..).unwrap_or_default();
        let len = room.len().min(chunk.len());
        room.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        self.len += len;
        len
    }

    /// Returns the next frame that is complete and intact.
    pub fn next_frame(&mut self) -> Option<Frame<'_>> {
        let (extent, offset) = self.find()?;
        let input = self.memory.as_mut().get_mut(..self.len)?;
        Frame::open(&self.framing, input, extent, offset)
    }

    /// Drops the bytes of an unfinished frame: call it after a silence longer than any pause inside a frame. The bytes count as
    /// skipped.
    pub fn clear(&mut self) {
        self.remove(0);
        self.skip(self.len);
        self.hunt = None;
        self.restart(self.progress.previous);
    }

    /// Goes on with another framing of the same type from here, between two frames. Bytes that came early stay.
    pub fn set_framing(&mut self, framing: F) {
        self.remove(0);
        self.framing = framing;
        self.hunt = None;
        self.restart(0);
    }

    /// Returns how many bytes were skipped, not counting filler.
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        &self.framing
    }

    /// Finds the next frame, at the start of the memory, and its offset in the stream.
    fn find(&mut self) -> Option<(Extent, u64)> {
        self.remove(0);
        loop {
            let memory = self.memory.as_mut();
            let room = memory.len();
            let input = memory.get(..self.len).filter(|input| !input.is_empty())?;
            let full = input.len() == room;
            if let Some(from) = self.hunt {
                let (gone, found) = match self.framing.next_start(input, from) {
                    NextStart::At(at) => (at.max(from).min(input.len()), true),
                    // Without room for one byte more it would never be found.
                    NextStart::NotBefore(0) if full => (1, false),
                    NextStart::NotBefore(at) => (at.min(input.len()), false),
                };
                self.skip(gone);
                self.hunt = if found { None } else { Some(if gone > 0 { 0 } else { from }) };
                if !found {
                    return None;
                }
                continue;
            }
            let before = self.progress;
            match self.framing.locate(input, &mut self.progress) {
                Ok(Located::Known(extent)) => match extent.fits(input.len()) {
                    // A frame without a byte would come for ever.
                    Some(len) if len > 0 && self.is_intact(extent) => {
                        let offset = self.offset;
                        let extent = extent.after_filler_if(self.follows);
                        self.follows = true;
                        self.lent = len;
                        self.restart(self.progress.next);
                        return Some((extent, offset));
                    }
                    None if extent.frame_len() <= room as u64 => {
                        self.progress = before;
                        return None;
                    }
                    _ => self.reject(),
                },
                Ok(Located::Filler(len)) if len > 0 => {
                    self.remove(len);
                    self.restart(self.progress.next);
                }
                Ok(_) if !full => return None,
                _ => self.reject(),
            }
        }
    }

    fn is_intact(&mut self, extent: Extent) -> bool {
        !extent.is_checked() || self.framing.check(Part::all(extent, self.memory.as_mut()), &mut 0).is_ok()
    }

    fn reject(&mut self) {
        self.hunt = Some(1);
        self.restart(self.progress.previous);
    }

    /// Looks at the start of the memory for a frame after one that left `previous`.
    fn restart(&mut self, previous: u32) {
        self.progress = Progress { previous, ..Progress::default() };
    }

    fn skip(&mut self, len: usize) {
        // The bytes of a stream are fewer than 2^64.
        self.skipped = self.skipped.wrapping_add(len as u64);
        self.follows = false;
        self.remove(len);
    }

    /// Removes what was returned, and the next `len` bytes.
    fn remove(&mut self, len: usize) {
        let gone = self.lent.wrapping_add(len).min(self.len);
        if gone > 0 {
            if let Some(used) = self.memory.as_mut().get_mut(..self.len) {
                used.copy_within(gone.., 0);
            }
            self.len -= gone;
            self.lent = 0;
            self.offset = self.offset.wrapping_add(gone as u64);
        }
    }
}
