//! Laws 5 and 6: memory and work are counted.

use std::cell::Cell;
use std::io::Read;

use allocation_counter::measure;
use anysplit::contract::{AtEof, Envelope, Extent, FrameError, Located, Part, Progress, Shape};
use anysplit::io::FrameReader;
use anysplit::number::Binary;
use anysplit::order::Order;
use anysplit::{Decoder, Delimited, EncodeError, FixedDecoder, Framing, HeaderBlock, Prefix, Recovery, Stuffed, Then};
use bytes::BufMut;

/// A framing that counts how often `locate` is called, and how many new bytes it sees.
struct Counting<F> {
    inner: F,
    calls: Cell<usize>,
    bytes: Cell<usize>,
}

impl<F> Counting<F> {
    fn new(inner: F) -> Self {
        Self { inner, calls: Cell::new(0), bytes: Cell::new(0) }
    }
}

impl<F: Framing> Framing for Counting<F> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        self.calls.set(self.calls.get() + 1);
        self.bytes.set(self.bytes.get() + input.len() - progress.scanned);
        self.inner.locate(input, progress)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.inner.envelope(message)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.inner.check(part, sum)
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.inner.open(header, payload, at, memo)
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        self.inner.at_eof(rest, progress)
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }

    fn shape(&self) -> Shape<'_> {
        self.inner.shape()
    }
}

/// The complete buffer is searched again with every read.
#[test]
fn bytes_that_trickle_in_are_not_searched_again() {
    const N: usize = 20_000;
    for delimiter in [&b"\n"[..], b"\r\n", b"aaaaab", b"\r\n--boundary of more than 16 bytes"] {
        let mut decoder = Decoder::new(Counting::new(Delimited::new(delimiter).unwrap()));
        for _ in 0..N {
            decoder.push(b"a").unwrap();
            assert_eq!(decoder.next_frame(), Ok(None));
        }
        let bytes = decoder.framing().bytes.get();
        assert!(bytes <= N * (delimiter.len() + 1), "{bytes} bytes for {N}");
    }
}

/// A header of 8,000 bytes without an end.
fn long_header() -> Vec<u8> {
    b"name: value7\r\n".iter().copied().cycle().take(8000).collect()
}

/// The header is read again from its first byte by every call.
#[test]
fn need_asked_again_reads_no_byte_again() {
    const CALLS: usize = 10;
    let header = long_header();
    let mut decoder = Decoder::new(Counting::new(HeaderBlock::new("l").unwrap()));
    let mut fixed = FixedDecoder::new(Counting::new(HeaderBlock::new("l").unwrap()), [0; 8192]);
    for byte in header.chunks(1) {
        decoder.push(byte).unwrap();
        assert_eq!(fixed.push(byte), Ok(1));
        for _ in 0..CALLS {
            assert!(decoder.need() > 0);
            assert_eq!(decoder.next_frame(), Ok(None));
            assert!(fixed.need() > 0);
        }
    }
    for framing in [decoder.framing(), fixed.framing()] {
        let (calls, bytes) = (framing.calls.get(), framing.bytes.get());
        assert!(calls <= header.len() + 1, "{calls} calls for {} bytes", header.len());
        assert!(bytes <= 2 * header.len(), "{bytes} bytes for {}", header.len());
    }
}

/// `read_with(need())` makes room for 8 MiB after four bytes, as `spare` does.
#[test]
fn room_for_what_is_announced_is_not_reserved() {
    const MOST: usize = 16 * 1024;
    let mut decoder = Decoder::new(Prefix::u32_be());
    let measured = measure(|| {
        decoder.push(&(8 * 1024 * 1024_u32).to_be_bytes()).unwrap();
        let need = decoder.need();
        assert_eq!(need, 8 * 1024 * 1024);
        let read = decoder.read_with(need, |room| {
            assert!(!room.is_empty() && room.len() <= MOST, "{} bytes of room", room.len());
            Ok::<_, ()>(0)
        });
        assert_eq!(read, Ok(Ok(0)));
        let room = decoder.spare(need).unwrap().remaining_mut();
        assert!(room > 0 && room <= MOST, "{room} bytes of room");
    });
    assert!(measured.bytes_max <= 2 * MOST as u64, "{} bytes of memory", measured.bytes_max);
}

