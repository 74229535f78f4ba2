#![doc = include_str!("../docs/guide.md")]

#[doc = include_str!("../docs/own_framing.md")]
pub mod own_framing {}

#[cfg(feature = "tokio")]
#[doc = include_str!("../docs/from_tokio_util.md")]
pub mod from_tokio_util {}
