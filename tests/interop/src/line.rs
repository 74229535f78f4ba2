//! One connection to a server: sends bytes, and decodes the answers at random cuts.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anysplit::{AnyFraming, Decoder, Frame};

use crate::random::Random;
use crate::stage::Fallible;

/// How long the server may take to answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// A frame that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) offset: u64,
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) trailer: Vec<u8>,
    /// The message, as the framing defines it.
    pub(crate) message: Vec<u8>,
}

impl Seen {
    fn new(frame: &Frame<'_>) -> Self {
        Self {
            offset: frame.offset(),
            header: frame.header().to_vec(),
            payload: frame.payload().to_vec(),
            trailer: frame.trailer().to_vec(),
            message: frame.message().to_vec(),
        }
    }

    /// Whether these bytes are part of the message.
    pub(crate) fn contains(&self, needle: &[u8]) -> bool {
        self.message.windows(needle.len()).any(|window| window == needle)
    }
}

/// What came next.
#[derive(Debug)]
pub(crate) enum Next {
    Frame(Seen),
    /// The server closed the connection.
    Closed,
    /// The server sent nothing for [`PATIENCE`].
    Silence,
}

/// A connection.
pub(crate) struct Line {
    stream: TcpStream,
    /// Where the answers come from: the same connection, or for rsyslog the one to which it forwards.
    source: TcpStream,
    decoder: Decoder<AnyFraming>,
    framing: AnyFraming,
    received: Vec<u8>,
    /// How many bytes of `received` the decoder has.
    pushed: usize,
    seen: Vec<Seen>,
    random: Random,
}

impl Line {
    pub(crate) fn new(stream: TcpStream, source: TcpStream, framing: AnyFraming, seed: u64) -> Fallible<Self> {
        stream.set_nodelay(true)?;
        source.set_read_timeout(Some(PATIENCE))?;
        let decoder = Decoder::new(framing.clone());
        let random = Random::new(seed);
        Ok(Self { stream, source, decoder, framing, received: Vec::new(), pushed: 0, seen: Vec::new(), random })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Fallible<()> {
        match self.stream.write_all(bytes) {
            // A server that rejects a message may close the connection before it has read all of it.
            Err(error) if !is_closed(error.kind()) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Returns the next frame. The decoder receives the bytes at random cuts.
    pub(crate) fn next(&mut self) -> Fallible<Next> {
        loop {
            let offset = self.decoder.position();
            let next = self.decoder.next_frame().map_err(|error| {
                let around = &self.received[usize::try_from(offset).unwrap_or(0).min(self.received.len())..];
                format!("cannot decode the server's bytes: {error}: {}", shown(around))
            })?;
            if let Some(frame) = next {
                let seen = Seen::new(&frame);
                self.seen.push(seen.clone());
                return Ok(Next::Frame(seen));
            }
            let left = self.received.len() - self.pushed;
            if left > 0 {
                let end = self.pushed + self.random.cut(left);
                self.decoder.push(&self.received[self.pushed..end])?;
                self.pushed = end;
                continue;
            }
            let mut chunk = [0; 4096];
            match self.source.read(&mut chunk) {
                Ok(0) => return Ok(Next::Closed),
                Ok(count) => self.received.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_closed(error.kind()) => return Ok(Next::Closed),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Ok(Next::Silence);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Returns the next frame, which must come.
    pub(crate) fn expect(&mut self) -> Fallible<Seen> {
        match self.next()? {
            Next::Frame(seen) => Ok(seen),
            other => Err(format!("the server sent no frame: {other:?}").into()),
        }
    }

    /// Returns the first frame that `is_last` accepts, which must come.
    pub(crate) fn until(&mut self, mut is_last: impl FnMut(&Seen) -> bool) -> Fallible<Seen> {
        loop {
            let seen = self.expect()?;
            if is_last(&seen) {
                return Ok(seen);
            }
        }
    }

    /// Decodes all that came in one piece and byte by byte, compares, and returns how many frames there were.
    pub(crate) fn compare(&self) -> Fallible<usize> {
        let whole = decode(&self.framing, &self.received, usize::MAX)?;
        let bytes = decode(&self.framing, &self.received, 1)?;
        // Bytes may have come after the last frame that was asked for.
        let seen = whole.get(..self.seen.len()).unwrap_or_default();
        if whole != bytes || seen != self.seen {
            return Err(
                format!("the cuts show: {} frames in one piece, {} byte by byte", whole.len(), bytes.len()).into()
            );
        }
        Ok(whole.len())
    }
}

fn decode(framing: &AnyFraming, bytes: &[u8], chunk: usize) -> Fallible<Vec<Seen>> {
    let mut decoder = Decoder::new(framing);
    let mut frames = Vec::new();
    for chunk in bytes.chunks(chunk) {
        decoder.push(chunk)?;
        while let Some(frame) = decoder.next_frame()? {
            frames.push(Seen::new(&frame));
        }
    }
    Ok(frames)
}

fn is_closed(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
}

/// The bytes as they are printed: of long ones, the beginning and the end.
pub(crate) fn shown(bytes: &[u8]) -> String {
    match bytes.len() {
        0..=200 => bytes.escape_ascii().to_string(),
        len => format!("{}…{} ({len} bytes)", bytes[..60].escape_ascii(), bytes[len - 60..].escape_ascii()),
    }
}
