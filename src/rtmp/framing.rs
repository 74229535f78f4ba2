//! The framing of the next frame, with what earlier chunks leave for it.

use crate::contract::{Envelope, Extent, Framing, Located, Progress, ShortBytes};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::rtmp::{ABORT, SET_CHUNK_SIZE};

/// A timestamp of this value stands in the extended field. It is the greatest length of a message too.
pub(super) const EXTENDED: u32 = 0xff_ffff;
/// The chunk stream of the messages that change how chunks are read.
pub(super) const CONTROL_STREAM: u32 = 2;
/// The length of these messages.
pub(super) const CONTROL_LEN: u32 = 4;
/// The greatest chunk size.
pub(super) const MAX_CHUNK_SIZE: u32 = 0x7fff_ffff;
pub(super) const CONTROL_RULE: &str = "a message of type 1 or 2 has 4 bytes and is on chunk stream 2";

const VERSION: u8 = 3;
const NONCE: u16 = 1536;

/// Whether messages of this type change how chunks are read.
pub(super) const fn is_control(message_type: u8) -> bool {
    matches!(message_type, SET_CHUNK_SIZE | ABORT)
}

/// The lower 24 bits in network order.
pub(super) const fn be24(number: u32) -> [u8; 3] {
    let [_, a, b, c] = number.to_be_bytes();
    [a, b, c]
}

const fn from_be24([a, b, c]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

/// Which part of the stream the next frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// C0 and C1, or S0 and S1.
    Hello,
    /// C2 or S2.
    Echo,
    /// A chunk.
    Chunk,
}

/// What the next chunk of a chunk stream may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stream {
    /// 0: a free place.
    pub(super) id: u32,
    /// The length of the message, or of the last one.
    pub(super) len: u32,
    /// How many of its bytes are missing. 0: no message has begun.
    pub(super) missing: u32,
    /// Its timestamp.
    pub(super) timestamp: u32,
    pub(super) message_stream: u32,
    /// The timestamp, or its difference, of the last header that has one.
    time: u32,
    pub(super) message_type: u8,
    /// Whether that stands in the extended field.
    extended: bool,
}

impl Stream {
    const fn new(id: u32) -> Self {
        Self { id, len: 0, missing: 0, timestamp: 0, message_stream: 0, time: 0, message_type: 0, extended: false }
    }
}

/// The framing of the next frame of an RTMP stream, which [`Chunks`](crate::rtmp::Chunks) sets before each frame.
///
/// A chunk is a frame: its header, and as payload its part of the message. The message in the crate's sense is the complete frame,
/// as with [`LengthField`](crate::LengthField).
///
/// # Cost
///
/// 28 bytes for each of the `N` chunk streams, which [`Chunks::prepare`](crate::rtmp::Chunks::prepare) copies. A header is compared
/// with up to `N` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChunkFraming<const N: usize> {
    pub(super) streams: [Stream; N],
    pub(super) chunk_size: u32,
    pub(super) max: u64,
    pub(super) stage: Stage,
}

/// A chunk's header, with what follows from it.
pub(super) struct Header {
    /// The place of its chunk stream in the table.
    pub(super) place: usize,
    /// The chunk stream after the chunk.
    pub(super) stream: Stream,
    /// Its length in bytes.
    pub(super) len: usize,
    /// The length of the payload.
    pub(super) payload: u32,
    /// Whether a message begins.
    pub(super) is_first: bool,
}

/// Why there is no header.
#[derive(Clone, Copy)]
pub(super) enum NoHeader {
    /// It has at least this many bytes.
    Short(usize),
    Wrong(FrameError),
}

impl<const N: usize> ChunkFraming<N> {
    pub(super) const fn new(stage: Stage, max: u64) -> Self {
        Self { streams: [Stream::new(0); N], chunk_size: 128, max, stage }
    }

