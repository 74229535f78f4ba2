//! What the programs share: a device reads frames from a line that loses bytes, and answers each.

#![no_std]

use anysplit::{FixedDecoder, Frame, Framing, Recovery, SmallDecoder};

/// What every program without `std` has.
#[macro_export]
macro_rules! program {
    ($body:expr) => {
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            loop {}
        }

        // The C start-up code of the platform calls `main`, and its library has `memcpy`.
        #[link(name = "c")]
        unsafe extern "C" {}

        // The prebuilt `core` refers to it, although nothing unwinds here.
        #[unsafe(no_mangle)]
        extern "C" fn rust_eh_personality() {}

        #[unsafe(no_mangle)]
        extern "C" fn main() -> i32 {
            $body
        }
    };
}

/// As [`echo`], with the decoder that needs the least code, for framings whose message is the payload.
pub fn echo_small(framing: impl Framing + Copy, wire: &[u8]) -> i32 {
    echo_small_by(framing, wire, |frame| frame.payload())
}

/// As [`echo_small`], with the message as `message` takes it from a frame.
pub fn echo_small_by(framing: impl Framing + Copy, wire: &[u8], message: fn(Frame<'_>) -> &[u8]) -> i32 {
    let mut decoder = SmallDecoder::new(framing, [0; 300]);
    let (mut rest, mut out, mut written) = (core::hint::black_box(wire), [0; 300], 0_usize);
    while !rest.is_empty() {
        let taken = decoder.push(rest);
        rest = rest.get(taken.max(1)..).unwrap_or_default();
        while let Some(frame) = decoder.next_frame() {
            written += framing.encode_into(message(frame), &mut out).unwrap_or_default();
            core::hint::black_box(&out);
        }
    }
    i32::try_from(written).unwrap_or(-1)
}

/// Decodes `wire`, which the compiler does not know, and encodes each message again. Returns how many bytes were written.
pub fn echo(framing: impl Framing + Copy, wire: &[u8]) -> i32 {
    let mut decoder = FixedDecoder::new(framing, [0; 300]).with_recovery(Recovery::Resync);
    let (mut rest, mut out, mut written) = (core::hint::black_box(wire), [0; 300], 0_usize);
    while !rest.is_empty() {
        let taken = decoder.push(rest).unwrap_or(rest.len());
        rest = rest.get(taken.max(1)..).unwrap_or_default();
        while let Ok(Some(frame)) = decoder.next_frame() {
            let message = frame.message();
            let message = message.as_slice().unwrap_or_default();
            written += framing.encode_into(message, &mut out).unwrap_or_default();
            core::hint::black_box(&out);
        }
    }
    i32::try_from(written).unwrap_or(-1)
}
