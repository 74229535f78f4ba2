//! The inputs of the vectors, chosen by hand, with what they must give: the messages, where an error is, what is skipped.
//!
//! Everything else in a vector (offsets, headers, trailers, details of an error) is computed, and then checked against the
//! input by `check.rs`.

mod around;
mod delimited;
mod fields;
mod headers;
mod prefixes;
mod protocols;
mod recovery;
mod stuffed;
mod values;

use anysplit::Recovery;

/// One input of a decoder.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) source: Option<String>,
    pub(crate) framing: String,
    pub(crate) recovery: Recovery,
    pub(crate) wire: Vec<u8>,
    /// The messages, in order. Empty for a control frame.
    pub(crate) messages: Vec<Vec<u8>>,
    /// Offset and length of what is skipped.
    pub(crate) skipped: Vec<(u64, u64)>,
    pub(crate) end: End,
    /// Whether the messages, encoded again, would not all come back.
    pub(crate) decode_only: bool,
    /// The lengths on the wire of the first frames, as somebody else has them.
    pub(crate) wire_lens: Option<Vec<u64>>,
}

/// How the stream ends.
pub(crate) enum End {
    Clean,
    /// An error of this kind at this offset.
    Error(&'static str, u64),
    /// The end of the stream cuts this part.
    Truncated(&'static str),
}

/// A stream that ends clean after these messages.
pub(crate) fn case<M: AsRef<[u8]>>(name: &str, framing: &str, wire: impl AsRef<[u8]>, messages: &[M]) -> Case {
    Case {
        name: name.to_owned(),
        source: None,
        framing: framing.to_owned(),
        recovery: Recovery::Fail,
        wire: wire.as_ref().to_vec(),
        messages: messages.iter().map(|message| message.as_ref().to_vec()).collect(),
        skipped: Vec::new(),
        end: End::Clean,
        decode_only: false,
        wire_lens: None,
    }
}

/// A stream without a message.
pub(crate) fn none(name: &str, framing: &str, wire: impl AsRef<[u8]>) -> Case {
    case(name, framing, wire, &[] as &[&[u8]])
}

impl Case {
    /// Ends with an error of this kind at this offset, after the messages.
    pub(crate) fn fails(self, kind: &'static str, offset: u64) -> Self {
        Self { end: End::Error(kind, offset), ..self }
    }

    /// Ends inside this part of a frame.
    pub(crate) fn cut_in(self, part: &'static str) -> Self {
        Self { end: End::Truncated(part), ..self }
    }

    /// Is decoded under this policy, which skips these stretches, each an offset and a length.
    pub(crate) fn skips(self, recovery: Recovery, stretches: &[(u64, u64)]) -> Self {
        Self { recovery, skipped: stretches.to_vec(), ..self }
    }

    /// Gives no vector of an encoder: the messages, encoded again, would not all come back.
    pub(crate) fn decode_only(self) -> Self {
        Self { decode_only: true, ..self }
    }

    /// Names the document that these bytes come from.
    pub(crate) fn of(self, source: &str) -> Self {
        Self { source: Some(source.to_owned()), ..self }
    }
}

/// One input of an encoder: good messages, and one that is refused for this reason.
pub(crate) struct Refused {
    pub(crate) name: &'static str,
    pub(crate) framing: &'static str,
    pub(crate) messages: Vec<Vec<u8>>,
    pub(crate) kind: &'static str,
}

pub(crate) fn refused(name: &'static str, framing: &'static str, messages: &[&[u8]], kind: &'static str) -> Refused {
    Refused { name, framing, messages: messages.iter().map(|message| message.to_vec()).collect(), kind }
}

/// The contents of one file.
pub(crate) struct Group {
    pub(crate) file: &'static str,
    pub(crate) about: &'static str,
    pub(crate) cases: Vec<Case>,
    pub(crate) refused: Vec<Refused>,
}

/// All of them.
pub(crate) fn groups() -> Vec<Group> {
    vec![
        prefixes::group(),
        fields::group(),
        delimited::group(),
        headers::group(),
        stuffed::group(),
        around::group(),
        values::group(),
        recovery::group(),
        protocols::group(),
    ]
}
