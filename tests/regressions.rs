//! Defects that were found, each as a test.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{ErrorKind, Read};

use anysplit::delimited::Unterminated;
use anysplit::io::FrameReader;
use anysplit::number::{Binary, Varint};
use anysplit::{
    BlockRule, Closed, ConfigError, DecodeError, DecodeErrorKind, Decoder, Delimited, EofError, Fixed, Framing,
    HeaderBlock, LengthField, LineThenBlock, Piece, Prefix, Recovery, UntilClose,
};
#[cfg(feature = "testing")]
use anysplit::{ByFirstByte, ByteSet, Dotted, Forbid, Stuffed};

/// Nothing arrived, so nothing begins and the end is clean.
fn no_piece_of_nothing(framing: impl Framing) {
    let mut decoder = Decoder::new(&framing as &dyn Framing);
    assert_eq!(decoder.next_piece(), Ok(None));
    decoder.push(b"").unwrap();
    assert_eq!(decoder.next_piece(), Ok(None));
    assert_eq!(decoder.finish_piece(), Ok(None));
    assert_eq!(decoder.finish_piece(), Ok(None));
}

#[test]
fn no_frame_begins_in_pieces_before_its_first_byte() {
    no_piece_of_nothing(Fixed::new(18).unwrap());
    no_piece_of_nothing(Delimited::line());
    no_piece_of_nothing(Delimited::line().with_unterminated(Unterminated::Fail));
    no_piece_of_nothing(UntilClose::new());
    no_piece_of_nothing(Prefix::u8());
}

#[test]
fn end_right_after_a_frame_taken_in_pieces_is_clean() {
    let mut decoder = Decoder::new(Fixed::new(2).unwrap());
    decoder.push(b"ab").unwrap();
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::Start { header: b"", len: Some(2), control: false })));
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::Data(b"ab"))));
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::End { trailer: b"" })));
    assert_eq!(decoder.next_piece(), Ok(None));
    assert_eq!(decoder.finish_piece(), Ok(None));
}

#[test]
fn need_after_a_refused_frame_beyond_memory_is_zero() {
    let mut decoder = Decoder::new(Prefix::u64_be().with_max_payload_len(u64::MAX));
    decoder.push(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]).unwrap();
    assert!(decoder.next_frame().is_err());
    assert_eq!(decoder.need(), 0);
}

#[test]
fn end_before_a_frame_beyond_memory_is_clean() {
    let mut decoder = Decoder::new(Fixed::new(u64::MAX).unwrap());
    assert_eq!(decoder.next_frame(), Ok(None));
    assert_eq!(decoder.finish(), Ok(None));
    let mut decoder = Decoder::new(Fixed::new(u64::MAX).unwrap());
    decoder.push(b"a").unwrap();
    assert!(decoder.next_frame().is_err());
}

#[test]
fn end_of_stream_returns_no_piece_of_a_dropped_frame() {
    let mut decoder = Decoder::new(UntilClose::new());
    decoder.push(b"ab").unwrap();
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::Start { header: b"", len: None, control: false })));
    assert_eq!(decoder.next_frame(), Ok(None));
    assert_eq!(decoder.finish_piece(), Ok(None));
    assert_eq!(decoder.position(), 2);
}

#[test]
fn least_adjustment_and_own_length_of_the_number_add_up() {
    let framing = Prefix::new(Varint::ber()).with_length_adjustment(i64::MIN).self_inclusive();
    comes_back(framing, b"");
    comes_back(framing, b"hello");
    let framing =
        LengthField::new(0, Binary::u64_be()).unwrap().with_header_after(3).unwrap().with_length_adjustment(i64::MIN);
    let mut packet = *b"\0\0\0\0\0\0\0\0abchello";
    framing.fill(&mut packet).unwrap();
    comes_back(framing, &packet);
}

