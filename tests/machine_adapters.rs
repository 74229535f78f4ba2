//! Random sequences of the calls of the readers and writers over transports that misbehave: short reads and writes,
//! errors, waits, dropped futures. Whatever happens in between, the readers give what a simple model gives, and the
//! transport of a writer gets every message once, in order.
//!
//! `ANYSPLIT_MACHINE=100000 cargo test --release --all-features --test machine_adapters` runs 100,000 sequences of each.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::AnyFraming;
use proptest::prelude::*;

use crate::transport::{Awaited, Sink, Source};

#[path = "machine/model.rs"]
#[allow(dead_code, reason = "part of it is for the test of the decoder alone")]
mod model;
#[path = "machine/readers.rs"]
mod readers;
#[path = "common/transport.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with other tests")]
mod transport;
#[path = "machine/writers.rs"]
mod writers;

fn config() -> ProptestConfig {
    let cases = std::env::var("ANYSPLIT_MACHINE").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    ProptestConfig {
        cases,
        max_shrink_iters: 20_000,
        max_local_rejects: u32::MAX,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn io_reader_agrees_with_the_model(start in readers::start(), calls in readers::calls(false)) {
        readers::run::<anysplit::io::FrameReader<Source, AnyFraming>>(start, calls);
    }

    #[test]
    fn tokio_reader_agrees_with_the_model(start in readers::start(), calls in readers::calls(false)) {
        readers::run::<anysplit::tokio::FrameReader<Source, AnyFraming>>(start, calls);
    }

    #[test]
    fn embedded_reader_agrees_with_the_model(start in readers::start(), calls in readers::calls(true)) {
        readers::run::<anysplit::embedded::FrameReader<Source, AnyFraming, _>>(start, calls);
    }

    #[test]
    fn embedded_async_reader_agrees_with_the_model(start in readers::start(), calls in readers::calls(true)) {
        readers::run::<anysplit::embedded::FrameReader<Awaited<Source>, AnyFraming, _>>(start, calls);
    }

    #[test]
    fn io_writer_sends_every_message_once(start in writers::start(), calls in writers::calls()) {
        writers::run::<anysplit::io::FrameWriter<Sink, AnyFraming>>(start, calls);
    }

    #[test]
    fn tokio_writer_sends_every_message_once(start in writers::start(), calls in writers::calls()) {
        writers::run::<anysplit::tokio::FrameWriter<Sink, AnyFraming>>(start, calls);
    }
}
