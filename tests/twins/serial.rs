//! Twins of framings for serial lines and of those made of others: each takes all bytes of a stream, and is short enough to check
//! by eye. They know the configurations of `common/small.rs`.

use anysplit::{Decoder, Framing};

use crate::small;

/// The message of the frame at the front, and the frame's length. `None` if it is wrong or unfinished.
type Front = Option<(Vec<u8>, usize)>;

/// The messages up to the first frame that is wrong or unfinished.
fn all(stream: &[u8], front: fn(&[u8]) -> Front) -> Vec<Vec<u8>> {
    let (mut messages, mut rest) = (Vec::new(), stream);
    while let Some((message, len)) = front(rest) {
        messages.push(message);
        rest = &rest[len..];
    }
    messages
}

/// A length byte, and no more than `max` bytes.
fn u8_up_to(max: usize, rest: &[u8]) -> Front {
    let len = usize::from(*rest.first()?);
    Some((rest.get(1..=len)?.to_vec(), len + 1)).filter(|_| len <= max)
}

/// To the LF, without a CR before it.
fn line_up_to(max: usize, rest: &[u8]) -> Front {
    let end = rest.iter().position(|&byte| byte == b'\n')?;
    let line = &rest[..end];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some((line.to_vec(), end + 1)).filter(|_| line.len() <= max)
}

/// To the first pair `10 03`. The pair `10 10` stands for a byte, and there is no other.
fn doubled(rest: &[u8]) -> Front {
    let (mut message, mut at) = (Vec::new(), 0);
    loop {
        match rest[at..] {
            [0x10, 0x03, ..] => return Some((message, at + 2)).filter(|(message, _)| message.len() <= 3),
            [0x10, 0x10, ..] => at += 1,
            [0x10, ..] | [] => return None,
            _ => {}
        }
        message.push(rest[at]);
        at += 1;
    }
}

/// Lines to a line of one dot. A dot before another line is not part of it.
fn dotted(rest: &[u8]) -> Front {
    // As if a line ended before it.
    let text = String::from_utf8([b"\r\n", rest].concat()).unwrap();
    let end = text.find("\r\n.\r\n")?;
    let lines: Vec<&str> = text[..end].split("\r\n").skip(1).collect();
    let undotted: Vec<&str> = lines.iter().map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
    let message = undotted.join("\r\n");
    let is_good = message.len() <= 3 && lines.iter().all(|line| !line.contains(['\r', '\n']));
    is_good.then(|| (message.into_bytes(), end + 3))
}

fn universal_lines(stream: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8(stream.to_vec()).unwrap().replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.pop();
    lines.into_iter().take_while(|line| line.len() <= 3).map(|line| line.as_bytes().to_vec()).collect()
}

/// A status byte, or that of the message before, and its data bytes. Real-time messages may stand between them.
fn midi(stream: &[u8]) -> Vec<Vec<u8>> {
    let (mut messages, mut rest, mut running) = (Vec::new(), stream, None);
    while let Some(&first) = rest.first() {
        let is_status = first >= 0x80;
        let Some(status) = (if is_status { Some(first) } else { running }) else { break };
        let after = &rest[usize::from(is_status)..];
        let is_data = |byte: &u8| *byte < 0x80;
        let is_real_time = |byte: &u8| *byte >= 0xf8;
        // Where the last data byte is, or the end of a system exclusive message.
        let len = match status {
            0xf0 => after.iter().position(|byte| *byte == 0xf7).map(|at| at + 1),
            0xf8.. => Some(0),
            // The alphabet has no other, and this one begins nothing.
            0xf1.. => None,
            _ => {
                let count = if matches!(status, 0xc0..=0xdf) { 1 } else { 2 };
                after.iter().enumerate().filter(|(_, byte)| is_data(byte)).nth(count - 1).map(|(at, _)| at + 1)
            }
        };
        let Some(len) = len else { break };
        let inside = &after[..len.saturating_sub(usize::from(status == 0xf0))];
        let total = len + usize::from(is_status);
        if total > 3 || !inside.iter().all(|byte| is_data(byte) || is_real_time(byte)) {
            break;
        }
        messages.push(rest[..total].to_vec());
        rest = &rest[total..];
        running = match status {
            0xf8.. => running,
            0xf0 => None,
            status => Some(status),
        };
    }
    messages
}

/// A CRC of 16 bits, bit by bit, from the lowest.
fn crc_reflected(polynomial: u16, start: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(start, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ polynomial } else { crc >> 1 })
    })
}

/// As `crc_reflected`, from the highest bit, with 0 at the start.
fn crc_xmodem(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| if crc >> 15 == 1 { crc << 1 ^ 0x1021 } else { crc << 1 })
    })
}

