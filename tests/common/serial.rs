//! Protocols of serial lines, each with a train of messages of mixed lengths, half of them with sync words, delimiters or
//! frames with a wrong check inside.

#![allow(dead_code, reason = "no test uses all of it")]

use anysplit::bytes::Buf;
use anysplit::{Decoder, Dotted, Doubled, Enclosed, Encoder, Framing, protocols};

/// A protocol, and how messages of it are made.
pub(crate) struct Serial {
    pub(crate) name: &'static str,
    /// How many bits its check has: with n bits, one damaged frame in 2^n passes. 0 without a check.
    pub(crate) bits: u32,
    /// Length of the header on the wire, which is the longest burst.
    pub(crate) header: usize,
    /// Bytes that mean something to a reader that is looking for a frame, as far as a payload can hold them: no complete frame,
    /// which `Resync` would take.
    marks: &'static [u8],
    /// The message of a number and these bytes.
    message: fn(u8, &[u8]) -> Vec<u8>,
}

const fn serial(
    name: &'static str,
    bits: u32,
    header: usize,
    marks: &'static [u8],
    message: fn(u8, &[u8]) -> Vec<u8>,
) -> Serial {
    Serial { name, bits, header, marks, message }
}

/// A header and what follows. The framing fills in the lengths.
fn after(header: &[u8], bytes: &[u8]) -> Vec<u8> {
    [header, bytes].concat()
}

/// A frame of the format class FT 1.2, which has its length twice.
fn ft12(at: u8, bytes: &[u8]) -> Vec<u8> {
    let len = u8::try_from(bytes.len() + 2).unwrap();
    after(&[0x68, len, len, 0x68, 0x53, at], bytes)
}

/// Letters, digits and signs, without those that end a payload in protocols of text.
fn text(bytes: &[u8]) -> Vec<u8> {
    let is_text = |byte: u8| byte.is_ascii_graphic() && !b"!#*".contains(&byte);
    bytes.iter().map(|&byte| if is_text(byte) { byte } else { b'0' + byte % 10 }).collect()
}

/// Lengths of the payloads, in turn.
const LENGTHS: [usize; 6] = [1, 24, 3, 9, 14, 5];

/// All of them. `stx` is DLE STX to DLE ETX, `telnet` a subnegotiation of Telnet, and `dots` the lines of a mail.
pub(crate) const ALL: &[Serial] = &[
    serial("crsf", 8, 3, b"\xc8\x04\x28\x00\xea\xab", |at, bytes| after(&[0xc8, 0, at], bytes)),
    serial("dnp3", 16, 10, b"\x05\x64\x05\xc0\x01\x00\x00\x04\xe9\xde", |at, bytes| {
        after(&[5, 0x64, 0, 0xc4, at, 0, 0, 4, 0, 0], bytes)
    }),
    serial("dsmr", 16, 1, b"/I5\r\n", |at, bytes| after(format!("/ISk5\\{at}\r\n\r\n").as_bytes(), &text(bytes))),
    serial("esp3", 8, 6, b"\x55\x00\x01\x00\x05\x70\x08\xc7", |at, bytes| {
        after(&[0x55, 0, 0, 0, 1, 0], &after(bytes, &[at]))
    }),
    serial("gdb", 8, 1, b"$OK$}", |at, bytes| after(format!("m{at:x},").as_bytes(), &text(bytes))),
    serial("gdb-requests", 8, 1, b"$OK#06", |at, bytes| after(&[b'X', at], bytes)),
    serial("hdlc", 16, 3, b"\x7e\xff\x7d\x23\x7e", |at, bytes| after(&[0xff, 3, at], bytes)),
    serial("hdlc-fcs32", 32, 3, b"\x7e\xff\x7d\x23\x7e", |at, bytes| after(&[0xff, 3, at], bytes)),
    serial("iec101", 8, 4, b"\x10\x49\x01\xb5\x16", ft12),
    serial("mavlink", 16, 10, b"\xfe\x09\x00\x01\x01\x00\xfd\x00", |at, bytes| match at % 4 {
        0 | 1 => after(&[0xfe, 0, at, 1, 1, 0], bytes),
        _ => after(&[0xfd, 0, 0, 0, at, 1, 1, 0, 0, 0], bytes),
    }),
    // The signature stands after the check, which does not cover it.
    serial("mavlink, signed", 0, 10, b"\xfe\x09\x00\x01\x01\x00\xfd\x00", |at, bytes| {
        after(&[0xfd, 0, 1, 0, at, 1, 1, 0, 0, 0], &after(bytes, &[0xfe; 13]))
    }),
    serial("mbus", 8, 4, b"\x10\x40\xfe\xc1\x16", ft12),
    // Every fourth message has the status of the one before it, and every other one of the others is system exclusive, which
    // may hold real-time messages.
    serial("midi", 0, 1, b"\xf8\x00\xfe\x01", |at, bytes| match at % 4 {
        0 => vec![0x90, at, 0x2e],
        1 => {
            let data = bytes.iter().map(|&byte| if byte >= 0xf8 { byte } else { byte & 0x7f });
            [0xf0, at].into_iter().chain(data).chain([0xf7]).collect()
        }
        2 => vec![0xc0, at],
        _ => vec![at],
    }),
    serial("modbus-ascii", 8, 1, b":1103\r\n", |at, bytes| after(&[at, 3], bytes)),
    serial("modbus-rtu", 16, 7, b"\x01\x03\x00\x00\x00\x02\xc4\xf4", |at, bytes| {
        after(&[at, 16, 0, 0, 0, 1, u8::try_from(bytes.len()).unwrap()], bytes)
    }),
    serial("modbus-rtu-responses", 16, 3, b"\x01\x83\x02\xc0\x0e", |at, bytes| {
        after(&[at, 3, u8::try_from(bytes.len()).unwrap()], bytes)
    }),
    serial("nmea", 8, 1, b"$GP$", |at, bytes| after(format!("$GPGLL,{at},").as_bytes(), &text(bytes))),
    serial("rtcm3", 24, 3, b"\xd3\x00\x02\xd3\x00", |at, bytes| after(&[0xd3, 0, 0, at], bytes)),
    serial("sbp", 16, 6, b"\x55\x02\x0b\x42\x00\x01\x55", |at, bytes| after(&[0x55, 2, at, 0x42, 0, 0], bytes)),
    serial("smp-serial", 16, 2, b"\x06\x09AAs\n", |at, bytes| after(&[2, 0, 0, 1, 0, 0, at, 0], bytes)),
    serial("ubx", 16, 6, b"\xb5\x62\x06\x01\x00\x00\x07\xe4", |at, bytes| after(&[0xb5, 0x62, 6, at, 0, 0], bytes)),
    serial("xbee", 8, 3, b"\x7e\x00\x04\x08\x01\x4e\x44\x9b", |at, bytes| after(&[0x10, at], bytes)),
    serial("xbee-escaped", 8, 3, b"\x7e\x00\x04\x08\x01\x4e\x44\x9b", |at, bytes| after(&[0x10, at], bytes)),
    serial("stx", 0, 2, b"\x10\x02a\x10\x03\x10", |at, bytes| after(&[at], bytes)),
    serial("telnet", 0, 2, b"\xff\xfa\x18\xff\xf0\xff", |at, bytes| after(&[24, at], bytes)),
    serial("dots", 0, 1, b"\r\n.\r\n..", |at, bytes| {
        let lines: Vec<u8> = bytes.iter().map(|&byte| if byte == b'.' { byte } else { b'a' + byte % 26 }).collect();
        let inner: &[u8] = if bytes.contains(&b'\r') { b"\r\n.\r\n..\r\n" } else { b"\r\n" };
        [format!("{at}").as_bytes(), inner, &lines].concat()
    }),
];

