//! What the protocols of `protocols::ALL` refuse, and at which byte; their lengths at one below, at, and one above the bound;
//! and frames where two forms of a protocol meet.

#![cfg(feature = "protocols")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::{Decoder, EncodeError, Encoder, Framing, protocols};

/// The lengths of the frames, and the offset of the error, if there is one.
fn read(name: &str, stream: &[u8]) -> (Vec<usize>, Option<u64>) {
    let mut whole = None;
    // In one chunk, and byte by byte.
    for size in [stream.len().max(1), 1] {
        let mut decoder = Decoder::new(protocols::by_name(name).unwrap().framing());
        let (mut lengths, mut fault) = (Vec::new(), None);
        for chunk in stream.chunks(size) {
            if fault.is_some() || decoder.push(chunk).is_err() {
                break;
            }
            loop {
                match decoder.next_frame() {
                    Ok(Some(frame)) => lengths.push(frame.wire_len()),
                    Ok(None) => break,
                    Err(error) => {
                        fault = Some(error.offset);
                        break;
                    }
                }
            }
        }
        let seen = (lengths, fault);
        assert_eq!(*whole.get_or_insert(seen.clone()), seen, "{name} in chunks of {size}");
    }
    whole.unwrap()
}

/// These bytes are frames of these lengths.
#[track_caller]
fn reads(name: &str, stream: &[u8], lengths: &[usize]) {
    assert_eq!(read(name, stream), (lengths.to_vec(), None), "{name} {}", stream.escape_ascii());
}

/// These bytes are refused at this offset, by the decoder, and as a message by the encoder.
#[track_caller]
fn refuses(name: &str, stream: &[u8], offset: u64) {
    assert_eq!(read(name, stream), (vec![], Some(offset)), "{name} {}", stream.escape_ascii());
}

/// A header with these bytes at these places, and zeros after it.
fn packet(len: usize, places: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0; len];
    for (at, values) in places {
        bytes[*at..*at + values.len()].copy_from_slice(values);
    }
    bytes
}

#[test]
fn wrong_beginnings_are_refused_at_their_byte() {
    refuses("ads", b"\x01\0\x20\0\0\0", 0);
    refuses("bittorrent", b"\x13BitTorrent Protocol", 12);
    refuses("dbus", b"l\x05", 1);
    refuses("dbus", b"l\x01\0\x02", 3);
    refuses("dlms", b"\0\x02", 1);
    refuses("dnp3", b"\x05\x65\x05", 1);
    refuses("doip", b"\x02\xfa", 1);
    refuses("enip", b"\x65\x01", 1);
    refuses("erlang", b"\0\x05x", 2);
    refuses("gearman", b"\0REZ", 3);
    refuses("hsms", &packet(14, &[(3, &[10]), (8, &[1])]), 8);
    refuses("http1", b"GET / HTTP/1.1\nHost: a\r\n\r\n", 14);
    refuses("iec104", b"\x69", 0);
    refuses("iscsi", b"\x80", 0);
    refuses("iscsi", b"\x30", 0);
    refuses("jdwp", b"JDWP-handshake", 5);
    refuses("jdwp", b"\0\0\0\x0b\0\0\0\x01\x40", 8);
    refuses("knx", b"\x06\x20", 1);
    refuses("lumberjack", b"1W", 0);
    refuses("lumberjack", b"2D", 1);
    refuses("nbd", &packet(28, &[(0, b"\x25\x60\x95\x13"), (7, &[8])]), 7);
    refuses("opcua", b"MSGX", 3);
    refuses("osc", b"\0\0\0\x04a", 4);
    refuses("osc", b"\0\0\0\x05/", 3);
    refuses("pop3", b"NOOP\rNOOP\r\n", 4);
    refuses("proxy", b"PROXX ", 4);
    refuses("proxy", b"\r\n\r\n\0\r\nQUIT\n\x31", 12);
    refuses("rpki-rtr", b"\x03", 0);
    refuses("rsync", b"@RSY", 3);
    refuses("rtsp", b"get / RTSP/1.0\r\n", 0);
    refuses("smb", b"\x01", 0);
    refuses("snmp", b"\x31", 0);
    refuses("socks5", b"\x04\x01", 0);
    refuses("socks5-replies", b"\x04", 0);
    refuses("socks5-password", b"\x04", 0);
    refuses("socks5-password-replies", b"\x04", 0);
    refuses("someip", &packet(16, &[(7, &[8]), (12, &[2])]), 12);
    refuses("ssh-etm", b"\0\0\0\x2c", 3);
    refuses("stun", b"\0\x01\0\0\x21\x12\xa4\x43", 7);
    refuses("stun", b"\0\x01\0\x02", 3);
    refuses("tacacs", b"\xc2", 0);
    refuses("tarantool", b"\xcd\0\x05", 0);
    refuses("x11-server", b"\x03", 0);
    refuses("x11", b"B\0\0\x0b", 0);
    refuses("zabbix", b"ZBXX\x01", 3);
    refuses("zabbix", b"ZBXD\x00", 4);
}

