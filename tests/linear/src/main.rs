//! Counts the instructions that n, 2n, 4n and 8n bytes cost that come one at a time, and fails where the cost of
//! twice the bytes is not twice the cost. Needs `valgrind`.
//!
//! ```text
//! cargo run --release --manifest-path tests/linear/Cargo.toml
//! ```

use std::process::{Command, ExitCode};

use anysplit::number::{Ascii, Binary, Varint};
use anysplit::{ByType, Decoder, Delimited, Fixed, Framing, LengthField, Oversize, Prefix, Rest, UntilClose};

/// The least number of bytes.
const N: usize = 4096;

/// What trickles in.
struct Case {
    framing: Box<dyn Framing>,
    stream: Vec<u8>,
    way: Way,
}

#[derive(Clone, Copy)]
enum Way {
    Frames,
    FramesIn,
    Pieces,
    Skip,
}

type Make = fn(usize) -> Case;

fn case(framing: impl Framing + 'static, stream: Vec<u8>, way: Way) -> Case {
    Case { framing: Box::new(framing), stream, way }
}

fn repeated(bytes: &[u8], n: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(n).collect()
}

/// One frame of `n` bytes of payload behind this head.
fn behind(head: &[u8], n: usize) -> Vec<u8> {
    [head, &vec![b'a'; n]].concat()
}

fn announced(n: usize) -> Vec<u8> {
    behind(&u32::try_from(n).expect("small").to_be_bytes(), n)
}

/// A delimiter that begins as the stream does, again and again.
fn almost(delimiter: &[u8], n: usize) -> Vec<u8> {
    repeated(&delimiter[..delimiter.len() - 1], n)
}

/// 64 delimiters of 3 to 6 bytes that all end alike, none the beginning of another.
fn many() -> Vec<Vec<u8>> {
    (0..64_u8).map(|i| [&[b'0' + i][..], &b"aaaa"[..usize::from(i % 4)], b"a;"].concat()).collect()
}

const LONG: &[u8] = b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";

const CASES: &[(&str, Make)] = &[
    ("fixed, one frame", |n| case(Fixed::new(n as u64).unwrap(), vec![b'a'; n], Way::Frames)),
    ("fixed of 1, many frames", |n| case(Fixed::new(1).unwrap(), vec![b'a'; n], Way::Frames)),
    ("u32be, one frame", |n| case(Prefix::u32_be(), announced(n), Way::Frames)),
    ("u32be, one frame, frames_in", |n| case(Prefix::u32_be(), announced(n), Way::FramesIn)),
    ("u32be, one frame in pieces", |n| case(Prefix::u32_be(), announced(n), Way::Pieces)),
    ("u32be, one frame skipped", |n| case(Prefix::u32_be().with_max_payload_len(9), announced(n), Way::Skip)),
    ("u8, empty frames", |n| case(Prefix::u8(), vec![0; n], Way::Frames)),
    ("u8, empty frames skipped", |n| case(Prefix::u8().with_max_payload_len(0), repeated(b"\x01a", n), Way::Skip)),
    ("ascii5, many frames", |n| case(Prefix::ascii5(), repeated(b"00005hello", n), Way::Frames)),
    ("netstring, one frame", |n| case(Prefix::netstring(), behind(format!("{n}:").as_bytes(), n), Way::Frames)),
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
    ("length field, head of n bytes", |n| {
        let head = u16::try_from(n - 2).unwrap();
        let framing = LengthField::new(0, Binary::u16_be()).with_header_behind(head).unwrap();
        let framing = framing.with_required(head, b"a").unwrap();
        case(framing, behind(&[0, 0], n - 2), Way::Frames)
    }),
    ("length field, field at n", |n| {
        let framing = LengthField::new(u16::try_from(n - 2).unwrap(), Binary::u16_be());
        case(framing.with_required(0, b"aa").unwrap(), [vec![b'a'; n - 2], vec![0; 2]].concat(), Way::Frames)
    }),
    ("length field, padded", |n| {
        let framing = LengthField::new(0, Binary::u8()).with_padding_to(256).unwrap();
        case(framing, repeated(b"\x01aaaaaaaaaaaaaaaaa", n), Way::Frames)
    }),
    ("by type, nested", |n| {
        let framing = ByType::new([(b'a', Rest::Framed(Delimited::new(b"b").unwrap()))]).unwrap();
        case(framing, vec![b'a'; n], Way::Frames)
    }),
    ("lines, one", |n| case(Delimited::line(), vec![b'a'; n], Way::Frames)),
    ("lines, one of CR", |n| case(Delimited::line(), vec![b'\r'; n], Way::Frames)),
    ("lines, one of CR in pieces", |n| case(Delimited::line(), vec![b'\r'; n], Way::Pieces)),
    ("lines, one skipped", |n| case(Delimited::line().with_max_payload_len(9), vec![b'\r'; n], Way::Skip)),
    ("lines, one, frames_in", |n| case(Delimited::line(), vec![b'a'; n], Way::FramesIn)),
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
    ("until close, skipped", |n| case(UntilClose::new().with_max_payload_len(9), vec![b'a'; n], Way::Skip)),
];

/// One byte at a time, with everything taken after each. How much there was to take.
fn trickle(Case { framing, stream, way }: &Case) -> usize {
    let mut decoder = Decoder::new(framing);
    if let Way::Skip = way {
        decoder = decoder.with_oversize(Oversize::Skip);
    }
    let mut taken = 0;
    for byte in stream.chunks(1) {
        if let Way::FramesIn = way {
            let mut frames = decoder.frames_in(byte).expect("open");
            while frames.next_frame().expect("no fault").is_some() {
                taken += 1;
            }
            continue;
        }
        decoder.push(byte).expect("open");
        loop {
            let more = match way {
                Way::Pieces => decoder.next_piece().expect("no fault").is_some(),
                _ => match decoder.next_frame() {
                    Ok(frame) => frame.is_some(),
                    Err(error) => error.is_skipped() || panic!("{error}"),
                },
            };
            if !more {
                break;
            }
            taken += 1;
        }
    }
    taken
}

/// What this program costs with these arguments.
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
    if let [name, n] = &arguments[..] {
        let (_, make) = CASES.iter().find(|(case, _)| case == name).expect("a case");
        println!("{}", trickle(&make(n.parse().expect("a number"))));
        return ExitCode::SUCCESS;
    }
    println!("| one byte at a time | n = {N} | 2n | 4n | 8n | a byte | 4n to 8n against 2n to 4n |");
    println!("| --- | --: | --: | --: | --: | --: | --: |");
    let mut good = true;
    for (name, _) in CASES {
        let [one, two, four, eight] = [1, 2, 4, 8].map(|times| instructions(name, times * N));
        #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
        let (growth, each) = ((eight - four) as f64 / (four - two) as f64, (eight - one) as f64 / (7 * N) as f64);
        println!("| {name} | {one} | {two} | {four} | {eight} | {each:.0} | {growth:.2} |");
        // Twice the bytes, twice the work; 4 would be quadratic. Blocks that grow make steps, which even out.
        good &= growth < 2.5;
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
