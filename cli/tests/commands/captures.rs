//! `anysplit decode` of captures: `tests/data/captures` has what tcpdump, dumpcap and tshark wrote, and what tshark shows.

use std::fs;
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{Run, fails, gives, run, start};

/// Each with the protocol of its one conversation.
pub(crate) const RECORDED: [&str; 9] = [
    "redis.pcap",
    "memcached.pcap",
    "nats.pcap",
    "mqtt.pcap",
    "postgres.pcapng",
    "ldap.pcapng",
    "dns.pcapng",
    "bgp.pcap",
    "http1.pcapng",
];

pub(crate) fn path(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/captures").join(file);
    path.to_str().unwrap().to_owned()
}

/// Both sides of a conversation, as tshark puts them together.
pub(crate) struct Followed {
    /// Client and server.
    pub(crate) nodes: [String; 2],
    pub(crate) streams: [Vec<u8>; 2],
}

pub(crate) fn followed(file: &str) -> Followed {
    let text = fs::read_to_string(path(&format!("{file}.follow"))).unwrap();
    let node = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let mut streams = [Vec::new(), Vec::new()];
    for line in text.lines().skip_while(|line| !line.starts_with("Node 1")).skip(1) {
        let digits = line.trim();
        if digits.starts_with('=') {
            break;
        }
        let bytes = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
        streams[usize::from(line.starts_with('\t'))].extend(bytes);
    }
    Followed { nodes: [node("Node 0:"), node("Node 1:")], streams }
}

