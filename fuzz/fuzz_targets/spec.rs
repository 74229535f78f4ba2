//! Any text as a framing: it is refused with its column, or printed and read back the same.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { if anysplit_fuzz::spec::check(data) { Corpus::Keep } else { Corpus::Reject } });
