//! Mosquitto and NATS.

use std::process::Command;

use crate::dialect::{Client, Dialect, Note, Reader, Running, Template, Unit, template};
use crate::line::{Line, PATIENCE};
use crate::stage::{Fallible, Stage, find, free_port, run, version};

pub(crate) fn mosquitto(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["mosquitto"]) else { return Ok(None) };
    let port = free_port()?;
    let file = stage.file(
        "m.conf",
        &format!("listener {port} 127.0.0.1\nallow_anonymous true\nuser nobody\nset_tcp_nodelay true\n"),
    )?;
    stage.start(Command::new(&program).arg("-c").arg(file), &[port])?;
    let mut running = Running::new(version(&program, "-h")).speaking(port, Mqtt);
    if find(&["mosquitto_pub"]).is_some() && find(&["mosquitto_sub"]).is_some() {
        running = running.with_clients("mqtt", port, |_, port| {
            let port = port.to_string();
            let common = ["-h", "127.0.0.1", "-p", &port];
            let with = |program, more: &[&str]| Client::new(program, &[&common[..], more].concat());
            Ok(vec![
                with("mosquitto_pub", &["-t", "t/a", "-m", "hello", "-q", "1", "-r"]),
                with("mosquitto_pub", &["-V", "5", "-t", "t/b", "-m", &"x".repeat(30_000), "-q", "2", "-r"]),
                with("mosquitto_pub", &["-t", "t/c", "-s", "-r", "-q", "2"])
                    .with_input(b"\xc0\x00\x30\x05\x00\x01thi\r\n\0"),
                with("mosquitto_sub", &["-t", "t/#", "-C", "3", "-W", "5", "-v", "-q", "2"]),
                with("mosquitto_sub", &["-V", "5", "-t", "t/c", "-C", "1", "-W", "5", "-q", "1"]),
            ])
        });
    }
    Ok(Some(running))
}

struct Mqtt;

/// A PUBLISH that asks for an answer, with its length left to the framing.
fn publish(topic: &[u8], payload: &[u8], id: u8) -> Vec<u8> {
    let [high, low] = u16::try_from(topic.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[0x32, 0, high, low], topic, &[0, id], payload].concat()
}

impl Dialect for Mqtt {
    fn name(&self) -> &'static str {
        "mqtt"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        line.send(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")?;
        line.expect().map(|_| ())
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::one(publish(b"t", text, 1))),
            template(|text| Unit::one(publish(text, b"hello", 1))),
            // A SUBSCRIBE to one topic.
            template(|text| {
                let [high, low] = u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
                Unit::one([&[0x82, 0, 0, 2, high, low], &[b"s/", text].concat()[2..], &[0]].concat())
            }),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"\xc0\x00".to_vec(), b"\x32\x07\x00\x01f\x00\x09hi".to_vec()]
    }

    fn insert_from(&self) -> usize {
        2
    }

    fn particular(&self) -> Vec<Unit> {
        [&b"\xc0\x00\xc0\x00"[..], b"\xc0\x02\xc0\x00", b"\xc0\x80\x00", b"\xc0\x80\x80\x00", b"\xc0\x80\x80\x80\x00"]
            .map(Unit::one)
            .into()
    }

    fn probe(&self) -> Unit {
        Unit::one(publish(b"probe", b"", 0x77))
    }

    fn reader(&self) -> Reader {
        Box::new(|seen| if seen.message == b"\x40\x02\x00\x77" { Note::Probe } else { Note::Answer })
    }
}

pub(crate) fn nats(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["nats-server"]) else { return Ok(None) };
    let port = free_port()?;
    stage.start(Command::new(&program).args(["-a", "127.0.0.1", "-p", &port.to_string()]), &[port])?;
    Ok(Some(Running::new(version(&program, "--version")).speaking(port, Nats)))
}

