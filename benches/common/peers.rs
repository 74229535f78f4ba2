//! The peers, each used as its documentation says.
//!
//! Where one does less work than this crate, the function says so.

use std::io::{BufRead, Read};

use bytes::{Bytes, BytesMut};
use futures::{FutureExt, StreamExt};
use tokio_util::codec::{AnyDelimiterCodec, Decoder, Encoder, FramedRead, LengthDelimitedCodec, LinesCodec};
use wire_codec::framing::{self, Framer};

use super::{Chunks, Sum};

const MAX: usize = 8 << 20;

/// A hand-written loop over bytes that are all in memory: no errors, no limit except the sizes.
#[inline(never)]
pub(crate) fn bare(wire: &[u8]) -> Sum {
    let mut sum = Sum::default();
    bare_loop(wire, &mut sum);
    sum
}

#[inline]
fn bare_loop<'a>(mut rest: &'a [u8], sum: &mut Sum) -> &'a [u8] {
    while let Some((header, after)) = rest.split_first_chunk::<4>() {
        let len = u32::from_be_bytes(*header) as usize;
        assert!(len <= MAX);
        let Some((payload, after)) = after.split_at_checked(len) else { break };
        sum.add(payload);
        rest = after;
    }
    rest
}

/// The loop over chunks: it copies the frame that a chunk's end cuts.
#[inline(never)]
pub(crate) fn bare_chunks(wire: &[u8], chunk: usize) -> Sum {
    let mut sum = Sum::default();
    let mut carry: Vec<u8> = Vec::new();
    for mut chunk in wire.chunks(chunk) {
        while !carry.is_empty() && !chunk.is_empty() {
            let frame = match carry.first_chunk::<4>() {
                None => 4,
                Some(header) => {
                    let len = u32::from_be_bytes(*header) as usize;
                    assert!(len <= MAX);
                    4 + len
                }
            };
            let (here, after) = chunk.split_at((frame - carry.len()).min(chunk.len()));
            carry.extend_from_slice(here);
            chunk = after;
            if carry.len() >= 4 && carry.len() == 4 + u32::from_be_bytes(*carry.first_chunk().unwrap()) as usize {
                sum.add(&carry[4..]);
                carry.clear();
            }
        }
        carry.extend_from_slice(bare_loop(chunk, &mut sum));
    }
    sum
}

/// Lines in a buffer, with a search that goes on where it stopped.
#[inline(never)]
pub(crate) fn buffered_lines(wire: &[u8], chunk: usize) -> Sum {
    let mut sum = Sum::default();
    let (mut buffer, mut scanned) = (Vec::new(), 0);
    for chunk in wire.chunks(chunk) {
        buffer.extend_from_slice(chunk);
        let mut start = 0;
        while let Some(at) = memchr::memchr(b'\n', &buffer[scanned..]) {
            let line = &buffer[start..scanned + at];
            assert!(line.len() <= MAX);
            sum.add(line.strip_suffix(b"\r").unwrap_or(line));
            start = scanned + at + 1;
            scanned = start;
        }
        buffer.drain(..start);
        scanned = buffer.len();
    }
    sum
}

/// Headers with a `Content-Length` in a buffer, with a search that goes on where it stopped.
#[inline(never)]
pub(crate) fn buffered_headers(wire: &[u8], chunk: usize) -> Sum {
    let mut sum = Sum::default();
    let (mut buffer, mut scanned, mut known) = (Vec::new(), 0_usize, None);
    for chunk in wire.chunks(chunk) {
        buffer.extend_from_slice(chunk);
        loop {
            let (header, len) = match known {
                Some(known) => known,
                None => {
                    let from = scanned.saturating_sub(3);
                    let Some(at) = memchr::memmem::find(&buffer[from..], b"\r\n\r\n") else {
                        scanned = buffer.len();
                        break;
                    };
                    let header = from + at + 4;
                    let len = content_length(&buffer[..header]);
                    assert!(len <= MAX);
                    (header, len)
                }
            };
            if buffer.len() < header + len {
                known = Some((header, len));
                break;
            }
            sum.add(&buffer[header..header + len]);
            buffer.drain(..header + len);
            (scanned, known) = (0, None);
        }
    }
    sum
}