    /// Reads the header of a chunk. Judges each byte when it arrives.
    pub(super) fn read(&self, input: &[u8], lenient: bool) -> Result<Header, NoHeader> {
        let wrong = |at, kind| NoHeader::Wrong(FrameError::new(at, kind));
        let &first = input.first().ok_or(NoHeader::Short(1))?;
        let kind = first >> 6;
        let basic: usize = match first & 0x3f {
            0 => 2,
            1 => 3,
            _ => 1,
        };
        let fields = basic
            + match kind {
                0 => 11,
                1 => 7,
                2 => 3,
                _ => 0,
            };
        let short = NoHeader::Short(fields);
        let id = match (basic, input) {
            (1, _) => u32::from(first & 0x3f),
            (2, [_, low, ..]) => u32::from(*low) + 64,
            (3, [_, low, high, ..]) => u32::from(u16::from_le_bytes([*low, *high])) + 64,
            _ => return Err(short),
        };
        let at_id = basic - 1;
        let place = self.streams.iter().position(|stream| stream.id == id);
        let mut stream = match place.and_then(|place| self.streams.get(place)) {
            Some(stream) if kind == 0 && stream.missing > 0 => {
                return Err(wrong(at_id, DecodeErrorKind::Custom("a chunk of type 0 inside a message")));
            }
            Some(stream) => *stream,
            None if kind == 0 || kind == 1 && id == CONTROL_STREAM => Stream::new(id),
            None => {
                let text = "a chunk of type 1, 2 or 3 on a chunk stream that has not begun";
                return Err(wrong(at_id, DecodeErrorKind::Custom(text)));
            }
        };
        let Some(place) = place.or_else(|| self.streams.iter().position(|stream| stream.id == 0)) else {
            return Err(wrong(at_id, DecodeErrorKind::Custom("more chunk streams than the table has places")));
        };
        let is_first = stream.missing == 0;
        let bytes = input.get(basic..).unwrap_or_default();
        if kind < 3 {
            stream.time = from_be24(*bytes.first_chunk().ok_or(short)?);
            stream.extended = stream.time == EXTENDED;
        }
        if kind < 2 {
            let (at, bytes) = (basic + 3, bytes.get(3..).unwrap_or_default());
            if is_first {
                stream.len = from_be24(*bytes.first_chunk().ok_or(short)?);
                if u64::from(stream.len) > self.max && !lenient {
                    return Err(wrong(at, DecodeErrorKind::Oversize { len: stream.len.into(), max: self.max }));
                }
                stream.message_type = *bytes.get(3).ok_or(short)?;
                if is_control(stream.message_type) && (id, stream.len) != (CONTROL_STREAM, CONTROL_LEN) {
                    return Err(wrong(at + 3, DecodeErrorKind::Custom(CONTROL_RULE)));
                }
            } else {
                let [a, b, c] = be24(stream.len);
                same(at, bytes, [a, b, c, stream.message_type])?;
            }
        }
        let mut len = fields;
        let after = input.get(fields..).ok_or(short)?;
        if kind == 0 {
            let id = bytes.get(7..).and_then(<[u8]>::first_chunk);
            stream.message_stream = u32::from_le_bytes(*id.ok_or(short)?);
        }
        if stream.extended {
            len += 4;
            if kind == 3 && !is_first {
                same(fields, after, stream.time.to_be_bytes())?;
            }
            stream.time = u32::from_be_bytes(*after.first_chunk().ok_or(NoHeader::Short(len))?);
        }
        if is_first {
            stream.timestamp = if kind == 0 { stream.time } else { stream.timestamp.wrapping_add(stream.time) };
            stream.missing = stream.len;
        }
        let payload = stream.missing.min(self.chunk_size);
        stream.missing -= payload;
        Ok(Header { place, stream, len, payload, is_first })
    }
}

/// Compares the bytes that are there with those that belong there.
fn same(start: usize, bytes: &[u8], expected: [u8; 4]) -> Result<(), NoHeader> {
    let mut pairs = bytes.iter().zip(expected).zip(start..);
    match pairs.find(|((found, expected), _)| *found != expected) {
        Some(((&found, expected), at)) => {
            Err(NoHeader::Wrong(FrameError::new(at, DecodeErrorKind::Mismatch { found, expected })))
        }
        None => Ok(()),
    }
}

impl<const N: usize> Framing for ChunkFraming<N> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let all = |header: u16, payload| Located::Known(Extent::new(header, payload, 0).with_message_header(header));
        match (self.stage, input) {
            (Stage::Hello, []) => Ok(Located::Header(1)),
            (Stage::Hello, [VERSION, ..]) => Ok(all(1, NONCE.into())),
            (Stage::Hello, &[found, ..]) => {
                Err(FrameError::new(0, DecodeErrorKind::Mismatch { found, expected: VERSION }))
            }
            (Stage::Echo, _) => Ok(all(0, NONCE.into())),
            (Stage::Chunk, _) => match self.read(input, progress.lenient) {
                Ok(Header { len, payload, .. }) => {
                    // At most 18 bytes.
                    Ok(all(u16::try_from(len).unwrap_or(u16::MAX), payload.into()))
                }
                Err(NoHeader::Short(least)) => Ok(Located::Header(least as u64)),
                Err(NoHeader::Wrong(error)) => Err(error),
            },
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        match self.locate(message, &mut Progress::default()) {
            Ok(Located::Known(extent)) if extent.frame_len() == len => Ok(Envelope::new(ShortBytes::empty())),
            Ok(Located::Known(extent)) => {
                Err(EncodeError::LengthDisagrees { found: extent.frame_len(), expected: len })
            }
            Ok(Located::Header(min)) => Err(EncodeError::TooShort { len, min }),
            Ok(_) => Err(EncodeError::Empty),
            Err(FrameError { kind: DecodeErrorKind::Oversize { len, max }, .. }) => {
                Err(EncodeError::Oversize { len, max })
            }
            Err(error) => Err(EncodeError::Header(error)),
        }
    }

    fn max_payload_len(&self) -> u64 {
        match self.stage {
            Stage::Chunk => self.max.min(self.chunk_size.into()),
            _ => NONCE.into(),
        }
    }
}