impl Serial {
    pub(crate) fn named(name: &str) -> &'static Self {
        ALL.iter().find(|serial| serial.name == name).unwrap()
    }

    pub(crate) fn framing(&self) -> Box<dyn Framing> {
        match self.name {
            "stx" => Box::new(Enclosed::new(b"\x10\x02", Doubled::dle_etx()).unwrap()),
            "telnet" => Box::new(Enclosed::new(b"\xff\xfa", Doubled::telnet(0xf0).unwrap()).unwrap()),
            "dots" => Box::new(Dotted::new()),
            "mavlink, signed" => Box::new(protocols::mavlink()),
            name => Box::new(protocols::by_name(name).unwrap().any_framing()),
        }
    }

    /// 24 messages. Every second one contains start bytes or delimiters.
    pub(crate) fn train(&self) -> Vec<Vec<u8>> {
        let framing = self.framing();
        (0..24_u8)
            .map(|at| {
                let len = LENGTHS[usize::from(at) % LENGTHS.len()] + usize::from(at) / 6;
                let plain = (0..).map(|index: u8| index.wrapping_mul(7).wrapping_add(at));
                let bytes: Vec<u8> = match at % 2 {
                    0 => plain.take(len).collect(),
                    _ => self.marks.iter().copied().cycle().take(len.max(self.marks.len())).collect(),
                };
                let message = (self.message)(at, &bytes);
                // MIDI has no lengths, and the status of the message before.
                if self.name == "midi" { message } else { completed(&*framing, &message) }
            })
            .collect()
    }
}

/// The frames of these messages, one after the other.
pub(crate) fn encoded<M: AsRef<[u8]>>(framing: &dyn Framing, messages: &[M]) -> Vec<u8> {
    let mut encoder = Encoder::new(framing);
    for message in messages {
        encoder.push(message.as_ref()).unwrap();
    }
    encoder.copy_to_bytes(encoder.remaining()).to_vec()
}

/// The first messages of a stream that another program wrote, of mixed lengths: at least 20, and no more than fit 600 bytes
/// otherwise. `None` where there is no such stream.
pub(crate) fn recorded(framing: &dyn Framing, name: &str) -> Option<Vec<Vec<u8>>> {
    let path = format!("{}/data/protocols/{name}/client.bin", env!("CARGO_MANIFEST_DIR"));
    let mut decoder = Decoder::new(framing);
    decoder.push(&std::fs::read(path).ok()?).unwrap();
    let (mut messages, mut len) = (Vec::new(), 0);
    while let Some(frame) = decoder.next_frame().unwrap() {
        if len + frame.wire_len() <= 600 || messages.len() < 20 {
            len += frame.wire_len();
            messages.push(frame.message().to_vec());
        }
    }
    assert!(messages.len() >= 20, "{name}: {} frames", messages.len());
    Some(messages)
}

/// The message with its lengths and the checksums in its header.
fn completed(framing: &dyn Framing, message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    Framing::encode_with(&framing, &mut wire, |out| out.extend_from_slice(message))
        .unwrap_or_else(|error| panic!("{error}: {}", message.escape_ascii()));
    let mut decoder = Decoder::new(framing);
    decoder.push(&wire).unwrap();
    decoder.next_frame().unwrap().unwrap().message().to_vec()
}