fn content_length(header: &[u8]) -> usize {
    for line in header.split(|&byte| byte == b'\n') {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { continue };
        if line[..colon].eq_ignore_ascii_case(b"content-length") {
            return std::str::from_utf8(&line[colon + 1..]).unwrap().trim().parse().unwrap();
        }
    }
    panic!("no length")
}

/// One `Bytes` for each payload, as a codec written by hand makes them: `split_to` and `freeze`.
#[inline(never)]
pub(crate) fn split_length(wire: &[u8], chunk: usize) -> Sum {
    let mut sum = Sum::default();
    let mut buffer = BytesMut::new();
    for chunk in wire.chunks(chunk) {
        buffer.extend_from_slice(chunk);
        while let Some(header) = buffer.first_chunk::<4>() {
            let len = u32::from_be_bytes(*header) as usize;
            assert!(len <= MAX);
            if buffer.len() < 4 + len {
                break;
            }
            let frame = buffer.split_to(4 + len).freeze();
            sum.add(&frame.slice(4..));
        }
    }
    sum
}

fn codec<C: Decoder>(mut codec: C, wire: &[u8], chunk: usize, mut add: impl FnMut(&mut Sum, C::Item)) -> Sum
where
    C::Error: core::fmt::Debug,
{
    let mut buffer = BytesMut::new();
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        buffer.extend_from_slice(chunk);
        while let Some(item) = codec.decode(&mut buffer).unwrap() {
            add(&mut sum, item);
        }
    }
    sum
}

#[inline(never)]
pub(crate) fn tokio_length(wire: &[u8], chunk: usize) -> Sum {
    codec(LengthDelimitedCodec::new(), wire, chunk, |sum, payload| sum.add(&payload))
}

/// In `FramedRead`, from a transport that is never late.
#[inline(never)]
pub(crate) fn tokio_framed_length(wire: &[u8], chunk: usize) -> Sum {
    framed(LengthDelimitedCodec::new(), wire, chunk, |sum, payload| sum.add(&payload))
}

/// As `tokio_framed_length`; returns `String`s.
#[inline(never)]
pub(crate) fn tokio_framed_lines(wire: &[u8], chunk: usize) -> Sum {
    framed(LinesCodec::new(), wire, chunk, |sum, line| sum.add(line.as_bytes()))
}

fn framed<C: Decoder>(codec: C, wire: &[u8], chunk: usize, mut add: impl FnMut(&mut Sum, C::Item)) -> Sum
where
    C::Error: core::fmt::Debug,
{
    let all = async {
        let mut frames = FramedRead::new(Chunks { rest: wire, chunk }, codec);
        let mut sum = Sum::default();
        while let Some(frame) = frames.next().await {
            add(&mut sum, frame.unwrap());
        }
        sum
    };
    all.now_or_never().unwrap()
}

/// Returns `String`s: checks for UTF-8 too, and allocates each.
#[inline(never)]
pub(crate) fn tokio_lines(wire: &[u8], chunk: usize) -> Sum {
    codec(LinesCodec::new(), wire, chunk, |sum, line| sum.add(line.as_bytes()))
}

#[inline(never)]
pub(crate) fn tokio_any(wire: &[u8], chunk: usize, delimiters: &[u8]) -> Sum {
    let any = AnyDelimiterCodec::new(delimiters.to_vec(), delimiters.to_vec());
    codec(any, wire, chunk, |sum, payload| sum.add(&payload))
}

#[inline(never)]
pub(crate) fn tokio_encode(payloads: &[Bytes], out: &mut BytesMut) {
    let mut codec = LengthDelimitedCodec::new();
    for payload in payloads {
        codec.encode(payload.clone(), out).unwrap();
    }
}

