//! Streams of other programs, and their messages as those programs, or Wireshark, put them together: see
//! tests/data/README.md.

use std::fs;
use std::path::PathBuf;

use anysplit::join::{
    AnyRule, HttpChunks, Joined, Joiner, MySql, OncRpc, Replies, Rule, TlsHandshake, WebSocket, Zmtp,
};
use anysplit::{Decoder, Dotted, Framing, protocols};

use super::{Seen, messages, parts, pieces};

/// A stream, and what its reader made of it.
pub(crate) fn capture(name: &str) -> (Vec<u8>, Vec<Vec<u8>>) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/messages").join(name);
    let stream = fs::read(path.with_extension("bin")).unwrap();
    let text = fs::read_to_string(path.with_extension("txt")).unwrap();
    let bytes = |line: &str| {
        let digits = line.as_bytes().chunks(2).map(|two| std::str::from_utf8(two).unwrap());
        digits.map(|two| u8::from_str_radix(two, 16).unwrap()).collect()
    };
    (stream, text.lines().map(bytes).collect())
}

/// The messages, without control frames.
pub(crate) fn only_messages(seen: Vec<Seen>) -> Vec<Vec<u8>> {
    seen.into_iter()
        .filter_map(|seen| match seen {
            Seen::Message(message) => Some(message),
            Seen::Control(_) => None,
        })
        .collect()
}

/// Compares our messages with those that the other program read from the stream, for every cut and every call.
fn agrees<F: Framing + Copy, R: Rule + Copy>(name: &str, framing: F, rule: R, keep: impl Fn(Vec<u8>) -> Vec<u8>) {
    let (stream, expected) = capture(name);
    assert!(expected.len() > 3);
    let read = |cuts: &[usize]| {
        let (seen, error) = messages(framing, &mut Joiner::new(rule), &stream, cuts);
        assert_eq!(error, None, "{name} cut at {cuts:?}");
        only_messages(seen)
    };
    let whole = read(&[]);
    assert!(whole.iter().cloned().map(keep).eq(expected), "{name}");
    for cut in 0..=stream.len() {
        assert!(read(&[cut]) == whole, "{name} cut at {cut}");
    }
    assert!(read(&(0..stream.len()).collect::<Vec<_>>()) == whole, "{name}");
    assert!(only_messages(parts(framing, &mut Joiner::new(rule), &stream)) == whole, "{name}");
    if !rule.reads_payload() {
        assert!(only_messages(pieces(framing, &mut Joiner::new(rule), &stream)) == whole, "{name}");
    }
}

fn all(message: Vec<u8>) -> Vec<u8> {
    message
}

#[test]
fn websocket_messages_are_those_of_websockets() {
    agrees("websocket-client", protocols::websocket_unmasked(), WebSocket::from_clients(), all);
    agrees("websocket-server", protocols::websocket_unmasked(), WebSocket::from_servers(), all);
}

#[test]
fn zmtp_messages_are_those_of_libzmq() {
    agrees("zmtp", protocols::zmtp(), Zmtp, all);
}

#[test]
fn replies_are_those_of_ftplib_and_smtplib() {
    agrees("ftp", protocols::ftp(), Replies::ftp(), all);
    agrees("smtp", protocols::smtp(), Replies::smtp(), all);
}

#[test]
fn http_bodies_are_those_of_http_client() {
    agrees("http-chunked", protocols::http_chunked(), HttpChunks, all);
}

/// Wireshark shows the type and the length of each message.
#[test]
fn tls_handshake_messages_are_those_of_wireshark() {
    agrees("tls", protocols::tls(), TlsHandshake, |message| {
        assert_eq!(message.len(), 4 + usize::from(message[2]) * 256 + usize::from(message[3]));
        message[..4].to_vec()
    });
}

/// Byte by byte, as Wireshark puts them together.
#[test]
fn messages_are_those_of_wireshark() {
    let websocket = protocols::websocket_unmasked();
    agrees("wireshark/onc-rpc-client", protocols::onc_rpc(), OncRpc, all);
    agrees("wireshark/onc-rpc-server", protocols::onc_rpc(), OncRpc, all);
    agrees("wireshark/websocket-client", websocket, WebSocket::from_clients(), all);
    agrees("wireshark/websocket-server", websocket, WebSocket::from_servers(), all);
    agrees("wireshark/http-chunked", protocols::http_chunked(), HttpChunks, all);
    // Wireshark leaves the dots in, and the last line's end.
    agrees("wireshark/smtp-data", Dotted::new(), AnyRule::EachFrame, |mail| {
        let text = String::from_utf8(mail).unwrap().replace("\r\n.", "\r\n..");
        [text.as_bytes(), b"\r\n"].concat()
    });
}

/// Wireshark shows each packet of 16 MiB alone and does not join them. So the packets are compared with those that it shows, and the
/// messages with what was sent: rows and a statement whose lengths are known. The payloads here are not those of the recording.
#[test]
fn mysql_packets_are_those_of_wireshark_and_messages_those_that_were_sent() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/messages/wireshark/mysql.txt");
    let text = fs::read_to_string(path).unwrap();
    let shown = |side: &str| -> Vec<(usize, u8)> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(side)?.trim().split_once(' '));
        lines.map(|(len, number)| (len.parse().unwrap(), number.parse().unwrap())).collect()
    };
    // A row has the length of its value before it: 4 bytes, and 9 from 16 MiB on. A statement has a byte for the command.
    let rows = [41_943_040 + 9, 16_777_210 + 4, 16_777_211 + 4, 33_554_421 + 9];
    let statement = [1 + "select length('".len() + 17_825_792 + "')".len()];
    for (side, sent) in [("server", &rows[..]), ("client", &statement)] {
        let packets = shown(side);
        assert!(packets.iter().any(|(len, _)| *len == 0xff_ffff));
        let mut stream = Vec::new();
        for &(len, number) in &packets {
            stream.extend_from_slice(&u32::try_from(len).unwrap().to_le_bytes()[..3]);
            stream.push(number);
            stream.resize(stream.len() + len, b'x');
        }
        for cut in [stream.len(), 1 << 16, 4093] {
            let mut decoder = Decoder::new(protocols::mysql());
            let mut joiner = Joiner::new(MySql).with_max_message_len(1 << 26);
            let (mut found, mut joined) = (Vec::new(), Vec::new());
            for chunk in stream.chunks(cut) {
                decoder.push(chunk).unwrap();
                while let Some(frame) = decoder.next_frame().unwrap() {
                    found.push((frame.payload().len(), frame.header()[3]));
                    while let Some(Joined::Message(message)) = joiner.next_message(&frame).unwrap() {
                        joined.push(message.payload().len());
                    }
                }
            }
            joiner.finish().unwrap();
            assert_eq!(found, packets);
            let ends = |packets: &[(usize, u8)]| packets.iter().filter(|(len, _)| *len < 0xff_ffff).count();
            assert_eq!(joined.len(), ends(&packets));
            joined.retain(|len| *len > 1 << 20);
            assert_eq!(joined, sent);
        }
    }
}
