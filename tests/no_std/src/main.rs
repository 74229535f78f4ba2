//! Runs the framings with neither `std` nor an allocator. Exits with 0 if each gave what it should, or else with the
//! number of the first that did not.

#![no_std]
#![no_main]

use anysplit::number::{Binary, Varint};
use anysplit::order::{Order, ntohs};
use anysplit::{
    ByType, Truncated, Deframer, Delimited, EofError, Fixed, Framing, LengthField, Prefix, EncodeError, Body, Step, UntilClose,
};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

// The C start-up code of the platform calls `main`, and its library has `memcpy`.
#[link(name = "c")]
unsafe extern "C" {}

// The prebuilt `core` names it, though nothing unwinds here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let tables = [(b'P', Body::Len(2)), (b'Q', Body::Framed(Prefix::u16_be()))];
    let checks = [
        Fixed::new(5).is_ok_and(|framing| survives(&framing, b"hello")),
        survives(&Prefix::ascii5(), b"hello"),
        survives(&Prefix::u32_be(), b"hello"),
        survives(&Prefix::netstring(), b""),
        survives(&Prefix::new(Varint::quic()), b"hello"),
        ByType::new(tables).is_ok_and(|framing| survives(&framing, b"Qhello") && survives(&framing, b"Phi")),
        survives(&LengthField::new(1, Binary::u16_be()), b"\x16\x00\x05hello"),
        survives(&Delimited::line(), b"hello"),
        Delimited::new(b"--\r\n").is_ok_and(|framing| survives(&framing, b"hello")),
        Delimited::line().encode_into(b"a\nb", &mut [0; 8]) == Err(EncodeError::ContainsDelimiter { at: 1 }),
        early_end(),
        UntilClose::new().encode_into(b"hello", &mut [0; 5]) == Ok(5),
        ntohs(u16::from_ne_bytes([0, 1])) == 1 && Order::NETWORK.read_uint(&[0, 0, 1]) == Ok(1),
    ];
    match checks.iter().position(|passed| !passed) {
        None => 0,
        Some(failed) => 1 + i32::try_from(failed).unwrap_or(100),
    }
}

/// Whether two frames of `message` come back from a fixed buffer that is filled one byte at a time.
fn survives(framing: &impl Framing, message: &[u8]) -> bool {
    let mut wire = [0; 64];
    let Ok(one) = framing.encode_into(message, &mut wire) else { return false };
    let Ok(two) = framing.encode_into(message, &mut wire[one..]) else { return false };
    let mut deframer = Deframer::new(framing);
    let mut start = 0;
    let mut frames = 0;
    for end in 0..=one + two {
        if let Ok(Step::Frame(extent)) = deframer.step(&wire[start..end]) {
            let payload = &wire[start + extent.header_len()..end - extent.trailer_len()];
            let message_header = &wire[start..start + extent.message_header_len()];
            if message.split_at_checked(message_header.len()) != Some((message_header, payload)) {
                return false;
            }
            frames += 1;
            start = end;
        }
    }
    frames == 2 && deframer.finish(&[]) == Ok(None)
}

fn early_end() -> bool {
    let cut = Truncated::Payload { have: 0, need: 5 };
    Deframer::new(Prefix::u16_be()).finish(&[0, 5]) == Err(EofError::Truncated { frame: 0, end: 2, cut })
}
