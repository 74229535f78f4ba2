#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::framing::testing::cuts_agree;
use crate::number::Binary;
use crate::order::Order;
use crate::sum::{Crc, Plain, SumForm};
use crate::{Decoder, Delimited, Enclosed, LengthField, Prefix, Stuffed, UntilClose};
use std::vec::Vec;

fn xmodem() -> Crc {
    Crc::named("CRC-16/XMODEM").unwrap()
}

fn ubx() -> Checked<LengthField<Binary>, Plain> {
    let field = LengthField::new(4, Binary::u16_le()).unwrap().with_magic_at(0, b"\xb5\x62").unwrap();
    let form = SumForm::Binary(Order::Little);
    Checked::new(field, Plain::Fletcher16Mod256, form).unwrap().covering(Edge::Start(2), Edge::End).unwrap()
}

fn nmea() -> Checked<Enclosed<Delimited<[&'static [u8]; 1]>>, Plain> {
    let inner = Enclosed::new(b"$", Delimited::new(&b"*"[..]).unwrap()).unwrap();
    let framing = Checked::new(inner, Plain::Xor, SumForm::HexUpper).unwrap();
    framing.covering(Edge::Payload, Edge::PayloadEnd).unwrap().between(b"", b"\r\n").unwrap()
}

/// ESP3: the header has a sum of its own, and so has the payload.
fn esp3() -> Checked<Checked<LengthField<Binary>, Crc>, Crc> {
    let crc8 = Crc::named("CRC-8/SMBUS").unwrap();
    let form = SumForm::Binary(Order::Big);
    let field = LengthField::new(1, Binary::u16_be()).unwrap().with_header_len(6).unwrap();
    let field = field.with_magic_at(0, b"\x55").unwrap().with_second_length_at(3, Binary::u8()).unwrap();
    let header = Checked::new(field.with_max_payload_len(64), crc8, form).unwrap();
    let header = header.covering(Edge::Start(1), Edge::Start(5)).unwrap().in_header_at(5).unwrap();
    Checked::new(header, crc8, form).unwrap().covering(Edge::Payload, Edge::End).unwrap()
}

fn encoded(framing: &impl Framing, message: &[u8]) -> Vec<u8> {
    let mut wire = [0; 256];
    let len = framing.encode_into(message, &mut wire).unwrap();
    wire[..len].to_vec()
}

#[test]
fn sums_stand_where_their_protocols_have_them() {
    // A poll of CFG-MSG for one message, u-blox M8 protocol specification, section 32.2 and 32.4, and NMEA 0183's own example.
    assert_eq!(encoded(&ubx(), b"\xb5\x62\x06\x01\x02\x00\x0a\x04"), b"\xb5\x62\x06\x01\x02\x00\x0a\x04\x17\x49");
    let sentence = b"GPGLL,5300.97914,N,00259.98174,E,125926,A";
    assert_eq!(encoded(&nmea(), sentence), b"$GPGLL,5300.97914,N,00259.98174,E,125926,A*28\r\n");
    let fix = Checked::new(Delimited::line(), Plain::Sum8, SumForm::Decimal).unwrap();
    assert_eq!(encoded(&fix.between(b"10=", b"\x01").unwrap(), b"a"), b"a\n10=107\x01");
    // EnOcean Serial Protocol 3, section 3.1: read the ID base, CO_RD_IDBASE.
    assert_eq!(encoded(&esp3(), b"\x55\x00\x01\x00\x05\x70\x08"), b"\x55\x00\x01\x00\x05\x70\x08\x38");
}

#[test]
fn every_cut_gives_the_same_frames_and_errors() {
    let good = encoded(&ubx(), b"\xb5\x62\x06\x01\x02\x00\x0a\x04");
    for at in 0..good.len() {
        let mut wire = [&good[..], &good].concat();
        wire[at] ^= 1;
        let _ = cuts_agree(&ubx(), &wire);
    }
    let good = encoded(&nmea(), b"GP");
    for at in 0..good.len() {
        let mut wire = [&good[..], &good].concat();
        wire[at] ^= 1;
        let _ = cuts_agree(&nmea(), &wire);
    }
    let good = encoded(&esp3(), b"\x55\x00\x01\x00\x05\x70\x08");
    for at in 0..good.len() {
        for bit in [1, 0x40] {
            let mut wire = [&good[..], &good].concat();
            wire[at] ^= bit;
            let _ = cuts_agree(&esp3(), &wire);
        }
    }
}

