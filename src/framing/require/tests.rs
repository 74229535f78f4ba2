#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::framing::testing::cuts_agree;
use crate::number::Binary;
use crate::{Delimited, LengthField};

/// `68 len len 68`, and `len` bytes.
fn ft12() -> Require<LengthField<Binary>> {
    let field = LengthField::new(1, Binary::u8()).unwrap().with_header_len(4).unwrap();
    let all = [Condition::byte(0, 0x68), Condition::same(2, 1).unwrap(), Condition::byte(3, 0x68)];
    all.into_iter().fold(Require::new(field.with_max_payload_len(8)), |require, one| require.with(one).unwrap())
}

#[test]
fn every_cut_gives_the_same_frames_and_errors() {
    for wire in [
        &b"\x68\x02\x02\x68hi\x68\x00\x00\x68"[..],
        b"\x69\x02\x02\x68hi",
        b"\x68\x02\x03\x68hi",
        b"\x68\x02\x02\x69hi",
        // The length is over the limit, and the byte after it is wrong.
        b"\x68\x09\x03\x68",
        b"\x67\x09\x03\x68",
    ] {
        let _ = cuts_agree(&ft12(), wire);
    }
}

#[test]
fn first_byte_that_is_wrong_is_reported() {
    let error = |wire: &[u8]| ft12().locate(wire, &mut Progress::default()).unwrap_err();
    assert_eq!(error(b"\x68\x02\x03"), FrameError::new(2, DecodeErrorKind::Mismatch { found: 3, expected: 2 }));
    assert_eq!(error(b"\x68\x09\x03").kind, DecodeErrorKind::Oversize { len: 9, max: 8 });
    assert_eq!(error(b"\x67\x09\x03").at, 0);
    let letter = Condition::one_of(0, ByteSet::range(b'a', b'c')).unwrap();
    let odd = Condition::one_of(1, ByteSet::masked(0x0f, 1)).unwrap();
    let line = Require::new(Delimited::line()).with(letter).unwrap().with(odd).unwrap();
    let located = |wire: &[u8]| line.locate(wire, &mut Progress::default());
    assert_eq!(located(b"d"), Err(FrameError::new(0, DecodeErrorKind::Forbidden { found: b'd' })));
    assert_eq!(located(b"ab"), Err(FrameError::new(1, DecodeErrorKind::Forbidden { found: b'b' })));
    assert!(located(b"aa\n").is_ok());
    // The delimiter breaks the conditions.
    assert!(located(b"\nx").is_err());
    assert!(located(b"a\nx").is_err());
}

#[test]
fn encoder_refuses_what_is_not_as_required_and_fill_mends_it() {
    let framing = ft12();
    let mut message = *b"\x68\x00\x00\x68hi";
    assert!(framing.envelope(&message).is_err());
    framing.fill(&mut message).unwrap();
    assert_eq!(&message, b"\x68\x02\x02\x68hi");
    assert!(framing.envelope(&message).is_ok());
    message[2] = 3;
    assert_eq!(framing.envelope(&message), Err(EncodeError::Mismatch { at: 2, found: 3, expected: 2 }));
}

#[test]
fn next_frame_may_begin_where_the_first_byte_is_allowed() {
    assert_eq!(ft12().next_start(b"\x68\x02\x68\x01", 1), NextStart::At(2));
    assert_eq!(ft12().next_start(b"\x68\x02\x02", 1), NextStart::NotBefore(3));
}

#[test]
fn conditions_that_cannot_be_met_are_refused() {
    assert_eq!(Condition::one_of(0, ByteSet::range(2, 1)), Err(ConfigError::Empty));
    assert_eq!(Condition::one_of(0, ByteSet::masked(0x0f, 0x10)), Err(ConfigError::Empty));
    assert!(matches!(Condition::same(1, 1), Err(ConfigError::Conflict(_))));
    let most = Require::<()>::MOST_CONDITIONS;
    let full = (0..most).fold(Require::new(Delimited::line()), |all, _| all.with(Condition::byte(0, 0)).unwrap());
    let error = full.with(Condition::byte(0, 0)).unwrap_err();
    assert_eq!(error, ConfigError::TooMany { found: most + 1, max: most });
}
