//! Transports: thin, one feature each, without framing logic.

#[cfg(any(feature = "tokio", feature = "futures"))]
mod codec;
#[cfg(feature = "std")]
mod counters;
#[cfg(feature = "embedded-io")]
pub mod embedded;
#[cfg(feature = "futures")]
pub mod futures;
#[cfg(feature = "std")]
mod inlet;
#[cfg(feature = "std")]
pub mod io;
#[cfg(feature = "nom")]
pub mod nom;
#[cfg(feature = "std")]
mod outlet;
#[cfg(feature = "std")]
mod stream;
#[cfg(feature = "tokio")]
pub mod tokio;
#[cfg(feature = "std")]
mod trace;
