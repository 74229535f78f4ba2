//! Every adapter returns the same frames and the same errors for the same bytes of every framing, however they are cut, and
//! writes what an encoder makes.

#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(dead_code, unreachable_pub, reason = "shared with other tests")]

use std::io::ErrorKind;

use anysplit::contract::{Envelope, Extent, FrameError, Located, Part, Progress, ShortBytes};
use anysplit::delimited::Unterminated;
use anysplit::number::{Binary, Varint};
use anysplit::{
    Body, ByType, DecodeErrorKind, Decoder, Delimited, EncodeError, Encoder, Fixed, Framing, LengthField, Piece,
    Prefix, Recovery, Stuffed, Then, UntilClose,
};
use bytes::Buf;
use nom::bytes::streaming::{tag, take};
use nom::combinator::verify;
use nom::multi::length_data;
use nom::number::streaming::be_u8;
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

use outcome::{POLICIES, whole as decoded};
use readers::{Host, Reader};
use transport::{Plan, Source, Turn};

#[path = "common/outcome.rs"]
mod outcome;
#[path = "common/readers.rs"]
mod readers;
#[path = "common/transport.rs"]
mod transport;
#[path = "common/writers.rs"]
mod writers;

type Any = Box<dyn Framing + Send + Sync>;

/// One byte of length, two magic bytes before the payload, one after: as a parser.
fn parsed(input: &[u8]) -> IResult<&[u8], &[u8]> {
    terminated(preceded(tag(&b"PK"[..]), length_data(be_u8)), tag(&b";"[..])).parse(input)
}

/// A parser that asks for its missing parts one after the other.
fn pair(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    (length_data(verify(be_u8, |&len| len < 0x80)), take(3_usize)).parse(input)
}

/// A length byte, the payload, and the sum of the payload's bytes modulo 256: a framing with a check.
struct Summed;

const SUMMED_MAX: u64 = 60;

impl Framing for Summed {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        match *input {
            [] => Ok(Located::Header(1)),
            [len, ..] if u64::from(len) > SUMMED_MAX && !progress.lenient => {
                Err(FrameError::new(0, DecodeErrorKind::Oversize { len: len.into(), max: SUMMED_MAX }))
            }
            [len, ..] => Ok(Located::Known(Extent::new(1, len.into(), 1).checked())),
        }
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        *sum = part.payload().iter().fold(*sum, |sum, &byte| (sum + u64::from(byte)) & 0xff);
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
        let len = u8::try_from(message.len()).ok().filter(|&len| u64::from(len) <= SUMMED_MAX);
        let len = len.ok_or(EncodeError::DoesNotFit { value, max: SUMMED_MAX })?;
        let sum = message.iter().fold(0, |sum: u8, &byte| sum.wrapping_add(byte));
        Ok(Envelope::new(ShortBytes::new(&[len])?).with_computed_trailer(ShortBytes::new(&[sum])?))
    }

    fn max_payload_len(&self) -> u64 {
        SUMMED_MAX
    }
}

