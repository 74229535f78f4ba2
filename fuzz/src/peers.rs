//! This crate beside others, where both claim the same framing. What is known to differ is named where it is left out,
//! and shown by the tests in `tests/differences.rs`.

use anysplit::delimited::Unterminated;
use anysplit::number::Binary;
use anysplit::order::Order;
use anysplit::{DecodeErrorKind, Decoder, Delimited, EofError, Event, Framing, LengthField, Prefix, Recovery};
use arbitrary::{Result, Unstructured};
use bytes::{Bytes, BytesMut};
use tokio_util::codec::{AnyDelimiterCodec, Encoder as _, LengthDelimitedCodec, LinesCodec};

use crate::input::Input;

/// What a decoder made of a stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Made {
    pub payloads: Vec<Vec<u8>>,
    /// Whether an error ended it.
    pub failed: bool,
    pub skipped: usize,
}

/// What this crate makes of the chunks, and the error at the end.
pub fn ours(framing: &dyn Framing, recovery: Recovery, chunks: &[&[u8]]) -> (Made, Option<EofError>) {
    let mut made = Made::default();
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let mut chunks = chunks.iter();
    let mut over = false;
    loop {
        let next = if over { decoder.finish_event() } else { decoder.next_event().map_err(EofError::Decode) };
        match next {
            Ok(Some(Event::Skipped(_))) => made.skipped += 1,
            Ok(Some(Event::Frame(frame))) => made.payloads.push(frame.payload().to_vec()),
            Ok(None) if over => return (made, None),
            Ok(None) => match chunks.next() {
                Some(chunk) => decoder.push(chunk).expect("open"),
                None => over = true,
            },
            Err(error) => {
                made.failed = matches!(error, EofError::Decode(_));
                return (made, Some(error));
            }
        }
    }
}

/// What a codec of tokio-util makes of them; with `go_on` also after its errors.
pub fn codec<C>(mut codec: C, chunks: &[&[u8]], go_on: bool, end: bool) -> Made
where
    C: tokio_util::codec::Decoder,
    C::Item: AsRef<[u8]>,
{
    let mut made = Made::default();
    let mut buffer = BytesMut::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(item)) => made.payloads.push(item.as_ref().to_vec()),
                Ok(None) => break,
                Err(_) if go_on => made.skipped += 1,
                Err(_) => {
                    made.failed = true;
                    return made;
                }
            }
        }
    }
    while end {
        match codec.decode_eof(&mut buffer) {
            Ok(Some(item)) => made.payloads.push(item.as_ref().to_vec()),
            Ok(None) => break,
            Err(_) if go_on => made.skipped += 1,
            Err(_) => break,
        }
    }
    made
}

fn framer(framer: impl wire_codec::framing::Framer, chunks: &[&[u8]]) -> Made {
    let mut made = Made::default();
    let mut decoder = wire_codec::framing::StreamDecoder::new(framer);
    let mut buffer = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        loop {
            let consumed = match decoder.decode(&buffer) {
                Ok(Some(frame)) => {
                    made.payloads.push(frame.payload().to_vec());
                    frame.consumed()
                }
                Ok(None) => break,
                Err(_) => {
                    made.failed = true;
                    return made;
                }
            };
            buffer.drain(..consumed);
        }
    }
    made
}

fn written(framer: &impl wire_codec::framing::Framer, message: &[u8]) -> Option<Vec<u8>> {
    let mut room = vec![0; message.len() + 64];
    let mut out = wire_codec::WriteBuf::new(&mut room);
    framer.write_frame(message, &mut out).ok()?;
    let len = out.position();
    room.truncate(len);
    Some(room)
}

fn encoded(framing: &dyn Framing, message: &[u8]) -> Option<Vec<u8>> {
    let mut wire = Vec::new();
    (&framing).encode(message, &mut wire).ok().map(|_| wire)
}

/// All that is checked of this crate beside its peers. Whether the bytes described something.
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let mut u = Unstructured::new(input.config);
    compare(&mut u, &input).is_ok()
}

fn compare(u: &mut Unstructured, input: &Input) -> Result<()> {
    let chunks = &input.chunks()[..];
    match u.int_in_range(0..=6)? {
        0 => length_field(u, chunks),
        1 => any_delimiter(u, input.stream, chunks),
        2 => lines(input.stream, chunks),
        3 => varint(u, chunks),
        4 => wire_length(u, chunks),
        5 => wire_delimiter(u, chunks),
        _ => sixteen_and_sixty_four_bits(chunks),
    }
}

