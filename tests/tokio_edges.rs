//! Errors of `tokio_util`'s length-delimited codec in edge cases, beside this crate's results. Each test
//! also checks the other codec's documented behaviour, so that the comparison stays true.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::ErrorKind;

use anysplit::io::{Cause, cause};
use anysplit::tokio::Codec;
use anysplit::{DecodeErrorKind, EofError, Framing, Prefix, Truncated};
use bytes::{BufMut, Bytes, BytesMut};
use futures::StreamExt;
use futures::executor::block_on;
use tokio_util::codec::{Decoder, Encoder, FramedRead, LengthDelimitedCodec};

#[test]
fn end_right_after_a_complete_header_is_reported() {
    let wire = &b"\0\0\0\x05"[..];

    let mut theirs = FramedRead::new(wire, LengthDelimitedCodec::new());
    assert!(block_on(theirs.next()).is_none(), "theirs calls it a clean end");

    let mut ours = FramedRead::new(wire, Codec::new(Prefix::u32_be()));
    let error = block_on(ours.next()).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    let part = Truncated::Payload { have: 0, need: 5 };
    assert_eq!(cause(&error), Some(Cause::End(EofError::Truncated { frame_offset: 0, end: 4, part })));

    let mut own = anysplit::tokio::FrameReader::new(wire, Prefix::u32_be());
    assert_eq!(cause(&block_on(own.read_frame()).unwrap_err()), cause(&error));
}

#[test]
fn header_reserves_no_memory_for_announced_bytes() {
    const ANNOUNCED: u32 = 8 * 1024 * 1024;
    let header = ANNOUNCED.to_be_bytes();

    let mut buffer = BytesMut::from(&header[..]);
    assert_eq!(LengthDelimitedCodec::new().decode(&mut buffer).unwrap(), None);
    assert!(buffer.capacity() >= 8 * 1024 * 1024, "theirs has reserved {} bytes", buffer.capacity());

    let mut buffer = BytesMut::from(&header[..]);
    assert!(Codec::new(Prefix::u32_be()).decode(&mut buffer).unwrap().is_none());
    assert!(buffer.capacity() <= 64, "ours has reserved {} bytes", buffer.capacity());

    let (mut client, server) = tokio::io::duplex(64);
    let mut own = anysplit::tokio::FrameReader::new(server, Prefix::u32_be());
    block_on(async {
        tokio::io::AsyncWriteExt::write_all(&mut client, &header).await.unwrap();
        let waiting = futures::poll!(std::pin::pin!(own.read_frame()));
        assert!(waiting.is_pending());
        assert!(own.capacity() <= 512, "ours holds {} bytes", own.capacity());
        let waiting = futures::poll!(std::pin::pin!(own.read_bytes()));
        assert!(waiting.is_pending());
        assert!(own.capacity() <= 512, "ours holds {} bytes", own.capacity());
    });
}

#[test]
fn self_inclusive_length_is_not_compared_with_the_limit() {
    const MAX: usize = 10;
    let mut wire = BytesMut::new();
    wire.put_u32(14);
    wire.put_slice(b"0123456789");

    // Theirs compares the limit with the number on the wire, header included.
    let mut theirs = LengthDelimitedCodec::builder().length_adjustment(-4).max_frame_length(MAX).new_codec();
    assert!(theirs.decode(&mut wire.clone()).is_err(), "theirs refuses a payload of {MAX} bytes");

    let framing = Prefix::u32_be().self_inclusive().with_max_payload_len(MAX as u64);
    let frame = Codec::new(framing).decode(&mut wire.clone()).unwrap().unwrap();
    assert_eq!(frame.payload(), &b"0123456789"[..]);
    let mut sent = BytesMut::new();
    Codec::new(framing).encode(Bytes::from_static(b"0123456789"), &mut sent).unwrap();
    assert_eq!(sent, wire);
    assert!(framing.envelope(b"0123456789x").is_err());

    wire[3] = 15;
    let error = Codec::new(framing).decode(&mut wire).unwrap_err();
    let Some(Cause::Decode(error)) = cause(&error) else { panic!("{error}") };
    assert_eq!(error.kind, DecodeErrorKind::Oversize { len: 11, max: 10 });
}