// Every limit is less than the embedded readers' buffer.
fn framings() -> Vec<(&'static str, Any)> {
    let lengths = ByType::lengths([(b'P', 2), (b'Q', 0), (b'R', 9)]).unwrap();
    let nested = ByType::new([
        (b'P', Body::Len(2)),
        (b'Q', Body::Framed(Prefix::u16_be().with_max_payload_len(60))),
        (b'\n', Body::Len(1)),
    ]);
    let line = Delimited::line().with_max_payload_len(40);
    let line_then_prefix = Then::new(line, Prefix::u16_be().with_max_payload_len(60));
    vec![
        ("fixed", Box::new(Fixed::new(5).unwrap())),
        ("fixed of one byte", Box::new(Fixed::new(1).unwrap())),
        ("by type", Box::new(lengths)),
        ("by type, nested", Box::new(nested.unwrap())),
        ("u8", Box::new(Prefix::u8().with_max_payload_len(40))),
        ("u16be", Box::new(Prefix::u16_be().with_max_payload_len(60))),
        ("u32le", Box::new(Prefix::u32_le().with_max_payload_len(40))),
        ("u32be, self-inclusive", Box::new(Prefix::u32_be().self_inclusive().with_max_payload_len(60))),
        ("u16be with a trailer", Box::new(Prefix::u16_be().with_max_payload_len(40).with_trailer(b"\r\n").unwrap())),
        ("ascii5", Box::new(Prefix::ascii5().with_max_payload_len(40))),
        ("netstring", Box::new(Prefix::netstring().with_max_payload_len(40))),
        ("pkt-line", Box::new(Prefix::pkt_line().with_max_payload_len(60))),
        ("leb128", Box::new(Prefix::new(Varint::leb128()).with_max_payload_len(40))),
        ("quic", Box::new(Prefix::new(Varint::quic()).with_max_payload_len(60))),
        ("mqtt", Box::new(Prefix::new(Varint::mqtt()).with_max_payload_len(60))),
        ("ber", Box::new(Prefix::new(Varint::ber()).with_max_payload_len(60))),
        ("length field", Box::new(LengthField::new(2, Binary::u16_be()).unwrap().with_max_payload_len(40))),
        (
            "length field with all there is",
            Box::new(
                LengthField::new(1, Binary::u8())
                    .unwrap()
                    .with_max_payload_len(60)
                    .with_header_len(4)
                    .unwrap()
                    .with_magic_at(0, b"h")
                    .unwrap()
                    .with_trailer(b"!")
                    .unwrap(),
            ),
        ),
        ("line", Box::new(Delimited::line().with_max_payload_len(40))),
        (
            "line, crlf, failing",
            Box::new(Delimited::line().with_crlf().with_unterminated(Unterminated::Fail).with_max_payload_len(60)),
        ),
        ("nul", Box::new(Delimited::nul().with_max_payload_len(60))),
        ("delimiter of three bytes", Box::new(Delimited::new(*b"ell").unwrap().with_max_payload_len(12))),
        ("delimiters", Box::new(Delimited::any_of([&b"\r\n"[..], b"o"]).unwrap().with_max_payload_len(60))),
        (
            "delimiter kept",
            Box::new(
                Delimited::byte(b'\n')
                    .keeping_delimiter()
                    .with_unterminated(Unterminated::Take)
                    .with_max_payload_len(60),
            ),
        ),
        ("until close", Box::new(UntilClose::new().with_max_payload_len(40))),
        ("slip", Box::new(Stuffed::slip().with_max_payload_len(60))),
        ("cobs", Box::new(Stuffed::cobs().with_max_payload_len(40))),
        ("summed", Box::new(Summed)),
        ("a line, then u16be", Box::new(line_then_prefix)),
        ("parser", Box::new(anysplit::nom::parser(parsed).with_max_payload_len(40))),
        ("parser in parts", Box::new(anysplit::nom::parser(pair).with_max_payload_len(40))),
    ]
}

const MESSAGES: &[&[u8]] = &[
    b"hello",
    b"",
    b"P12",
    b"Q",
    b"R123456789",
    b"Qhi",
    b"wor\nld",
    b"x",
    b"h",
    b"hello, world",
    b"\x00\x05\x00\x03abc",
    b"h\x00ab",
    b"h\x03ab!!!",
    b"line\n",
    b"PK\x03abc;",
    b"PK\x00;",
    b"\x02abcde",
    b"the quick brown fox jumps over the dogs",
];

/// Frames of all messages that the framing takes.
fn whole(framing: &Any) -> Vec<u8> {
    let mut encoder = Encoder::new(framing);
    for message in MESSAGES {
        let _ = encoder.push(message);
    }
    let wire = encoder.copy_to_bytes(encoder.remaining());
    assert!(!wire.is_empty());
    wire.to_vec()
}

/// A generator with a seed, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }
}