#[track_caller]
fn comes_back(framing: impl Framing, message: &[u8]) {
    let mut decoder = Decoder::new(&framing as &dyn Framing);
    let mut wire = Vec::new();
    framing.encode(message, &mut wire).unwrap();
    decoder.push(&wire).unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().message(), message);
    assert_eq!(decoder.finish(), Ok(None));
}

#[test]
fn open_payload_over_the_limit_gives_equal_pieces_in_any_split() {
    let pieces = |chunks: &[&[u8]], recovery| {
        let line = Delimited::line().with_max_payload_len(5);
        let mut decoder = Decoder::new(line).with_recovery(recovery);
        let (mut data, mut told) = (Vec::new(), Vec::new());
        for chunk in chunks {
            if decoder.push(chunk).is_err() {
                break;
            }
            loop {
                match decoder.next_piece() {
                    Ok(Some(Piece::Data(bytes))) => data.extend_from_slice(bytes),
                    Ok(Some(piece)) => told.push(format!("{piece:?}")),
                    Ok(None) => break,
                    Err(error) => {
                        told.push(error.to_string());
                        break;
                    }
                }
            }
        }
        (data, told)
    };
    for stream in [&b"too long\nhi\n"[..], b"hello\rX\nhi\n"] {
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        for recovery in [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync] {
            assert_eq!(pieces(&[stream], recovery), pieces(&bytes, recovery));
        }
        assert!(pieces(&[stream], Recovery::Fail).0.len() == 5);
    }
}

#[test]
fn limit_without_room_for_a_line_end_refuses_the_empty_line() {
    for max in [0, 1] {
        let framing = LineThenBlock::new([BlockRule::braces()]).unwrap().with_max_line_len(max);
        assert!(framing.envelope(b"").is_err());
    }
    comes_back(LineThenBlock::new([BlockRule::braces()]).unwrap().with_max_line_len(2), b"");
}

#[test]
fn header_block_whose_separator_ends_the_line_cannot_be_built() {
    let block = anysplit::HeaderBlock::new("l").unwrap();
    for separator in [b'\n', b'\r'] {
        assert!(matches!(block.with_separator(separator), Err(ConfigError::Conflict(_))));
        assert!(matches!(block.allowing_bare_lf().with_separator(separator), Err(ConfigError::Conflict(_))));
    }
    // In either order.
    let fields = block.with_fields_ended_by(b';').unwrap();
    assert!(matches!(fields.with_separator(b';'), Err(ConfigError::Conflict(_))));
    let separated = block.with_separator(b'=').unwrap();
    for end in [b'=', b' ', b'0', b'l'] {
        assert!(matches!(separated.with_fields_ended_by(end), Err(ConfigError::Conflict(_))));
    }
    // A conflict too: it could not read what it writes.
    for forbidden in ["l", "L"] {
        assert!(matches!(block.forbidding(forbidden), Err(ConfigError::Conflict(_))));
    }
    assert!(block.forbidding("length").is_ok());
    assert!(matches!(anysplit::HeaderBlock::new("a\nb"), Err(ConfigError::Conflict(_))));
}

#[test]
fn header_that_shrinks_below_its_fields_cannot_be_built() {
    let field = LengthField::new(0, Binary::u8()).unwrap().with_header_after(4).unwrap();
    let all = [
        field.with_second_length_at(3, Binary::u16_be()).unwrap(),
        field.with_magic_at(4, b"x").unwrap(),
        field.with_pad_len_at(4).unwrap(),
    ];
    for field in all {
        assert!(matches!(field.with_header_after(3), Err(ConfigError::Conflict(_))));
        assert!(matches!(field.with_header_len(4), Err(ConfigError::Conflict(_))));
        assert!(field.with_header_after(4).is_ok());
    }
}

#[test]
fn piece_shows_whether_its_frame_is_a_control_frame() {
    let mut decoder = Decoder::new(Prefix::pkt_line());
    decoder.push(b"00000009hello").unwrap();
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::Start { header: b"0000", len: Some(0), control: true })));
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::End { trailer: b"" })));
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::Start { header: b"0009", len: Some(5), control: false })));
}

