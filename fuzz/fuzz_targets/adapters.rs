//! Any framing × any bytes × any transport: every adapter gives what the decoder gives, and writes what is encoded.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    if anysplit_fuzz::adapters::check(data) { Corpus::Keep } else { Corpus::Reject }
});