/// The frames unchanged, cut by the end at every byte, with every byte wrong in turn, and noise.
fn wires(framing: &Any) -> Vec<Vec<u8>> {
    let whole = whole(framing);
    let mut wires: Vec<Vec<u8>> = (0..=whole.len()).map(|len| whole[..len].to_vec()).collect();
    for at in 0..whole.len() {
        for change in [1, 0x80] {
            let mut wire = whole.clone();
            wire[at] ^= change;
            wires.push(wire);
        }
    }
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let likely = b"\n\r\0\x01\x02\x0305:,lePKQhello";
    for _ in 0..60 {
        let len = random.below(90);
        wires.push((0..len).map(|_| likely[random.below(likely.len())]).collect());
    }
    // Longer than every limit, so that frames are skipped.
    wires.push([b"50:".as_slice(), &[b'x'; 120], b"\n", &whole].concat());
    wires.push([b"\x32\0\0\0".as_slice(), &[0; 50], &whole].concat());
    wires.push([b"\x32".as_slice(), &[b'l'; 50], b"ello\n", &whole].concat());
    wires.push([b"00050".as_slice(), &[b'l'; 50], &whole].concat());
    wires.push([b"00050".as_slice(), &[b'l'; 30]].concat());
    wires.push([&[b'x'; 130], b"\xc0\xc0\xc0".as_slice(), &whole].concat());
    wires.push([&[b'\xdb'; 3], b"\xc0".as_slice(), &whole].concat());
    wires.push([b"\xff".as_slice(), &[b'z'; 254], b"\0", &whole].concat());
    wires.push([b"PK\x32".as_slice(), &[b'l'; 50], b";", &whole].concat());
    wires
}
/// Chunks of this length, with other turns before each.
fn plan(chunk: usize, troubles: &[Turn]) -> Plan {
    Plan::repeating(troubles.iter().flat_map(|trouble| [*trouble, Turn::Bytes(chunk)]))
}

/// Every reader gets another length of chunk for every stream, so that in the end each has had all. An exact reader reads few
/// bytes at once, and reads of up to three bytes cut a frame that is there.
const CHUNKS: [usize; 5] = [1, 2, 1000, 3, 7];

/// Counts of what was compared.
#[derive(Default)]
struct Compared {
    runs: usize,
    streams: usize,
    frames: usize,
    skipped: usize,
    errors: usize,
}

/// Compares the reader of every adapter with the decoder, for the streams of one framing.
fn compare_adapters(framing: &Any) -> Compared {
    let mut compared = Compared::default();
    let troubles = [Turn::Interrupted, Turn::NotReady, Turn::TimedOut, Turn::Interrupted];
    let plans = CHUNKS.map(|chunk| plan(chunk, &troubles));
    for wire in wires(framing) {
        let failing = decoded(framing, Recovery::Fail, &wire);
        for recovery in POLICIES {
            let expected = decoded(framing, recovery, &wire);
            if recovery != Recovery::Fail && expected == failing {
                continue;
            }
            compared.streams += 1;
            compared.frames += expected.events.iter().filter(|event| event.is_frame()).count();
            compared.skipped += expected.events.iter().filter(|event| !event.is_frame()).count();
            compared.errors += usize::from(expected.end.is_err());
            for (host, way) in readers::all() {
                let turn = compared.runs + compared.streams;
                let block = match host {
                    Host::Embedded | Host::EmbeddedAsync => [300, 40, 9][turn % 3],
                    _ if turn % 7 == 0 => 3,
                    _ => 64 * 1024,
                };
                let reader = Reader { host, way, exact: turn % 3 == 0, block };
                reader.check(framing, recovery, &wire, &plans[turn % CHUNKS.len()], &expected);
                compared.runs += 1;
            }
        }
    }
    compared
}