/// Both versions, with the messages 0 and 1, and a byte of payload at the most.
fn mavlink(rest: &[u8]) -> Front {
    let payload = usize::from(*rest.get(1)?);
    let (header, flags, id) = match rest[0] {
        0xfe => (6, 0, u32::from(*rest.get(5)?)),
        0xfd => (10, *rest.get(2)?, u32::from_le_bytes([*rest.get(7)?, *rest.get(8)?, *rest.get(9)?, 0])),
        _ => return None,
    };
    let extra = match id {
        0 => 50,
        1 => 124,
        _ => return None,
    };
    let end = header + payload;
    let signature = if flags == 1 { rest.get(end + 2..end + 15)? } else { &[] };
    let covered = [rest.get(1..end)?, &[extra]].concat();
    let is_good =
        payload <= 1 && flags <= 1 && rest.get(end..end + 2)? == crc_reflected(0x8408, 0xffff, &covered).to_le_bytes();
    is_good.then(|| ([&rest[..end], signature].concat(), end + 2 + signature.len()))
}

/// The bytes of groups of four characters, and whether the last one is padded.
fn base64(text: &[u8]) -> Option<(Vec<u8>, bool)> {
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    if text.is_empty() || text.len() % 4 != 0 || padding > 2 {
        return None;
    }
    let mut bits = String::new();
    for byte in &text[..text.len() - padding] {
        let all = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        bits += &format!("{:06b}", all.iter().position(|other| other == byte)?);
    }
    let (bytes, left) = bits.split_at(bits.len() / 8 * 8);
    let bytes =
        bytes.as_bytes().chunks(8).map(|bits| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap());
    (!left.contains('1')).then(|| (bytes.collect(), padding > 0))
}

/// Lines of base64 that hold a length, a message and a CRC.
fn smp(rest: &[u8]) -> Front {
    let (mut inside, mut at) = (Vec::new(), 0);
    loop {
        let end = at + rest[at..].iter().position(|byte| *byte == b'\n')?;
        let mark: &[u8] = if at == 0 { b"\x06\x09" } else { b"\x04\x14" };
        let (bytes, is_padded) = base64(rest[at..end].strip_prefix(mark)?)?;
        inside.extend(bytes);
        at = end + 1;
        let len = usize::from(u16::from_be_bytes(*inside.first_chunk()?));
        if !(2..=5).contains(&len) || inside.len() > len + 2 {
            return None;
        }
        if inside.len() == len + 2 {
            let (message, crc) = inside[2..].split_at(len - 2);
            return (crc == crc_xmodem(message).to_be_bytes()).then(|| (message.to_vec(), at));
        }
        if is_padded {
            return None;
        }
    }
}

/// A length byte of 3 at the most, and a sum after every two bytes.
fn blocks(rest: &[u8]) -> Front {
    let len = usize::from(*rest.first()?);
    let end = 1 + len + len.div_ceil(2);
    let mut message = Vec::new();
    for block in rest.get(1..end)?.chunks(3) {
        let (sum, bytes) = block.split_last()?;
        message.extend(bytes);
        (*sum == bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))).then_some(())?;
    }
    Some((message, end)).filter(|_| len <= 3)
}

/// `7e`, and a frame in which `7d` inverts bit 5 of the next byte.
fn escaped_frame(rest: &[u8]) -> Front {
    let (mut inner, mut at) = (Vec::new(), 1);
    (*rest.first()? == 0x7e).then_some(())?;
    loop {
        if let Some((message, _)) = u8_up_to(2, &inner) {
            return Some((message, at));
        }
        let byte = match rest.get(at..)? {
            [0x7e, ..] | [0x7d, 0x7e, ..] => return None,
            [0x7d, byte, ..] => {
                at += 1;
                byte ^ 0x20
            }
            [0x7d] | [] => return None,
            [byte, ..] => *byte,
        };
        inner.push(byte);
        at += 1;
    }
}

/// A length of seven bits, and with the eighth a key of four bytes.
fn masked(rest: &[u8]) -> Front {
    let len = usize::from(rest.first()? & 0x7f);
    let header = if rest[0] >= 0x80 { 5 } else { 1 };
    let key = &rest.get(..header)?[1..];
    let payload = rest.get(header..header + len)?;
    let mask = |at: usize| if key.is_empty() { 0 } else { key[at % 4] };
    let opened = payload.iter().enumerate().map(|(at, byte)| byte ^ mask(at));
    Some((rest[..header].iter().copied().chain(opened).collect(), header + len)).filter(|_| len <= 1)
}

fn after(rest: &[u8]) -> Front {
    let (payload, len) = u8_up_to(2, rest.get(2..)?)?;
    Some(([&rest[..2], &payload].concat(), len + 2))
}