fn bytes_of(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_anysplit")).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The stream of one side, put together again.
fn assembled(file: &str, stream: &str, from: &str) -> Vec<u8> {
    bytes_of(&["decode", "-f", "raw", "close,max=none", &path(file), "--stream", stream, "--from", from])
}

#[test]
fn every_capture_is_put_together_as_tshark_does() {
    for file in RECORDED.into_iter().chain(["late.pcap", "again.pcap", "middle.pcap"]) {
        let Followed { nodes, streams } = followed(file);
        for (node, stream) in nodes.iter().zip(&streams) {
            assert!(!stream.is_empty(), "{file}");
            assert!(assembled(file, "0", node) == *stream, "{file}, from {node}");
        }
    }
    for (number, name) in ["0", "1", "2"].into_iter().zip(["redis", "memcached", "bgp"]) {
        let Followed { nodes, streams } = followed(&format!("three.pcapng.{number}"));
        for (node, stream) in nodes.iter().zip(&streams) {
            assert!(assembled("three.pcapng", number, node) == *stream, "{name}");
        }
    }
}

/// The JSON lines of one side without what a file does not have.
fn frames(run: &Run, side: &str) -> Vec<String> {
    let start = format!("{{\"kind\":\"frame\",\"from\":\"{side}\"");
    let lines = run.out.lines().filter_map(|line| line.strip_prefix(&start));
    lines.map(|line| format!("{{\"kind\":\"frame\"{}", &line[line.find(",\"frame\":").unwrap()..])).collect()
}

#[test]
fn every_protocol_decodes_from_a_capture_as_from_its_stream() {
    for file in RECORDED.into_iter().chain(["late.pcap", "again.pcap"]) {
        let name = match file.split('.').next().unwrap() {
            "late" | "again" => "redis",
            name => name,
        };
        let spec = format!("@{name}");
        let capture = run(&["decode", "-f", "json", &spec, &path(file)], "");
        assert_eq!(capture.code, Some(0), "{file}: {}", capture.err);
        for side in ["client", "server"] {
            let stream = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/protocols").join(name);
            let stream = stream.join(side).with_extension("bin");
            let direct = run(&["decode", "-f", "json", &spec, stream.to_str().unwrap()], "");
            let direct: Vec<_> = direct.out.lines().map(str::to_owned).collect();
            assert!(direct.len() > 1 && frames(&capture, side) == direct, "{file}, {side}");
        }
    }
}

#[test]
fn both_directions_come_in_the_order_of_time() {
    let out = "[::1]:41990 → [::1]:20153
   frame    offset    wire  length  header           payload
 →     1         0      20       5  set k 0 0 5\\r\\n  hello
 →     2        20       7       5                   get k
 →     3        27      10       8                   get none
 →     4        37      19       0  set empty 0 0 0\\r\\n
";
    let run = run(&["decode", "@memcached", &path("memcached.pcap")], "");
    // The port of the client is another one at every recording.
    let port = followed("memcached.pcap").nodes[0].rsplit_once(':').unwrap().1.to_owned();
    assert!(run.out.starts_with(&out.replace("41990", &port)), "{}", run.out);
    let row = |is_it: fn(&str) -> bool| run.out.lines().position(is_it).unwrap();
    let answer = row(|line| line.starts_with(" ←     1         0       8       6  "));
    assert!(row(|line| line.ends_with("  get k")) < answer, "{}", run.out);
    let json = self::run(&["decode", "-f", "json", "@memcached", &path("memcached.pcap")], "").out;
    let times: Vec<_> = json.lines().filter_map(|line| line.split("\"time\":\"").nth(1)?.split('"').next()).collect();
    assert!(times.is_sorted() && times.len() > 10);
}

#[test]
fn segments_that_are_late_or_come_twice_are_reported() {
    let late = run(&["decode", "-f", "count", "@redis", &path("late.pcap")], "");
    assert!(late.err.contains("note: segments from the client: 3 out of order\n"), "{}", late.err);
    let again = run(&["decode", "-f", "count", "@redis", &path("again.pcap")], "");
    assert!(again.err.contains("note: segments from the client: ") && again.err.contains(" retransmitted\n"));
    assert_eq!(late.out, again.out);
}

#[test]
fn gap_ends_a_direction_or_is_searched_past() {
    // tshark marks the gap in the bytes; a Redis client sends no bracket.
    let Followed { nodes, streams: [client, _] } = followed("missing.pcap");
    let at = client.windows(2).position(|two| two[0] == b'[' && two[1].is_ascii_digit()).unwrap();
    let len: String =
        client[at + 1..].iter().map_while(|&byte| byte.is_ascii_digit().then_some(char::from(byte))).collect();
    let file = path("missing.pcap");
    let words =
        format!("error: from the client: byte {at}: {len} bytes are not in the capture, in the frame that begins at");
    let failed = fails(&["decode", "@redis", &file], "", 1, &words);
    assert!(failed.err.contains("--resync searches for the next frame"), "{}", failed.err);
    let row = format!("\n →       {at:>9} {len:>7}          missing\n");
    assert!(failed.out.contains(&row), "{}", failed.out);
    // The server's frames after the gap are there.
    let whole = run(&["decode", "-f", "json", "@redis", &path("redis.pcap")], "");
    let json = fails(&["decode", "-f", "json", "@redis", &file], "", 1, &words);
    assert_eq!(frames(&json, "server"), frames(&whole, "server"));
    assert!(json.out.contains(&format!(",\"offset\":{at},\"len\":{len}}}\n")), "{}", json.out);

    let searched = fails(&["decode", "-f", "json", "@redis", "--resync", &file], "", 1, &words);
    let (found, all) = (frames(&searched, "client"), frames(&whole, "client"));
    assert!(found.len() > all.len() / 2 && found.last().unwrap().contains("\"text\":"));
    // Numbers aside, those at the end are the same.
    let ends = |line: &String| line[line.find("\"offset\"").unwrap()..].to_owned();
    assert_eq!(
        found.iter().rev().take(5).map(ends).collect::<Vec<_>>(),
        all.iter().rev().take(5).map(ends).collect::<Vec<_>>()
    );
    let ignored = run(&["decode", "-f", "count", "@redis", "--resync", "--ignore-skipped", &file], "");
    assert_eq!(ignored.code, Some(0), "{}", ignored.err);
    assert!(nodes[1].ends_with(":6379"));
}

#[test]
fn packets_that_were_cut_short_are_gaps() {
    let words = "bytes are not in the capture, in the frame that begins at byte";
    let run = fails(&["decode", "@redis", &path("short.pcapng")], "", 1, words);
    assert!(run.out.contains("missing\n"), "{}", run.out);
}

#[test]
fn several_conversations_are_listed() {
    let file = path("three.pcapng");
    let listed = run(&["decode", "@redis", &file], "");
    assert_eq!((listed.code, listed.err.as_str()), (Some(0), "3 conversations: choose one with --stream\n"));
    let lines: Vec<Vec<&str>> = listed.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["stream", "client", "server", "bytes", "→", "segments", "bytes", "←", "segments"]);
    let sums: Vec<_> = lines[1..].iter().map(|line| (line[0], line[2], line[3], line[5])).collect();
    let server = "127.0.0.1:6379";
    // The lengths are those of the streams that were sent.
    let sent = [("0", server, "1826", "1542"), ("1", server, "223", "230"), ("2", server, "298", "279")];
    assert_eq!(sums, sent);
    let json = run(&["decode", "-f", "json", "@redis", &file], "").out;
    assert!(json.starts_with("{\"kind\":\"conversation\",\"conversation\":\"0\",\"client\":\"127.0.0.1:"), "{json}");
    assert!(json.lines().all(|line| line.ends_with(",\"from_start\":true}")) && json.lines().count() == 3);
    fails(&["decode", "-f", "raw", "@redis", &file], "", 2, "3 conversations: choose one with --stream");
    fails(&["decode", "@redis", &file, "--from", ":1"], "", 1, "has no conversation of this endpoint");
    fails(&["decode", "@redis", &file, "--from", "redis"], "", 2, "an endpoint such as 127.0.0.1:6379");
    fails(&["decode", "@redis", &file, "--stream", "3"], "", 1, "has no conversation 3");
    fails(&["decode", "@redis", &file, "--stream", "one"], "", 2, "a number such as 0");
    let joined = run(&["decode", "@redis", &path("middle.pcap")], "");
    assert!(joined.err.contains("note: the capture joins this connection in the middle"), "{}", joined.err);
}

