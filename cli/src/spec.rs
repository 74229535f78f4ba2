//! What a SPEC stands for.

use anysplit::{AnyFraming, Recovery};

use crate::failure::{Failure, refused};

/// The framing that `text` stands for.
pub(crate) fn read(text: &str) -> Result<AnyFraming, Failure> {
    text.parse().map_err(|error| refused(text, error))
}

/// What happens to rejected frames. On serial lines, where bytes are lost, the next frame is likely to be good.
pub(crate) fn recovery(framing: &AnyFraming, skip_oversize: bool) -> Recovery {
    match framing {
        AnyFraming::Slip(_) | AnyFraming::Cobs(_) | AnyFraming::Stuffed(_) => Recovery::SkipFrame,
        AnyFraming::Then(then) => recovery(then.rest(), skip_oversize),
        _ if skip_oversize => Recovery::SkipOversize,
        _ => Recovery::Fail,
    }
}

/// `text` as a shell takes it for one argument.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@_:=,.+/-%^".contains(c);
    match text.is_empty() || !text.chars().all(is_plain) {
        true => format!("'{}'", text.replace('\'', "'\\''")),
        false => text.to_owned(),
    }
}
