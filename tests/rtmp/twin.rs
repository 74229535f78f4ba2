//! A reader of a complete buffer, byte by byte, that is short enough to check by eye.

use anysplit::DecodeErrorKind as Kind;
use anysplit::rtmp::{Chunk, ChunkError, ChunkErrorKind, MessageHeader, Taken};

/// A frame as it was seen: where it begins, what it is, its payload.
pub(crate) type Seen = (u64, Taken, Vec<u8>);

/// How a stream ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    Clean,
    /// Inside the frame that begins here.
    Cut(u64),
    /// At a header: where the frame begins, and where it is wrong.
    Stream(u64, u64, Kind),
    Chunk(ChunkError),
}

/// What is missing where a stream ends inside a frame: the least number of bytes, and the next byte, if only one is right.
pub(crate) type Wanted = (usize, Option<u8>);

#[derive(Clone, Default)]
struct Stream {
    id: u32,
    len: u32,
    arrived: u32,
    is_open: bool,
    kind: u8,
    message_stream: u32,
    timestamp: u32,
    time: u32,
    is_extended: bool,
}

pub(crate) struct Twin<'a> {
    bytes: &'a [u8],
    at: usize,
    frame: usize,
    seen: Vec<Seen>,
    wanted: Wanted,
    streams: Vec<Stream>,
    chunk_size: u32,
    control: Vec<u8>,
    places: usize,
    max: u64,
}

impl<'a> Twin<'a> {
    pub(crate) fn read(bytes: &'a [u8], handshake: bool, places: usize, max: u64) -> (Vec<Seen>, End, Wanted) {
        let (streams, control, seen) = (vec![], vec![], vec![]);
        let mut twin =
            Self { bytes, at: 0, frame: 0, seen, wanted: (0, None), streams, chunk_size: 128, control, places, max };
        let end = twin.all(handshake).unwrap_err();
        (twin.seen, end, twin.wanted)
    }

    fn all(&mut self, handshake: bool) -> Result<(), End> {
        if handshake {
            if self.bytes.is_empty() {
                return Err(End::Clean);
            }
            self.byte_of(3)?;
            let payload = self.take(1536)?;
            self.seen.push((0, Taken::Hello, payload));
            self.frame = self.at;
            if self.bytes.len() == 1537 {
                return Err(End::Chunk(ChunkError { offset: 1537, kind: ChunkErrorKind::Handshake }));
            }
            let payload = self.take(1536)?;
            self.seen.push((1537, Taken::Echo, payload));
        }
        loop {
            self.frame = self.at;
            if self.at == self.bytes.len() {
                let Some(open) = self.streams.iter().find(|stream| stream.is_open) else { return Err(End::Clean) };
                let kind = ChunkErrorKind::Truncated { chunk_stream: open.id, missing: open.len - open.arrived };
                return Err(End::Chunk(ChunkError { offset: self.at as u64, kind }));
            }
            self.chunk()?;
        }
    }

    fn take(&mut self, len: usize) -> Result<Vec<u8>, End> {
        let rest = &self.bytes[self.at..];
        if rest.len() < len {
            self.wanted = (len - rest.len(), None);
            return Err(End::Cut(self.frame as u64));
        }
        self.at += len;
        Ok(rest[..len].to_vec())
    }

