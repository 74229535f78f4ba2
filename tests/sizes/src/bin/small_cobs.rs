//! COBS, with the decoder that needs the least code.

#![no_std]
#![no_main]

use anysplit::Stuffed;

anysplit_sizes::program!(anysplit_sizes::echo_small(Stuffed::cobs(), b"\x0a123456789\x00"));
