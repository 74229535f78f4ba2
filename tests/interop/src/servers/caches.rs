//! Redis and memcached.

use std::process::Command;

use crate::dialect::{Client, Dialect, Note, Reader, Running, Template, Unit, template};
use crate::line::Seen;
use crate::stage::{Fallible, Stage, find, free_port, version};

pub(crate) fn redis(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["redis-server"]) else { return Ok(None) };
    let port = free_port()?;
    let number = port.to_string();
    let arguments = ["--port", &number, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    stage.start(Command::new(&program).args(arguments), &[port])?;
    let mut running = Running::new(version(&program, "--version")).speaking(port, Inline).speaking(port, Arrays);
    if find(&["redis-cli"]).is_some() {
        running = running.with_clients("redis", port, |_, port| {
            let port = port.to_string();
            let script =
                b"SET k \"a\\r\\n$3\\r\\nb\\x00\"\nGET k\nDEL l\nRPUSH l a b c\nLRANGE l 0 -1\nNOPE\nGET none\n\
                EVAL \"return {1, 'a', false, {2}}\" 0\nMULTI\nGET k\nEXEC\nHSET h f 1.5\nHGETALL h\n";
            let commands =
                b"SET p 1\r\n*2\r\n$4\r\nINCR\r\n$1\r\np\r\n*2\r\n$4\r\nECHO\r\n$13\r\na\r\nSET p 7\r\n\0\r\n";
            Ok(vec![
                Client::new("redis-cli", &["-p", &port]).with_input(script),
                Client::new("redis-cli", &["-3", "-p", &port]).with_input(script),
                Client::new("redis-cli", &["-p", &port, "--pipe"]).with_input(commands),
                Client::new("redis-cli", &["-p", &port, "SET", "long", &"x".repeat(100_000)]),
                Client::new("redis-cli", &["-p", &port, "GET", "long"]),
            ])
        });
        running = running.with_clients("resp-replies", port, |_, port| {
            let port = port.to_string();
            let script = b"EVAL \"return {1, {2, {3, {4, {5, {{{}}}}}}, 'a', false}, {}}\" 0\nDEL s\n\
                XADD s 1-1 f v g w\nXADD s 2-1 f v\nXRANGE s - +\nXINFO STREAM s\nMULTI\nLRANGE l 0 -1\nXRANGE s - +\n\
                EXEC\nCOMMAND DOCS SET GET\nCOMMAND\nCLIENT TRACKING ON BCAST\nHSET h f 1.5\nHGETALL h\n";
            let mut clients = vec![
                Client::new("redis-cli", &["-p", &port]).with_input(script),
                Client::new("redis-cli", &["-3", "-p", &port]).with_input(script),
            ];
            if find(&["redis-benchmark"]).is_some() {
                let count = ["-p", &port, "-n", "2000", "-c", "5", "-q"];
                // It prints how fast it was, or an error.
                let benchmark = |more: &[&str]| {
                    let arguments = [&count[..], more].concat();
                    Client::new("redis-benchmark", &arguments).comparing(|line| !line.contains("requests per second"))
                };
                clients.push(benchmark(&["-t", "set,get,lpush,lrange_100,hset,mset"]));
                clients.push(benchmark(&["-P", "16", "eval", "return {1, {2, {3, 'four'}}}", "0"]));
            }
            Ok(clients)
        });
    }
    Ok(Some(running))
}

/// Counts the elements that make up one answer of Redis.
fn redis_reader() -> Reader {
    let mut open: Vec<u64> = Vec::new();
    let mut has_probe = false;
    Box::new(move |seen: &Seen| {
        has_probe |= seen.contains(b"sentinel");
        let (&sign, digits) = seen.message.split_first().unwrap_or((&b' ', b""));
        let count: u64 = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0);
        match sign {
            b'*' | b'~' | b'>' if count > 0 => open.push(count),
            b'%' if count > 0 => open.push(2 * count),
            _ => {
                // An element is complete. It may complete the array that it belongs to, and so on.
                while let Some(left) = open.last_mut() {
                    *left -= 1;
                    if *left > 0 {
                        break;
                    }
                    open.pop();
                }
            }
        }
        match (open.is_empty(), has_probe) {
            (false, _) => Note::Part,
            (true, false) => Note::Answer,
            (true, true) => Note::Probe,
        }
    })
}