/// Its prefix has 64 bits, so its wire is another.
#[inline(never)]
pub(crate) fn asynchronous_length(wire: &[u8], chunk: usize) -> Sum {
    use asynchronous_codec::Decoder;
    let mut codec = asynchronous_codec::LengthCodec;
    let mut buffer = BytesMut::new();
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        buffer.extend_from_slice(chunk);
        while let Some(payload) = codec.decode(&mut buffer).unwrap() {
            sum.add(&payload);
        }
    }
    sum
}

/// Returns `String`s with their LF.
#[inline(never)]
pub(crate) fn asynchronous_lines(wire: &[u8], chunk: usize) -> Sum {
    use asynchronous_codec::Decoder;
    let mut codec = asynchronous_codec::LinesCodec;
    let mut buffer = BytesMut::new();
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        buffer.extend_from_slice(chunk);
        while let Some(line) = codec.decode(&mut buffer).unwrap() {
            sum.add(line.strip_suffix('\n').unwrap_or(&line).as_bytes());
        }
    }
    sum
}

/// Over bytes that are all in memory.
fn framer(framer: &impl Framer, wire: &[u8]) -> Sum {
    let mut sum = Sum::default();
    let mut rest = wire;
    while let Some(frame) = framer.next_frame(rest).unwrap() {
        sum.add(frame.payload());
        rest = &rest[frame.consumed()..];
    }
    sum
}

#[inline(never)]
pub(crate) fn wire_length(wire: &[u8]) -> Sum {
    framer(&framing::LengthPrefixed::bounded(framing::LengthWidth::U32, framing::Endian::Big), wire)
}

/// In a buffer, as its documentation has it for a connection.
fn wire_buffered(framer: impl Framer, wire: &[u8], chunk: usize) -> Sum {
    let mut sum = Sum::default();
    let mut decoder = framing::StreamDecoder::new(framer);
    let mut buffer = Vec::new();
    for chunk in wire.chunks(chunk) {
        buffer.extend_from_slice(chunk);
        let mut start = 0;
        while let Some(frame) = decoder.decode(&buffer[start..]).unwrap() {
            sum.add(frame.payload());
            start += frame.consumed();
        }
        buffer.drain(..start);
    }
    sum
}

#[inline(never)]
pub(crate) fn wire_length_buffered(wire: &[u8], chunk: usize) -> Sum {
    wire_buffered(framing::LengthPrefixed::bounded(framing::LengthWidth::U32, framing::Endian::Big), wire, chunk)
}

#[inline(never)]
pub(crate) fn wire_lines_buffered(wire: &[u8], chunk: usize) -> Sum {
    wire_buffered(framing::Delimited::bounded(b"\n").unwrap(), wire, chunk)
}

#[inline(never)]
pub(crate) fn wire_varint(wire: &[u8]) -> Sum {
    framer(&framing::VarintPrefixed::new(), wire)
}

#[inline(never)]
pub(crate) fn wire_lines(wire: &[u8]) -> Sum {
    framer(&framing::Delimited::bounded(b"\n").unwrap(), wire)
}

/// The bytes must all be in memory.
#[inline(never)]
pub(crate) fn nom_length(wire: &[u8]) -> Sum {
    use nom::Parser;
    let mut sum = Sum::default();
    let mut rest = wire;
    let mut parser = nom::multi::length_data(nom::number::streaming::be_u32::<_, nom::error::Error<&[u8]>>);
    while let Ok((after, payload)) = parser.parse(rest) {
        sum.add(payload);
        rest = after;
    }
    sum
}