#[test]
fn every_adapter_agrees_with_the_decoder() {
    let framings = framings();
    // Each runs in a thread with the name of its framing, so that a panic names the framing.
    let all: Vec<Compared> = std::thread::scope(|scope| {
        let threads: Vec<_> = framings
            .iter()
            .map(|(name, framing)| {
                let thread = std::thread::Builder::new().name((*name).to_owned());
                thread.spawn_scoped(scope, || compare_adapters(framing)).unwrap()
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let sum = |of: fn(&Compared) -> usize| all.iter().map(of).sum::<usize>();
    let (runs, streams, frames) = (sum(|one| one.runs), sum(|one| one.streams), sum(|one| one.frames));
    let (skipped, errors) = (sum(|one| one.skipped), sum(|one| one.errors));
    println!("{streams} streams with {frames} frames, {skipped} stretches and {errors} errors, {runs} runs");
    assert!(skipped > 10_000 && errors > 10_000, "{skipped} stretches and {errors} errors");
}

#[test]
fn every_writer_agrees_with_the_encoder() {
    let long = vec![b'a'; 700];
    let messages = [MESSAGES, &[&long[..]]].concat();
    for (_, framing) in &framings() {
        for chunk in [1, 2, 5, 100, 10_000] {
            for limit in [20, 64 * 1024] {
                writers::check(framing, &messages, &plan(chunk, &[Turn::NotReady, Turn::Interrupted]), limit);
                writers::check(framing, &messages, &Plan::chunks(chunk), limit);
            }
        }
    }
}

#[test]
fn parser_runs_once_for_each_frame_not_each_chunk() {
    use std::cell::Cell;
    thread_local!(static RUNS: Cell<usize> = const { Cell::new(0) });
    fn counted(input: &[u8]) -> IResult<&[u8], &[u8]> {
        RUNS.set(RUNS.get() + 1);
        length_data(nom::number::streaming::be_u32).parse(input)
    }
    let mut wire = Vec::new();
    for _ in 0..3 {
        wire.extend_from_slice(&10_000_u32.to_be_bytes());
        wire.extend_from_slice(&[7; 10_000]);
    }
    let mut decoder = Decoder::new(anysplit::nom::parser(counted));
    let mut frames = 0;
    for byte in wire.chunks(1) {
        decoder.push(byte).unwrap();
        frames += usize::from(decoder.next_frame().unwrap().is_some());
    }
    assert_eq!(frames, 3);
    // For every frame: the first byte, the length, the end. Trying the empty buffer costs no run.
    assert!(RUNS.get() <= 3 * 4, "{} runs for three frames of 10,000 bytes, one byte at a time", RUNS.get());
}

#[test]
fn frame_over_a_fixed_buffer_passes_in_pieces() {
    use anysplit::DecodeErrorKind;
    use anysplit::embedded::{FrameReader, ReadError};
    let mut wire = b"\x00\x64".to_vec();
    wire.extend_from_slice(&[b'x'; 100]);
    wire.extend_from_slice(b"\x00\x02hi");
    let mut reader = FrameReader::new(Source::new(&wire, Plan::chunks(1)), Prefix::u16_be(), [0; 10]);
    for _ in 0..2 {
        let Err(ReadError::Decode(error)) = reader.read_frame() else { panic!("a frame of 102 bytes in 10") };
        assert_eq!((error.offset, error.kind), (0, DecodeErrorKind::Oversize { len: 100, max: 8 }));
        assert_eq!(reader.get_ref().given, 2);
    }
    let mut reader = FrameReader::new(Source::new(&wire, Plan::chunks(1)), Prefix::u16_be(), [0; 10]);
    let mut passed = 0;
    loop {
        match reader.read_piece().unwrap().unwrap() {
            Piece::Start { header, len, control } => {
                assert_eq!((header, len, control), (&b"\x00\x64"[..], Some(100), false))
            }
            Piece::Data(data) => passed += data.len(),
            Piece::End { trailer } => break assert!(trailer.is_empty()),
            Piece::Skipped(stretch) => panic!("{stretch}"),
        }
    }
    assert_eq!(passed, 100);
    assert_eq!(reader.read_frame().unwrap().unwrap().payload(), b"hi");
    assert_eq!(reader.read_frame(), Ok(None));
}

#[test]
fn embedded_writer_writes_nothing_after_a_cut_frame() {
    use anysplit::embedded::{FrameWriter, WriteError};
    let mut room = [0; 7];
    let mut writer = FrameWriter::new(&mut room[..], Prefix::u8());
    writer.write(b"hi").unwrap();
    assert!(matches!(writer.write(b"hello"), Err(WriteError::Io(_))));
    assert_eq!(writer.write(b""), Err(WriteError::Broken));
}

#[test]
fn writer_that_is_dropped_sends_what_it_holds() {
    let mut wire = Vec::new();
    let mut writer = anysplit::io::FrameWriter::new(&mut wire, Prefix::u8());
    writer.write(b"hello").unwrap();
    assert_eq!(writer.unsent(), 6);
    drop(writer);
    assert_eq!(wire, b"\x05hello");
}

#[test]
fn idle_reader_owns_no_memory() {
    let source = Source { bytes: b"\x02hi\x05hel".to_vec(), ..Source::default() };
    let mut reader = anysplit::io::FrameReader::new(source, Prefix::u8());
    assert_eq!(reader.capacity(), 0);
    assert_eq!(reader.read_frame().unwrap().unwrap().payload(), b"hi");
    assert_eq!(reader.read_frame().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(reader.buffered(), 4);
    assert!(reader.capacity() <= 16, "{} bytes for 4 bytes of a frame", reader.capacity());
    reader.get_mut().bytes.extend(b"lo");
    assert_eq!(reader.read_frame().unwrap().unwrap().payload(), b"hello");
    assert_eq!(reader.read_frame().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(reader.capacity(), 0);
}
