//! Types that the calls of [`Decoder`](crate::Decoder) return and that a program seldom names; and [`Deframer`], a decoder
//! without a buffer, for programs that have one.
//!
//! The files, for those who read them:
//!
//! | file | holds |
//! | --- | --- |
//! | `state` | the state of a stream, its drawing and its transitions |
//! | `deframer`, `step` | the state machine, without a buffer, and what it asks for |
//! | `drive` | the one driver of the steps, over any window of bytes |
//! | `window` | the bytes at hand, and a window of fixed size |
//! | `block` | the window that grows, and its memory policy |
//! | `core` | a decoder over any window; `core/growing` adds what needs a block |
//! | `decoder`, `fixed` | the public calls, over a block and over a fixed array; `fixed/reader` serves the embedded reader |
//! | `small` | a decoder of its own, in the least code |
//! | `transport` | what the readers of the transports ask of a decoder |
//! | `next`, `deframer/glance` | one look at the frame at the front of some bytes |
//! | `quick` | what is kept of a framing's promises, for calls that take frames one by one |
//! | `chunk`, `walk` | frames borrowed from a chunk; the loops where most of the time goes |

#[cfg(feature = "alloc")]
pub(crate) mod block;
#[cfg(feature = "alloc")]
pub(crate) mod chunk;
pub(crate) mod core;
#[cfg(feature = "alloc")]
pub(crate) mod decoder;
pub(crate) mod deframer;
pub(crate) mod drive;
pub(crate) mod fixed;
pub(crate) mod frame;
pub(crate) mod next;
pub(crate) mod quick;
pub(crate) mod recovery;
pub(crate) mod small;
pub(crate) mod state;
pub(crate) mod step;
#[cfg(feature = "std")]
mod transport;
#[cfg(feature = "alloc")]
pub(crate) mod walk;
pub(crate) mod window;

#[cfg(feature = "alloc")]
pub use chunk::ChunkFrames;
#[cfg(feature = "alloc")]
pub use decoder::Parts;
pub use deframer::Deframer;
#[cfg(feature = "alloc")]
pub use frame::{Batch, BatchIntoIter, OwnedEvent};
pub use recovery::Skips;
pub use step::Step;
