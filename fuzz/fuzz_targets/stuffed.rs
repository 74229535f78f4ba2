//! Any bytes × any split, as SLIP and as COBS: the same as the twins, byte for byte.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    if anysplit_fuzz::stuffed::check(data) { Corpus::Keep } else { Corpus::Reject }
});