/// tokio-util's length codec.
fn length_field(u: &mut Unstructured, chunks: &[&[u8]]) -> Result<()> {
    let width = u.int_in_range(1..=8)?;
    let offset = u.int_in_range(0..=6)?;
    let order = if u.arbitrary()? { Order::Big } else { Order::Little };
    let adjustment: i32 = u.int_in_range(-40..=40)?;
    let greatest: u64 = u.int_in_range(0..=5000)?;
    let number = Binary::new(width, order).expect("1 to 8");
    // Theirs compares the number with the limit before the adjustment, ours the payload after it. And theirs lowers the
    // limit to the greatest payload that the field can say.
    let fits = u64::MAX >> (64 - 8 * width);
    let effective = greatest.min(fits.saturating_add_signed(adjustment.into()));
    let Some(max) = effective.checked_add_signed(adjustment.into()) else { return Ok(()) };
    let make = || {
        let mut builder = LengthDelimitedCodec::builder();
        builder
            .length_field_offset(offset)
            .length_field_length(width)
            .length_adjustment(adjustment as isize)
            .max_frame_length(greatest as usize);
        if order == Order::Little {
            builder.little_endian();
        }
        builder.new_codec()
    };
    let framing = LengthField::new(offset as u16, number)
        .expect("short")
        .with_length_adjustment(adjustment.into())
        .with_max_payload_len(max);
    // Their end is clean right after a header, so ends are not compared.
    let label = format!("{framing:?}, number up to {effective}");
    assert_eq!(ours(&framing, Recovery::Fail, chunks).0, codec(make(), chunks, false, false), "{label}");
    if offset == 0 {
        let prefix = Prefix::new(number).with_length_adjustment(adjustment.into()).with_max_payload_len(max);
        for message in chunks {
            let mut wire = BytesMut::new();
            let theirs = make().encode(Bytes::copy_from_slice(message), &mut wire).is_ok();
            let number = (message.len() as i64) - i64::from(adjustment);
            // Theirs compares the payload with the limit when it writes.
            let reads_back = number >= 0 && number as u64 <= effective.min(fits);
            match encoded(&prefix, message) {
                Some(ours) => {
                    assert!(reads_back);
                    assert!(!theirs || wire == ours);
                }
                None => assert!(!theirs || !reads_back, "refused without a reason"),
            }
        }
    }
    Ok(())
}

fn any_delimiter(u: &mut Unstructured, stream: &[u8], chunks: &[&[u8]]) -> Result<()> {
    let mut set: Vec<u8> = (0..u.int_in_range(1..=5)?).map(|_| u.choose(b"ab;\n\0").copied()).collect::<Result<_>>()?;
    set.sort_unstable();
    set.dedup();
    let delimiters: Vec<_> = set.iter().map(|&byte| [byte]).collect();
    let max = u.int_in_range(0..=30)?;
    let unlimited = u.arbitrary()?;
    let framing = Delimited::any_of(delimiters).expect("distinct").with_unterminated(Unterminated::Take);
    if unlimited {
        let theirs = codec(AnyDelimiterCodec::new(set, b"\n".to_vec()), chunks, false, true);
        assert_eq!(ours(&framing, Recovery::Fail, chunks), (theirs, None));
    } else {
        let framing = framing.with_max_payload_len(max);
        let theirs = AnyDelimiterCodec::new_with_max_length(set, b"\n".to_vec(), max as usize);
        let theirs = codec(theirs, chunks, true, true);
        let (ours, end) = ours(&framing, Recovery::SkipOversize, chunks);
        assert_eq!(end, None);
        assert_eq!(ours, theirs, "{max} {stream:?}");
    }
    Ok(())
}

fn lines(stream: &[u8], chunks: &[&[u8]]) -> Result<()> {
    // Theirs gives strings.
    if std::str::from_utf8(stream).is_err() {
        return Ok(());
    }
    let (mut ours, end) = ours(&Delimited::line(), Recovery::Fail, chunks);
    assert_eq!(end, None);
    // Theirs drops a CR at the end of the stream too, and a last line that is nothing else.
    if !stream.ends_with(b"\n") {
        if let Some(last) = ours.payloads.last_mut() {
            last.pop_if(|byte| *byte == b'\r');
        }
        if ours.payloads.last().is_some_and(Vec::is_empty) {
            ours.payloads.pop();
        }
    }
    assert_eq!(ours, codec(LinesCodec::new(), chunks, false, true));
    Ok(())
}