/// A program on libzmq that sends back what it gets. Its greeting waits for the client's, part by part.
pub(crate) fn zeromq(stage: &mut Stage) -> Fallible<Option<Running>> {
    const PYTHON: &str = "/usr/bin/python3";
    // Debian's package is for Debian's Python.
    let asked = run(Command::new(PYTHON).args(["-c", "import zmq; print(zmq.zmq_version())"]), b"", PATIENCE);
    let Some(version) = asked.ok().filter(|output| output.code == Some(0)) else { return Ok(None) };
    let port = free_port()?;
    let server = format!(
        "import zmq\nsocket = zmq.Context().socket(zmq.REP)\nsocket.bind('tcp://127.0.0.1:{port}')\n\
        while True: socket.send_multipart(socket.recv_multipart())\n"
    );
    let server = stage.file("server.py", &server)?;
    stage.start(Command::new(PYTHON).arg(server), &[port])?;
    let client = "import sys, zmq\nsocket = zmq.Context().socket(zmq.REQ)\nsocket.setsockopt(zmq.RCVTIMEO, 5000)\n\
        socket.setsockopt(zmq.LINGER, 0)\nsocket.connect('tcp://127.0.0.1:' + sys.argv[1])\n\
        for parts in [b'hello'], [b'', b'a' * 255, b'b' * 256], [b'\\xff\\x00\\x05' * 30000]:\n    \
        socket.send_multipart(parts)\n    print(socket.recv_multipart() == parts)\n";
    let client = stage.file("client.py", client)?.to_string_lossy().into_owned();
    let running = Running::new(version.text.trim().to_owned());
    Ok(Some(
        running.with_clients("zmtp", port, move |_, port| Ok(vec![Client::new(PYTHON, &[&client, &port.to_string()])])),
    ))
}

/// NATS in its verbose mode, in which the server acknowledges every line.
struct Nats;

impl Dialect for Nats {
    fn name(&self) -> &'static str {
        "nats"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        line.send(b"CONNECT {\"verbose\":true,\"headers\":true,\"no_responders\":false}\r\nSUB probe 1\r\n")?;
        // The server's INFO, and an acknowledgement for each line.
        let mut acknowledged = 0;
        line.until(|seen| {
            acknowledged += usize::from(seen.message == b"+OK");
            acknowledged == 2
        })?;
        Ok(())
    }

    fn templates(&self) -> Vec<Template> {
        let text_len = |text: &[u8]| format!("PUB a {}\r\n", text.len()).into_bytes();
        vec![
            template(|_| Unit::one("PING")),
            template(|text| Unit::one([b"SUB a.", text, b" 7"].concat())),
            template(|text| Unit::one([b"UNSUB ", text].concat())),
            template(|text| Unit::one([b"PUB ", text, b" 1\r\nx"].concat())),
            template(move |text| Unit::one([&text_len(text), text].concat())),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"PING".to_vec(), b"PUB forged 1\r\nf".to_vec()]
    }

    fn particular(&self) -> Vec<Unit> {
        let lines = [
            "PUB\ta\t6",
            "PUB a\t6",
            "PUB  a  6",
            "pub a 6",
            "PUB a 06",
            "PUB a +6",
            "PUB a 6 ",
            "PUB a 6\t",
            " PUB a 6",
            "PUB a b c 6",
            "HPUB a 0 6",
            "HPUB a 6 6",
            "HPUB a 7 6",
            "MSG a 1 6",
            "PUB a.> 6",
            "PUB a..b 6",
        ];
        let blocks = lines.iter().map(|line| Unit::one(format!("{line}\r\nPING\r\n")));
        blocks
            .chain(["PING\n", "PING PING", "PINGPING", "ping\rPING", "PING\r\rPING", "PING\tPING"].map(Unit::one))
            .collect()
    }

    fn probe(&self) -> Unit {
        Unit::one("PUB probe 8\r\nsentinel")
    }

    /// The probe gets an acknowledgement as well, before its message comes back.
    fn reader(&self) -> Reader {
        let mut acknowledged = false;
        Box::new(move |seen| {
            let is_ping = seen.message == b"PING" || seen.message.starts_with(b"INFO ");
            match &seen.message[..] {
                message if message.starts_with(b"MSG probe ") => Note::Probe,
                _ if is_ping => Note::Part,
                // A warning, which an acknowledgement follows.
                message if message.starts_with(b"-ERR 'Invalid Publish Subject'") => Note::Part,
                // One acknowledgement is left for the probe.
                _ if !acknowledged => {
                    acknowledged = true;
                    Note::Part
                }
                _ => Note::Answer,
            }
        })
    }
}