#[test]
fn wrong_sum_has_its_offset_and_both_values() {
    for (wire, offset, found, computed) in [
        (&b"\xb5\x62\x06\x01\x02\x00\x0a\x04\x18\x49"[..], 8, 0x4918, 0x4917),
        (b"\xb5\x62\x06\x01\x02\x00\x0a\x05\x17\x49", 8, 0x4917, 0x4a18),
    ] {
        let mut decoder = Decoder::new(ubx());
        decoder.push(wire).unwrap();
        let error = decoder.next_frame().unwrap_err();
        assert_eq!((error.offset, error.kind), (offset, DecodeErrorKind::Check { found, computed }));
    }
    let kind = |wire: &[u8]| {
        let mut decoder = Decoder::new(nmea());
        decoder.push(wire).unwrap();
        let error = decoder.next_frame().unwrap_err();
        (error.offset, error.kind)
    };
    assert_eq!(kind(b"$a*61\r\r"), (6, DecodeErrorKind::Mismatch { found: b'\r', expected: b'\n' }));
    assert_eq!(kind(b"$a*6g\r\n"), (4, DecodeErrorKind::NotADigit { found: b'g', radix: 16 }));
    assert_eq!(kind(b"$a*62\r\n"), (3, DecodeErrorKind::Check { found: 0x62, computed: 0x61 }));
}

#[test]
fn header_sum_is_verified_before_the_length_is_used() {
    let mut wire = encoded(&esp3(), b"\x55\x00\x01\x00\x05\x70\x08");
    // The length would be over the limit.
    wire[1] = 0xff;
    let mut progress = Progress::default();
    for len in 1..6 {
        assert_eq!(esp3().locate(&wire[..len], &mut progress), Ok(Located::Header(7)));
    }
    let error = esp3().locate(&wire[..6], &mut progress).unwrap_err();
    assert!(matches!((error.at, error.kind), (5, DecodeErrorKind::Check { found: 0x70, .. })));
    // With the right sum it is.
    wire[5] = u8::try_from(Crc::named("CRC-8/SMBUS").unwrap().of(&wire[1..5])).unwrap();
    let error = esp3().locate(&wire[..6], &mut Progress::default()).unwrap_err();
    assert!(matches!((error.at, error.kind), (1, DecodeErrorKind::Oversize { .. })));
    // Another first byte is reported at once.
    assert!(esp3().locate(b"\x54", &mut Progress::default()).is_err());
}

#[test]
fn sum_inside_the_message_is_refused_or_filled_in() {
    let mut packet = *b"\x55\x00\x00\x00\x05\x00\x08";
    assert!(matches!(esp3().envelope(&packet), Err(EncodeError::LengthDisagrees { .. })));
    esp3().fill(&mut packet).unwrap();
    assert_eq!(&packet, b"\x55\x00\x01\x00\x05\x70\x08");
    packet[5] = 0x71;
    assert_eq!(esp3().envelope(&packet), Err(EncodeError::Check { found: 0x71, computed: 0x70 }));
    // A sum over the header and the payload, inside the header, its own bytes as zeros.
    let field = LengthField::new(0, Binary::u8()).unwrap().with_header_len(3).unwrap();
    let framing = Checked::new(field, Plain::Internet, SumForm::Binary(Order::Big)).unwrap().in_header_at(1).unwrap();
    let mut packet = *b"\x00\xaa\xbbhello";
    framing.fill(&mut packet).unwrap();
    assert_eq!(
        (packet[0], u16::from_be_bytes([packet[1], packet[2]])),
        (5, { u16::try_from(Plain::Internet.of(b"\x05\x00\x00hello")).unwrap() })
    );
    let wire = encoded(&framing, &packet);
    let _ = cuts_agree(&framing, &wire);
    let mut decoder = Decoder::new(framing);
    decoder.push(&wire).unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().message(), packet[..]);
    for at in 1..wire.len() {
        let mut wire = wire.clone();
        wire[at] ^= 4;
        let mut decoder = Decoder::new(framing);
        decoder.push(&wire).unwrap();
        assert!(matches!(decoder.next_frame().unwrap_err().kind, DecodeErrorKind::Check { .. }));
    }
}