    fn number(&mut self, len: usize) -> Result<u32, End> {
        Ok(self.take(len)?.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
    }

    fn byte_of(&mut self, expected: u8) -> Result<(), End> {
        match self.take(1) {
            Ok(found) if found[0] == expected => Ok(()),
            Ok(found) => Err(self.wrong(self.at - 1, Kind::Mismatch { found: found[0], expected })),
            Err(cut) => {
                self.wanted.1 = Some(expected);
                Err(cut)
            }
        }
    }

    fn wrong(&self, at: usize, kind: Kind) -> End {
        End::Stream(self.frame as u64, at as u64, kind)
    }

    fn chunk(&mut self) -> Result<(), End> {
        let first = self.number(1)?;
        let (format, mut id) = (first / 64, first % 64);
        if id == 0 {
            id = 64 + self.number(1)?;
        } else if id == 1 {
            id = 64 + self.number(1)? + 256 * self.number(1)?;
        }
        let of_id = self.at - 1;
        let found = self.streams.iter().position(|stream| stream.id == id);
        let mut stream = match found {
            Some(place) => self.streams[place].clone(),
            None => Stream { id, ..Stream::default() },
        };
        if found.is_none() && format != 0 && !(format == 1 && id == 2) {
            let text = "a chunk of type 1, 2 or 3 on a chunk stream that has not begun";
            return Err(self.wrong(of_id, Kind::Custom(text)));
        }
        if found.is_none() && self.streams.len() == self.places {
            return Err(self.wrong(of_id, Kind::Custom("more chunk streams than the table has places")));
        }
        if stream.is_open && format == 0 {
            return Err(self.wrong(of_id, Kind::Custom("a chunk of type 0 inside a message")));
        }
        if format <= 2 {
            stream.time = self.number(3)?;
            stream.is_extended = stream.time == 0xff_ffff;
        }
        if format <= 1 {
            if stream.is_open {
                for byte in &stream.len.to_be_bytes()[1..] {
                    self.byte_of(*byte)?;
                }
                self.byte_of(stream.kind)?;
            } else {
                stream.len = self.number(3)?;
                if u64::from(stream.len) > self.max {
                    let kind = Kind::Oversize { len: stream.len.into(), max: self.max };
                    return Err(self.wrong(self.at - 3, kind));
                }
                stream.kind = self.number(1)? as u8;
                if [1, 2].contains(&stream.kind) && (stream.len != 4 || id != 2) {
                    let text = "a message of type 1 or 2 has 4 bytes and is on chunk stream 2";
                    return Err(self.wrong(self.at - 1, Kind::Custom(text)));
                }
            }
        }
        if format == 0 {
            stream.message_stream = self.number(4)?.swap_bytes();
        }
        if stream.is_extended {
            if format == 3 && stream.is_open {
                for byte in stream.time.to_be_bytes() {
                    self.byte_of(byte)?;
                }
            } else {
                stream.time = self.number(4)?;
            }
        }
        let is_first = !stream.is_open;
        if is_first {
            stream.timestamp = if format == 0 { 0 } else { stream.timestamp }.wrapping_add(stream.time);
            (stream.is_open, stream.arrived) = (true, 0);
        }
        let len = self.chunk_size.min(stream.len - stream.arrived);
        let payload = self.take(len as usize)?;
        stream.arrived += len;
        stream.is_open = stream.arrived < stream.len;
        match found {
            Some(place) => self.streams[place] = stream.clone(),
            None => self.streams.push(stream.clone()),
        }
        let mut aborts = None;
        if [1, 2].contains(&stream.kind) {
            if is_first {
                self.control.clear();
            }
            self.control.extend(&payload);
            if !stream.is_open {
                let found = self.control.iter().fold(0, |number, &byte| number << 8 | u32::from(byte));
                if stream.kind == 1 {
                    if found == 0 || found >> 31 == 1 {
                        let kind = ChunkErrorKind::ChunkSize { found };
                        return Err(End::Chunk(ChunkError { offset: self.at as u64 - 1, kind }));
                    }
                    self.chunk_size = found;
                } else if let Some(other) = self.streams.iter_mut().find(|other| other.id == found && other.is_open) {
                    other.is_open = false;
                    aborts = Some(found);
                }
            }
        }
        let message = MessageHeader {
            chunk_stream: id,
            message_type: stream.kind,
            message_stream: stream.message_stream,
            timestamp: stream.timestamp,
        };
        let chunk = Chunk { message, len: stream.len, is_first, is_last: !stream.is_open, aborts };
        self.seen.push((self.frame as u64, Taken::Chunk(chunk), payload));
        Ok(())
    }
}