/// Commands on lines. The probe stays outside the request's framing, so that another framing can write the requests.
struct Inline;

impl Dialect for Inline {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn answers(&self) -> Fallible<anysplit::AnyFraming> {
        crate::dialect::named("redis")
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::one([b"ECHO ", text].concat())),
            template(|text| Unit::one([b"SET ", text, b" 1"].concat())),
            template(|text| Unit::one([b"PING \"", text, b"\""].concat())),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"SET forged 2".to_vec(), b"*1\r\n$4\r\nPING".to_vec()]
    }

    fn probe(&self) -> Unit {
        Unit::several([b""; 0], 0).inside(b"ECHO sentinel\r\n", b"")
    }

    fn reader(&self) -> Reader {
        redis_reader()
    }
}

/// Commands as arrays: every element is a message.
struct Arrays;

fn block(text: &[u8]) -> Vec<u8> {
    [format!("${}\r\n", text.len()).as_bytes(), text].concat()
}

impl Dialect for Arrays {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::several([b"*2".to_vec(), block(b"ECHO"), block(text)], 2)),
            template(|text| Unit::several([b"*3".to_vec(), block(b"SET"), block(text), block(b"1")], 2)),
            template(|text| Unit::several([b"*1".to_vec(), block(&[b"NOPE", text].concat())], 1)),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"SET forged 2".to_vec(), b"$4\r\nPING\r\n*1\r\n$4\r\nPING".to_vec()]
    }

    fn particular(&self) -> Vec<Unit> {
        let sizes: [&[u8]; 8] = [b"$1 ", b"$+1", b"$01", b"$1\r", b"$ 1", b"$1\n", b"$-1", b"$1\0"];
        let blocks = sizes.map(|size| {
            let message = if size == b"$-1" { size.to_vec() } else { [size, b"\r\nx"].concat() };
            Unit::several([b"*2".to_vec(), block(b"ECHO"), message], 2)
        });
        let counts: [&[u8]; 6] = [b"*1 ", b"*1\n", b"*1\r", b"*01", b"*+1", b"*1\0"];
        let arrays = counts.map(|count| Unit::several([count.to_vec(), block(b"PING")], 0));
        blocks.into_iter().chain(arrays).collect()
    }

    fn probe(&self) -> Unit {
        Unit::several([b"*2".to_vec(), block(b"ECHO"), block(b"sentinel")], 0)
    }

    fn reader(&self) -> Reader {
        redis_reader()
    }
}

pub(crate) fn memcached(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["memcached"]) else { return Ok(None) };
    let port = free_port()?;
    let number = port.to_string();
    let arguments = ["-l", "127.0.0.1", "-U", "0", "-u", "nobody", "-t", "1", "-p", &number];
    stage.start(Command::new(&program).args(arguments), &[port])?;
    let mut running = Running::new(version(&program, "--version")).speaking(port, Memcached).speaking(port, Binary);
    if find(&["memccp"]).is_some() && find(&["memccat"]).is_some() {
        let file = stage.file("alpha", "hello\r\nEND\r\n")?.to_string_lossy().into_owned();
        for (protocol, flag) in [("memcached", "--file"), ("memcached-binary", "--binary")] {
            let file = file.clone();
            running = running.with_clients(protocol, port, move |_, port| {
                let servers = format!("--servers=127.0.0.1:{port}");
                let mut clients =
                    vec![Client::new("memccp", &[&servers, &file]), Client::new("memccat", &[&servers, "alpha"])];
                if flag == "--binary" {
                    for client in &mut clients {
                        client.command.arg(flag);
                    }
                }
                Ok(clients)
            });
        }
    }
    Ok(Some(running))
}

struct Memcached;

fn stored(line: &str, text: &[u8]) -> Vec<u8> {
    [format!("{line} {}\r\n", text.len()).as_bytes(), text].concat()
}

