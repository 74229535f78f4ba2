//! Any framing × any bytes × any split: every way through a decoder gives the same.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    if anysplit_fuzz::decode::check(data) { Corpus::Keep } else { Corpus::Reject }
});
