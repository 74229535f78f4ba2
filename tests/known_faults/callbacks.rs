//! Law 9: a callback that panics leaves everything as if the call had stopped there.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use anysplit::{Decoder, Delimited, EncodeError, Encoder, Prefix, Stuffed, Then};
use bytes::{Buf, BytesMut};

/// Calls something that panics. No hook is called for it.
#[track_caller]
fn panics<R>(call: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err(), "a panic of the callback");
}

fn stop() -> ! {
    resume_unwind(Box::new(()))
}

/// The complete chunk is put back, with the frames that were returned.
#[test]
fn panic_after_two_of_four_frames_returns_them_once() {
    let mut decoder = Decoder::new(Prefix::u8());
    let mut seen = Vec::new();
    let frames = decoder.frames_in(b"\x01a\x01b\x01c\x01d").unwrap();
    panics(|| {
        frames.for_each(|frame| {
            seen.push(frame.payload().to_vec());
            if seen.len() == 2 {
                stop();
            }
        })
    });
    assert_eq!((decoder.position(), decoder.buffered()), (4, &b"\x01c\x01d"[..]));
    while let Some(frame) = decoder.next_frame().unwrap() {
        seen.push(frame.payload().to_vec());
    }
    assert_eq!(seen, [b"a", b"b", b"c", b"d"]);
}

/// The callback's output stays in the queue, or the bytes queued before are lost with it.
#[test]
fn panic_in_push_with_leaves_the_queue_unchanged() {
    let mut encoder = Encoder::new(Prefix::u8());
    encoder.push(b"one").unwrap();
    encoder.advance(1);
    panics(|| {
        encoder.push_with(|out| {
            out.extend_from_slice(b"half of a");
            stop()
        })
    });
    assert_eq!((encoder.remaining(), encoder.chunk()), (3, &b"one"[..]));
    encoder.push(b"two").unwrap();
    assert_eq!(encoder.copy_to_bytes(7), b"one\x03two"[..]);
}

/// A callback that clears its output also clears the bytes queued before it.
#[test]
fn callback_that_clears_its_output_leaves_the_queue() {
    let clears: [fn(&mut BytesMut); 3] = [BytesMut::clear, |out| out.truncate(0), |out| *out = BytesMut::new()];
    for clear in clears {
        let mut encoder = Encoder::new(Prefix::u8());
        encoder.push(b"one").unwrap();
        let result = encoder.push_with(clear);
        assert!(matches!(result, Err(EncodeError::Custom(_))), "{result:?}");
        assert_eq!((encoder.remaining(), encoder.chunk()), (4, &b"\x03one"[..]));
        panics(|| {
            encoder.push_with(|out| {
                clear(out);
                stop()
            })
        });
        assert_eq!((encoder.remaining(), encoder.chunk()), (4, &b"\x03one"[..]));
    }
    // There is no header to remove: only the bytes queued before the message could be lost.
    let mut encoder = Encoder::new(Stuffed::cobs());
    encoder.push(b"one").unwrap();
    encoder
        .push_with(|out| {
            out.clear();
            out.extend_from_slice(b"two");
        })
        .unwrap();
    assert_eq!(encoder.copy_to_bytes(10), b"\x04one\0\x04two\0"[..]);
}

/// A message that was not queued counts as the first one.
#[test]
fn panic_with_the_first_message_leaves_it_to_be_sent() {
    let mut encoder = Encoder::new(Then::new(Delimited::line(), Prefix::u8()));
    panics(|| encoder.push_with(|_| stop()));
    encoder.push(b"hello").unwrap();
    encoder.push(b"you").unwrap();
    assert_eq!(encoder.copy_to_bytes(10), b"hello\n\x03you"[..]);
}

/// The count is believed, and bytes that nobody wrote are frames.
#[test]
fn reader_that_claims_more_than_it_was_offered_adds_nothing() {
    let mut decoder = Decoder::new(Prefix::u8());
    decoder.push(b"\x05he").unwrap();
    for claims in [4, 5, 1000, usize::MAX] {
        let read = decoder.read_with(3, |room| {
            assert_eq!(room.len(), 3);
            Ok::<_, ()>(claims)
        });
        assert_eq!(read, Ok(Ok(claims)));
        assert_eq!(decoder.buffered(), b"\x05he");
    }
    panics(|| {
        decoder.read_with(3, |room| -> Result<usize, ()> {
            room.fill(b'#');
            stop()
        })
    });
    assert_eq!(decoder.buffered(), b"\x05he");
    assert_eq!(decoder.next_frame(), Ok(None));
    decoder.push(b"llo").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"hello");
}
