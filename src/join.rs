//! Messages of several frames: a layer on the frames of a decoder.
//!
//! Some protocols cut a message into several frames: MySQL sends a row of 40 MiB in three packets, and a WebSocket peer
//! may send a text in any number of fragments. A [`Joiner`] joins such messages again. A [`Rule`] decides for each frame whether
//! it belongs to the message, is its last part, or is a control frame, which is returned at once.
//!
//! ```text
//!  frames    part · part · control · last part        a ping between the fragments of a text
//!              │      │       └────────────────────▶  Control, at once
//!              └──────┴───────────────┴────────────▶  Message
//! ```
//!
//! ```
//! use anysplit::join::{Joined, Joiner, OncRpc};
//! use anysplit::{Decoder, LengthField};
//! use anysplit::number::{Binary, Bits};
//!
//! // ONC RPC: 31 bits of length. The bit above them marks the last fragment.
//! let mut decoder = Decoder::new(LengthField::new(0, Bits::new(Binary::u32_be(), 0x7fff_ffff)?)?);
//! let mut joiner = Joiner::new(OncRpc);
//! # let mut messages = Vec::new();
//! for chunk in [&b"\x00\x00\x00\x03hel\x80\x00"[..], b"\x00\x02lo"] {
//!     decoder.push(chunk)?;
//!     while let Some(frame) = decoder.next_frame()? {
//!         while let Some(joined) = joiner.next_message(&frame)? {
//!             if let Joined::Message(message) = joined {
//!                 println!("{} bytes in {} parts", message.payload().len(), message.parts());
//! #               messages.push(message.payload().to_vec());
//!             }
//!         }
//!     }
//! }
//! joiner.finish()?;
//! # assert_eq!(messages, [b"hello"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It takes one frame at a time, from [`Decoder`](crate::Decoder), [`FixedDecoder`](crate::FixedDecoder),
//! [`Deframer`](crate::decode::Deframer), or the readers of all adapters. Inside a message the frames must follow one another
//! without a gap. Filler, such as the repeated delimiters of SLIP, is not a gap.
//!
//! | call | returns | extra memory |
//! | --- | --- | --- |
//! | [`Joiner::next_message`] | the complete message, as one slice | for the message and its first header; nothing if it is one frame |
//! | [`Joiner::next_part`] | the message's bytes, part by part | nothing, and no allocator |
//! | [`Joiner::next_piece`] | the message's bytes, also from parts larger than memory | nothing, and no allocator |
//!
//! [`AnyRule`] is a rule chosen at run time. `AnyMessages` is such a rule and a framing, from one line of text such as
//! `@mysql-messages`.
//!
//! A [`Split`] is the other direction: it writes a message as parts of a given size, without copying its bytes.

mod any;
mod error;
mod http1;
#[cfg(feature = "alloc")]
mod messages;
mod part;
mod rule;
mod rules;
mod split;
mod text_rules;
mod tls;
mod websocket;

pub use any::AnyRule;
pub use error::{JoinError, JoinErrorKind};
pub use http1::HttpMessages;
#[cfg(feature = "alloc")]
pub use messages::AnyMessages;
#[cfg(feature = "alloc")]
pub use part::{Joined, JoinedMessage};
pub use part::{MessagePart, MessagePiece, NextPart};
pub use rule::{Candidate, Rule, Verdict};
pub use rules::{HttpChunks, MySql, MySqlParts, OncRpc, SideBands, Zmtp};
pub use split::{OutPart, Split, SplitRule};
pub use text_rules::{ImapCommands, Replies};
pub use tls::TlsHandshake;
pub use websocket::{WebSocket, WebSocketParts};

use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::decode::frame::{Frame, Piece};
use crate::join::rule::Kind;

