//! Any bytes × any split, through every joiner, as HTTP/1 messages, and as RTMP: the same messages by every call, and again after a split.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { if anysplit_fuzz::join::check(data) { Corpus::Keep } else { Corpus::Reject } });
