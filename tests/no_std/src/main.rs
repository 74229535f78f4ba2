//! Runs the framings with neither `std` nor an allocator. Exits with 0 if each gave the right result, or else with the
//! number of the first that did not.

#![no_std]
#![no_main]

use anysplit::number::{Binary, Varint};
use anysplit::order::{Order, ntohs};
use anysplit::contract::{Envelope, Extent, FrameError, Located, Part, Progress, ShortBytes};
use anysplit::decode::{Deframer, Step};
use anysplit::{Body, ByType, DecodeErrorKind, Delimited, EncodeError, EofError, Event, Fixed, FixedDecoder, Framing, LengthField, Piece, Prefix, Recovery, SmallDecoder, Stuffed, Then, Truncated, UntilClose};

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
    let tables = [(b'P', Body::Len(2)), (b'Q', Body::Framed(Prefix::u16_be()))];
    let checks = [
        Fixed::new(5).is_ok_and(|framing| survives(&framing, b"hello")),
        survives(&Prefix::ascii5(), b"hello"),
        survives(&Prefix::u16_be(), b"hello"),
        survives(&Prefix::u32_be(), b"hello"),
        survives(&Prefix::netstring(), b""),
        survives(&Prefix::new(Varint::quic()), b"hello"),
        ByType::new(tables).is_ok_and(|framing| survives(&framing, b"Qhello") && survives(&framing, b"Phi")),
        LengthField::new(1, Binary::u16_be()).is_ok_and(|framing| survives(&framing, b"\x16\x00\x05hello")),
        survives(&Delimited::line(), b"hello"),
        Delimited::new(b"--\r\n").is_ok_and(|framing| survives(&framing, b"hello")),
        Delimited::line().encode_into(b"a\nb", &mut [0; 8]) == Err(EncodeError::ContainsDelimiter { at: 1 }),
        early_end(),
        UntilClose::new().encode_into(b"hello", &mut [0; 5]) == Ok(5),
        ntohs(u16::from_ne_bytes([0, 1])) == 1 && Order::NETWORK.read_uint(&[0, 0, 1]) == Ok(1),
        survives(&Stuffed::slip(), b"\xc0hello\xdb"),
        survives(&Stuffed::cobs(), b"\0hello\0"),
        survives(&Summed, b"hello"),
        rejects_a_wrong_sum(),
        skips_what_is_rejected(),
        passes_a_long_payload(),
        takes_one_framing_then_another(),
    ];
    match checks.iter().position(|passed| !passed) {
        None => 0,
        Some(failed) => 1 + i32::try_from(failed).unwrap_or(100),
    }
}

/// Whether two frames of `message` come back from a fixed buffer that is filled one byte at a time, by the steps and by the
/// decoder.
fn survives(framing: &impl Framing, message: &[u8]) -> bool {
    let mut wire = [0; 64];
    let Ok(one) = framing.encode_into(message, &mut wire) else { return false };
    let Ok(two) = framing.encode_into(message, &mut wire[one..]) else { return false };
    by_steps(framing, message, wire, one + two)
        && by_decoder(framing, message, &wire[..one + two])
        && by_small_decoder(framing, message, &wire[..one + two])
}

fn by_steps(framing: &impl Framing, message: &[u8], mut wire: [u8; 64], len: usize) -> bool {
    let mut deframer = Deframer::new(framing);
    let (mut start, mut end) = (0, 0);
    let mut frames = 0;
    while end <= len {
        match deframer.step(&wire[start..end]) {
            Ok(Step::Frame(extent)) => {
                let offset = deframer.position() - extent.frame_len();
                let frame = anysplit::Frame::open(framing, &mut wire[start..end], extent, offset);
                if frame.is_none_or(|frame| frame.message() != message) {
                    return false;
                }
                frames += 1;
                start = end;
            }
            Ok(Step::Discard { at: 0, len }) => start += len,
            Ok(Step::Need(_)) => end += 1,
            _ => return false,
        }
    }
    frames == 2 && deframer.finish(&[]) == Ok(None)
}

fn by_decoder(framing: &impl Framing, message: &[u8], wire: &[u8]) -> bool {
    let mut decoder = FixedDecoder::new(framing, [0; 16]);
    let mut frames = 0;
    for byte in wire {
        if decoder.need() == 0 || decoder.push(&[*byte]) != Ok(1) {
            return false;
        }
        match decoder.next_frame() {
            Ok(None) => {}
            Ok(Some(frame)) if frame.message() == message => frames += 1,
            _ => return false,
        }
    }
    frames == 2 && decoder.finish() == Ok(None) && decoder.position() == wire.len() as u64
}

