//! What decides which frames make a message.

use crate::join::error::JoinErrorKind;

/// Decides which frames make a message.
///
/// A rule is an immutable value. What it remembers of the message at hand stands in `memo`, which is 0 when a message
/// begins.
///
/// In this example a frame that begins with `+` is continued by the next, and one that begins with `!` is a control frame:
///
/// ```
/// use anysplit::join::{Candidate, JoinErrorKind, Joined, Joiner, Rule, Verdict};
/// use anysplit::{Decoder, Delimited};
///
/// struct Marked;
///
/// impl Rule for Marked {
///     fn judge(&self, frame: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
///         Ok(match frame.payload.first() {
///             Some(b'!') => Verdict::control(),
///             Some(b'+') => Verdict::more().skipping(1),
///             _ => Verdict::last(),
///         })
///     }
///
///     fn reads_payload(&self) -> bool {
///         true
///     }
/// }
///
/// let mut decoder = Decoder::new(Delimited::line());
/// decoder.push(b"+hel\n!ping\nlo\n")?;
/// let mut joiner = Joiner::new(Marked);
/// let mut seen = Vec::new();
/// while let Some(frame) = decoder.next_frame()? {
///     while let Some(joined) = joiner.next_message(&frame)? {
///         seen.push(match joined {
///             Joined::Message(message) => message.payload().to_vec(),
///             Joined::Control(frame) => frame.payload().to_vec(),
///         });
///     }
/// }
/// assert_eq!(seen, [&b"!ping"[..], b"hello"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Rule {
    /// Judges a frame, or the rest of a frame in which a message ended.
    ///
    /// # Errors
    ///
    /// A [`JoinErrorKind`] if the frame must not be here. The [`Joiner`](crate::join::Joiner) adds the offset and stays failed.
    fn judge(&self, frame: &Candidate<'_>, memo: &mut u64) -> Result<Verdict, JoinErrorKind>;

    /// Returns whether [`judge`](Self::judge) looks at the payload. If it does,
    /// [`Joiner::next_piece`](crate::join::Joiner::next_piece) accepts only control frames of the framing. By default it looks at the
    /// header alone.
    fn reads_payload(&self) -> bool {
        false
    }
}

impl<R: Rule + ?Sized> Rule for &R {
    fn judge(&self, frame: &Candidate<'_>, memo: &mut u64) -> Result<Verdict, JoinErrorKind> {
        (**self).judge(frame, memo)
    }

    fn reads_payload(&self) -> bool {
        (**self).reads_payload()
    }
}

/// A frame that a [`Rule`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// Its header.
    pub header: &'a [u8],
    /// The payload that no message has taken yet. Empty where the frame comes in pieces.
    pub payload: &'a [u8],
    /// Whether its framing marks it as a control frame.
    pub is_control: bool,
    /// Whether a message has begun that this frame may continue.
    pub continues: bool,
    /// Whether the payload certainly is as on the wire: its framing does not rewrite it. In pieces only if the header announces
    /// the length of what will be returned.
    pub is_plain: bool,
}

/// What a [`Rule`] decides about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub(super) kind: Kind,
    pub(super) skip: usize,
    pub(super) take: Option<usize>,
    pub(super) header: bool,
    pub(super) trailer: bool,
    pub(super) to_come: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    More,
    Last,
    Control,
}

impl Verdict {
    const fn of(kind: Kind) -> Self {
        Self { kind, skip: 0, take: None, header: false, trailer: false, to_come: 0 }
    }

    /// A part that another part follows.
    #[must_use]
    pub const fn more() -> Self {
        Self::of(Kind::More)
    }

    /// The last part of a message, or all of it.
    #[must_use]
    pub const fn last() -> Self {
        Self::of(Kind::Last)
    }

    /// [`last`](Self::last) or [`more`](Self::more).
    #[must_use]
    pub const fn last_if(last: bool) -> Self {
        if last { Self::last() } else { Self::more() }
    }

    /// No part of a message: the frame is returned at once.
    #[must_use]
    pub const fn control() -> Self {
        Self::of(Kind::Control)
    }

    /// Leaves the first `len` bytes of the payload out of the message.
    #[must_use]
    pub const fn skipping(mut self, len: usize) -> Self {
        self.skip = len;
        self
    }

    /// Takes only `len` bytes of the payload. The rule is asked again about the bytes after them.
    #[must_use]
    pub const fn taking(mut self, len: usize) -> Self {
        self.take = Some(len);
        self
    }

    /// Makes the frame's header part of the message. Only for frames that are not rewritten.
    #[must_use]
    pub const fn with_header(mut self) -> Self {
        self.header = true;
        self
    }

    /// Makes the frame's trailer part of the message. Only for frames that are not rewritten.
    #[must_use]
    pub const fn with_trailer(mut self) -> Self {
        self.trailer = true;
        self
    }

    /// Says that the message has `len` bytes more after this part, so that a message over the limit is refused now.
    #[must_use]
    pub const fn announcing(mut self, len: u64) -> Self {
        self.to_come = len;
        self
    }
}
