//! Features of the readers and writers that programs over other crates had to write by hand.

use std::fmt::Debug;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use anysplit::io::{Cause, Counters, FrameReader, FrameStream, FrameWriter, cause};
use anysplit::{Delimited, EncodeError, Encoder, Framing, Prefix, Recovery, Then};
use bytes::{Buf, BufMut, Bytes};
use futures::executor::block_on;
use futures::{FutureExt, SinkExt, StreamExt};

#[test]
fn stream_of_a_reader_ends_after_an_error() {
    let framing = Prefix::u8().with_max_payload_len(5);
    let mut reader = anysplit::tokio::FrameReader::new(&b"\x02hi\x00\x09too long"[..], framing);
    block_on(async {
        assert_eq!(&reader.next().await.unwrap().unwrap()[..], b"hi");
        assert_eq!(&reader.next().await.unwrap().unwrap()[..], b"");
        let error = reader.next().await.unwrap().unwrap_err();
        assert!(reader.next().await.is_none() && reader.next().await.is_none());
        // The calls still return it.
        assert_eq!(cause(&reader.read_frame().await.unwrap_err()), cause(&error));
    });
    // It also ends after the error of a stream that is cut inside a frame.
    let mut cut = anysplit::tokio::FrameReader::new(&b"\x02hi\x03y"[..], framing);
    let items: Vec<bool> = block_on(cut.by_ref().map(|item| item.is_ok()).collect());
    assert_eq!(items, [true, false]);
}

#[test]
fn sink_of_a_full_writer_waits() {
    let (near, mut far) = tokio::io::duplex(10);
    let mut writer = anysplit::tokio::FrameWriter::new(near, Prefix::u8()).with_limit(20);
    let mut fed = 0;
    while SinkExt::feed(&mut writer, "12345").now_or_never().is_some() {
        fed += 1;
        assert!(fed < 10, "the writer takes what the transport does not");
    }
    assert!(writer.unsent() >= 15, "{}", writer.unsent());
    assert_eq!(SinkExt::<&str>::close(&mut writer).now_or_never().map(|_| ()), None);
    let received = block_on(async {
        let mut received = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut far, &mut received);
        let (closed, read) = futures::join!(SinkExt::<&str>::close(&mut writer), read);
        closed.unwrap();
        read.unwrap();
        received
    });
    assert_eq!(received, b"\x0512345".repeat(fed));
    assert_eq!((writer.counters().frames, writer.counters().bytes), (fed as u64, 6 * fed as u64));
}

#[test]
fn frame_stream_over_one_object_talks_with_another() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let server = listener.accept()?.0;
    let mut client = FrameStream::new(client, Prefix::u16_be());
    let lines = Encoder::new(Delimited::line());
    // The server answers in lines.
    let mut server = FrameStream::from_parts(server, anysplit::Decoder::new(Prefix::u16_be()), lines);

    client.write_batch(["one", "two"])?;
    client.write_bytes(Bytes::from("three"))?;
    client.try_write_with(|out| {
        out.put_slice(b"four");
        Ok::<_, io::Error>(())
    })?;
    client.write_raw(b"\x00\x01!")?;
    assert_eq!(client.unsent(), 5 + 5 + 7 + 6 + 3);
    client.flush()?;
    for expected in [&b"one"[..], b"two", b"three", b"four", b"!"] {
        assert_eq!(server.read_frame()?.unwrap().payload(), expected);
    }
    server.send("a line")?;
    assert_eq!(server.write("no\nline").unwrap_err().kind(), ErrorKind::InvalidInput);

    let (received, sent) = server.counters();
    assert_eq!((received.frames, received.bytes, sent.frames, sent.bytes), (5, 26, 1, 7));
    // The client reads the answer without a framing, and what came early is in the decoder.
    let (mut socket, decoder, encoder) = client.into_parts();
    assert_eq!((decoder.buffered(), encoder.remaining()), (&b""[..], 0));
    let mut line = [0; 7];
    socket.read_exact(&mut line)?;
    assert_eq!(&line, b"a line\n");
    socket.write_all(b"\x00\x02hi\x00\x09early")?;
    drop(socket);
    assert_eq!(server.reader().read_bytes()?.unwrap(), server_frame(b"\x00\x02hi", 26));
    let (_, decoder, _) = server.into_parts();
    assert_eq!(&decoder.into_parts().rest[..], b"\x00\x09early");
    Ok(())
}