#[test]
fn conversation_is_chosen_by_number_and_endpoint() {
    let file = path("three.pcapng");
    let bgp = run(&["decode", "-f", "json", "@bgp", &file, "--stream", "2"], "");
    assert_eq!((frames(&bgp, "client").len(), frames(&bgp, "server").len()), (12, 11), "{}", bgp.err);
    // The endpoint of one conversation chooses it, and its direction.
    let client = &followed("three.pcapng.2").nodes[0];
    let asked = run(&["decode", "-f", "json", "@bgp", &file, "--from", client], "");
    assert_eq!((frames(&asked, "client"), frames(&asked, "server").len()), (frames(&bgp, "client"), 0));
    // Another framing for the server.
    let both = ["decode", "-f", "raw", "close", &file, "--stream", "2", "--server-spec", "@bgp", "--from", ":6379"];
    let server = run(&both, "");
    assert_eq!(server.code, Some(0), "{}", server.err);
    fails(&["decode", "line", "--stream", "0"], "one\n", 2, "are for captures, and the input is not one");
}

#[test]
fn capture_on_standard_input_is_the_same() {
    for file in ["redis.pcap", "postgres.pcapng"] {
        let spec = format!("@{}", file.split('.').next().unwrap());
        let bytes = fs::read(path(file)).unwrap();
        let whole = run(&["decode", &spec, &path(file)], "");
        assert_eq!(run(&["decode", &spec], &bytes), whole);
        assert_eq!(run(&["decode", &spec, "--stream", "0"], &bytes), whole);
    }
    // With `--skip`, a capture is decoded as ordinary bytes.
    let bytes = fs::read(path("redis.pcap")).unwrap();
    let records = ["decode", "-f", "count", "--skip", "24", "field:offset=8,size=4,order=le,after=4"];
    let packets = run(&records, &bytes);
    assert!(packets.out.starts_with("frames ") && packets.code == Some(0), "{}", packets.err);
    fails(&["decode", "--plain", "@redis"], &bytes, 1, "These bytes look like a pcap capture.");
}

#[test]
fn frames_of_a_live_capture_come_before_its_end() {
    let bytes = fs::read(path("memcached.pcap")).unwrap();
    let mut child = start(&["decode", "-f", "raw", "--separator", "\\n", "@memcached", "--stream", "0"]);
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    stdin.write_all(&bytes[..bytes.len() * 2 / 3]).unwrap();
    let mut shown = [0; 6];
    stdout.read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"hello\n");
    stdin.write_all(&bytes[bytes.len() * 2 / 3..]).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn capture_that_does_not_end_says_what_it_waits_for() {
    let bytes = fs::read(path("redis.pcap")).unwrap();
    let mut child = start(&["decode", "@redis"]);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&bytes).unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("note: waiting for the end of the capture"), "{line}");
    drop(stdin);
    assert!(child.wait_with_output().unwrap().stdout.len() > 1000);
}