/// Joins messages from the frames of a decoder. See the [module](self).
///
/// # Limits
///
/// One limit applies to the bytes of the complete message, 8 MiB by default, and one to the number of its parts, 65,536 by
/// default. So endless fragments cannot fill the memory, also if they are empty. The limit of the framing applies to each frame.
///
/// # Errors
///
/// A [`JoinError`], with the offset of the frame. It stays: every later call returns the same error until
/// [`reset`](Self::reset). Where the decoder skipped a frame inside a message, that is an error too
/// ([`JoinErrorKind::Gap`]), so that no message is returned with a part missing.
#[derive(Clone, Debug)]
pub struct Joiner<R> {
    rule: R,
    max: u64,
    max_parts: u64,
    memo: u64,
    open: bool,
    len: u64,
    parts: u64,
    message_offset: u64,
    /// Offset of the next byte that was not taken: the end of a frame, or the start of a frame whose first `taken` bytes of
    /// payload were taken.
    position: u64,
    taken: usize,
    /// The frame that is returned in pieces.
    piece: PieceOf,
    error: Option<JoinError>,
    /// The header of the message's first frame, and the parts so far.
    #[cfg(feature = "alloc")]
    message: alloc::vec::Vec<u8>,
    /// The length of that header.
    #[cfg(feature = "alloc")]
    header_len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PieceOf {
    None,
    Control,
    More,
    Last,
}

/// The most parts of a message, if [`Joiner::with_max_parts`] sets no other limit.
const DEFAULT_MAX_PARTS: u64 = 65_536;

impl<R: Rule> Joiner<R> {
    /// Creates a joiner for a new stream. Does not allocate.
    pub const fn new(rule: R) -> Self {
        Self {
            rule,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            max_parts: DEFAULT_MAX_PARTS,
            memo: 0,
            open: false,
            len: 0,
            parts: 0,
            message_offset: 0,
            position: 0,
            taken: 0,
            piece: PieceOf::None,
            error: None,
            #[cfg(feature = "alloc")]
            message: alloc::vec::Vec::new(),
            #[cfg(feature = "alloc")]
            header_len: 0,
        }
    }

    /// Sets the limit on the bytes of a message.
    #[must_use]
    pub fn with_max_message_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Sets the limit on the parts of a message.
    #[must_use]
    pub fn with_max_parts(mut self, max: u64) -> Self {
        self.max_parts = max;
        self
    }

    /// Returns the next complete message, or a control frame. Call it with each frame until it returns `None`: a frame may
    /// complete several messages, and most complete none or one.
    ///
    /// Cost: one copy of each part. A message of one frame is borrowed from the frame.
    ///
    /// # Errors
    ///
    /// [`JoinError`], each time the same.
    #[cfg(feature = "alloc")]
    pub fn next_message<'a>(&'a mut self, frame: &Frame<'a>) -> Result<Option<Joined<'a>>, JoinError> {
        if !self.open {
            // What was returned is gone. An idle connection has no heap memory.
            self.message = alloc::vec::Vec::new();
        }
        while let Some(next) = self.next_part(frame)? {
            let part = match next {
                NextPart::Control(frame) => return Ok(Some(Joined::Control(frame))),
                NextPart::Part(part) => part,
            };
            let (offset, parts) = (self.message_offset, self.parts);
            if part.is_first && part.is_last {
                let message = JoinedMessage { payload: part.payload, first_header: part.header, offset, parts };
                return Ok(Some(Joined::Message(message)));
            }
            if part.is_first {
                self.message.extend_from_slice(part.header);
                self.header_len = part.header.len();
            }
            self.message.extend_from_slice(part.payload);
            if part.is_last {
                let (first_header, payload) = self.message.split_at_checked(self.header_len).unwrap_or_default();
                let message = JoinedMessage { payload, first_header, offset, parts };
                return Ok(Some(Joined::Message(message)));
            }
        }
        Ok(None)
    }

