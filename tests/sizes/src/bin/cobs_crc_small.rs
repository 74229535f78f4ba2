//! COBS with a CRC inside, with the decoder that needs the least code.

#![no_std]
#![no_main]

use anysplit::order::Order;
use anysplit::sum::{Crc, SumForm};
use anysplit::Stuffed;

anysplit_sizes::program!({
    const CRC: Crc = Crc::new(16, 0x1021, 0, 0, false, false);
    let framing = Stuffed::cobs().with_sum(CRC, SumForm::Binary(Order::Big));
    anysplit_sizes::echo_small(framing, b"\x0c123456789\x31\xc3\x00")
});