/// unsigned-varint's codec, and wire-codec's.
fn varint(u: &mut Unstructured, chunks: &[&[u8]]) -> Result<()> {
    let max = u.int_in_range(0..=3000)?;
    let framing = Prefix::leb128().with_max_payload_len(max);
    let make = || {
        let mut codec = unsigned_varint::codec::UviBytes::<Bytes>::default();
        codec.set_max_len(max as usize);
        codec
    };
    let (mine, end) = ours(&framing, Recovery::Fail, chunks);
    let canonical = wire_codec::framing::VarintPrefixed::new().with_max_payload(max as usize);
    assert_eq!(mine, framer(canonical, chunks), "wire-codec");
    let too_large = matches!(end, Some(EofError::Decode(error))
        if matches!(error.kind, DecodeErrorKind::NumberTooLarge { .. }));
    // Theirs shifts out what a tenth byte has above 1, and looks for an eleventh.
    if !too_large {
        assert_eq!(mine, codec(make(), chunks, false, false), "unsigned-varint");
    }
    for message in chunks {
        let mut wire = BytesMut::new();
        let theirs = make().encode(Bytes::copy_from_slice(message), &mut wire).ok().map(|()| wire.to_vec());
        assert_eq!(encoded(&framing, message), theirs);
        assert_eq!(encoded(&framing, message), written(&canonical, message));
    }
    Ok(())
}

fn wire_length(u: &mut Unstructured, chunks: &[&[u8]]) -> Result<()> {
    use wire_codec::framing::{Endian, LengthPrefixed, LengthWidth};
    let (width, bytes) = *u.choose(&[
        (LengthWidth::U8, 1),
        (LengthWidth::U16, 2),
        (LengthWidth::U24, 3),
        (LengthWidth::U32, 4),
        (LengthWidth::U64, 8),
    ])?;
    let (endian, order) = *u.choose(&[(Endian::Big, Order::Big), (Endian::Little, Order::Little)])?;
    let adjustment = match u.int_in_range(0..=9)? {
        0 => u.arbitrary()?,
        _ => i64::from(u.int_in_range(-20..=20)?),
    };
    // Theirs has no limit above what the number alone holds.
    let max = u.int_in_range(0..=3000)?.min(width.max_payload());
    let number = Binary::new(bytes, order).expect("1 to 8");
    let ours_framing = Prefix::new(number).with_length_adjustment(adjustment).with_max_payload_len(max);
    let theirs = LengthPrefixed::new(width, endian).with_max_payload(max).with_length_adjustment(adjustment);
    assert_eq!(ours(&ours_framing, Recovery::Fail, chunks).0, framer(theirs, chunks));
    for message in chunks {
        assert_eq!(encoded(&ours_framing, message), written(&theirs, message));
    }
    Ok(())
}

fn wire_delimiter(u: &mut Unstructured, chunks: &[&[u8]]) -> Result<()> {
    let len = u.int_in_range(1..=20)?;
    let delimiter: Vec<u8> = (0..len).map(|_| u.choose(b"ab\r\n").copied()).collect::<Result<_>>()?;
    let max = u.int_in_range(0..=60)?;
    let framing = Delimited::new(&delimiter).expect("not empty").with_max_payload_len(max);
    let theirs = wire_codec::framing::Delimited::new(&delimiter).expect("not empty").with_max_payload(max as usize);
    let (mine, _) = ours(&framing, Recovery::Fail, chunks);
    let made = framer(theirs, chunks);
    assert_eq!(mine.payloads, made.payloads);
    // Theirs waits for as many bytes as payload and delimiter can have; ours fails once no delimiter fits any more.
    assert!(mine.failed || !made.failed);
    for message in chunks {
        assert_eq!(encoded(&framing, message), written(&theirs, message));
    }
    Ok(())
}

/// bytecodec's combinators, and asynchronous-codec's length codec.
fn sixteen_and_sixty_four_bits(chunks: &[&[u8]]) -> Result<()> {
    use bytecodec::{Decode, DecodeExt, Eos};
    let mut decoder = bytecodec::fixnum::U16beDecoder::new()
        .and_then(|len| bytecodec::bytes::BytesDecoder::new(vec![0_u8; usize::from(len)]));
    let mut theirs = Made::default();
    for chunk in chunks {
        let mut rest = *chunk;
        while !rest.is_empty() {
            let consumed = decoder.decode(rest, Eos::new(false)).expect("any bytes are frames");
            rest = &rest[consumed..];
            if decoder.is_idle() {
                theirs.payloads.push(decoder.finish_decoding().expect("idle"));
            } else {
                assert!(rest.is_empty(), "not idle with bytes left");
            }
        }
    }
    assert_eq!(ours(&Prefix::u16_be(), Recovery::Fail, chunks).0, theirs, "bytecodec");

    let mut theirs = Made::default();
    let mut codec = asynchronous_codec::LengthCodec;
    let mut buffer = BytesMut::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(item) = asynchronous_codec::Decoder::decode(&mut codec, &mut buffer).expect("no errors there") {
            theirs.payloads.push(item.to_vec());
        }
    }
    // Theirs has no limit, and waits for ever for what no memory can hold.
    let framing = Prefix::u64_be().with_max_payload_len(u64::MAX);
    assert_eq!(ours(&framing, Recovery::Fail, chunks).0.payloads, theirs.payloads, "asynchronous-codec");
    Ok(())
}