#[test]
fn greatest_length_a_field_can_hold_is_no_overflow() {
    // A length field of 16 bits that counts itself: 65,535 on the wire is a payload of 65,533.
    let framing = Prefix::u16_be().self_inclusive();
    let message = vec![7; 65_533];
    let mut wire = BytesMut::new();
    Codec::new(framing).encode(&message[..], &mut wire).unwrap();
    assert_eq!(wire[..2], [0xff, 0xff]);
    assert_eq!(Codec::new(framing).decode(&mut wire).unwrap().unwrap().payload(), message);
    // One byte more does not fit, and is refused before a byte is written.
    assert!(Codec::new(framing).encode(&vec![7; 65_534][..], &mut wire).is_err());
    assert!(wire.is_empty());

    let mut theirs = LengthDelimitedCodec::builder().length_field_type::<u16>().length_adjustment(-2).new_codec();
    let mut their_wire = BytesMut::new();
    match theirs.encode(Bytes::from(vec![7; 65_534]), &mut their_wire) {
        Ok(()) => assert_eq!(their_wire[..2], [0, 0], "theirs writes a length cut to its width"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidInput),
    }
}

#[test]
fn error_is_returned_once_and_then_the_stream_is_over() {
    const POLLS: usize = 20;
    let wire = &b"\xff\xff\xff\xff and more than that, again and again, in the buffer"[..];

    // Read in small parts, as from a socket: at every part theirs finds the same header again.
    let mut theirs = FramedRead::new(tokio_test_parts(wire), LengthDelimitedCodec::new());
    let their_errors = (0..POLLS).filter(|_| matches!(block_on(theirs.next()), Some(Err(_)))).count();
    assert!(their_errors > 1, "theirs gives the error {their_errors} times");

    let mut ours = FramedRead::new(tokio_test_parts(wire), Codec::new(Prefix::u32_be()));
    let our_errors = (0..POLLS).filter(|_| matches!(block_on(ours.next()), Some(Err(_)))).count();
    assert_eq!(our_errors, 1);

    // asynchronous_codec does not end its stream after an error, so this loop ends only if the codec does.
    let mut ours = asynchronous_codec::FramedRead::new(wire, anysplit::futures::Codec::new(Prefix::u32_be()));
    let mut errors = 0;
    while let Some(item) = block_on(ours.next()) {
        errors += usize::from(item.is_err());
    }
    assert_eq!(errors, 1);
}

/// A reader that returns four bytes a call.
fn tokio_test_parts(wire: &'static [u8]) -> impl tokio::io::AsyncRead + Unpin {
    struct Parts(&'static [u8]);
    impl tokio::io::AsyncRead for Parts {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            room: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            let (here, after) = self.0.split_at(self.0.len().min(4).min(room.remaining()));
            room.put_slice(here);
            self.0 = after;
            std::task::Poll::Ready(Ok(()))
        }
    }
    Parts(wire)
}

#[test]
fn protocol_changes_with_map_decoder_and_no_byte_is_lost() {
    use anysplit::Delimited;
    // Both the line and the first frame after it come with one read.
    let wire = &b"UPGRADE\n\0\0\0\x05hello\0\0\0\x03you"[..];
    let mut lines = FramedRead::new(wire, Codec::new(Delimited::line()));
    let line = block_on(lines.next()).unwrap().unwrap();
    assert_eq!(line.payload(), &b"UPGRADE"[..]);
    let mut frames = lines.map_decoder(|lines| Codec::at(Prefix::u32_be(), lines.position()));
    let frame = block_on(frames.next()).unwrap().unwrap();
    assert_eq!((frame.payload(), frame.offset()), (Bytes::from_static(b"hello"), 8));
    assert_eq!(block_on(frames.next()).unwrap().unwrap().payload(), &b"you"[..]);
    assert!(block_on(frames.next()).is_none());
}

#[tokio::test]
async fn framed_splits_into_a_sink_and_a_stream() {
    use futures::SinkExt;
    use tokio_util::codec::Framed;
    let (client, server) = tokio::io::duplex(16);
    let (sink, stream) = Framed::new(server, Codec::new(Prefix::netstring())).split::<Bytes>();
    let echo = tokio::spawn(stream.map(|frame| frame.map(|frame| frame.payload())).forward(sink));
    let mut client = Framed::new(client, Codec::new(Prefix::netstring()));
    for message in [&b"hello"[..], b"", b"much longer than the pipe is wide"] {
        client.send(message).await.unwrap();
        assert_eq!(client.next().await.unwrap().unwrap().payload(), message);
    }
    SinkExt::<Bytes>::close(&mut client).await.unwrap();
    assert!(client.next().await.is_none());
    echo.await.unwrap().unwrap();
}
