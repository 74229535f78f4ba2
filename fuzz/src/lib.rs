//! What the fuzz targets share: framings of arbitrary configuration, and every way through a decoder and an encoder.

#![forbid(unsafe_code)]

pub mod adapters;
pub mod config;
pub mod decode;
pub mod encode;
pub mod input;
pub mod join;
pub mod peers;
pub mod spec;
pub mod stuffed;