#[test]
fn lengths_are_bounded_from_below_and_above() {
    for (name, offset, header, low, high) in [
        // The number's place and width, the bytes before the payload, the least and the greatest number.
        ("iec104", (1, 1), packet(2, &[(0, b"\x68")]), 4, 253),
        ("radius", (2, 2), packet(4, &[]), 20, 4096),
        ("rpki-rtr", (4, 4), packet(8, &[]), 8, 65_536),
        ("tacacs", (8, 4), packet(12, &[(0, b"\xc0\x01")]), 0, 65_535),
        ("kerberos", (0, 4), packet(4, &[]), 0, 1 << 20),
        ("bittorrent", (0, 4), packet(4, &[]), 0, 1 << 20),
        ("jdwp", (0, 4), packet(4, &[]), 11, (8 << 20) + 11),
        ("enip", (2, 2), packet(4, &[]), 0, 65_535),
    ] {
        let (at, width): (usize, usize) = offset;
        let with = |number: u64| {
            let mut bytes = header.clone();
            let number = if name == "enip" { number.to_le_bytes().to_vec() } else { number.to_be_bytes().to_vec() };
            let number = if name == "enip" { &number[..width] } else { &number[8 - width..] };
            bytes[at..at + width].copy_from_slice(number);
            read(name, &bytes).1
        };
        assert_eq!((with(low), with(high)), (None, None), "{name}");
        if low > 0 {
            assert_eq!(with(low - 1), Some(at as u64), "{name}");
        }
        if high < (1 << (8 * width)) - 1 {
            assert_eq!(with(high + 1), Some(at as u64), "{name}");
        }
    }
}

#[test]
fn proxy_line_has_107_bytes_at_most() {
    let line = |len: usize| [&b"PROXY "[..], &vec![b'x'; len - 8], b"\r\n"].concat();
    reads("proxy", &line(107), &[107]);
    refuses("proxy", &line(108), 105);
}

#[test]
fn x11_length_of_zero_announces_a_longer_one() {
    let setup = packet(12, &[(0, b"l\0\x0b")]);
    let requests = [&b"\x12\0\x02\0abcd"[..], b"\x12\0\0\0\x03\0\0\0abcd", b"\x12\0\0\x01"].concat();
    let (lengths, fault) = read("x11", &[&setup[..], &requests].concat());
    assert_eq!((lengths, fault), (vec![12, 8, 12], None));
    // The longer length counts the header of eight bytes too.
    let (lengths, fault) = read("x11", &[&setup[..], b"\x12\0\0\0\x01\0\0\0"].concat());
    assert_eq!((lengths, fault), (vec![12], Some(16)));
    let mut encoder = Encoder::new(protocols::x11());
    encoder.push(&setup).unwrap();
    assert!(encoder.push(b"\x12\0\0\0\x03\0\0\0abcd").is_ok());
    assert!(encoder.push(b"\x12\0\0\0\x02\0\0\0abcd").is_err());
    assert!(encoder.push(b"\x12\0\x03\0abcd").is_err());
}

#[test]
fn dbus_fields_are_padded_before_the_body() {
    for fields in 0..=17_u8 {
        let expected = 16 + usize::from(fields).next_multiple_of(8) + 3;
        let little = packet(expected, &[(0, b"l\x01\0\x01\x03"), (12, &[fields])]);
        let big = packet(expected, &[(0, b"B\x01\0\x01\0\0\0\x03"), (15, &[fields])]);
        reads("dbus", &[little, big].concat(), &[expected, expected]);
    }
    reads("dbus", b"\0AUTH EXTERNAL 30\r\nBEGIN\r\n", &[19, 7]);
}

