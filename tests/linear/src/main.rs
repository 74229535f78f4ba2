//! Counts the instructions for n, 2n, 4n and 8n bytes that arrive one at a time, and fails if twice the bytes
//! cost more than twice as much. Needs `valgrind`.
//!
//! ```text
//! cargo run --release --manifest-path tests/linear/Cargo.toml
//! cargo run --release --manifest-path tests/linear/Cargo.toml SLIP        only cases whose names have this in them
//! ```

use std::process::{Command, ExitCode};

use anysplit::nom::parser;
use anysplit::number::{Ascii, Bcd, Binary, Varint};
use anysplit::stuffing::Escaping;
use anysplit::sum::Plain;
use anysplit::sum::SumForm;
use anysplit::{
    AnyFraming, BlockRule, Body, ByFirstByte, ByType, Checked, Chunked, Decoder, Delimited, Dotted, Doubled, Either,
    Enclosed, EscapedFrame, Fixed, Framing, HeaderBlock, Http1, LengthField, Limit, LineThenBlock, Prefix, Recovery,
    SmpSerial, Stuffed, Then, UntilClose, protocols,
};

use nom::multi::length_data;
use nom::number::streaming::be_u16;
use nom::{IResult, Parser};

/// The least number of bytes.
const N: usize = 4096;

/// The stream, and how it is read.
struct Case {
    framing: Box<dyn Framing>,
    stream: Vec<u8>,
    way: Way,
}

#[derive(Clone, Copy)]
enum Way {
    Frames,
    ChunkFrames,
    ForEach,
    Pieces,
    /// Asks how many bytes are missing after each byte, a few times.
    Need,
    Skip,
    /// Skips everything that is rejected.
    SkipFrame,
    /// Searches everything that is rejected for frames.
    Resync,
}

type Make = fn(usize) -> Case;

fn case(framing: impl Framing + 'static, stream: Vec<u8>, way: Way) -> Case {
    Case { framing: Box::new(framing), stream, way }
}

fn repeated(bytes: &[u8], n: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(n).collect()
}

/// One frame of `n` bytes of payload after this header.
fn after(header: &[u8], n: usize) -> Vec<u8> {
    [header, &vec![b'a'; n]].concat()
}

/// A length of 16 bits, as a streaming parser.
fn counted(input: &[u8]) -> IResult<&[u8], &[u8]> {
    length_data(be_u16).parse(input)
}

/// A header of a start line and a field for every 16 bytes, without a length, and a body that a zero ends. The header has a
/// share of `n` in eight, the body the rest.
fn stomp_header(n: usize) -> Vec<u8> {
    let fields = b"header:value567\n".repeat(n / 8 / 16);
    [&b"SEND\n"[..], &fields, b"\n"].concat()
}

fn announced(n: usize) -> Vec<u8> {
    after(&u32::try_from(n).expect("small").to_be_bytes(), n)
}

/// A delimiter that begins as the stream does, again and again.
fn almost(delimiter: &[u8], n: usize) -> Vec<u8> {
    repeated(&delimiter[..delimiter.len() - 1], n)
}

/// 64 delimiters of 3 to 6 bytes that all have the same end, none the beginning of another.
fn many() -> Vec<Vec<u8>> {
    (0..64_u8).map(|i| [&[b'0' + i][..], &b"aaaa"[..usize::from(i % 4)], b"a;"].concat()).collect()
}

const LONG: &[u8] = b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";

