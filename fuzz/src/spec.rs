//! The text form: no text panics, and what is printed is read back the same.

use anysplit::join::{AnyMessages, AnyRule};
use anysplit::{AnyFraming, Framing, Recovery};

use crate::outcome::whole;

/// All that is checked of the text form. Whether there was a framing in the text.
///
/// ```text
///  n (1 byte)   the text (n bytes)   the stream, all that is left
/// ```
pub fn check(data: &[u8]) -> bool {
    let Some((&len, rest)) = data.split_first() else { return false };
    let (text, stream) = rest.split_at(usize::from(len).min(rest.len()));
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let messages = text.parse::<AnyMessages>();
    if let Ok(messages) = &messages {
        assert_eq!(messages.to_string().parse::<AnyMessages>().as_ref(), Ok(messages));
        assert_eq!(messages.rule() == AnyRule::EachFrame, messages.name().is_none());
    }
    match text.parse::<AnyFraming>() {
        Ok(framing) => {
            assert_eq!(messages, Ok(framing.clone().into()));
            let printed = framing.to_string();
            let again: AnyFraming = match printed.parse() {
                Ok(again) => again,
                Err(error) => panic!("{printed:?} is printed and not read: {error}"),
            };
            assert_eq!(again, framing, "{printed}");
            assert_eq!(again.to_string(), printed);
            assert_eq!(again.max_payload_len(), framing.max_payload_len());
            let outcome = whole(&framing, Recovery::Fail, stream);
            assert_eq!(whole(&again, Recovery::Fail, stream), outcome);
            true
        }
        Err(error) => {
            assert!(messages.is_err_and(|other| other.column >= error.column) || text.starts_with('@'));
            let column = error.column;
            assert!(column >= 1 && column <= text.chars().count() + 1, "column {column} of {text:?}");
            assert!(!error.to_string().is_empty());
            assert!(error.rendered(text).to_string().contains('^'));
            true
        }
    }
}