/// A block of less than 4 bytes left no room to read into, and a read into none looks like the end.
#[cfg(feature = "tokio")]
#[test]
fn small_block_is_not_taken_for_the_end_of_the_stream() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for len in 1..=5 {
        let stream = &b"\x05hello\x02yo"[..];
        let mut reader = anysplit::tokio::FrameReader::new(stream, Prefix::u8()).with_block_len(len);
        let first = runtime.block_on(reader.read_bytes()).unwrap().expect("a frame");
        assert_eq!(first.payload(), b"hello"[..], "in blocks of {len}");
        let batch = runtime.block_on(reader.read_batch()).unwrap().expect("a frame");
        assert_eq!(batch.iter().map(|frame| frame.payload().to_vec()).collect::<Vec<_>>(), [b"yo"]);
    }
}

/// The call for pieces reported once that it is too long, and then the call for frames reported no error.
#[test]
fn last_message_too_long_stays_an_error_for_every_call() {
    let framing = Delimited::new(":a").unwrap().with_max_payload_len(3).with_unterminated(Unterminated::Take);
    let mut decoder = Decoder::new(framing);
    // The last byte may begin the delimiter, until the stream ends.
    decoder.push(b"abc:").unwrap();
    while decoder.next_piece().unwrap().is_some() {}
    let error = loop {
        match decoder.finish_piece() {
            Ok(piece) => assert!(piece.is_some(), "not a clean end"),
            Err(error) => break error,
        }
    };
    let kind = DecodeErrorKind::Oversize { len: 4, max: 3 };
    assert_eq!(error, EofError::Decode(DecodeError { frame_offset: 0, offset: 3, kind }));
    for _ in 0..2 {
        assert_eq!(decoder.finish(), Err(error));
        assert_eq!(decoder.finish_bytes().err(), Some(error));
        assert_eq!(decoder.finish_piece(), Err(error));
        assert_eq!(decoder.push(b"a"), Err(Closed::Failed(error.into())));
    }
}

/// A length that was already right was written again in its shortest form, so the same message made two frames.
#[test]
fn correct_length_is_written_unchanged() {
    fn same<F: Framing>(framing: F, message: &[u8]) {
        let (mut plain, mut with) = (Vec::new(), Vec::new());
        framing.encode(message, &mut plain).unwrap();
        framing.encode_with(&mut with, |out| out.extend_from_slice(message)).unwrap();
        assert_eq!((&plain[..], &with), (message, &plain));
    }
    same(HeaderBlock::new("l").unwrap().keeping_header(), b"l: 05 \r\n\r\nhello");
    same(LengthField::new(0, Varint::leb128().allowing_longer_forms()).unwrap(), b"\x82\x00hi");
}

/// A line of IMAP that waits leaves the length of its block, and a rejected one does not: the peer learns of the error and
/// does not send the block. The laws took that for a fault.
#[test]
fn rejected_line_that_waits_is_not_followed_by_its_block() {
    let line = LineThenBlock::new([BlockRule::braces()]).unwrap().with_max_payload_len(2);
    #[cfg(feature = "testing")]
    anysplit::testing::contract(&line, b"x {2}\r\n").unwrap();
    let mut decoder = Decoder::new(line).with_recovery(Recovery::SkipOversize);
    decoder.push(b"x {3}\r\nabc\r\nx {2}\r\nab\r\n").unwrap();
    let mut payloads = Vec::new();
    while let Some(frame) = decoder.next_frame().unwrap() {
        payloads.push(frame.payload().to_vec());
    }
    assert_eq!(payloads, [&b"abc"[..], b"x {2}", b"ab"]);
    assert_eq!(decoder.skipped().bytes, 7);
}

