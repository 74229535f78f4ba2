//! Encoded output.

use anysplit::decode::{Deframer, Step};
use anysplit::number::{Ascii, Binary, Bits, Number};
use anysplit::{Decoder, EncodeError, Encoder, Framing, LengthField, Prefix};

use crate::{gives, refuses};

/// The header is written before the payload proves too long, and the reader waits for the rest.
#[test]
fn refused_message_leaves_the_output_unchanged() {
    let framing = Prefix::u16_be().with_max_payload_len(3);
    refuses(framing, b"hello", EncodeError::Oversize { len: 5, max: 3 });
    let mut out = b"kept".to_vec();
    let written = framing.encode_with(&mut out, |out| out.extend_from_slice(b"hello"));
    assert_eq!((written, &out[..]), (Err(EncodeError::Oversize { len: 5, max: 3 }), &b"kept"[..]));
    let mut encoder = Encoder::new(framing);
    assert_eq!(encoder.push(b"hello"), Err(EncodeError::Oversize { len: 5, max: 3 }));
    assert_eq!(bytes::Buf::remaining(&encoder), 0);
    let mut room = [7; 4];
    assert_eq!(Prefix::u8().encode_into(b"hello", &mut room), Err(EncodeError::NoRoom { need: 6, have: 4 }));
    assert_eq!(room, [7; 4]);
}

/// A length whose own digits it counts grows by one with them: 96 and 4 make 100.
#[test]
fn length_that_counts_its_own_digits_agrees_with_itself() {
    let framing = Prefix::new(Ascii::decimal_ended_by(b" ").unwrap()).self_inclusive();
    for len in (0..=1100).chain(9_980..10_010) {
        let message = vec![b'x'; len];
        let mut wire = Vec::new();
        framing.encode(&message, &mut wire).unwrap();
        assert!(wire.starts_with(format!("{} ", wire.len()).as_bytes()));
        let mut decoder = Decoder::new(framing);
        decoder.push(&wire).unwrap();
        assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), message);
    }
}

/// A payload that is already a multiple gets another complete unit of padding.
#[test]
fn payload_that_is_a_multiple_has_no_padding() {
    let framing = LengthField::new(0, Binary::u8()).unwrap().with_padding_to(4).unwrap();
    for (payload, padding) in [(0, 0), (1, 3), (3, 1), (4, 0), (5, 3)] {
        let mut packet = vec![b'a'; 1 + payload];
        framing.fill(&mut packet).unwrap();
        let mut wire = Vec::new();
        framing.encode(&packet, &mut wire).unwrap();
        assert_eq!(wire.len(), packet.len() + padding);
        gives(framing, &wire, &[&packet[1..]]);
    }
}

/// A step that is repeated with the same bytes returns something else.
#[test]
fn step_again_with_the_same_bytes_changes_nothing() {
    let mut deframer = Deframer::new(Prefix::netstring());
    for _ in 0..3 {
        assert_eq!(deframer.step(b"5:hel").unwrap(), Step::Need(3.try_into().unwrap()));
        assert_eq!(deframer.position(), 0);
    }
}

/// Writing a number also overwrites the flags that share its bytes.
#[test]
fn length_that_is_filled_in_keeps_the_flags_beside_it() {
    let bits = Bits::new(Binary::u16_be(), 0x3fff).unwrap();
    assert_eq!(bits.max(), 0x3fff);
    let framing = LengthField::new(0, bits).unwrap();
    let mut packet = *b"\xc0\x00hello";
    framing.fill(&mut packet).unwrap();
    assert_eq!(&packet, b"\xc0\x05hello");
}