/// The frame of these bytes, at this offset.
fn server_frame(wire: &[u8], offset: usize) -> anysplit::OwnedFrame {
    let mut decoder = anysplit::Decoder::new(Prefix::u16_be());
    decoder.push(&[&vec![0; offset], wire].concat()).unwrap();
    let mut last = None;
    while let Some(frame) = decoder.next_bytes().unwrap() {
        last = Some(frame);
    }
    last.unwrap()
}

#[test]
fn every_call_of_a_reader_counts_the_same() -> io::Result<()> {
    let wire = b"\x02hi\x00\x06longer\x03you\x01!";
    let reader = || {
        let framing = Prefix::u8().with_max_payload_len(5);
        FrameReader::new(&wire[..], framing).with_recovery(Recovery::SkipOversize).with_block_len(4)
    };
    let mut counted = Vec::new();
    let mut note = |reader: FrameReader<&[u8], Prefix<_>>| counted.push(reader.counters());
    let mut by_frame = reader();
    while by_frame.read_frame()?.is_some() {}
    note(by_frame);
    let mut by_event = reader();
    while by_event.read_event()?.is_some() {}
    note(by_event);
    let mut by_bytes = reader();
    while by_bytes.read_bytes()?.is_some() {}
    note(by_bytes);
    let mut by_batch = reader();
    while by_batch.read_batch()?.is_some() {}
    note(by_batch);
    let mut by_piece = reader();
    while by_piece.read_piece()?.is_some() {}
    note(by_piece);
    let mut one_by_one = reader();
    while let Some(mut frames) = one_by_one.read_frames()? {
        while frames.next_event()?.is_some() {}
    }
    note(one_by_one);
    let mut for_each = reader();
    while let Some(frames) = for_each.read_frames()? {
        frames.for_each(|_| ())?;
    }
    note(for_each);
    let first: Counters = counted[0];
    assert_eq!((first.frames, first.bytes), (4, 17));
    assert_eq!((first.skipped.stretches, first.skipped.bytes), (1, 7));
    assert!(counted.iter().all(|counters| *counters == first), "{counted:#?}");
    Ok(())
}

#[test]
fn batch_is_queued_all_or_none() {
    let mut encoder = Encoder::new(Prefix::u8());
    encoder.push(b"before").unwrap();
    let long = [b'x'; 256];
    let refused = encoder.push_batch([&b"one"[..], &long, b"two"]);
    assert_eq!(refused, Err(EncodeError::DoesNotFit { value: 256, max: 255 }));
    let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        encoder.push_batch((0..3).map(|number| if number < 2 { "one" } else { panic!("in the caller's iterator") }))
    }));
    assert!(panics.is_err());
    assert_eq!(encoder.push_batch(["one", "", "two"]), Ok(9));
    assert_eq!(encoder.chunk(), b"\x06before\x03one\x00\x03two");

    // The word that a message leaves for the next one is taken back too, and so is the end.
    let framing = Then::new(Delimited::line(), Prefix::u8());
    let mut encoder = Encoder::new(framing);
    assert!(encoder.push_batch([&b"GO"[..], &long]).is_err());
    assert_eq!(encoder.remaining(), 0);
    assert_eq!(encoder.push_batch(["GO", "hi"]), Ok(6));
    assert_eq!(encoder.chunk(), b"GO\n\x02hi");
    let mut encoder = Encoder::new(anysplit::UntilClose::new());
    assert_eq!(encoder.push_batch(["all", "more"]), Err(EncodeError::AfterLast));
    assert_eq!(encoder.push_batch(["all"]), Ok(3));
    assert_eq!(encoder.push_batch(["more"]), Err(EncodeError::AfterLast));
}