fn by_small_decoder(framing: &impl Framing, message: &[u8], wire: &[u8]) -> bool {
    let mut decoder = SmallDecoder::new(framing, [0; 16]);
    let mut frames = 0;
    for byte in wire {
        decoder.push(&[*byte]);
        while let Some(frame) = decoder.next_frame() {
            frames += usize::from(frame.message() == message);
        }
    }
    frames == 2 && decoder.skipped() == 0
}

fn early_end() -> bool {
    let part = Truncated::Payload { have: 0, need: 5 };
    Deframer::new(Prefix::u16_be()).finish(&[0, 5]) == Err(EofError::Truncated { frame_offset: 0, end: 2, part })
}

/// A length byte, the payload, and the sum of the payload's bytes modulo 256.
struct Summed;

fn sum_of(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

impl Framing for Summed {
    fn locate(&self, input: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
        Ok(match *input {
            [] => Located::Header(1),
            [len, ..] => Located::Known(Extent::new(1, len.into(), 1).checked()),
        })
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        *sum = (*sum + u64::from(sum_of(part.payload()))) & 0xff;
        match part.trailer() {
            Some(&[found]) if u64::from(found) != *sum => {
                let kind = DecodeErrorKind::Check { found: found.into(), computed: *sum };
                Err(FrameError::new(part.trailer_start(), kind))
            }
            _ => Ok(()),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let value = message.len() as u64;
        let len = u8::try_from(message.len()).map_err(|_| EncodeError::DoesNotFit { value, max: 255 })?;
        let trailer = ShortBytes::new(&[sum_of(message)])?;
        Ok(Envelope::new(ShortBytes::new(&[len])?).with_computed_trailer(trailer))
    }
}

fn rejects_a_wrong_sum() -> bool {
    let mut decoder = FixedDecoder::new(Summed, [0; 8]);
    let taken = decoder.push(b"\x02ab\xc3\x02ab\xc4");
    let first = matches!(decoder.next_frame(), Ok(Some(frame)) if frame.payload() == b"ab");
    let kind = DecodeErrorKind::Check { found: 0xc4, computed: 0xc3 };
    let second = matches!(decoder.next_frame(), Err(error) if (error.offset, error.kind) == (7, kind));
    taken == Ok(8) && first && second
}

fn skips_what_is_rejected() -> bool {
    let mut decoder = FixedDecoder::new(Stuffed::cobs(), [0; 16]).with_recovery(Recovery::SkipFrame);
    let taken = decoder.push(b"\x05ab\0\x02c\0");
    let first = matches!(decoder.next_event(), Ok(Some(Event::Skipped(stretch))) if stretch.len == 4);
    let second = matches!(decoder.next_event(), Ok(Some(Event::Frame(frame))) if frame.payload() == b"c");
    taken == Ok(7) && first && second && decoder.skipped().stretches == 1
}

/// A frame of 1,000 bytes in pieces, in memory for 8.
fn passes_a_long_payload() -> bool {
    let mut decoder = FixedDecoder::new(Prefix::u16_be(), [0; 8]);
    if decoder.push(&[0x03, 0xe8]) != Ok(2) {
        return false;
    }
    let (mut given, mut passed) = (0, 0);
    loop {
        match decoder.next_piece() {
            Ok(Some(Piece::Start { len: Some(1000), .. })) => {}
            Ok(Some(Piece::Data(data))) => passed += data.len(),
            Ok(Some(Piece::End { trailer: [] })) => return passed == 1000,
            Ok(None) => match decoder.push(&[b'a'; 1000][given..]) {
                Ok(taken) => given += taken,
                Err(_) => return false,
            },
            _ => return false,
        }
    }
}

fn takes_one_framing_then_another() -> bool {
    let mut decoder = FixedDecoder::new(Then::new(Delimited::line(), Prefix::u16_be()), [0; 16]);
    let taken = decoder.push(b"GO\n\0\x02hi\0\x01!");
    let expected = [&b"GO"[..], b"hi", b"!"];
    let mut messages = expected.iter();
    while let Ok(Some(frame)) = decoder.next_frame() {
        if messages.next().is_none_or(|message| frame.payload() != *message) {
            return false;
        }
    }
    taken == Ok(10) && messages.len() == 0 && decoder.finish() == Ok(None)
}