/// A decoder of two parts, which it builds again for each frame. It copies the payload.
#[inline(never)]
pub(crate) fn bytecodec_length(wire: &[u8], chunk: usize) -> Sum {
    use bytecodec::bytes::BytesDecoder;
    use bytecodec::fixnum::U32beDecoder;
    use bytecodec::{Decode, DecodeExt, Eos};
    let mut decoder = U32beDecoder::new().and_then(|len| BytesDecoder::new(vec![0_u8; len as usize]));
    let mut sum = Sum::default();
    for mut chunk in wire.chunks(chunk) {
        while !chunk.is_empty() {
            let taken = decoder.decode(chunk, Eos::new(false)).unwrap();
            chunk = &chunk[taken..];
            if decoder.is_idle() {
                sum.add(&decoder.finish_decoding().unwrap());
            }
        }
    }
    sum
}

/// `read_exact` twice a frame, out of a buffer of 8 KiB.
#[inline(never)]
pub(crate) fn std_length(wire: &[u8], chunk: usize) -> Sum {
    let mut reader = std::io::BufReader::new(Chunks { rest: wire, chunk });
    let mut sum = Sum::default();
    let (mut header, mut payload) = ([0; 4], Vec::new());
    while reader.read_exact(&mut header).is_ok() {
        payload.resize(u32::from_be_bytes(header) as usize, 0);
        reader.read_exact(&mut payload).unwrap();
        sum.add(&payload);
    }
    sum
}

/// It only looks for a line feed: no CR, no limit.
#[inline(never)]
pub(crate) fn std_lines(wire: &[u8], chunk: usize) -> Sum {
    let mut reader = std::io::BufReader::new(Chunks { rest: wire, chunk });
    let mut sum = Sum::default();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).unwrap() > 0 {
        sum.add(line.strip_suffix(b"\n").unwrap_or(&line));
        line.clear();
    }
    sum
}

fn cut(wire: &[u8], ends: impl Iterator<Item = usize>, delimiter: usize) -> Sum {
    let mut sum = Sum::default();
    let mut start = 0;
    for end in ends {
        sum.add(&wire[start..end]);
        start = end + delimiter;
    }
    sum
}

/// All bytes in one piece: no CR, no limit, no chunks.
#[inline(never)]
pub(crate) fn memchr_lines(wire: &[u8]) -> Sum {
    cut(wire, memchr::memchr_iter(b'\n', wire), 1)
}

#[inline(never)]
pub(crate) fn memchr3(wire: &[u8], [a, b, c]: [u8; 3]) -> Sum {
    cut(wire, memchr::memchr3_iter(a, b, c, wire), 1)
}

#[inline(never)]
pub(crate) fn memmem(wire: &[u8], delimiter: &[u8]) -> Sum {
    cut(wire, memchr::memmem::Finder::new(delimiter).find_iter(wire), delimiter.len())
}

/// The cobs crate's streaming decoder, which takes frames of any length that its buffer holds.
#[inline(never)]
pub(crate) fn cobs(wire: &[u8], chunk: usize) -> Sum {
    let mut sum = Sum::default();
    let mut payload = [0; 8192];
    let mut chunks = wire.chunks(chunk);
    let mut rest: &[u8] = &[];
    loop {
        let mut decoder = cobs::CobsDecoder::new(&mut payload);
        let len = loop {
            if rest.is_empty() {
                let Some(next) = chunks.next() else { return sum };
                rest = next;
            }
            match decoder.push(rest).unwrap() {
                Some((len, used)) => {
                    rest = &rest[used..];
                    break len;
                }
                None => rest = &[],
            }
        };
        sum.add(&payload[..len]);
    }
}

/// The corncobs crate's streaming decoder, which takes a byte at a time.
#[inline(never)]
pub(crate) fn corncobs(wire: &[u8], chunk: usize) -> Sum {
    let mut sum = Sum::default();
    let mut decoder = corncobs::Decoder::default();
    let mut payload = Vec::with_capacity(8192);
    for chunk in wire.chunks(chunk) {
        for &byte in chunk {
            match decoder.advance(byte).unwrap() {
                corncobs::DecodeStatus::Pending => {}
                corncobs::DecodeStatus::Append(byte) => payload.push(byte),
                corncobs::DecodeStatus::Done => {
                    sum.add(&payload);
                    payload.clear();
                    decoder = corncobs::Decoder::default();
                }
            }
        }
    }
    sum
}