#[test]
fn serialiser_that_fails_leaves_nothing() {
    let mut writer = FrameWriter::new(Vec::new(), Prefix::u8());
    let failed = writer.try_write_with(|out| {
        out.put_slice(b"half of it");
        Err(io::Error::other("no more"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "no more");
    // If the framing refuses a message, the error has the same type.
    let refused = writer.try_write_with(|out| {
        out.put_bytes(b'x', 300);
        Ok::<_, io::Error>(())
    });
    let expected = EncodeError::DoesNotFit { value: 300, max: 255 };
    assert_eq!(cause(&refused.unwrap_err()), Some(Cause::Encode(expected)));
    assert_eq!((writer.unsent(), writer.counters().frames), (0, 0));
}

#[test]
fn owned_frame_is_its_payload() {
    let framing = Prefix::netstring();
    let mut decoder = anysplit::Decoder::new(&framing);
    decoder.push(b"5:hello,").unwrap();
    let frame = decoder.next_bytes().unwrap().unwrap();
    assert_eq!((&frame[..], frame.as_ref(), frame.len()), (&b"hello"[..], &b"hello"[..], 5));
    assert_eq!((&frame.trailer()[..], frame.is_control()), (&b","[..], false));
    assert_eq!(frame.message(), b"hello");
    let mut again = Vec::new();
    framing.encode(&frame, &mut again).unwrap();
    assert_eq!(again, b"5:hello,");
    assert_eq!(Bytes::from(frame), "hello");
    // The payload of a frame that is rewritten is the opened one.
    let mut decoder = anysplit::Decoder::new(anysplit::Stuffed::slip());
    decoder.push(b"a\xdb\xdcb\xc0").unwrap();
    assert_eq!(&decoder.next_bytes().unwrap().unwrap()[..], b"a\xc0b");
    let mut decoder = anysplit::Decoder::new(Prefix::pkt_line());
    decoder.push(b"0000").unwrap();
    assert!(decoder.next_bytes().unwrap().unwrap().is_control());
}

/// Notes the level and the message of each event.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Notes {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "anysplit"
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Text(String);
        impl tracing::field::Visit for Text {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
                self.0 += &format!(" {}={value:?}", field.name());
            }
        }
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

fn events(run: impl Fn()) -> Vec<String> {
    // `tracing` registers an event where it first happens, perhaps in another test that runs at the same time and has no
    // subscriber. After one more run, all events are registered.
    tracing::subscriber::with_default(Notes::default(), &run);
    let notes = Notes::default();
    tracing::subscriber::with_default(notes.clone(), &run);
    notes.0.lock().unwrap().clone()
}

#[test]
fn events_report_what_ends_and_what_is_skipped_once() {
    let framing = Prefix::u8().with_max_payload_len(5);
    let skips = events(|| {
        let wire = &b"\x06longer\x02hi\x07another"[..];
        let mut reader = FrameReader::new(wire, framing).with_recovery(Recovery::SkipOversize);
        while reader.read_frame().unwrap().is_some() {}
        assert!(reader.read_frame().unwrap().is_none());
    });
    assert_eq!(skips.len(), 2, "{skips:#?}");
    assert!(skips[0].starts_with("DEBUG message=rejected frames were skipped stretches=2 bytes=15"), "{skips:#?}");
    assert_eq!(skips[1], "DEBUG message=the stream ended offset=18");

    let rejected = events(|| {
        let mut reader = FrameReader::new(&b"\x02hi\x06longer"[..], framing);
        assert!(reader.read_frame().is_ok());
        assert!(reader.read_frame().is_err() && reader.read_frame().is_err());
    });
    assert_eq!(rejected.len(), 1, "{rejected:#?}");
    assert!(rejected[0].starts_with("WARN message=a frame was rejected error=byte 3"), "{rejected:#?}");

    let cut = events(|| {
        let codec = anysplit::tokio::Codec::new(framing);
        let mut frames = tokio_util::codec::FramedRead::new(&b"\x02hi\x03y"[..], codec);
        let items: Vec<bool> = block_on(frames.by_ref().map(|item| item.is_ok()).collect());
        assert_eq!(items, [true, false]);
    });
    assert_eq!(cut.len(), 1, "{cut:#?}");
    assert!(cut[0].starts_with("WARN message=a frame was rejected"), "{cut:#?}");
}