#[test]
fn iscsi_counts_more_headers_in_words_and_pads_data() {
    for (words, data) in [(0_u8, 0_u8), (1, 1), (2, 4), (0, 7), (3, 9)] {
        let expected = 48 + 4 * usize::from(words) + usize::from(data).next_multiple_of(4);
        reads("iscsi", &packet(expected, &[(0, &[0x43]), (4, &[words]), (7, &[data])]), &[expected]);
    }
}

#[test]
fn socks_addresses_have_three_forms() {
    let greeting = b"\x05\x02\0\x02";
    let v4 = b"\x05\x01\0\x01\x7f\0\0\x01\0\x50";
    let name = b"\x05\x01\0\x03\x09localhost\0\x50";
    let v6 = packet(22, &[(0, b"\x05\x01\0\x04")]);
    reads("socks5", &[&greeting[..], v4, name, &v6].concat(), &[4, 10, 16, 22]);
    let (lengths, fault) = read("socks5", b"\x05\x01\0\x05\x01\0\x02");
    assert_eq!((lengths, fault), (vec![3], Some(6)));
    let (lengths, fault) = read("socks5", b"\x05\x01\0\x05\x01\x01\x01\0\0\0\0\0\0");
    assert_eq!((lengths, fault), (vec![3], Some(5)));
    let (lengths, fault) = read("socks5-password", b"\x05\x01\x02\x05");
    assert_eq!((lengths, fault), (vec![3], Some(3)));
    let (lengths, fault) = read("socks5-password", b"\x05\x01\x02\x01\0");
    assert_eq!((lengths, fault), (vec![3], Some(4)));
    let (lengths, fault) = read("socks5-password-replies", b"\x05\x02\x05");
    assert_eq!((lengths, fault), (vec![2], Some(2)));
}

#[test]
fn zabbix_flag_makes_the_numbers_wider() {
    let short = b"ZBXD\x01\x02\0\0\0\0\0\0\0hi";
    let long = b"ZBXD\x05\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0hi";
    reads("zabbix", &[&short[..], long].concat(), &[15, 23]);
}

#[test]
fn nbd_data_follow_a_write_alone() {
    for kind in 0..=7_u8 {
        let data = if kind == 1 { 512 } else { 0 };
        let request = packet(28 + data, &[(0, b"\x25\x60\x95\x13"), (7, &[kind]), (26, &[2, 0])]);
        reads("nbd", &request, &[28 + data]);
    }
}

#[test]
fn message_whose_choosing_byte_is_missing_is_refused() {
    let framing = protocols::by_name("zabbix").unwrap().framing();
    assert!(matches!(framing.encode(b"ZBX", &mut Vec::new()), Err(EncodeError::TooShort { .. })));
    // No other framing of a table writes it.
    let lumberjack = protocols::lumberjack();
    assert!(lumberjack.encode(b"2X\0\0\0\x01", &mut Vec::new()).is_err());
    assert_eq!(lumberjack.encode(b"2A\0\0\0\x01", &mut Vec::new()), Ok(6));
}

#[test]
fn one_message_of_text_never_becomes_two() {
    for (name, forged) in [
        ("pop3", &b"NOOP\nQUIT"[..]),
        ("pop3", b"NOOP\rQUIT"),
        ("beanstalkd", b"stats\r\nquit"),
        ("beanstalkd", b"put 0 0 60 1\r\na\r\nquit"),
        ("gearman", b"status\nshutdown"),
        ("gelf", b"{}\0{}"),
        ("dbus", b"AUTH\r\nBEGIN"),
        ("proxy", b"PROXY UNKNOWN\r\nGET /"),
        ("http1", b"GET / HTTP/1.1\r\n\r\nGET /two HTTP/1.1\r\n\r\n"),
        ("http1", b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n"),
        ("rtsp", b"OPTIONS * RTSP/1.0\r\n\r\nPLAY * RTSP/1.0\r\n\r\n"),
    ] {
        let framing = protocols::by_name(name).unwrap().framing();
        assert!(framing.encode(forged, &mut Vec::new()).is_err(), "{name} {}", forged.escape_ascii());
    }
}
