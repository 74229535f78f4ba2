//! What the fuzz targets share: framings of arbitrary configuration, and every way through a decoder, an encoder and an
//! adapter. The parts that the tests of the crate have too stand in `tests/common`.

#![forbid(unsafe_code)]

pub mod adapters;
pub mod config;
#[path = "../../tests/common/configs.rs"]
pub mod configs;
pub mod decode;
pub mod encode;
pub mod input;
pub mod join;
#[path = "../../tests/common/outcome.rs"]
pub mod outcome;
pub mod peers;
#[path = "../../tests/common/plus.rs"]
pub mod plus;
#[path = "../../tests/common/readers.rs"]
pub mod readers;
pub mod spec;
pub mod stuffed;
#[path = "../../tests/common/transport.rs"]
pub mod transport;
#[path = "../../tests/common/writers.rs"]
pub mod writers;
