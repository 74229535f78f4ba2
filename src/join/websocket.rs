//! WebSocket messages.

use crate::error::EncodeError;
use crate::join::split::{OutPart, SplitRule};
use crate::join::{Candidate, JoinErrorKind, Rule, Verdict};
use crate::short::ShortBytes;

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;
const MASKED: u8 = 0x80;
const OPCODE: u8 = 0x0f;
const FIRST_CONTROL: u8 = 8;

/// WebSocket messages: FIN marks the last frame, the frames after the first have the opcode 0, and close, ping and pong are
/// control frames, also between the frames of a message. For the frames of `protocols::websocket_unmasked`, whose payloads are
/// in the clear.
///
/// ```text
///  wire     01 03  h e l      89 00         80 02  l o
///           text, more        a ping        continuation, last
/// ```
///
/// [`first_header`](crate::join::JoinedMessage::first_header) of the message has its opcode.
///
/// ```
/// # #[cfg(feature = "protocols")] {
/// use anysplit::join::{Joined, Joiner, WebSocket};
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::websocket_unmasked());
/// // RFC 6455, section 5.7: "Hel" masked, and a ping between the frames.
/// decoder.push(b"\x01\x83\x37\xfa\x21\x3d\x7f\x9f\x4d\x89\x80\x00\x00\x00\x00\x80\x82\x37\xfa\x21\x3d\x5b\x95")?;
/// let mut joiner = Joiner::new(WebSocket::from_clients());
/// let mut seen = Vec::new();
/// while let Some(frame) = decoder.next_frame()? {
///     while let Some(joined) = joiner.next_message(&frame)? {
///         match joined {
///             Joined::Message(message) => seen.push((message.first_header()[0] & 15, message.payload().to_vec())),
///             Joined::Control(frame) => seen.push((frame.header()[0] & 15, frame.payload().to_vec())),
///         }
///     }
/// }
/// assert_eq!(seen, [(9, b"".to_vec()), (1, b"Hello".to_vec())]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`JoinErrorKind::NothingToContinue`] and [`JoinErrorKind::Interrupted`] for opcodes in the wrong place. A frame with a mask
/// from a server or without one from a client, a control frame over 125 bytes, and RSV1 after the first frame of a message
/// are [`JoinErrorKind::Custom`], and so is a payload that is still masked, as the frames of `protocols::websocket` are.
///
/// [`WebSocketParts`] writes such messages. Specification: RFC 6455, sections 5.1, 5.4 and 5.5; RFC 7692, section 6.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebSocket {
    /// `None`: as the first frame of the message.
    masked: Option<bool>,
}

/// What the memo holds after the first frame of a message.
const MEMO_MASKED: u64 = 1;
const MEMO_UNMASKED: u64 = 2;

impl WebSocket {
    /// Messages from clients, which mask every frame.
    #[must_use]
    pub const fn from_clients() -> Self {
        Self { masked: Some(true) }
    }

    /// Messages from servers, which mask no frame.
    #[must_use]
    pub const fn from_servers() -> Self {
        Self { masked: Some(false) }
    }

    /// Messages from one side, for programs that watch a connection and do not know which side it is. It is an error if some frames of
    /// a message are masked and others are not.
    ///
    /// A client or a server must not use it: RFC 6455 demands that it closes the connection for a frame with the wrong mask.
    #[must_use]
    pub const fn from_either() -> Self {
        Self { masked: None }
    }
}

