//! MAVLink, versions 1 and 2, with a table of two messages and the decoder that needs the least code.

#![no_std]
#![no_main]

use anysplit::Mavlink;

anysplit_sizes::program!({
    let Ok(framing) = Mavlink::new([(0, 50), (1, 124)]) else { return -1 };
    let wire = b"\xfe\x09\x00\x01\x01\x00\x00\x00\x00\x00\x02\x03\x51\x04\x03\x7d\xdd";
    anysplit_sizes::echo_small_by(framing, wire, |frame| frame.message().as_slice().unwrap_or_default())
});