const CASES: &[(&str, Make)] = &[
    ("fixed, one frame", |n| case(Fixed::new(n as u64).unwrap(), vec![b'a'; n], Way::Frames)),
    ("fixed of 1, many frames", |n| case(Fixed::new(1).unwrap(), vec![b'a'; n], Way::Frames)),
    ("u32be, one frame", |n| case(Prefix::u32_be(), announced(n), Way::Frames)),
    ("u32be, one frame, frames_in", |n| case(Prefix::u32_be(), announced(n), Way::ChunkFrames)),
    ("u32be, one frame, for_each", |n| case(Prefix::u32_be(), announced(n), Way::ForEach)),
    ("u32be, one frame in pieces", |n| case(Prefix::u32_be(), announced(n), Way::Pieces)),
    ("u32be, one frame skipped", |n| case(Prefix::u32_be().with_max_payload_len(9), announced(n), Way::Skip)),
    ("u8, empty frames", |n| case(Prefix::u8(), vec![0; n], Way::Frames)),
    ("u8, empty frames skipped", |n| case(Prefix::u8().with_max_payload_len(0), repeated(b"\x01a", n), Way::Skip)),
    ("ascii5, many frames", |n| case(Prefix::ascii5(), repeated(b"00005hello", n), Way::Frames)),
    ("netstring, one frame", |n| case(Prefix::netstring(), after(format!("{n}:").as_bytes(), n), Way::Frames)),
    ("netstring, many frames", |n| case(Prefix::netstring(), repeated(b"5:hello,", n), Way::Frames)),
    ("digits ended by 15 bytes", |n| {
        let number = Ascii::decimal_ended_by(b"aaaaaaaaaaaaaab").unwrap();
        case(Prefix::new(number), repeated(b"3aaaaaaaaaaaaaababc", n), Way::Frames)
    }),
    ("leb128, many frames", |n| case(Prefix::leb128(), repeated(b"\x05hello", n), Way::Frames)),
    ("ber in its longest form", |n| {
        let number = Varint::ber().allowing_longer_forms();
        case(Prefix::new(number), repeated(b"\x88\0\0\0\0\0\0\0\x01a", n), Way::Frames)
    }),
    ("length field, header of n bytes", |n| {
        let header = u16::try_from(n - 2).unwrap();
        let framing = LengthField::new(0, Binary::u16_be()).unwrap().with_header_after(header).unwrap();
        let framing = framing.with_magic_at(header, b"a").unwrap();
        case(framing, after(&[0, 0], n - 2), Way::Frames)
    }),
    ("length field, field at n", |n| {
        let framing = LengthField::new(u16::try_from(n - 2).unwrap(), Binary::u16_be()).unwrap();
        case(framing.with_magic_at(0, b"aa").unwrap(), [vec![b'a'; n - 2], vec![0; 2]].concat(), Way::Frames)
    }),
    ("length field, padded", |n| {
        let framing = LengthField::new(0, Binary::u8()).unwrap().with_padding_to(256).unwrap();
        case(framing, repeated(b"\x01aaaaaaaaaaaaaaaaa", n), Way::Frames)
    }),
    ("by type, nested", |n| {
        let framing = ByType::new([(b'a', Body::Framed(Delimited::new(b"b").unwrap()))]).unwrap();
        case(framing, vec![b'a'; n], Way::Frames)
    }),
    ("lines, one", |n| case(Delimited::line(), vec![b'a'; n], Way::Frames)),
    ("lines, one of CR", |n| case(Delimited::line(), vec![b'\r'; n], Way::Frames)),
    ("lines, one of CR in pieces", |n| case(Delimited::line(), vec![b'\r'; n], Way::Pieces)),
    ("lines, one skipped", |n| case(Delimited::line().with_max_payload_len(9), vec![b'\r'; n], Way::Skip)),
    ("lines, one, frames_in", |n| case(Delimited::line(), vec![b'a'; n], Way::ChunkFrames)),
    ("lines, one, for_each", |n| case(Delimited::line(), vec![b'a'; n], Way::ForEach)),
    ("lines, empty", |n| case(Delimited::line(), vec![b'\n'; n], Way::Frames)),
    ("aaaaab in aaaaa…", |n| case(Delimited::new(b"aaaaab").unwrap(), vec![b'a'; n], Way::Frames)),
    ("aaaaab in pieces", |n| case(Delimited::new(b"aaaaab").unwrap(), vec![b'a'; n], Way::Pieces)),
    ("aaaaab skipped", |n| case(Delimited::new(b"aaaaab").unwrap().with_max_payload_len(9), vec![b'a'; n], Way::Skip)),
    ("baaaaa in aaaaa…", |n| case(Delimited::new(b"baaaaa").unwrap(), vec![b'a'; n], Way::Frames)),
    ("40 bytes that almost match", |n| case(Delimited::new(LONG).unwrap(), almost(LONG, n), Way::Frames)),
    ("40 bytes, in pieces", |n| case(Delimited::new(LONG).unwrap(), almost(LONG, n), Way::Pieces)),
    ("64 delimiters", |n| case(Delimited::any_of(many()).unwrap(), vec![b'a'; n], Way::Frames)),
    ("64 delimiters, all their last bytes", |n| case(Delimited::any_of(many()).unwrap(), vec![b';'; n], Way::Frames)),
    ("64 delimiters, in pieces", |n| case(Delimited::any_of(many()).unwrap(), vec![b'0'; n], Way::Pieces)),
    ("until close", |n| case(UntilClose::new(), vec![b'a'; n], Way::Frames)),
    ("until close, in pieces", |n| case(UntilClose::new(), vec![b'a'; n], Way::Pieces)),
    ("bcd, many frames", |n| case(Prefix::new(Bcd::four_digits()), repeated(b"\x00\x05hello", n), Way::Frames)),
    ("escaped number and more header", |n| {
        let frame = [&b"\x82\xfe\x01\x00keys"[..], &[b'a'; 256]].concat();
        case(protocols::websocket(), repeated(&frame, n), Way::Frames)
    }),
    ("header block, header of n bytes", |n| {
        let framing = HeaderBlock::new("l").unwrap().with_max_header_len(u16::MAX);
        case(framing, [b"a: b\r\n".repeat(n / 6), b"l: 0\r\n\r\n".to_vec()].concat(), Way::Frames)
    }),
    ("header block, one line of n bytes", |n| {
        let framing = HeaderBlock::new("l").unwrap().with_max_header_len(u16::MAX);
        case(framing, after(b"l: 0\r\nx: ", n), Way::Frames)
    }),
    ("header block, lines that go on", |n| {
        let framing = HeaderBlock::new("l").unwrap().with_max_header_len(u16::MAX);
        case(framing, [&b"l: 0\r\nx: y\r\n"[..], &b" z\r\n".repeat(n / 4)].concat(), Way::Frames)
    }),
    ("header block, one payload", |n| {
        case(HeaderBlock::new("l").unwrap(), after(format!("l: {n}\r\n\r\n").as_bytes(), n), Way::Frames)
    }),
    ("header block, many frames", |n| {
        case(HeaderBlock::new("l").unwrap(), repeated(b"l: 5\r\nx: y\r\n\r\nhello", n), Way::Frames)
    }),
    ("header block, fields ended by a byte", |n| {
        case(protocols::fix(), repeated(b"8=F\x019=5\x01hello10=123\x01", n), Way::Frames)
    }),
    ("header block, body ended by a byte", |n| {
        case(protocols::stomp(), [&stomp_header(n)[..], &vec![b'a'; n]].concat(), Way::Frames)
    }),
    ("header block, body ended by a byte, in pieces", |n| {
        // The header, which has a limit, is moved for each piece, and not read.
        case(protocols::stomp(), [&stomp_header(N)[..], &vec![b'a'; n]].concat(), Way::Pieces)
    }),
    ("header block, body ended by a byte, skipped", |n| {
        let framing = protocols::stomp().with_max_payload_len(9);
        case(framing, [&stomp_header(N)[..], &vec![b'a'; n]].concat(), Way::Skip)
    }),
    ("header block, body ended by a byte, chosen at run time and by its first byte", |n| {
        let framing = ByFirstByte::new([(b'A'..=b'Z', AnyFraming::from(protocols::stomp()))]).unwrap();
        case(AnyFraming::from(framing), [&stomp_header(n)[..], &vec![b'a'; n]].concat(), Way::Frames)
    }),
    ("lines with blocks, one line", |n| {
        let framing = LineThenBlock::new([BlockRule::word("a").unwrap()]).unwrap().with_max_line_len(u16::MAX);
        case(framing, vec![b'a'; n], Way::Frames)
    }),
    ("lines with blocks, one block", |n| {
        case(protocols::redis(), after(format!("${n}\r\n").as_bytes(), n), Way::Frames)
    }),
    ("lines with blocks, many frames", |n| {
        case(protocols::redis(), repeated(b"$5\r\nhello\r\n+OK\r\n", n), Way::Frames)
    }),
    ("chunks, many", |n| case(Chunked::new(), repeated(b"5\r\nhello\r\n", n), Way::Frames)),
    ("chunks, one", |n| case(Chunked::new(), after(format!("{n:x}\r\n").as_bytes(), n), Way::Frames)),
    ("chunks, one line of n bytes", |n| {
        case(Chunked::new().with_max_header_len(u16::MAX), after(b"5;", n), Way::Frames)
    }),
    ("chunks, a trailer of n bytes", |n| {
        let framing = Chunked::new().with_max_header_len(u16::MAX);
        case(framing, [&b"0\r\n"[..], &repeated(b"a: b\r\n", n)].concat(), Way::Frames)
    }),
    ("HTTP/1, many messages", |n| {
        let stream = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloPUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        case(Http1::new(), repeated(stream, n), Way::Frames)
    }),
    ("HTTP/1, a header of n bytes", |n| {
        case(Http1::new().with_max_header_len(u16::MAX), after(b"GET / HTTP/1.1\r\na: b", n), Way::Frames)
    }),
    ("HTTP/1, a body up to the end", |n| case(Http1::new(), after(b"HTTP/1.1 200 OK\r\n\r\n", n), Way::Pieces)),
    ("enclosed, one frame", |n| {
        let framing = Enclosed::new(b"<<", Delimited::new(b">>").unwrap()).unwrap();
        case(framing, after(b"<<", n), Way::Frames)
    }),
    ("enclosed, in pieces", |n| {
        let framing = Enclosed::new(b"<<", Delimited::new(b">>").unwrap()).unwrap();
        case(framing, after(b"<<", n), Way::Pieces)
    }),
    ("enclosed, many frames", |n| case(protocols::hl7(), repeated(b"\x0bhello\x1c\r", n), Way::Frames)),
    ("by first byte, a line", |n| case(protocols::syslog().with_max_payload_len(1 << 20), after(b"<", n), Way::Frames)),
    ("by first byte, a line in pieces", |n| {
        case(protocols::syslog().with_max_payload_len(1 << 20), after(b"<", n), Way::Pieces)
    }),
    ("by first byte, many frames", |n| case(protocols::syslog(), repeated(b"5 hello<13>a\n", n), Way::Frames)),
    ("by first byte, either", |n| {
        let (line, digits) = (Delimited::line(), Prefix::ascii5());
        let framing = ByFirstByte::new([(b'0'..=b'9', Either::A(digits)), (b'a'..=b'z', Either::B(line))]).unwrap();
        case(framing, repeated(b"00005hellohello\n", n), Way::Frames)
    }),
    ("a parser, one frame", |n| {
        let len = u16::try_from(n).unwrap();
        case(parser(counted), after(&len.to_be_bytes(), n), Way::Frames)
    }),
    ("a parser, many frames", |n| case(parser(counted), repeated(b"\x00\x05hello", n), Way::Frames)),
    ("by need, u32be", |n| case(Prefix::u32_be(), announced(n), Way::Need)),
    ("by need, lines", |n| case(Delimited::line(), vec![b'a'; n], Way::Need)),
    ("by need, a header of n bytes", |n| {
        let framing = HeaderBlock::new("l").unwrap().with_max_header_len(u16::MAX);
        case(framing, b"a: b\r\n".repeat(n / 6), Way::Need)
    }),
    ("by need, SLIP", |n| case(Stuffed::slip(), repeated(b"\xdb\xdc", n), Way::Need)),
    ("one framing then another, many frames", |n| {
        let stream = [&b"hello\n"[..], &repeated(b"\x05hello", n)].concat();
        case(Then::new(Delimited::line(), Prefix::u8()), stream, Way::Frames)
    }),
    ("one framing then another, the first of n bytes", |n| {
        case(Then::new(Delimited::line(), Prefix::u8()), vec![b'a'; n], Way::Frames)
    }),
    ("netstrings with a wrong byte after them, skipped", |n| {
        case(Prefix::netstring(), repeated(b"5:hello;", n), Way::SkipFrame)
    }),
    ("SLIP, one frame", |n| case(Stuffed::slip(), vec![b'a'; n], Way::Frames)),
    ("SLIP, one frame of escapes", |n| case(Stuffed::slip(), repeated(b"\xdb\xdc", n), Way::Frames)),
    ("SLIP, one frame of escapes in pieces", |n| case(Stuffed::slip(), repeated(b"\xdb\xdc", n), Way::Pieces)),
    ("SLIP, many frames", |n| case(Stuffed::slip(), repeated(b"\xc0hello\xdb\xdd\xc0", n), Way::Frames)),
    ("SLIP, many frames, frames_in", |n| case(Stuffed::slip(), repeated(b"hello\xdb\xdd\xc0", n), Way::ChunkFrames)),
    ("SLIP, ends", |n| case(Stuffed::slip(), vec![0xc0; n], Way::Frames)),
    ("SLIP, noise", |n| case(Stuffed::slip(), repeated(b"\xdbhello\xc0", n), Way::SkipFrame)),
    ("COBS, one frame", |n| case(Stuffed::cobs(), [vec![1; n - 1], vec![0]].concat(), Way::Frames)),
    ("COBS, one frame of long runs", |n| case(Stuffed::cobs(), vec![0xff; n], Way::Frames)),
    ("COBS, one frame of long runs in pieces", |n| case(Stuffed::cobs(), vec![0xff; n], Way::Pieces)),
    ("COBS, one frame skipped", |n| case(Stuffed::cobs().with_max_payload_len(9), vec![0xff; n], Way::Skip)),
    ("COBS, many frames", |n| case(Stuffed::cobs(), repeated(b"\x03\x11\x22\x02\x33\x00", n), Way::Frames)),
    ("COBS, noise", |n| case(Stuffed::cobs(), repeated(b"\x05ab\x00", n), Way::SkipFrame)),
    // The worst streams: every place begins a frame of the greatest length, whose check is wrong.
    ("resync, sync words at every second byte", |n| {
        case(protocols::ubx().with_max_payload_len(64), repeated(b"\xb5\x62", n), Way::Resync)
    }),
    ("resync, a frame at every byte", |n| {
        let framing = Checked::new(Prefix::u8().with_max_payload_len(64), Plain::Sum8, SumForm::HexLower).unwrap();
        case(framing, vec![64; n], Way::Resync)
    }),
    ("resync, MAVLink at every byte", |n| {
        case(protocols::mavlink().with_max_payload_len(64), repeated(b"\xfe\x40\x00", n), Way::Resync)
    }),
    ("resync, COBS noise", |n| case(Stuffed::cobs(), repeated(b"\x05a\0", n), Way::Resync)),
    ("resync, SLIP noise", |n| case(Stuffed::slip(), repeated(b"\xdb\xc0", n), Way::Resync)),
    ("resync, HDLC with wrong sums", |n| case(protocols::hdlc(), repeated(b"\x7eabcd", n), Way::Resync)),
    ("resync, Modbus ASCII with wrong sums", |n| {
        case(protocols::modbus_ascii(), repeated(b":0102\r\n", n), Way::Resync)
    }),
    ("resync, 64 delimiters, lines over the limit", |n| {
        let framing = Delimited::any_of(many()).unwrap().with_max_payload_len(64);
        case(framing, repeated(&[&[b'0'; 70][..], b"0a;"].concat(), n), Way::Resync)
    }),
    ("resync, NMEA at every byte", |n| {
        case(
            protocols::nmea().with_max_payload_len(64),
            repeated(&[&[b'$'; 60][..], b"*00\r\n"].concat(), n),
            Way::Resync,
        )
    }),
    ("resync, GDB at every byte", |n| {
        case(protocols::gdb(), repeated(&[&[b'$'; 60][..], b"#00"].concat(), n), Way::Resync)
    }),
    ("resync, RTCM 3 at every third byte", |n| {
        case(protocols::rtcm3().with_max_payload_len(64), repeated(b"\xd3\x00\x40", n), Way::Resync)
    }),
    ("resync, SBP at every byte", |n| case(protocols::sbp(), vec![0x55; n], Way::Resync)),
    ("resync, CRSF at every second byte", |n| case(protocols::crsf(), repeated(b"\xc8\x3e", n), Way::Resync)),
    ("resync, Modbus RTU at every byte", |n| case(protocols::modbus_rtu_requests(), vec![16; n], Way::Resync)),
    ("resync, FT 1.2 at every fourth byte", |n| case(protocols::mbus(), repeated(b"\x68\x40\x40\x68", n), Way::Resync)),
    ("resync, DNP3 at every second byte", |n| case(protocols::dnp3(), repeated(b"\x05\x64", n), Way::Resync)),
    ("resync, ESP3 at every byte", |n| case(protocols::esp3(), vec![0x55; n], Way::Resync)),
    ("resync, XBee at every third byte", |n| {
        case(protocols::xbee().with_max_payload_len(64), repeated(b"\x7e\x00\x40", n), Way::Resync)
    }),
    ("resync, XBee escaped at every third byte", |n| {
        case(protocols::xbee_escaped(), repeated(b"\x7e\x00\x02", n), Way::Resync)
    }),
    ("resync, DLE STX at every second byte", |n| {
        case(Enclosed::new(b"\x10\x02", Doubled::dle_etx()).unwrap(), repeated(b"\x10\x02", n), Way::Resync)
    }),
    ("resync, dots with bare LF", |n| case(Dotted::new(), repeated(b"a\nb\r\n.\r\n", n), Way::Resync)),
    ("resync, SMP at every sixth byte", |n| case(SmpSerial::new(), repeated(b"\x06\x09AAsA", n), Way::Resync)),
    ("resync, MIDI, a status in each message", |n| case(protocols::midi(), repeated(b"\xf0\x01\x90", n), Way::Resync)),
    ("doubled, one frame of pairs", |n| case(Doubled::dle_etx(), vec![0x10; n & !1], Way::Frames)),
    ("dots, lines of dots", |n| case(Dotted::new(), repeated(b"..\r\n", n), Way::Frames)),
    ("escaped, one frame of escapes", |n| {
        let framing = EscapedFrame::new(Escaping::hdlc(), Prefix::u32_be()).unwrap();
        case(framing, [&b"\x7e"[..], &announced(n)[..4], &repeated(b"\x7d\x5d", n)].concat(), Way::Frames)
    }),
    ("SMP, one packet of many lines", |n| {
        let mut wire = Vec::new();
        SmpSerial::new().encode(&vec![b'a'; n], &mut wire).unwrap();
        case(SmpSerial::new(), wire, Way::Frames)
    }),
    ("until close, skipped", |n| case(UntilClose::new().with_max_payload_len(9), vec![b'a'; n], Way::Skip)),
];

