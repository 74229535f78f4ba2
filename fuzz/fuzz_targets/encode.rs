//! Any framing × any messages: every way through an encoder gives the same, and it comes back.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    if anysplit_fuzz::encode::check(data) { Corpus::Keep } else { Corpus::Reject }
});
