//! Bytes in, frames out.

#[cfg(feature = "alloc")]
pub(crate) mod chunk;
#[cfg(feature = "alloc")]
pub(crate) mod decoder;
pub(crate) mod deframer;
pub(crate) mod frame;
#[cfg(feature = "alloc")]
mod walk;