/// The first byte of a line stayed in the block of the long line before it.
#[test]
#[cfg(feature = "testing")]
fn beginning_of_a_short_frame_does_not_keep_the_block_of_a_long_one() {
    for chunk in (500..2500).step_by(100) {
        let stream = [&vec![b'x'; 4 * chunk - 2][..], b"\ny"].concat();
        let cuts: Vec<usize> = (1..4).map(|at| at * chunk).collect();
        anysplit::testing::memory(&Delimited::line(), &stream, &cuts).unwrap();
    }
}

/// With a delimiter of two bytes that is kept, `Oversize` is proved before any byte of the delimiter arrives. The shape wrongly
/// promised that no error comes until then.
#[test]
#[cfg(feature = "testing")]
fn limit_of_a_kept_delimiter_is_proved_before_its_last_byte() {
    let kept = Delimited::crlf().keeping_delimiter().with_max_payload_len(8);
    for stream in [&b"0000a00"[..], b"0000a0\r\n", b"0000a00\r\n"] {
        anysplit::testing::contract(&kept, stream).unwrap();
        anysplit::testing::any_split(&kept, stream, &(0..stream.len()).collect::<Vec<_>>()).unwrap();
        anysplit::testing::errors_exact_and_sticky(&kept, stream).unwrap();
    }
}

/// A forbidden byte of dotted lines was reported by `locate`, which does not see bytes that were passed on before.
#[test]
#[cfg(feature = "testing")]
fn forbidden_byte_of_dotted_lines_is_found_by_the_check() {
    let stream = b"\x000b\r\n0.\r\n\r\n.\r\n\x000b\r\n.\r\n\r\n.\r\n";
    let framing = Forbid::new(ByteSet::of(b'\r'), Dotted::new()).unwrap();
    anysplit::testing::contract(&framing, stream).unwrap();
    anysplit::testing::any_split(&framing, stream, &(0..stream.len()).collect::<Vec<_>>()).unwrap();
}

/// The laws wrongly wanted a plain frame in one piece if a byte after its header chooses its framing.
#[test]
#[cfg(feature = "testing")]
fn plain_frame_that_a_later_byte_chooses_need_not_be_in_one_piece() {
    let stream = b"\x04\rA\r\x00\x04\rA\r\x00";
    let framing = ByFirstByte::new([(b'A'..=b'Z', Stuffed::cobs())]).unwrap().choosing_at(2);
    anysplit::testing::contract(&framing, stream).unwrap();
    anysplit::testing::any_split(&framing, stream, &(0..stream.len()).collect::<Vec<_>>()).unwrap();
}

/// A look at an incomplete frame does not keep its pieces back.
#[test]
fn piece_comes_at_once_after_a_call_for_the_whole_frame() {
    let start = Piece::Start { header: b"\0\0\0\x0a", len: Some(10), control: false };
    let mut decoder = Decoder::new(Prefix::u32_be());
    for chunk in [&b"\0\0"[..], b"\0\x0ahe"] {
        decoder.push(chunk).unwrap();
        assert!(decoder.next_frame().unwrap().is_none());
        assert!(decoder.next_bytes().unwrap().is_none());
    }
    assert_eq!(decoder.next_piece().unwrap(), Some(start));
    assert_eq!(decoder.next_piece().unwrap(), Some(Piece::Data(b"he")));

    let parts = [Ok(&b"\0\0"[..]), Ok(b"\0\x0ahe"), Err(ErrorKind::WouldBlock)];
    let mut reader = FrameReader::new(Parts(parts.into_iter()), Prefix::u32_be());
    assert_eq!(reader.read_frame().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(reader.read_piece().unwrap(), Some(start));
    assert_eq!(reader.read_piece().unwrap(), Some(Piece::Data(b"he")));
}

/// Each read gives one part.
struct Parts<I>(I);

impl<'a, I: Iterator<Item = Result<&'a [u8], ErrorKind>>> Read for Parts<I> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let part = self.0.next().unwrap_or(Ok(b""))?;
        room[..part.len()].copy_from_slice(part);
        Ok(part.len())
    }
}