/// The packets of a pcap file of little-endian microseconds, without the headers of the link.
fn ip_packets(file: &str) -> Vec<Vec<u8>> {
    let bytes = fs::read(path(file)).unwrap();
    let (mut at, mut packets) = (24, Vec::new());
    while at < bytes.len() {
        let len = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().unwrap()) as usize;
        packets.push(bytes[at + 16 + 14..at + 16 + len].to_vec());
        at += 16 + len;
    }
    packets
}

/// A pcap file of these packets, each after a header of the link.
fn pcap(link: u32, header: &[u8], packets: &[Vec<u8>], big: bool) -> Vec<u8> {
    let number = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let short = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut file = [&number(0xa1b2_c3d4)[..], &short(2), &short(4), &[0; 8], &number(262_144), &number(link)].concat();
    for packet in packets {
        let len = u32::try_from(header.len() + packet.len()).unwrap();
        file.extend([number(1), number(2), number(len), number(len)].concat());
        file.extend([header, packet].concat());
    }
    file
}

#[test]
fn other_links_carry_the_same_frames() {
    let packets = ip_packets("redis.pcap");
    let whole = run(&["decode", "@redis", &path("redis.pcap")], "");
    let ethernet = [0_u8; 12];
    let links: [(u32, Vec<u8>, bool); 6] = [
        (101, vec![], false),
        (228, vec![], true),
        (0, vec![2, 0, 0, 0], false),
        (0, vec![0, 0, 0, 2], true),
        (1, [&ethernet[..], &[0x81, 0, 0, 5, 0x08, 0]].concat(), false),
        (1, [&ethernet[..], &[0x88, 0xa8, 0, 1, 0x81, 0, 0, 5, 0x08, 0]].concat(), false),
    ];
    for (link, header, big) in links {
        let file = pcap(link, &header, &packets, big);
        let run = run(&["decode", "@redis"], &file);
        assert_eq!((run.code, run.out == whole.out), (Some(0), true), "link {link} {header:?}: {}", run.err);
    }
    let wlan = pcap(105, &[0; 24], &packets, false);
    fails(&["decode", "@redis"], &wlan, 1, "a kind of link that is not known here: LINKTYPE 105");
    fails(&["decode", "@redis"], pcap(101, &[], &[], false), 1, "has no packet of TCP or UDP");
}

/// An IPv4 packet with a datagram of UDP.
fn datagram(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let [one, other] = if from > to { [1, 2] } else { [2, 1] };
    let len = u16::try_from(payload.len() + 8).unwrap();
    let ip = [&[0x45, 0][..], &(len + 20).to_be_bytes(), &[0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, one, 10, 0, 0, other]]
        .concat();
    [&ip[..], &from.to_be_bytes(), &to.to_be_bytes(), &len.to_be_bytes(), &[0, 0], payload].concat()
}

/// An IPv4 packet with a segment of TCP.
fn segment((from, to): (u16, u16), sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let [one, other] = if from > to { [1, 2] } else { [2, 1] };
    let len = u16::try_from(payload.len() + 40).unwrap();
    let ip = [&[0x45, 0][..], &len.to_be_bytes(), &[0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, one, 10, 0, 0, other]].concat();
    let tcp = [&from.to_be_bytes()[..], &to.to_be_bytes(), &sequence.to_be_bytes(), &[0; 4], &[0x50, flags, 1, 0]];
    [&ip[..], &tcp.concat(), &[0; 4], payload].concat()
}

