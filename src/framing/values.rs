//! Values that end themselves: JSON, CBOR, MessagePack, RESP, BER. Their framings find the end of a value and build none.
//!
//! There is no length before such a value. Its end follows from its own bytes, so it is found by reading them: brackets, type
//! bytes, counts. The payload is the complete value.
//!
//! | framing | values |
//! | --- | --- |
//! | [`Json`] | JSON texts one after the other: newline-delimited, separated by white space, or by nothing |
//! | [`JsonSeq`] | JSON text sequences: a record separator before each text |
//! | [`Cbor`] | CBOR data items one after the other |
//! | [`MessagePack`] | MessagePack values one after the other |
//! | [`Resp`] | values of the Redis protocol, RESP 2 and 3 |
//! | [`Ber`] | ASN.1 values in BER, definite and indefinite |
//!
//! All of them:
//!
//! - need no allocator and no recursion: what they remember of a value fits into [`Progress`](crate::contract::Progress);
//! - look at each byte once, however the bytes are cut, and skip strings whose length is announced;
//! - have a limit for the value's length and one for its depth, and report the byte that exceeds it;
//! - can pass a value on in pieces, as it arrives;
//! - encode by checking with the same search that a message is exactly one value.

use crate::contract::{AtEof, Envelope, Framing, Located, NextStart, Part, Progress};
use crate::error::{EncodeError, FrameError};

mod ber;
mod cbor;
mod json;
mod json_seq;
mod levels;
mod message_pack;
mod resp;
mod search;

pub use ber::Ber;
pub use cbor::Cbor;
pub use json::Json;
pub use json_seq::JsonSeq;
pub use message_pack::MessagePack;
pub use resp::Resp;

/// Any of these framings, chosen at run time. Part of [`AnyFraming`](crate::AnyFraming).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnyValues {
    /// JSON texts.
    Json(Json),
    /// JSON text sequences.
    JsonSeq(JsonSeq),
    /// CBOR data items.
    Cbor(Cbor),
    /// MessagePack values.
    MessagePack(MessagePack),
    /// Values of the Redis protocol.
    Resp(Resp),
    /// ASN.1 values in BER.
    Ber(Ber),
}

macro_rules! for_each_kind {
    ($any:expr, $values:ident => $code:expr) => {
        match $any {
            AnyValues::Json($values) => $code,
            AnyValues::JsonSeq($values) => $code,
            AnyValues::Cbor($values) => $code,
            AnyValues::MessagePack($values) => $code,
            AnyValues::Resp($values) => $code,
            AnyValues::Ber($values) => $code,
        }
    };
}

impl AnyValues {
    /// Sets the limit for a value, in bytes. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(self, max: u64) -> Self {
        match self {
            Self::Json(values) => Self::Json(values.with_max_payload_len(max)),
            Self::JsonSeq(values) => Self::JsonSeq(values.with_max_payload_len(max)),
            Self::Cbor(values) => Self::Cbor(values.with_max_payload_len(max)),
            Self::MessagePack(values) => Self::MessagePack(values.with_max_payload_len(max)),
            Self::Resp(values) => Self::Resp(values.with_max_payload_len(max)),
            Self::Ber(values) => Self::Ber(values.with_max_payload_len(max)),
        }
    }

    /// Returns the framing's name in the text form.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::JsonSeq(_) => "json-seq",
            Self::Cbor(_) => "cbor",
            Self::MessagePack(_) => "msgpack",
            Self::Resp(_) => "resp",
            Self::Ber(_) => "asn1",
        }
    }

    /// Returns the framing of this name, with the default limit.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "json" => Self::Json(Json::new()),
            "json-seq" => Self::JsonSeq(JsonSeq::new()),
            "cbor" => Self::Cbor(Cbor::new()),
            "msgpack" => Self::MessagePack(MessagePack::new()),
            "resp" => Self::Resp(Resp::new()),
            "asn1" => Self::Ber(Ber::new()),
            _ => return None,
        })
    }
}

impl Framing for AnyValues {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        for_each_kind!(self, values => values.locate(input, progress))
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        for_each_kind!(self, values => values.check(part, sum))
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        for_each_kind!(self, values => values.envelope(message))
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        for_each_kind!(self, values => values.at_eof(rest, progress))
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        for_each_kind!(self, values => values.next_start(input, from))
    }

    fn max_payload_len(&self) -> u64 {
        for_each_kind!(self, values => values.max_payload_len())
    }
}

macro_rules! any_values {
    ($($kind:ident)*) => {$(
        impl From<$kind> for AnyValues {
            fn from(values: $kind) -> Self {
                Self::$kind(values)
            }
        }
    )*};
}

any_values!(Json JsonSeq Cbor MessagePack Resp Ber);