#[test]
fn sum_after_a_stuffed_frame_covers_the_bytes_on_the_wire() {
    let form = SumForm::HexLower;
    let framing = Checked::new(Stuffed::cobs(), Plain::Sum8, form).unwrap();
    let framing = framing.covering(Edge::Payload, Edge::PayloadEnd).unwrap();
    let wire = encoded(&framing, b"a\0b");
    // The first code is the header, which is not covered.
    assert_eq!(wire, b"\x02a\x02b\x00c5");
    let _ = cuts_agree(&framing, &wire);
    let mut decoder = Decoder::new(framing);
    decoder.push(&wire).unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"a\0b");
    // The delimiter before the frame is not covered.
    let framing = Checked::new(Stuffed::slip(), Plain::Sum8, form).unwrap();
    assert_eq!(encoded(&framing, b"a"), b"\xc0a\xc021");
}

#[test]
fn payload_larger_than_the_buffer_is_checked_in_pieces() {
    let framing = Checked::new(Prefix::u16_be(), xmodem(), SumForm::Binary(Order::Big)).unwrap();
    let mut wire = Vec::new();
    framing.encode(&[7; 1000], &mut wire).unwrap();
    for wrong in [false, true] {
        if wrong {
            wire[500] ^= 1;
        }
        let mut decoder = Decoder::new(framing);
        let (mut len, mut error) = (0, None);
        for chunk in wire.chunks(10) {
            decoder.push(chunk).unwrap();
            loop {
                match decoder.next_piece() {
                    Ok(Some(crate::Piece::Data(bytes))) => len += bytes.len(),
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(found) => {
                        error = Some(found);
                        break;
                    }
                }
            }
        }
        assert_eq!(len, 1000);
        assert_eq!(error.is_some(), wrong);
        assert!(error.is_none_or(|error| error.offset == 1002));
    }
}

#[test]
fn configurations_that_cannot_work_are_refused() {
    let new = |form| Checked::new(Prefix::u8(), Crc::named("CRC-64/XZ").unwrap(), form);
    assert!(new(SumForm::Binary(Order::Big)).is_ok());
    let too_long = |found| ConfigError::Width { found, min: 1, max: 15 };
    assert_eq!(new(SumForm::HexLower).unwrap_err(), too_long(16));
    let eight = new(SumForm::Binary(Order::Big)).unwrap();
    assert!(eight.between(b"123", b"1234").is_ok());
    assert_eq!(eight.between(b"1234", b"1234").unwrap_err(), too_long(16));
    assert!(eight.covering(Edge::Payload, Edge::Start(3)).is_err());
    assert!(eight.covering(Edge::Start(4), Edge::Start(3)).is_err());
    assert!(eight.in_header_at(65_527).is_ok() && eight.in_header_at(65_528).is_err());
    let close = Checked::new(UntilClose::new(), Plain::Xor, SumForm::HexLower).unwrap();
    assert!(matches!(close.envelope(b"a"), Err(EncodeError::Custom(_))));
}

#[test]
fn header_is_covered_while_a_frame_over_the_limit_is_skipped() {
    let framing = Checked::new(Prefix::u8().with_max_payload_len(3), xmodem(), SumForm::Binary(Order::Big)).unwrap();
    let longer = Checked::new(Prefix::u8(), xmodem(), SumForm::Binary(Order::Big)).unwrap();
    let wire = [encoded(&longer, b"hello"), encoded(&framing, b"abc")].concat();
    for step in 1..=wire.len() {
        let mut decoder = Decoder::new(framing).with_recovery(crate::Recovery::SkipOversize);
        let mut frames = 0;
        for chunk in wire.chunks(step) {
            decoder.push(chunk).unwrap();
            while let Some(frame) = decoder.next_frame().unwrap() {
                assert_eq!((frame.payload(), frame.offset()), (&b"abc"[..], 8));
                frames += 1;
            }
        }
        assert_eq!((frames, decoder.skipped().bytes), (1, 8));
    }
}