#[test]
fn each_side_has_its_own_messages() {
    const SYN: u8 = 2;
    const PUSH: u8 = 8;
    let (up, down) = ((7000, 80), (80, 7000));
    let packets = [
        segment(up, 0, SYN, b""),
        segment(down, 0, SYN, b""),
        segment(up, 1, PUSH, b"\x01\x83\x37\xfa\x21\x3d\x7f\x9f\x4d"),
        segment(down, 1, PUSH, b"\x01\x02no\x89\x00"),
        segment(up, 10, PUSH, b"\x80\x82\x37\xfa\x21\x3d\x5b\x95"),
        segment(down, 7, PUSH, b"\x80\x01w\x01\x01a"),
    ];
    let file = pcap(101, &[], &packets, false);
    let error = "from the server: byte 12: the stream ended inside a message, after 1 byte in 1 part (in the message that begins at byte 9)";
    let joined = fails(&["decode", "@websocket-messages"], &file, 1, error);
    let out = "10.0.0.1:7000 → 10.0.0.2:80
   frame    offset    wire  length  header  payload
 ←     1         4       2       0  89 00
 →     1         0       5       5  01 83 37 fa 21 3d  Hello
 ←     2         0       3       3  01 02              now
";
    assert_eq!(joined.out, out);
    let arguments = ["decode", "-f", "raw", "--separator", "|", "--from", ":7000", "@websocket-messages"];
    gives(&arguments, &file, "Hello|");
    // One side joined, the other frame by frame.
    let run = run(&["decode", "@websocket-messages", "--server-spec", "@websocket"], &file);
    let server = " ←     1         0       4       2  01 02   no\n";
    assert!(run.out.contains(server) && run.out.contains("Hello\n"), "{}", run.out);
    fails(&["decode", "u8", "--server-spec", "@websocket-message"], &file, 2, "Did you mean `@websocket-messages`?");
}

/// What a response answers is seen in the other direction: the answer to HEAD has no body.
#[test]
fn http_responses_are_read_by_their_requests() {
    const SYN: u8 = 2;
    const PUSH: u8 = 8;
    let (up, down) = ((7000, 80), (80, 7000));
    let asked = b"HEAD /a HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\n\r\n";
    let first =
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-";
    let second = b"Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let third = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    let place = |len: usize| u32::try_from(1 + len).unwrap();
    let packets = [
        segment(up, 0, SYN, b""),
        segment(down, 0, SYN, b""),
        segment(up, 1, PUSH, asked),
        segment(down, 1, PUSH, first),
        segment(down, place(first.len()), PUSH, second),
        segment(up, place(asked.len()), PUSH, b"GET /c HTTP/1.1\r\n\r\n"),
        segment(down, place(first.len() + second.len()), PUSH, third),
    ];
    let file = pcap(101, &[], &packets, false);
    for (spec, answers) in [("@http1-messages", 5), ("@http1", 7)] {
        let shown = run(&["decode", spec, "-f", "json"], &file);
        assert_eq!(shown.code, Some(0), "{}", shown.err);
        let server: Vec<&str> = shown.out.lines().filter(|line| line.contains("\"from\":\"server\"")).collect();
        assert_eq!(server.len(), answers, "{}", shown.out);
        let bodies: Vec<&str> =
            server.iter().filter_map(|line| line.split("\"text\":\"").nth(1)?.split('"').next()).collect();
        assert_eq!(bodies.concat(), "hellohi", "{}", shown.out);
    }
    let sides = ["decode", "@http1-requests", "--server-spec", "@http1-responses", "-f", "json"];
    assert_eq!(run(&sides, &file).out.lines().filter(|line| line.contains("\"kind\":\"frame\"")).count(), 9);
    // One direction alone does not show it.
    let alone = ["decode", "@http1-messages", "--from", ":80"];
    fails(&alone, &file, 1, "no version of HTTP/1");
    // What the user sets stays.
    let set = run(&["decode", "@http1-requests", "--server-spec", "http1,answers=HEAD", "--from", ":80"], &file);
    assert!(set.err.contains("no request line of HTTP/1"), "{}", set.err);
    fails(&["decode", "@http1-requests"], &file, 1, "a response where requests are expected");
}

