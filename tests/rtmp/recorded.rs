//! Streams that FFmpeg, librtmp and nginx's module wrote: see tests/data/README.md.

use std::fs;
use std::path::PathBuf;

use anysplit::rtmp::Taken;

use super::twin::{End, Seen, Twin};
use super::{MAX, by_decoder, joined};

const NAMES: [&str; 6] =
    ["publish-client", "publish-server", "play-client", "play-server", "librtmp-client", "librtmp-server"];

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/rtmp").join(name)
}

fn stream(name: &str) -> Vec<u8> {
    fs::read(file(&format!("{name}.bin"))).unwrap()
}

fn seen(name: &str) -> Vec<Seen> {
    let (seen, end) = by_decoder(&stream(name), true, &[]);
    assert_eq!(end, End::Clean, "{name}");
    seen
}

/// The string at the start of a command.
fn command(payload: &[u8]) -> &str {
    assert_eq!(payload[..2], [2, 0]);
    std::str::from_utf8(&payload[3..][..payload[2].into()]).unwrap()
}

#[test]
fn messages_of_recordings_are_those_that_wireshark_shows() {
    for name in NAMES {
        let text = fs::read_to_string(file(&format!("{name}.txt"))).unwrap();
        let (handshake, shown): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.contains("Handshake"));
        assert!(handshake.concat().ends_with('2'), "{name}: the handshake is complete");
        let messages = joined(&seen(name));
        assert_eq!(messages.len(), shown.len(), "{name}");
        for ((header, payload), line) in messages.iter().zip(shown) {
            let [stream, len, timestamp, title] = line.splitn(4, ' ').collect::<Vec<_>>().try_into().unwrap();
            assert_eq!(header.chunk_stream.to_string(), stream, "{name}: {line}");
            // A chunk without a length, and an extended timestamp, which Wireshark shows elsewhere.
            assert!(len == "-" || payload.len().to_string() == len, "{name}: {line}");
            let elsewhere = ["-", "16777215"].contains(&timestamp);
            assert!(elsewhere || header.timestamp.to_string() == timestamp, "{name}: {line} {header:?}");
            let kinds = [
                ("Set Chunk Size", 1),
                ("User Control", 4),
                ("Window", 5),
                ("Set Peer", 6),
                ("Audio", 8),
                ("Video", 9),
                ("AMF0 Data", 18),
                ("AMF0 Command", 20),
            ];
            let (start, kind) = kinds.iter().find(|(start, _)| title.starts_with(start)).unwrap();
            assert_eq!(header.message_type, *kind, "{name}: {line}");
            if *kind >= 18 {
                let rest = title[start.len()..].trim_start();
                assert_eq!(rest.split('(').next(), Some(command(payload)), "{name}: {line}");
            }
        }
    }
}

#[test]
fn published_stream_holds_what_was_published() {
    let messages = joined(&seen("publish-client"));
    let commands: Vec<_> =
        messages.iter().filter(|(header, _)| header.message_type == 20).map(|(_, payload)| command(payload)).collect();
    assert_eq!(
        commands,
        ["connect", "releaseStream", "FCPublish", "createStream", "publish", "FCUnpublish", "deleteStream"]
    );
    let of_type = |kind| messages.iter().filter(|(header, _)| header.message_type == kind).count();
    // Three seconds of 8 frames, and of sound.
    assert_eq!((of_type(9), of_type(8), of_type(18)), (24, 60, 1));
    let video = messages.iter().find(|(header, _)| header.message_type == 9).unwrap();
    assert_eq!((video.0.timestamp, video.0.message_stream, video.1.len()), (16_780_000, 1, 2901));
}

/// How often a recorded stream has chunks of this type that begin a message or do not, with a header of this length.
fn count(name: &str, kind: u8, header_len: u64, begins: bool) -> usize {
    let (stream, seen) = (stream(name), seen(name));
    let ends = seen.iter().skip(1).map(|(offset, ..)| *offset).chain([stream.len() as u64]);
    let is_one = |(seen, end): &(&Seen, u64)| {
        let Taken::Chunk(chunk) = seen.1 else { return false };
        let (first, len) = (stream[usize::try_from(seen.0).unwrap()], end - seen.0 - seen.2.len() as u64);
        (first >> 6, len, chunk.is_first) == (kind, header_len, begins)
    };
    seen.iter().zip(ends).filter(is_one).count()
}

#[test]
fn recordings_have_the_cases_that_matter() {
    for name in ["publish-client", "play-server", "librtmp-server"] {
        assert!(count(name, 0, 16, true) > 0, "{name}: an extended timestamp");
    }
    // FFmpeg's and nginx's.
    for name in ["publish-client", "librtmp-server"] {
        assert!(count(name, 3, 5, false) > 0, "{name}: an extended timestamp in a chunk of type 3");
    }
    assert_eq!(count("librtmp-client", 3, 1, true), 1, "a chunk of type 3 that begins a message");
    assert!(count("publish-client", 2, 4, true) > 0, "a chunk of type 2");
}

#[test]
fn recordings_are_the_same_in_every_split_and_by_the_twin() {
    for name in NAMES {
        let (stream, expected) = (stream(name), (seen(name), End::Clean));
        let (seen, end, _) = Twin::read(&stream, true, 8, MAX);
        assert_eq!((seen, end), expected, "{name}");
        for size in [1, 2, 7, 700, 1537] {
            let cuts: Vec<_> = (0..stream.len()).step_by(size).collect();
            assert_eq!(by_decoder(&stream, true, &cuts), expected, "{name} by {size}");
        }
    }
}
