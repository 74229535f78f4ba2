//! The codecs of tokio-util, for vectors/peers/run.py: a request a line on standard input, an answer a line.

use std::io::{BufRead, Write};

use bytes::BytesMut;
use serde_json::{Value, json};
use tokio_util::codec::{AnyDelimiterCodec, Decoder, LengthDelimitedCodec, LinesCodec};

/// The version in Cargo.lock.
const LOCK: &str = include_str!("../Cargo.lock");

fn version() -> &'static str {
    let package = LOCK.split("[[package]]").find(|package| package.contains("name = \"tokio-util\"")).unwrap_or("");
    package.split("version = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("unknown")
}

fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("digits")).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Decodes as `FramedRead` does: `decode` until it wants more, then more bytes; `decode_eof` at the end.
fn run<D: Decoder>(mut codec: D, input: &[u8], cuts: &[usize], show: impl Fn(D::Item) -> Vec<u8>) -> Value {
    let (mut buffer, mut messages, mut at) = (BytesMut::new(), Vec::new(), 0);
    for &end in cuts.iter().chain([&input.len()]) {
        buffer.extend_from_slice(&input[at..end]);
        at = end;
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(item)) => messages.push(hex(&show(item))),
                Ok(None) => break,
                Err(_) => return json!({ "messages": messages, "end": "error" }),
            }
        }
    }
    loop {
        match codec.decode_eof(&mut buffer) {
            Ok(Some(item)) => messages.push(hex(&show(item))),
            Ok(None) => return json!({ "messages": messages, "end": "clean" }),
            Err(_) => return json!({ "messages": messages, "end": "error" }),
        }
    }
}

/// A number of whole bytes before each message, with or without itself in it, and a limit.
fn length_delimited(spec: &str) -> Option<LengthDelimitedCodec> {
    let mut parts = spec.split(',');
    let number = parts.next()?.strip_prefix('u')?;
    let (bits, little) = match number.strip_suffix("le") {
        Some(bits) => (bits, true),
        None => (number.strip_suffix("be").unwrap_or(number), false),
    };
    let width = bits.parse::<usize>().ok().filter(|bits| bits % 8 == 0)? / 8;
    let mut builder = LengthDelimitedCodec::builder();
    builder.length_field_length(width).max_frame_length(8 << 20);
    if little {
        builder.little_endian();
    }
    for option in parts {
        if option == "self" {
            builder.length_adjustment(-isize::try_from(width).ok()?).num_skip(width);
        } else if let Some(adjust) = option.strip_prefix("adjust=") {
            builder.length_adjustment(adjust.parse().ok()?).num_skip(width);
        } else {
            builder.max_frame_length(option.strip_prefix("max=")?.parse().ok()?);
        }
    }
    Some(builder.new_codec())
}

fn any_delimiter(spec: &str) -> Option<AnyDelimiterCodec> {
    let set = spec.strip_prefix("delim:")?.split('|').map(|delimiter| match delimiter {
        "\\n" => Some(b'\n'),
        "\\0" => Some(b'\0'),
        one => one.as_bytes().first().copied().filter(|_| one.len() == 1),
    });
    let set: Vec<u8> = set.collect::<Option<_>>()?;
    Some(AnyDelimiterCodec::new(set.clone(), set[..1].to_vec()))
}

fn answer(request: &Value) -> Value {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    let (spec, input) = (text("framing"), bytes(text("input")));
    let splits = request["splits"].as_array().map(Vec::as_slice).unwrap_or_default();
    let outcomes = splits.iter().map(|cuts| {
        let cuts: Vec<usize> = serde_json::from_value(cuts.clone()).expect("indices");
        match text("library") {
            "LengthDelimitedCodec" => {
                length_delimited(spec).map(|codec| run(codec, &input, &cuts, |message| message.to_vec()))
            }
            "AnyDelimiterCodec" => any_delimiter(spec).map(|codec| run(codec, &input, &cuts, |message| message.to_vec())),
            _ => {
                let codec = match spec.strip_prefix("line,max=") {
                    Some(max) => Some(LinesCodec::new_with_max_length(max.parse().expect("a number"))),
                    None => (spec == "line" || spec == "line,crlf").then(LinesCodec::new),
                };
                codec.map(|codec| run(codec, &input, &cuts, String::into_bytes))
            }
        }
    });
    match outcomes.collect::<Option<Vec<_>>>() {
        Some(outcomes) => json!({ "outcomes": outcomes }),
        None => json!({ "outcomes": null }),
    }
}

fn main() {
    let names = ["LengthDelimitedCodec", "LinesCodec", "AnyDelimiterCodec"];
    let libraries: Vec<_> = names.iter().map(|name| json!([name, format!("tokio-util {}", version())])).collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!(libraries)).expect("an open pipe");
    for line in std::io::stdin().lock().lines() {
        let request = serde_json::from_str(&line.expect("text")).expect("JSON");
        writeln!(out, "{}", answer(&request)).expect("an open pipe");
        out.flush().expect("an open pipe");
    }
}
