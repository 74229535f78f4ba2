//! Messages chosen at run time: a framing and a rule.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Framing};
use crate::framing::any::AnyFraming;
use crate::framing::limit::Limit;
use crate::join::{AnyRule, Joiner};

/// A framing, and the rule that joins its frames to messages, chosen at run time.
///
/// With the features `spec` and `protocols` one line of text makes both, for configuration files and command lines:
///
/// ```
/// # #[cfg(all(feature = "spec", feature = "protocols"))] {
/// use anysplit::Decoder;
/// use anysplit::join::{AnyMessages, Joined};
///
/// let messages: AnyMessages = "@websocket-messages,max=1M".parse()?;
/// let mut decoder = Decoder::new(messages.framing());
/// let mut joiner = messages.joiner();
/// decoder.push(b"\x01\x03Hel\x80\x02lo")?;
/// let mut seen = Vec::new();
/// while let Some(frame) = decoder.next_frame()? {
///     while let Some(Joined::Message(message)) = joiner.next_message(&frame)? {
///         seen.push(message.payload().to_vec());
///     }
/// }
/// assert_eq!(seen, [b"Hello"]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// | text | framing | rule |
/// | --- | --- | --- |
/// | `@mysql-messages` | that of `@mysql`, with frames of at most 8 MiB | [`MySql`](crate::join::MySql) |
/// | `@mysql-messages,max=64M` | the same | the same; messages have at most 64 MiB |
/// | `u16be`, `@dns`, and every other framing | that framing | every frame is a message |
///
/// `protocols::JOINED` lists the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyMessages {
    framing: AnyFraming,
    rule: AnyRule,
    max: u64,
    /// The framing with its own limit, if its protocol sets one.
    own: Option<AnyFraming>,
    name: Option<&'static str>,
}

impl AnyMessages {
    /// The frames of `framing`, joined by `rule`. The limit on a message is 8 MiB, and on a frame the same or its own, if that is less.
    #[must_use]
    pub fn new(framing: impl Into<AnyFraming>, rule: impl Into<AnyRule>) -> Self {
        let framing = framing.into();
        let max = DEFAULT_MAX_PAYLOAD_LEN;
        let own = (framing.max_payload_len() != max).then(|| framing.clone());
        Self { framing, rule: rule.into(), max, own, name: None }.with_max_message_len(max)
    }

    #[cfg(feature = "protocols")]
    pub(crate) fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Sets the limit on a message in bytes, and the limit on a frame to the same. In a value made with [`new`](Self::new) or from a
    /// name, a lower limit of the framing stays; one of exactly 8 MiB, the default, counts as none.
    #[must_use]
    pub fn with_max_message_len(self, max: u64) -> Self {
        let framing = match &self.own {
            Some(own) if own.max_payload_len() <= max => own.clone(),
            _ if self.framing.max_payload_len() == max => self.framing,
            _ => self.framing.with_max_payload_len(max),
        };
        Self { framing, max, ..self }
    }

    /// Returns the framing.
    #[must_use]
    pub const fn framing(&self) -> &AnyFraming {
        &self.framing
    }

    /// Returns the rule.
    #[must_use]
    pub const fn rule(&self) -> AnyRule {
        self.rule
    }

    /// Returns the limit on a message in bytes.
    #[must_use]
    pub const fn max_message_len(&self) -> u64 {
        self.max
    }

    /// Returns the name, if it was made by name.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// Returns a new joiner with the rule and the limit. No allocation.
    pub fn joiner(&self) -> Joiner<AnyRule> {
        Joiner::new(self.rule).with_max_message_len(self.max)
    }
}

/// Every frame is a message.
impl From<AnyFraming> for AnyMessages {
    fn from(framing: AnyFraming) -> Self {
        Self { max: framing.max_payload_len(), framing, rule: AnyRule::EachFrame, own: None, name: None }
    }
}