    /// Returns the next part of a message, or a control frame. Call it with each frame until it returns `None`.
    ///
    /// Keeps no byte of the message, so its memory is constant.
    ///
    /// ```
    /// use anysplit::join::{Joiner, NextPart, Zmtp};
    /// use anysplit::{FixedDecoder, LengthField};
    /// use anysplit::number::Binary;
    ///
    /// // ZMTP's short frames, without an allocator: the parts of a message in an array of the program's own.
    /// let mut decoder = FixedDecoder::new(LengthField::new(1, Binary::u8())?, [0; 64]);
    /// let mut joiner = Joiner::new(Zmtp);
    /// let mut message = ([0; 32], 0);
    /// decoder.push(b"\x01\x03hel\x00\x02lo")?;
    /// while let Some(frame) = decoder.next_frame()? {
    ///     while let Some(next) = joiner.next_part(&frame)? {
    ///         if let NextPart::Part(part) = next {
    ///             message.0[message.1..][..part.payload.len()].copy_from_slice(part.payload);
    ///             message.1 += part.payload.len();
    ///         }
    ///     }
    /// }
    /// assert_eq!(&message.0[..message.1], b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`JoinError`], each time the same.
    pub fn next_part<'f>(&mut self, frame: &Frame<'f>) -> Result<Option<NextPart<'f>>, JoinError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let offset = frame.offset();
        if offset < self.position {
            return Ok(None);
        }
        let follows = offset == self.position || self.taken == 0 && frame.extent().is_after_filler();
        if !follows && (self.open || self.taken > 0) {
            return Err(self.fail(offset, JoinErrorKind::Gap));
        }
        self.position = offset;
        let end = offset.saturating_add(frame.wire_len() as u64);
        let payload = frame.payload();
        let rest = payload.get(self.taken..).unwrap_or_default();
        let candidate = Candidate {
            header: frame.header(),
            payload: rest,
            is_control: frame.is_control(),
            continues: self.open,
            is_plain: frame.wire().is_some(),
        };
        let verdict = self.judge(offset, &candidate)?;
        if verdict.kind == Kind::Control {
            (self.position, self.taken) = (end, 0);
            return Ok(Some(NextPart::Control(*frame)));
        }
        let take = verdict.take.unwrap_or(rest.len()).min(rest.len());
        let start = self.taken;
        let stop = start.saturating_add(take);
        if stop < payload.len() {
            if take == 0 {
                return Err(self.fail(offset, JoinErrorKind::Custom("a rule takes no byte of a frame")));
            }
            self.taken = stop;
        } else {
            (self.position, self.taken) = (end, 0);
        }
        let bytes = if verdict.header || verdict.trailer {
            let Some(wire) = frame.wire() else {
                let kind = JoinErrorKind::Custom("the header of a rewritten frame cannot be part of a message");
                return Err(self.fail(offset, kind));
            };
            let header = frame.header().len();
            let from = if verdict.header { 0 } else { header.saturating_add(start) };
            let to = if verdict.trailer { wire.len() } else { header.saturating_add(stop) };
            wire.get(from..to).unwrap_or_default()
        } else {
            payload.get(start..stop).unwrap_or_default()
        };
        let bytes = bytes.get(verdict.skip..).unwrap_or_default();
        let is_first = !self.open;
        self.count(offset, bytes.len() as u64, verdict.to_come)?;
        let is_last = verdict.kind == Kind::Last;
        if is_last {
            self.close();
        }
        Ok(Some(NextPart::Part(MessagePart { header: frame.header(), payload: bytes, is_first, is_last })))
    }

    /// Takes a piece of a frame and returns what it is in its message. `offset` is the decoder's position before the call
    /// that returned the piece.
    ///
    /// For parts that are larger than memory. Keeps no byte. The rule must judge by headers.
    ///
    /// ```
    /// use anysplit::join::{Joiner, MessagePiece, OncRpc};
    /// use anysplit::{Decoder, LengthField};
    /// use anysplit::number::{Binary, Bits};
    ///
    /// let mut decoder = Decoder::new(LengthField::new(0, Bits::new(Binary::u32_be(), 0x7fff_ffff)?)?);
    /// let mut joiner = Joiner::new(OncRpc);
    /// decoder.push(b"\x00\x00\x00\x03hel\x80\x00\x00\x02lo")?;
    /// let mut message = Vec::new();
    /// loop {
    ///     let offset = decoder.position();
    ///     let Some(piece) = decoder.next_piece()? else { break };
    ///     match joiner.next_piece(piece, offset)? {
    ///         MessagePiece::Data(bytes) => message.extend_from_slice(bytes),
    ///         MessagePiece::End { is_last: true, .. } => println!("complete"),
    ///         _ => {}
    ///     }
    /// }
    /// assert_eq!(message, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`JoinError`], each time the same. [`JoinErrorKind::NeedsFrames`] if the rule reads payloads, or takes other bytes of a
    /// frame than its payload, as [`ImapCommands`] takes the line before a literal. A message over the limit is refused at the
    /// header that announces it, or with the bytes that exceed it.
    pub fn next_piece<'p>(&mut self, piece: Piece<'p>, offset: u64) -> Result<MessagePiece<'p>, JoinError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        match piece {
            Piece::Start { header, len, control } => self.start(piece, (header, len, control), offset),
            Piece::Data(bytes) => {
                if self.piece == PieceOf::Control {
                    return Ok(MessagePiece::Control(piece));
                }
                self.add_len(self.position, bytes.len() as u64, 0)?;
                Ok(MessagePiece::Data(bytes))
            }
            Piece::End { trailer } => {
                let ended = core::mem::replace(&mut self.piece, PieceOf::None);
                if ended == PieceOf::Control {
                    return Ok(MessagePiece::Control(piece));
                }
                let is_last = ended == PieceOf::Last;
                if is_last {
                    self.close();
                }
                Ok(MessagePiece::End { trailer, is_last })
            }
            Piece::Skipped(_) if self.open => Err(self.fail(offset, JoinErrorKind::Gap)),
            Piece::Skipped(_) => {
                self.piece = PieceOf::None;
                Ok(MessagePiece::Control(piece))
            }
        }
    }

    fn start<'p>(
        &mut self,
        piece: Piece<'p>,
        (header, len, is_control): (&'p [u8], Option<u64>, bool),
        offset: u64,
    ) -> Result<MessagePiece<'p>, JoinError> {
        if self.rule.reads_payload() && !is_control {
            return Err(self.fail(offset, JoinErrorKind::NeedsFrames));
        }
        let candidate = Candidate { header, payload: &[], is_control, continues: self.open, is_plain: len.is_some() };
        let verdict = self.judge(offset, &candidate)?;
        // What the message has of the header or trailer, or has not of the payload, is known of complete frames only.
        if verdict.header || verdict.trailer || verdict.skip > 0 || verdict.take.is_some() {
            return Err(self.fail(offset, JoinErrorKind::NeedsFrames));
        }
        self.position = offset;
        self.piece = match verdict.kind {
            Kind::Control => {
                self.piece = PieceOf::Control;
                return Ok(MessagePiece::Control(piece));
            }
            Kind::More => PieceOf::More,
            Kind::Last => PieceOf::Last,
        };
        let is_first = !self.open;
        self.count(offset, 0, len.unwrap_or(0).saturating_add(verdict.to_come))?;
        Ok(MessagePiece::Start { header, len, is_first })
    }

    /// The stream has ended.
    ///
    /// # Errors
    ///
    /// [`JoinErrorKind::Truncated`] inside a message, and the error that came before.
    pub fn finish(&mut self) -> Result<(), JoinError> {
        match self.error {
            Some(error) => Err(error),
            None if self.open || self.taken > 0 || self.piece != PieceOf::None => {
                let kind = JoinErrorKind::Truncated { parts: self.parts, len: self.len };
                Err(self.fail(self.position, kind))
            }
            None => Ok(()),
        }
    }

    /// Whether a message has begun and is not complete.
    pub const fn is_inside(&self) -> bool {
        self.open
    }

    /// The rule.
    pub const fn rule(&self) -> &R {
        &self.rule
    }

    /// Goes back to the start of a stream.
    pub fn reset(&mut self) {
        self.close();
        (self.position, self.taken, self.piece, self.error) = (0, 0, PieceOf::None, None);
        #[cfg(feature = "alloc")]
        {
            self.message = alloc::vec::Vec::new();
        }
    }

    fn judge(&mut self, offset: u64, candidate: &Candidate<'_>) -> Result<Verdict, JoinError> {
        self.rule.judge(candidate, &mut self.memo).map_err(|kind| self.fail(offset, kind))
    }

    /// Counts a part.
    fn count(&mut self, offset: u64, len: u64, to_come: u64) -> Result<(), JoinError> {
        if !self.open {
            (self.open, self.len, self.parts, self.message_offset) = (true, 0, 0, offset);
        }
        if self.parts >= self.max_parts {
            return Err(self.fail(offset, JoinErrorKind::TooManyParts { max: self.max_parts }));
        }
        self.parts = self.parts.saturating_add(1);
        self.add_len(offset, len, to_come)
    }

    /// Counts bytes of a part.
    fn add_len(&mut self, offset: u64, len: u64, to_come: u64) -> Result<(), JoinError> {
        self.len = self.len.saturating_add(len);
        let len = self.len.saturating_add(to_come);
        if len > self.max {
            return Err(self.fail(offset, JoinErrorKind::Oversize { len, max: self.max }));
        }
        Ok(())
    }

    const fn close(&mut self) {
        (self.open, self.memo) = (false, 0);
    }

    #[cold]
    fn fail(&mut self, offset: u64, kind: JoinErrorKind) -> JoinError {
        let message_offset = if self.open { self.message_offset } else { offset };
        let error = JoinError { message_offset, offset, kind };
        self.error = Some(error);
        #[cfg(feature = "alloc")]
        {
            self.message = alloc::vec::Vec::new();
        }
        error
    }
}
