//! A rule chosen at run time.

use crate::join::{
    Candidate, HttpChunks, HttpMessages, ImapCommands, JoinErrorKind, MySql, OncRpc, Replies, Rule, SideBands,
    TlsHandshake, Verdict, WebSocket, Zmtp,
};

/// Any rule of the crate, chosen at run time.
///
/// ```
/// use anysplit::join::{AnyRule, Joined, Joiner, OncRpc};
/// use anysplit::{AnyFraming, Decoder};
/// # use anysplit::number::{Binary, Bits};
/// # use anysplit::LengthField;
/// # let framing = AnyFraming::from(LengthField::new(0, Bits::new(Binary::u32_be(), 0x7fff_ffff)?)?);
///
/// let mut decoder = Decoder::new(framing);
/// let mut joiner = Joiner::new(AnyRule::from(OncRpc));
/// decoder.push(b"\x00\x00\x00\x03hel\x80\x00\x00\x02lo")?;
/// # let mut seen = Vec::new();
/// while let Some(frame) = decoder.next_frame()? {
///     while let Some(Joined::Message(message)) = joiner.next_message(&frame)? {
///         println!("{}", message.payload().escape_ascii());
/// #       seen.push(message.payload().to_vec());
///     }
/// }
/// # assert_eq!(seen, [b"hello"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Cost: one branch for each frame beside that of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnyRule {
    /// Every frame is a message, except the control frames of the framing.
    EachFrame,
    /// Bodies in chunks.
    HttpChunks(HttpChunks),
    /// HTTP/1 messages, their chunks joined.
    HttpMessages(HttpMessages),
    /// Commands and responses with their literals.
    ImapCommands(ImapCommands),
    /// Packets of 16 MiB and the shorter one after them.
    MySql(MySql),
    /// Records of several fragments.
    OncRpc(OncRpc),
    /// Replies of several lines.
    Replies(Replies),
    /// The data of band 1.
    SideBands(SideBands),
    /// Handshake messages in records.
    TlsHandshake(TlsHandshake),
    /// Fragments and control frames.
    WebSocket(WebSocket),
    /// Messages of several parts.
    Zmtp(Zmtp),
}

impl AnyRule {
    fn rule(&self) -> Option<&dyn Rule> {
        Some(match self {
            Self::EachFrame => return None,
            Self::HttpChunks(rule) => rule,
            Self::HttpMessages(rule) => rule,
            Self::ImapCommands(rule) => rule,
            Self::MySql(rule) => rule,
            Self::OncRpc(rule) => rule,
            Self::Replies(rule) => rule,
            Self::SideBands(rule) => rule,
            Self::TlsHandshake(rule) => rule,
            Self::WebSocket(rule) => rule,
            Self::Zmtp(rule) => rule,
        })
    }
}

impl Rule for AnyRule {
    fn judge(&self, frame: &Candidate<'_>, memo: &mut u64) -> Result<Verdict, JoinErrorKind> {
        match self.rule() {
            Some(rule) => rule.judge(frame, memo),
            None if frame.is_control => Ok(Verdict::control()),
            None => Ok(Verdict::last()),
        }
    }

    fn reads_payload(&self) -> bool {
        self.rule().is_some_and(Rule::reads_payload)
    }
}

macro_rules! from {
    ($($rule:ident)*) => {
        $(impl From<$rule> for AnyRule {
            fn from(rule: $rule) -> Self {
                Self::$rule(rule)
            }
        })*
    };
}

from!(HttpChunks HttpMessages ImapCommands MySql OncRpc Replies SideBands TlsHandshake WebSocket Zmtp);
