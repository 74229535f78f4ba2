//! Values that end themselves: JSON, CBOR, MessagePack, RESP, BER. Their framings find the end of a value and build none.
//!
//! No length stands before such a value. Its end follows from its own bytes, so it is found by reading them: brackets, type
//! bytes, counts. The payload is the complete value.
//!
//! | framing | values |
//! | --- | --- |
//! | [`Json`] | JSON texts one after the other: newline-delimited, separated by white space, or by nothing |
//! | [`Cbor`] | CBOR data items one after the other |
//! | [`MessagePack`] | MessagePack values one after the other |
//! | [`Resp`] | values of the Redis protocol, RESP 2 and 3 |
//! | [`Ber`] | ASN.1 values in BER, definite and indefinite |
//!
//! All of them:
//!
//! - need no allocator and no recursion: what they remember of a value fits into [`Progress`](crate::Progress);
//! - look at each byte once, however the bytes are cut, and skip strings whose length is announced;
//! - have a limit for the value's length and one for its depth, and report the byte that exceeds it;
//! - can pass a value on in pieces, as it arrives;
//! - encode by checking with the same search that a message is exactly one value.

mod ber;
mod cbor;
mod json;
mod levels;
mod message_pack;
mod resp;
mod search;

pub use ber::Ber;
pub use cbor::Cbor;
pub use json::Json;
pub use message_pack::MessagePack;
pub use resp::Resp;
