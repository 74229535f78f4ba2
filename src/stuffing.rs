//! The stuffings of [`Stuffed`](crate::Stuffed), and what a stuffing of your own implements.
//!
//! | stuffing | `hello` on the wire |
//! | --- | --- |
//! | [`Slip`] | `c0 hello c0` |
//! | [`Cobs`], [`CobsVariant`] | `06 hello 00` |
//! | [`Escaping`] | `7e hello 7e`: HDLC, and every other pair of delimiter and escape |
//! | [`HexLine`] | `:68656c6c6f\r\n`: Modbus ASCII |

pub use crate::framing::stuffed::{AnyStuffing, Cobs, CobsVariant, Escaping, HexLine, Slip, StuffedRun, Stuffing};
