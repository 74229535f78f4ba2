//! What is done with the frames of a stream: formats and transcoders implement [`Sink`].

use anysplit::{AnyFraming, EofError, Frame, Piece, Stretch};

use crate::failure::Failure;
use crate::output::Output;

/// Who sent the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Client, Self::Server];

    /// The client stands on the left.
    pub(crate) const fn arrow(self) -> &'static str {
        match self {
            Self::Client => "→",
            Self::Server => "←",
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Client => 0,
            Self::Server => 1,
        }
    }
}

/// Which of several streams the bytes belong to. Empty for a file that is one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// The number of the connection, if there can be several.
    pub(crate) stream: Option<u64>,
    pub(crate) from: Option<Side>,
    /// The packet of the capture that completed the frame, counted from 1, and its time in nanoseconds since 1970.
    pub(crate) packet: Option<(u64, u64)>,
}

impl Place {
    /// Appends the columns before the frame's number.
    pub(crate) fn columns(self) -> String {
        let stream = self.stream.map(|stream| format!("{stream:>4} ")).unwrap_or_default();
        let arrow = self.from.map(|from| format!(" {}", from.arrow())).unwrap_or_default();
        stream + &arrow
    }

    /// The place in words, for a message on stderr.
    pub(crate) fn words(self) -> String {
        let stream = self.stream.map(|stream| format!("connection {stream}, ")).unwrap_or_default();
        let from = self.from.map(|from| format!("from the {}: ", from.name())).unwrap_or_default();
        stream + &from
    }
}

/// The parts of a frame that can be shown.
pub(crate) struct FrameView<'a> {
    /// From 1, in its direction of its stream.
    pub(crate) number: u64,
    pub(crate) place: Place,
    pub(crate) framing: &'a AnyFraming,
    /// In bytes from the start of the stream.
    pub(crate) offset: u64,
    /// As on the wire, as is the trailer.
    pub(crate) header: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) trailer: &'a [u8],
    /// Two parts, if other bytes are in the middle of it.
    pub(crate) message: [&'a [u8]; 2],
    /// Whether the header begins with a byte of the message and contains no other.
    pub(crate) has_type: bool,
    pub(crate) wire_len: u64,
    pub(crate) is_control: bool,
    /// Whether the payload is as on the wire too.
    pub(crate) is_on_wire: bool,
    /// Whether the frame is passed on with a wrong bit.
    pub(crate) is_damaged: bool,
    /// The frame itself. `None` for a message of several frames.
    pub(crate) frame: Option<&'a Frame<'a>>,
}

impl<'a> FrameView<'a> {
    #[inline]
    pub(crate) fn new(
        frame: &'a Frame<'_>,
        framing: &'a AnyFraming,
        number: u64,
        skip: u64,
        place: Place,
    ) -> FrameView<'a> {
        let (header, message) = (frame.header(), frame.message().parts());
        let first = message.iter().find_map(|part| part.first());
        Self {
            number,
            place,
            framing,
            offset: frame.offset().saturating_add(skip),
            header,
            payload: frame.payload(),
            trailer: frame.trailer(),
            message,
            has_type: frame.extent().message_header_len() == 1 && header.first() == first,
            wire_len: frame.wire_len() as u64,
            is_control: frame.is_control(),
            is_on_wire: frame.wire().is_some(),
            is_damaged: false,
            frame: Some(frame),
        }
    }

    /// The header and the payload as a person reads them: a header that is the message's first byte and nothing else stays
    /// with the message.
    pub(crate) fn shown(&self) -> (&'a [u8], &'a [u8]) {
        match self.message {
            [message, []] | [[], message] if self.has_type && self.header.len() == 1 => (&[], message),
            _ => (self.header, self.payload),
        }
    }
}

/// A consumer of the frames of one stream or of several.
pub(crate) trait Sink {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure>;

    /// Part of a frame, where the user asked for payloads in pieces, and whether it is a control frame. Skipped frames
    /// go to `bad` and `skipped`.
    fn piece(&mut self, _: Piece<'_>, _control: bool, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// A frame was wrong, and was skipped.
    fn bad(&mut self, _: &Stretch, _: Place, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// A frame over the limit was skipped.
    fn skipped(&mut self, _: &Stretch, _: Place, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// Bytes of the stream are not in the capture.
    fn gap(&mut self, _offset: u64, _len: u64, _: Place, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// A connection begins, between these endpoints.
    fn opened(&mut self, _client: &str, _server: &str, _: Place, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// A connection has ended.
    fn closed(&mut self, _: Place, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// Nothing after this point of the stream can be decoded. `frames` came before it.
    fn failed(&mut self, _: &EofError, _frames: u64, _: Place, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// All input so far is processed, and the next may take long to arrive.
    fn idle(&mut self, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// All streams are at their end.
    fn end(&mut self, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }
}
