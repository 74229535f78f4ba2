//! The text form of messages: a framing's, or a name.

use core::fmt;
use core::str::FromStr;

use super::error::SpecError;
use super::{parse, print};
use crate::join::AnyMessages;

impl FromStr for AnyMessages {
    type Err = SpecError;

    /// Reads the text form: `@` and a name of [`protocols::JOINED`](crate::protocols::JOINED), perhaps with `max`, or a
    /// [framing](crate::spec) whose every frame is a message.
    fn from_str(text: &str) -> Result<Self, SpecError> {
        parse::whole_messages(text)
    }
}

/// Writes the text form. Messages that were made neither by name nor of a framing alone have none: theirs is that of the framing.
impl fmt::Display for AnyMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => {
                write!(f, "@{name}")?;
                print::limit(self.max_message_len(), crate::contract::DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            None => self.framing().fmt(f),
        }
    }
}
