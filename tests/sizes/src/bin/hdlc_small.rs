//! HDLC with its check sequence of 16 bits, with the decoder that needs the least code.

#![no_std]
#![no_main]

use anysplit::order::Order;
use anysplit::stuffing::Escaping;
use anysplit::sum::{Crc, SumForm};
use anysplit::Stuffed;

anysplit_sizes::program!({
    const FCS: Crc = Crc::new(16, 0x1021, 0xffff, 0xffff, true, true);
    let framing = Stuffed::new(Escaping::hdlc()).with_sum(FCS, SumForm::Binary(Order::Little));
    anysplit_sizes::echo_small(framing, b"\x7ehello\xbd\x34\x7e")
});