impl Dialect for Memcached {
    fn name(&self) -> &'static str {
        "memcached"
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::one([b"get ", text].concat())),
            template(|text| Unit::one([b"delete ", text].concat())),
            template(|text| Unit::one([b"set ", text, b" 0 0 1\r\nx"].concat())),
            template(|text| Unit::one(stored("set k 0 0", text))),
            template(|text| Unit::one(stored("ms k", text))),
            template(|text| Unit::one([b"mg ", text, b" v"].concat())),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"version".to_vec(), b"set forged 0 0 1\r\nf".to_vec()]
    }

    fn particular(&self) -> Vec<Unit> {
        let long = "k".repeat(251);
        let lines = [
            "set\tk 0 0 7",
            "set k\t0 0 7",
            "set\tk\t0\t0\t7",
            "set k 0 0\t7",
            "set k 0 0 7\t",
            "set k 0 0 7 ",
            "set  k  0  0  7",
            " set k 0 0 7",
            "SET k 0 0 7",
            "set k x 0 7",
            "set k 0 x 7",
            "set k -1 0 7",
            "set k 4294967296 0 7",
            "set k 0 0 07",
            "set k 0 0 +7",
            "set k 0 0 7 noreply x",
            "set k 0 0 7 x",
            &format!("set {long} 0 0 7"),
            &format!("add {long} 0 0 7"),
            &format!("ms {long} 7"),
            "cas k 0 0 7",
            "cas k 0 0 7 x",
            "cas k 0 0 7 1",
            "ms k 7 S8",
            "ms k  7",
            "ms k 7 MX",
            "ms k 7 b",
            "ms k 7 !",
            "VALUE k 0 7",
            "VA 7",
            "gat 1 7",
            "append k 0 0 7",
            "prepend k 0 0 7",
            "replace k 0 0 7",
        ];
        lines.iter().map(|line| Unit::one(format!("{line}\r\nversion"))).collect()
    }

    fn exception(&self, unit: &Unit, _: &[Vec<u8>]) -> Option<&'static str> {
        let message = unit.messages.first()?;
        let end = message.windows(2).position(|end| end == b"\r\n")?;
        let line = std::str::from_utf8(&message[..end]).ok()?;
        let fields: Vec<&str> = line.split(' ').filter(|field| !field.is_empty()).collect();
        let (word, fields) = fields.split_first()?;
        let counts = match *word {
            "set" | "add" | "replace" | "append" | "prepend" => 4..=5,
            "cas" => 5..=6,
            "ms" => 2..=usize::MAX,
            "VALUE" | "VA" => return Some("a line with a block that only a server sends"),
            _ => return None,
        };
        let is_number = |field: &&str| field.parse::<u32>().is_ok();
        let numbers = if *word == "ms" { &[][..] } else { fields.get(1..).unwrap_or_default() };
        let numbers = numbers.iter().filter(|field| **field != "noreply");
        if fields.first().is_some_and(|key| key.len() > 250) {
            Some("a key of more than 250 bytes")
        } else if !counts.contains(&fields.len()) {
            Some("a line with a block that has too few or too many fields")
        } else if !numbers.clone().all(is_number) {
            Some("a line with a block whose flags, time or version are no numbers")
        } else {
            None
        }
    }

    fn probe(&self) -> Unit {
        Unit::one("ms probe 1 Osentinel\r\nx")
    }

    fn reader(&self) -> Reader {
        Box::new(|seen| match &seen.message[..] {
            message if message.starts_with(b"VALUE ") => Note::Part,
            message if message.ends_with(b" Osentinel") => Note::Probe,
            _ => Note::Answer,
        })
    }
}

/// memcached's binary protocol.
struct Binary;

/// A request whose length field is left to the framing.
fn packet(code: u8, extras: &[u8], key: &[u8], value: &[u8], opaque: u8) -> Vec<u8> {
    let key_len = u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut packet = vec![0x80, code, key_len[0], key_len[1], u8::try_from(extras.len()).unwrap_or(u8::MAX)];
    packet.resize(24, 0);
    packet[15] = opaque;
    [&packet, extras, key, value].concat()
}

impl Dialect for Binary {
    fn name(&self) -> &'static str {
        "memcached-binary"
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::one(packet(0x00, b"", text, b"", 1))),
            template(|text| Unit::one(packet(0x01, &[0; 8], b"k", text, 1))),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![packet(0x0b, b"", b"", b"", 1)]
    }

    fn insert_from(&self) -> usize {
        24
    }

    fn probe(&self) -> Unit {
        Unit::one(packet(0x0a, b"", b"", b"", 0x77))
    }

    fn reader(&self) -> Reader {
        Box::new(|seen| if seen.message.get(15) == Some(&0x77) { Note::Probe } else { Note::Answer })
    }
}