impl Rule for WebSocket {
    fn judge(&self, frame: &Candidate<'_>, memo: &mut u64) -> Result<Verdict, JoinErrorKind> {
        let &[first, second, ..] = frame.header else {
            return Err(JoinErrorKind::Custom("a WebSocket frame has a header of two bytes"));
        };
        let is_masked = second & MASKED != 0;
        match (self.masked, is_masked) {
            (Some(true), false) => return Err(JoinErrorKind::Custom("a client's frame has no mask")),
            (Some(false), true) => return Err(JoinErrorKind::Custom("a server's frame has a mask")),
            (_, true) if frame.is_plain => {
                return Err(JoinErrorKind::Custom("the payload is masked: the framing must take the mask off"));
            }
            _ => {}
        }
        let of_frame = if is_masked { MEMO_MASKED } else { MEMO_UNMASKED };
        if *memo != 0 && *memo != of_frame {
            return Err(JoinErrorKind::Custom("some frames of the message are masked, and others are not"));
        }
        if first & OPCODE >= FIRST_CONTROL {
            return match second & !MASKED {
                126.. => Err(JoinErrorKind::Custom("a control frame is longer than 125 bytes")),
                _ => Ok(Verdict::control()),
            };
        }
        match (first & OPCODE == 0, frame.continues) {
            (true, false) => return Err(JoinErrorKind::NothingToContinue),
            (false, true) => return Err(JoinErrorKind::Interrupted),
            (true, true) if first & RSV1 != 0 => {
                return Err(JoinErrorKind::Custom("RSV1 is set after the first frame of a message"));
            }
            _ => {}
        }
        *memo = of_frame;
        Ok(Verdict::last_if(first & FIN != 0))
    }
}

/// Writes WebSocket messages in frames, masked where the caller gives keys.
///
/// ```
/// use anysplit::join::{Split, WebSocketParts};
///
/// let mut wire = Vec::new();
/// Split::new(WebSocketParts::text(), b"Hello", 3).encode(&mut wire)?;
/// assert_eq!(wire, b"\x01\x03Hel\x80\x02lo");
///
/// // A client: one key for each frame, from a source that the server cannot predict.
/// wire.clear();
/// Split::new(WebSocketParts::text().masked(|| [0x37, 0xfa, 0x21, 0x3d]), b"Hello", 125).encode(&mut wire)?;
/// assert_eq!(wire, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WebSocketParts<K> {
    opcode: u8,
    key: K,
}

impl WebSocketParts<fn() -> Option<[u8; 4]>> {
    /// A text from a server. Whether it is UTF-8 is for the caller to see to.
    #[must_use]
    pub const fn text() -> Self {
        Self { opcode: 1, key: || None }
    }

    /// Bytes from a server.
    #[must_use]
    pub const fn binary() -> Self {
        Self { opcode: 2, key: || None }
    }

    /// The same message from a client: `key` gives the key of each frame.
    pub fn masked<K: FnMut() -> [u8; 4]>(self, mut key: K) -> WebSocketParts<impl FnMut() -> Option<[u8; 4]>> {
        WebSocketParts { opcode: self.opcode, key: move || Some(key()) }
    }
}

impl<K> WebSocketParts<K> {
    /// Sets RSV1 in the first frame: the message is compressed, as RFC 7692 says.
    #[must_use]
    pub fn compressed(mut self) -> Self {
        self.opcode |= RSV1;
        self
    }
}

impl<K: FnMut() -> Option<[u8; 4]>> SplitRule for WebSocketParts<K> {
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, is_first: bool) -> Result<OutPart<'m>, EncodeError> {
        let part = rest.split_at_checked(max).map_or(rest, |(part, _)| part);
        let is_last = part.len() == rest.len();
        let first = (if is_first { self.opcode } else { 0 }) | (if is_last { FIN } else { 0 });
        let key = (self.key)();
        let mask = if key.is_some() { MASKED } else { 0 };
        let mut header = ShortBytes::empty();
        match (u8::try_from(part.len()), u16::try_from(part.len())) {
            (Ok(len @ ..126), _) => header.push(&[first, len | mask])?,
            (_, Ok(len)) => {
                header.push(&[first, 126 | mask])?;
                header.push(&len.to_be_bytes())?;
            }
            _ => {
                header.push(&[first, 127 | mask])?;
                header.push(&(part.len() as u64).to_be_bytes())?;
            }
        }
        if let Some(key) = key {
            header.push(&key)?;
            return Ok(OutPart::new(header, part, is_last).with_mask(key));
        }
        Ok(OutPart::new(header, part, is_last))
    }
}