#[test]
fn each_datagram_begins_with_a_frame() {
    let packets = [
        datagram(7000, 53, b"\x03one\x03two"),
        datagram(53, 7000, b"\x02ok"),
        datagram(7000, 53, b"\x09cut"),
        datagram(7000, 53, b"\x04next"),
    ];
    let run = fails(&["decode", "u8"], pcap(101, &[], &packets, false), 1, "from the client: stream ended at byte 12");
    let out = "10.0.0.1:7000 → 10.0.0.2:53
   frame    offset    wire  length  header  payload
 →     1         0       4       3  03      one
 →     2         4       4       3  03      two
 ←     1         0       3       2  02      ok
 →     3        12       5       4  04      next
";
    assert_eq!(run.out, out);
    let two = [datagram(1, 2, b"\x01a"), datagram(3, 4, b"\x01b")];
    let chosen = ["decode", "-f", "raw", "u8", "--stream", "udp:1"];
    gives(&chosen, pcap(101, &[], &two, false), "b");
}

#[test]
fn new_connection_of_the_same_ports_is_another_conversation() {
    let packets = ip_packets("redis.pcap");
    let mut twice = packets.clone();
    // The second connection begins with another sequence number.
    twice.extend(packets.iter().take(1).cloned().map(|mut packet| {
        packet[24] ^= 0x55;
        packet
    }));
    let listed = run(&["decode", "@redis"], pcap(101, &[], &twice, false));
    assert_eq!(listed.out.lines().count(), 3, "{}", listed.out);
}

#[test]
fn damaged_captures_end_in_an_error_and_never_in_a_panic() {
    for file in ["bgp.pcap", "dns.pcapng"] {
        let bytes = fs::read(path(file)).unwrap();
        let spec = format!("@{}", file.split('.').next().unwrap());
        let cut = run(&["decode", &spec], &bytes[..bytes.len() - 7]);
        assert!(cut.err.contains("note: the capture ends inside a packet"), "{}", cut.err);
        for at in (28..bytes.len()).step_by(37) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xff;
            let run = run(&["decode", "-f", "count", &spec, "--stream", "0"], &bytes);
            assert!(matches!(run.code, Some(0 | 1)), "{file}, byte {at}: {:?} {}", run.code, run.err);
        }
    }
}

#[test]
fn growing_capture_is_followed() {
    let folder = std::env::temp_dir().join(format!("anysplit-follow-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file: PathBuf = folder.join("growing.pcap");
    let bytes = fs::read(path("memcached.pcap")).unwrap();
    fs::write(&file, &bytes[..300]).unwrap();
    let name = file.to_str().unwrap();
    let arguments = ["decode", "-f", "raw", "--separator", "\\n", "@memcached", name, "--follow", "--stream", "0"];
    let mut child = start(&arguments);
    let mut stdout = child.stdout.take().unwrap();
    let mut writer = fs::OpenOptions::new().append(true).open(&file).unwrap();
    writer.write_all(&bytes[300..]).unwrap();
    let mut shown = [0; 12];
    stdout.read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"hello\nget k\n");
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    fails(&["decode", "@redis", &path("redis.pcap"), "--follow"], "", 2, "--follow of a capture needs --stream");
}

/// 64 MiB of one connection, half of it out of order.
#[cfg(target_os = "linux")]
#[test]
fn long_capture_takes_little_memory() {
    let mut child = start(&["decode", "-f", "count", "fixed:1000", "--stream", "0"]);
    let mut stdin = child.stdin.take().unwrap();
    let segment = |sequence: u32| {
        let tcp =
            [&[0x1b, 0x58, 0, 80][..], &sequence.to_be_bytes(), &[0; 4], &[0x50, 0x10, 1, 0, 0, 0, 0, 0]].concat();
        let ip = [0x45, 0, 0x9c, 0x68, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        [&ip[..], &tcp, &[7; 40_000]].concat()
    };
    stdin.write_all(&pcap(101, &[], &[], false)).unwrap();
    for pair in 0..840_u32 {
        // After the first, which says where the stream begins, in pairs the wrong way round.
        let order = if pair == 0 { [0, 1] } else { [2 * pair + 1, 2 * pair] };
        let packets = order.map(|index| segment(index * 40_000));
        stdin.write_all(&pcap(101, &[], &packets, false)[24..]).unwrap();
    }
    let peak = crate::run::peak_so_far(&child);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("frames               67200 in all\n"), "{text}");
    assert!(peak < 32 * 1024, "{peak} KiB");
}
