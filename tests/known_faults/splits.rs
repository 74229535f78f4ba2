//! Law 2: how the bytes were cut.

use anysplit::number::Binary;
use anysplit::{
    Body, ByType, Chunked, DecodeErrorKind, Decoder, Enclosed, EncodeError, EofError, Event, Framing, HeaderBlock,
    LengthField, Recovery,
};

use crate::{Seen, refuses, seen};

/// A header of 65,535 bytes, with a type byte before it.
fn typed<F: Framing>(inner: F) -> ByType<F, [(u8, Body<F>); 1]> {
    ByType::new([(b'a', Body::Framed(inner))]).unwrap()
}

/// As one chunk, byte by byte, and by need: the same error of a header that is too long.
#[track_caller]
fn is_too_long(framing: &dyn Framing, stream: &[u8]) {
    for recovery in [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame] {
        let decoder = || Decoder::new(framing).with_recovery(recovery);
        let whole = seen(decoder(), &[stream]);
        assert_eq!(seen(decoder(), &stream.chunks(1).collect::<Vec<_>>()), whole, "{recovery:?}");
        assert_eq!(by_need(decoder(), stream), whole, "{recovery:?}, by need");
        assert_eq!(whole.payloads, [b""; 0]);
        match whole.end {
            Err(EofError::Decode(error)) => assert_eq!(error.kind, DecodeErrorKind::HeaderTooLong { max: 65_535 }),
            other => panic!("{other:?} under {recovery:?}"),
        }
    }
}

fn by_need<F: Framing>(mut decoder: Decoder<F>, stream: &[u8]) -> Seen {
    let mut seen = Seen { payloads: Vec::new(), skipped: Vec::new(), end: Ok(()) };
    let mut rest = stream;
    loop {
        match decoder.next_event() {
            Ok(Some(event)) => seen.take(event),
            Ok(None) if rest.is_empty() => break,
            Ok(None) => {
                let (here, after) = rest.split_at(decoder.need().min(rest.len()));
                decoder.push(here).unwrap();
                rest = after;
            }
            Err(error) => return Seen { end: Err(error.into()), ..seen },
        }
    }
    seen.end = decoder.finish().map(|frame| assert_eq!(frame, None));
    seen
}

/// A header that is counted in 16 bits and stops at the greatest number, where its frame ends early.
#[test]
fn nested_header_of_65536_bytes_is_an_error_for_every_cut() {
    let block = || HeaderBlock::new("L").unwrap().with_start_line().allowing_bare_lf().with_max_header_len(u16::MAX);
    let stream = [b"a", &[b'x'; 65_533][..], b"\n\nhello\0aX\n\nyo\0"].concat();
    is_too_long(&typed(block().keeping_header().ended_by(0)), &stream);
    is_too_long(&Enclosed::new(b"a", block().keeping_header().ended_by(0)).unwrap(), &stream);
    let stream = [b"a5;", &[b'x'; 65_531][..], b"\r\nhello\r\na0\r\n\r\n"].concat();
    is_too_long(&typed(Chunked::new().with_max_header_len(u16::MAX)), &stream);
}

#[cfg(feature = "protocols")]
#[test]
fn nested_imap_line_of_65536_bytes_is_an_error_for_every_cut() {
    let imap = anysplit::protocols::imap().with_max_line_len(u16::MAX);
    is_too_long(&typed(imap), &[b"a", &[b'x'; 65_529][..], b"{2+}\r\nhi\r\n"].concat());
}

#[cfg(feature = "spec")]
#[test]
fn nested_header_of_65536_bytes_by_spec_is_an_error() {
    let framing: anysplit::AnyFraming = "type:a=(header:L,startline,lf,until=\\0,maxheader=65535)".parse().unwrap();
    is_too_long(&framing, &[b"a", &[b'x'; 65_533][..], b"\n\nhello\0aX\n\nyo\0"].concat());
}

/// One byte less, and it is a header like any other.
#[test]
fn nested_header_of_65535_bytes_is_read_for_every_cut() {
    let block = HeaderBlock::new("L").unwrap().with_start_line().allowing_bare_lf().with_max_header_len(u16::MAX);
    let framing = typed(block.keeping_header().ended_by(0));
    let stream = [b"a", &[b'x'; 65_532][..], b"\n\nhello\0aX\n\nyo\0"].concat();
    let whole = seen(Decoder::new(&framing), &[&stream]);
    assert_eq!((whole.payloads, whole.end), (vec![b"hello".to_vec(), b"yo".to_vec()], Ok(())));
    let mut decoder = Decoder::new(&framing);
    let mut payloads = 0;
    for byte in stream.chunks(1) {
        decoder.push(byte).unwrap();
        while let Some(event) = decoder.next_event().unwrap() {
            assert!(matches!(event, Event::Frame(_)));
            payloads += 1;
        }
    }
    assert_eq!(payloads, 2);
}

#[test]
fn nested_field_at_65534_is_an_error_for_every_cut() {
    let field = LengthField::new(65_534, Binary::u8()).unwrap();
    let message = [b"a", &[0; 65_534][..], b"\x01!"].concat();
    let stream = message.repeat(2);
    is_too_long(&typed(field), &stream);
    is_too_long(&Enclosed::new(b"a", field).unwrap(), &stream);
    refuses(typed(field), &message, EncodeError::HeaderTooLong { max: 65_535 });
    refuses(Enclosed::new(b"a", field).unwrap(), &message[1..], EncodeError::HeaderTooLong { max: 65_535 });
}

#[test]
fn nested_header_of_65536_bytes_is_refused() {
    let block = HeaderBlock::new("L").unwrap().with_start_line().allowing_bare_lf().with_max_header_len(u16::MAX);
    let framing = typed(block.keeping_header().ended_by(0));
    let message = |len: usize| [b"a", &vec![b'x'; len - 2][..], b"\n\nhello"].concat();
    let mut out = b"kept".to_vec();
    assert_eq!(framing.encode(&message(65_535), &mut out), Err(EncodeError::HeaderTooLong { max: 65_535 }));
    assert_eq!(out, b"kept");
    assert_eq!(framing.encode(&message(65_534), &mut out), Ok(65_534 + 1 + 5 + 1));
}

#[test]
fn frame_beyond_memory_is_rejected_also_if_asked_before() {
    for ask_first in [false, true] {
        let mut decoder = Decoder::new(anysplit::Fixed::new(u64::MAX).unwrap());
        if ask_first {
            assert_eq!(decoder.next_frame(), Ok(None));
            assert_eq!(decoder.need(), 1);
        }
        decoder.push(b"a").unwrap();
        let error = decoder.next_frame().unwrap_err();
        assert_eq!((error.offset, error.frame_offset), (0, 0));
        assert!(matches!(error.kind, anysplit::DecodeErrorKind::Oversize { len: u64::MAX, .. }));
    }
}