/// The payload begins with `a`, if it has a byte.
fn required(rest: &[u8]) -> Front {
    u8_up_to(3, rest).filter(|(payload, _)| payload.is_empty() || payload[0] == b'a')
}

fn enclosed(rest: &[u8]) -> Front {
    let (line, len) = line_up_to(2, rest.strip_prefix(b"$$")?)?;
    Some((line, len + 2))
}

fn then(stream: &[u8]) -> Vec<Vec<u8>> {
    let Some((line, len)) = line_up_to(2, stream) else { return Vec::new() };
    [vec![line], all(&stream[len..], |rest| u8_up_to(2, rest))].concat()
}

/// The twin of a framing of `common/small.rs`.
type Twin = fn(&[u8]) -> Vec<Vec<u8>>;

const TWINS: &[(&str, Twin)] = &[
    ("after", |stream| all(stream, after)),
    ("blocks", |stream| all(stream, blocks)),
    ("dotted", |stream| all(stream, dotted)),
    ("doubled", |stream| all(stream, doubled)),
    ("enclosed", |stream| all(stream, enclosed)),
    ("escaped_frame", |stream| all(stream, escaped_frame)),
    ("forbid", |stream| all(stream, |rest| line_up_to(3, rest).filter(|(line, _)| !line.contains(&b'x')))),
    ("masked", |stream| all(stream, masked)),
    ("mavlink", |stream| all(stream, mavlink)),
    ("midi", midi),
    ("require", |stream| all(stream, required)),
    ("smp", |stream| all(stream, smp)),
    ("then", then),
    ("universal_line", universal_lines),
];

fn decoded(framing: &dyn Framing, stream: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new(framing);
    decoder.push(stream).unwrap();
    let mut messages = Vec::new();
    while let Ok(Some(frame)) = decoder.next_frame() {
        messages.push(frame.message().to_vec());
    }
    messages
}

/// Numbers that are the same in every run: Knuth's MMIX.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn bytes(&mut self, alphabet: &[u8], most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

/// Headers of MAVLink whose sum and length the framing fills in, and any bytes for the others.
fn message(name: &str, alphabet: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let payload = numbers.bytes(alphabet, 4);
    let signed = u8::try_from(numbers.below(2)).unwrap();
    match (name, numbers.below(2)) {
        ("mavlink", 0) => [&[0xfe, 0, 1, 2, 3, signed][..], &payload].concat(),
        ("mavlink", _) => {
            let signature = if signed == 1 { &[7; 13][..] } else { &[] };
            [&[0xfd, 0, signed, 0, 1, 2, 3, 1, 0, 0][..], &payload, signature].concat()
        }
        ("masked", 0) => [&[0x80, 1, 2, 3, 0x81], &payload[..]].concat(),
        _ => payload,
    }
}

#[test]
fn framings_of_serial_lines_agree_with_their_twins() {
    let mut numbers = Numbers(1);
    for (name, twin) in TWINS {
        let (_, framing, alphabet) = small::small().into_iter().find(|(other, ..)| other == name).unwrap();
        let (mut some, mut several) = (0, 0);
        for _ in 0..20_000 {
            let mut stream = Vec::new();
            for _ in 0..numbers.below(4) {
                let message = message(name, alphabet, &mut numbers);
                let mut wire = Vec::new();
                if Framing::encode_with(&&*framing, &mut wire, |out| out.extend_from_slice(&message)).is_ok() {
                    stream.extend(wire);
                }
            }
            if numbers.below(3) > 0 {
                let at = numbers.below(stream.len() + 1);
                let end = stream.len().min(at + numbers.below(3));
                stream.splice(at..end, numbers.bytes(alphabet, 6));
            }
            let expected = twin(&stream);
            assert_eq!(decoded(&*framing, &stream), expected, "{name}: {}", stream.escape_ascii());
            some += usize::from(!expected.is_empty());
            several += usize::from(expected.len() > 1);
        }
        assert!(some > 3000 && several > 500, "{name}: {some} streams with frames, {several} with several");
    }
}

/// Every stream of at most six bytes of the alphabet.
#[test]
fn framings_of_serial_lines_agree_on_every_short_stream() {
    for (name, twin) in TWINS {
        let (_, framing, alphabet) = small::small().into_iter().find(|(other, ..)| other == name).unwrap();
        let mut streams = vec![Vec::new()];
        for _ in 0..6 {
            for stream in &streams {
                assert_eq!(decoded(&*framing, stream), twin(stream), "{name}: {}", stream.escape_ascii());
            }
            let longer = streams.iter().flat_map(|stream| alphabet.iter().map(|byte| [&stream[..], &[*byte]].concat()));
            streams = longer.collect();
        }
    }
}
