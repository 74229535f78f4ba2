//! This crate beside others, where both claim the same framing.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { if anysplit_fuzz::peers::check(data) { Corpus::Keep } else { Corpus::Reject } });