/// Feeds one byte at a time and takes everything after each. Returns the count of events.
fn trickle(Case { framing, stream, way }: &Case) -> usize {
    let recovery = match way {
        Way::Skip => Recovery::SkipOversize,
        Way::SkipFrame => Recovery::SkipFrame,
        Way::Resync => Recovery::Resync,
        _ => Recovery::Fail,
    };
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let mut taken = 0;
    for byte in stream.chunks(1) {
        if let Way::ChunkFrames = way {
            let mut frames = decoder.frames_in(byte).expect("open");
            while frames.next_frame().expect("no error").is_some() {
                taken += 1;
            }
            continue;
        }
        if let Way::ForEach = way {
            decoder.frames_in(byte).expect("open").for_each(|_| taken += 1).expect("no error");
            continue;
        }
        decoder.push(byte).expect("open");
        if let Way::Need = way {
            taken += (0..3).filter(|_| decoder.need() == 0).count();
        }
        loop {
            let more = match way {
                Way::Pieces => decoder.next_piece().expect("no error").is_some(),
                Way::Frames => decoder.next_frame().expect("no error").is_some(),
                _ => decoder.next_event().expect("no error").is_some(),
            };
            if !more {
                break;
            }
            taken += 1;
        }
    }
    taken
}

/// Counts the instructions of this program with these arguments.
fn instructions(name: &str, n: usize) -> u64 {
    let program = std::env::current_exe().expect("a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([name, &n.to_string()])
        .output()
        .expect("valgrind, which counts the instructions, is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let count = said.lines().find_map(|line| line.split_once("Collected :")).map(|(_, count)| count.trim().parse());
    count.expect("a count").expect("a number")
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let wanted = if let [name] = &arguments[..] { name } else { "" };
    if let [name, n] = &arguments[..] {
        let (_, make) = CASES.iter().find(|(case, _)| case == name).expect("a case");
        println!("{}", trickle(&make(n.parse().expect("a number"))));
        return ExitCode::SUCCESS;
    }
    println!("| one byte at a time | n = {N} | 2n | 4n | 8n | a byte | 4n to 8n against 2n to 4n |");
    println!("| --- | --: | --: | --: | --: | --: | --: |");
    let mut good = true;
    for (name, _) in CASES.iter().filter(|(name, _)| name.contains(wanted)) {
        let [one, two, four, eight] = [1, 2, 4, 8].map(|times| instructions(name, times * N));
        #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
        let (growth, each) = ((eight - four) as f64 / (four - two) as f64, (eight - one) as f64 / (7 * N) as f64);
        println!("| {name} | {one} | {two} | {four} | {eight} | {each:.0} | {growth:.2} |");
        // Twice the bytes, twice the work; 4 would be quadratic. Growing blocks cost steps, which even out.
        good &= growth < 2.5;
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