/// The corncobs crate's decoder of complete frames, after a search for their ends in bytes that are all in memory.
#[inline(never)]
pub(crate) fn corncobs_complete(wire: &[u8]) -> Sum {
    let mut sum = Sum::default();
    let mut payload = [0; 8192];
    let mut start = 0;
    for end in memchr::memchr_iter(0, wire) {
        let len = corncobs::decode_buf(&wire[start..=end], &mut payload).unwrap();
        start = end + 1;
        sum.add(&payload[..len]);
    }
    sum
}

/// The slip-codec crate's decoder, which reads a byte at a time.
#[inline(never)]
pub(crate) fn slip_codec(wire: &[u8], chunk: usize) -> Sum {
    let mut sum = Sum::default();
    let mut decoder = slip_codec::SlipDecoder::new();
    let mut payload = Vec::with_capacity(8192);
    let mut chunks = Chunks { rest: wire, chunk };
    while decoder.decode(&mut chunks, &mut payload).is_ok() {
        sum.add(&payload);
        payload.clear();
    }
    sum
}

/// The cobs crate's encoder of complete messages, plus the zero that it omits.
#[inline(never)]
pub(crate) fn cobs_encode(payload: &[u8], out: &mut [u8]) -> usize {
    let len = cobs::encode(payload, out);
    out[len] = 0;
    len + 1
}

/// A hand-written search for END and unstuffing loop, over bytes that are all in memory: no errors and no limit.
#[inline(never)]
pub(crate) fn slip(wire: &[u8]) -> Sum {
    let mut sum = Sum::default();
    let mut opened = Vec::with_capacity(8192);
    let mut start = 0;
    for end in memchr::memchr_iter(0xc0, wire) {
        let mut rest = &wire[start..end];
        start = end + 1;
        if rest.is_empty() {
            continue;
        }
        opened.clear();
        while let Some(at) = memchr::memchr(0xdb, rest) {
            opened.extend_from_slice(&rest[..at]);
            opened.push(if rest.get(at + 1) == Some(&0xdc) { 0xc0 } else { 0xdb });
            rest = &rest[(at + 2).min(rest.len())..];
        }
        opened.extend_from_slice(rest);
        sum.add(&opened);
    }
    sum
}

/// A length and the payload, into a `Vec` that is large enough.
#[inline(never)]
pub(crate) fn length_encode(payloads: &[Vec<u8>], out: &mut Vec<u8>) {
    for payload in payloads {
        out.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_be_bytes());
        out.extend_from_slice(payload);
    }
}

/// The mavlink crate's reader, which resynchronises too. The message stays a packet of bytes, in an array of the greatest length.
#[inline(never)]
pub(crate) fn mavlink(wire: &[u8], chunk: usize) -> Sum {
    let mut reader = mavlink::MavlinkReader::with_capacity(chunk, Chunks { rest: wire, chunk });
    let mut sum = Sum::default();
    while let Ok(packet) = reader.read_any_raw_message::<mavlink::dialects::minimal::MavMessage>() {
        sum.add(packet.payload());
    }
    sum
}

/// The ublox crate's parser, which resynchronises too. It looks up the number of the message, which it does not know.
#[inline(never)]
pub(crate) fn ublox(wire: &[u8], chunk: usize) -> Sum {
    use ublox::proto23::PacketRef;
    use ublox::{ParserBuilder, UbxPacket};
    let mut parser = ParserBuilder::new().with_vec_buffer();
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        let mut packets = parser.consume_ubx(chunk);
        while let Some(packet) = packets.next() {
            match packet.unwrap() {
                UbxPacket::Proto23(PacketRef::Unknown(packet)) => sum.add(packet.payload),
                other => panic!("{other:?}"),
            }
        }
    }
    sum
}
