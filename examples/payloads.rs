//! Run: cargo run --features nom --example payloads
//!
//! A frame's payload is bytes; other crates give them a meaning. The same record, read and written with nom,
//! byteorder, serde (JSON and postcard) and prost, straight into and out of frames.

use std::error::Error;
use std::io::Cursor;

use anysplit::nom::parse_payload;
use anysplit::{Decoder, EncodeError, Frame, Framing, Prefix};
use byteorder::{BE, ReadBytesExt, WriteBytesExt};
use bytes::{BufMut, BytesMut};
use nom::combinator::map;
use nom::number::complete::{be_f64, be_u16};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize, prost::Message)]
struct Reading {
    #[prost(uint32, tag = "1")]
    sensor: u32,
    #[prost(double, tag = "2")]
    value: f64,
}

/// Either the framing or the serialiser may refuse.
#[derive(Debug)]
struct Failed(Box<dyn Error>);

impl From<EncodeError> for Failed {
    fn from(refusal: EncodeError) -> Self {
        Self(refusal.into())
    }
}

/// Lets each serialiser write into the frame, whose length is filled in afterwards: no buffer in between.
fn write(out: &mut BytesMut, reading: Reading) -> Result<(), Box<dyn Error>> {
    let framing = Prefix::u16_be();
    let mut begin = out.len();
    let mut done = |name: &str, out: &BytesMut| {
        println!("{name:9} {:2} bytes in the frame  {}", out.len() - begin, out[begin..].escape_ascii());
        begin = out.len();
    };

    let sensor = u16::try_from(reading.sensor)?;
    framing.encode_with(out, |out| {
        out.put_u16(sensor);
        out.put_f64(reading.value);
    })?;
    done("nom", out);

    framing
        .try_encode_with(out, |out| {
            let mut out = out.writer();
            let written = out.write_u16::<BE>(sensor).and_then(|()| out.write_f64::<BE>(reading.value));
            written.map_err(|error| Failed(error.into()))
        })
        .map_err(|Failed(error)| error)?;
    done("byteorder", out);

    framing
        .try_encode_with(out, |out| serde_json::to_writer(out.writer(), &reading).map_err(|error| Failed(error.into())))
        .map_err(|Failed(error)| error)?;
    done("JSON", out);

    framing
        .try_encode_with(out, |out| {
            let written = postcard::to_io(&reading, out.writer());
            written.map(drop).map_err(|error| Failed(error.into()))
        })
        .map_err(|Failed(error)| error)?;
    done("postcard", out);

    framing
        .try_encode_with(out, |out| prost::Message::encode(&reading, out).map_err(|error| Failed(error.into())))
        .map_err(|Failed(error)| error)?;
    done("prost", out);
    Ok(())
}

/// Reads the frame with this number.
fn read(number: usize, frame: &Frame<'_>) -> Result<Reading, Box<dyn Error>> {
    let payload = frame.payload();
    Ok(match number {
        0 => {
            let parser = map((be_u16, be_f64), |(sensor, value)| Reading { sensor: sensor.into(), value });
            parse_payload(frame, parser)?
        }
        1 => {
            let mut payload = Cursor::new(payload);
            Reading { sensor: payload.read_u16::<BE>()?.into(), value: payload.read_f64::<BE>()? }
        }
        2 => serde_json::from_slice(payload)?,
        3 => postcard::from_bytes(payload)?,
        _ => prost::Message::decode(payload)?,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let reading = Reading { sensor: 7, value: 21.5 };
    let mut wire = BytesMut::new();
    write(&mut wire, reading)?;

    let mut decoder = Decoder::new(Prefix::u16_be());
    let mut count = 0;
    for chunk in wire.chunks(10) {
        decoder.push(chunk)?;
        while let Some(frame) = decoder.next_frame()? {
            assert_eq!(read(count, &frame)?, reading);
            count += 1;
        }
    }
    println!("all {count} read back the same: {reading:?}");
    Ok(())
}