/// The skipped frame is longer than memory, so the sum of announced and present bytes overflows.
#[test]
fn room_for_more_than_memory_does_not_panic() {
    let framing = Prefix::new(Binary::new(8, Order::Big).unwrap()).with_max_payload_len(4);
    for recovery in [Recovery::SkipOversize, Recovery::SkipFrame] {
        let mut decoder = Decoder::new(framing).with_recovery(recovery);
        decoder.push(&[0xff; 8]).unwrap();
        for _ in 0..3 {
            assert_eq!(decoder.next_frame(), Ok(None));
            let need = decoder.need();
            assert!(need > 1 << 30);
            let read = decoder.read_with(need, |room| {
                room.fill(b'a');
                Ok::<_, ()>(room.len())
            });
            assert!(read.is_ok_and(|read| read.is_ok_and(|len| len > 0)));
            decoder.spare(need).unwrap().put_slice(b"aaaa");
            assert!(decoder.capacity() <= 64 * 1024);
        }
    }
}

/// An index of sixteen million frames beside a block of 16 MiB.
#[test]
fn batch_of_empty_frames_keeps_its_index_small() {
    const LEN: usize = 16 * 1024 * 1024;
    batches(Decoder::new(Prefix::u8()), &vec![0; LEN], LEN);
    batches(Decoder::new(Stuffed::cobs()), &b"\x01\0".repeat(LEN / 2), LEN / 2);
}

fn batches<F: Framing>(mut decoder: Decoder<F>, stream: &[u8], frames: usize) {
    decoder.push(stream).unwrap();
    let mut count = 0;
    let measured = measure(|| {
        while let Some(batch) = decoder.next_batch().unwrap() {
            assert!(batch.iter().all(|frame| frame.payload().is_empty()));
            count += batch.len();
        }
    });
    assert_eq!(count, frames);
    // The last frames are in a block of their own after the large one is freed.
    assert!(measured.bytes_max <= 512 * 1024, "{} bytes of memory", measured.bytes_max);
    assert!(size_of::<Extent>() <= 16);
}

/// A long frame, then short reads of short frames: the decoder keeps no block of the long one.
#[test]
fn short_reads_do_not_keep_the_block_of_a_long_frame() {
    /// The first million bytes come in thousands, and the rest one by one.
    struct Reads(usize, Vec<u8>);
    impl Read for Reads {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            if self.0 == self.1.len() {
                return Err(std::io::ErrorKind::WouldBlock.into());
            }
            let len = room.len().min(if self.0 < 1_000_000 { 1000 } else { 1 });
            room[..len].copy_from_slice(&self.1[self.0..self.0 + len]);
            self.0 += len;
            Ok(len)
        }
    }
    let mut wire = b"hi\n".to_vec();
    wire.extend(1_000_990_u32.to_be_bytes());
    wire.resize(wire.len() + 1_000_990, b'x');
    wire.extend(b"\0\0\0\x05hello".repeat(100));
    wire.push(0);
    let mut reader = FrameReader::new(Reads(0, wire), Then::new(Delimited::line(), Prefix::u32_be()));
    let mut frames = 0;
    while let Ok(Some(_)) = reader.read_frame() {
        frames += 1;
    }
    assert_eq!((frames, reader.buffered()), (102, 1));
    assert!(reader.capacity() <= 1024, "{} bytes for 1", reader.capacity());
}

/// An empty chunk frees the room that was offered and not used.
#[test]
fn empty_chunk_frees_room_that_was_not_used() {
    for is_pushed in [true, false] {
        let mut decoder = Decoder::new(Prefix::u32_be());
        assert_eq!(decoder.next_event(), Ok(None));
        drop(decoder.spare(8192).unwrap());
        if is_pushed {
            decoder.push(b"").unwrap();
            assert_eq!(decoder.next_frame(), Ok(None));
        } else {
            assert_eq!(decoder.frames_in(b"").unwrap().next_frame(), Ok(None));
        }
        assert_eq!(decoder.capacity(), 0);
    }
}
