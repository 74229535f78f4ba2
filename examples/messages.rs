//! Run: cargo run --features nom --example messages
//!
//! The first byte is the type of a message, and determines how it ends: some types have a fixed length, some a length
//! prefix. Each becomes a variant of an enum, parsed with nom, and an error names the byte of the stream where it is.

use std::error::Error;

use anysplit::nom::parse_wire;
use anysplit::{Body, ByType, Decoder, Frame, Framing, Prefix};
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{map, map_res, rest};
use nom::number::complete::{be_f64, be_u16, be_u32};
use nom::sequence::preceded;
use nom::{IResult, Parser};

#[derive(Debug, PartialEq)]
enum Message<'a> {
    Ping(u32),
    Reading { sensor: u16, value: f64 },
    Text(&'a str),
}

/// A type byte and the rest: a fixed number of bytes, or a 16-bit length and that many bytes.
fn framing() -> impl Framing {
    let table = [
        (b'P', Body::Len(4)),
        (b'R', Body::Len(10)),
        (b'T', Body::Framed(Prefix::u16_be().with_max_payload_len(1000))),
    ];
    ByType::new(table).expect("every type stands in the table once")
}

fn message(wire: &[u8]) -> IResult<&[u8], Message<'_>> {
    alt((
        map(preceded(tag(&b"P"[..]), be_u32), Message::Ping),
        map(preceded(tag(&b"R"[..]), (be_u16, be_f64)), |(sensor, value)| Message::Reading { sensor, value }),
        // The framing has already used the length.
        map(preceded((tag(&b"T"[..]), be_u16), map_res(rest, std::str::from_utf8)), Message::Text),
    ))
    .parse(wire)
}

fn show(frame: &Frame<'_>) {
    match parse_wire(frame, message) {
        Ok(message) => println!("byte {:2}: {message:?}", frame.offset()),
        Err(error) => println!("{error}"),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut wire = Vec::new();
    for message in [&b"P\0\0\0\x07"[..], b"R\0\x02\x40\x45\0\0\0\0\0\0", b"Thello", b"T\xff not UTF-8", b"P\0\0\0\x08"]
    {
        framing().encode(message, &mut wire)?;
    }
    wire.extend_from_slice(b"X is no type");

    // The result does not depend on how the bytes arrive.
    let mut decoder = Decoder::new(framing());
    for chunk in wire.chunks(5) {
        decoder.push(chunk)?;
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => show(&frame),
                Ok(None) => break,
                Err(error) => {
                    println!("{error}");
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}
