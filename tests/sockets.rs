//! Real sockets on loopback, after a proxy that cuts, joins, delays, stalls, half-closes and resets: nothing is lost,
//! repeated or out of order, and a cut frame is reported.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anysplit::io::{Cause, FrameReader, FrameWriter, cause};
use anysplit::number::Varint;
use anysplit::{Decoder, Delimited, EofError, Framing, Prefix, Stuffed};

#[path = "../examples/poll.rs"]
#[allow(dead_code, reason = "the example's server is what is tested, not its clients")]
mod poll;
#[path = "common/proxy.rs"]
mod proxy;

use proxy::{End, Plan, small_buffers};

type Any = Box<dyn Framing + Send + Sync>;

fn framings() -> Vec<(&'static str, Any)> {
    vec![
        ("u32be", Box::new(Prefix::u32_be())),
        ("ascii5", Box::new(Prefix::ascii5())),
        ("varint", Box::new(Prefix::new(Varint::leb128()))),
        ("netstring", Box::new(Prefix::netstring())),
        ("line", Box::new(Delimited::line())),
        ("cobs", Box::new(Stuffed::cobs())),
    ]
}

/// Message `number` of a stream: its number, and bytes that follow from it.
fn message(number: usize) -> Vec<u8> {
    let mut message = format!("{number}:").into_bytes();
    let len = number * 7919 % 3001;
    message.extend((0..len).map(|at| b'a' + u8::try_from((at + number) % 26).unwrap()));
    message
}

const MESSAGES: usize = 300;

fn listen() -> (TcpListener, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn messages_come_back_in_order_through_a_cutting_proxy() {
    let plans = [
        Plan::cutting(1, 1),
        Plan::cutting(13, 2),
        Plan { pause_every: Some(20_000), ..Plan::cutting(3000, 3) },
        Plan { join: true, ..Plan::cutting(50_000, 4) },
    ];
    for (name, framing) in &framings() {
        for plan in plans {
            // A byte at a time is slow, and joined chunks must not wait for bytes that are sent after an answer.
            let count = if plan.most == 1 { 20 } else { 100 };
            let (listener, address) = listen();
            let address = proxy::start(address, plan, Plan { join: false, ..plan });
            thread::scope(|scope| {
                let server = scope.spawn(|| -> io::Result<usize> {
                    let (stream, _) = listener.accept()?;
                    small_buffers(&stream);
                    let mut reader = FrameReader::new(&stream, framing);
                    let mut writer = FrameWriter::new(&stream, framing);
                    let mut count = 0;
                    while let Some(mut frames) = reader.read_frames()? {
                        while let Some(frame) = frames.next_frame()? {
                            assert_eq!(frame.payload(), message(count));
                            writer.write(frame.payload())?;
                            count += 1;
                        }
                        writer.flush()?;
                    }
                    stream.shutdown(Shutdown::Write)?;
                    Ok(count)
                });
                let stream = TcpStream::connect(address).unwrap();
                small_buffers(&stream);
                let halves = stream.try_clone().unwrap();
                scope.spawn(move || {
                    let mut writer = FrameWriter::new(&halves, framing);
                    (0..count).for_each(|number| writer.write(message(number)).unwrap());
                    writer.flush().unwrap();
                    halves.shutdown(Shutdown::Write).unwrap();
                });
                let mut reader = FrameReader::new(&stream, framing);
                for number in 0..count {
                    let frame = reader.read_frame().unwrap().unwrap();
                    assert_eq!(frame.payload(), message(number), "{name}, {plan:?}");
                }
                assert!(reader.read_frame().unwrap().is_none());
                assert_eq!(server.join().unwrap().unwrap(), count);
            });
        }
    }
}

/// Frames for the tests that end the stream at every byte.
fn wire(framing: &Any) -> Vec<u8> {
    let mut wire = Vec::new();
    for message in [&b"hello"[..], b"", b"you there"] {
        framing.encode(message, &mut wire).unwrap();
    }
    wire
}

/// Payloads, and how the stream ended: clean, or with an error.
type Outcome = (Vec<Vec<u8>>, Result<(), Cause>);

/// Decodes the bytes without a socket.
fn outcome(framing: &Any, bytes: &[u8]) -> Outcome {
    let mut decoder = Decoder::new(framing);
    decoder.push(bytes).unwrap();
    let mut payloads = Vec::new();
    while let Some(frame) = decoder.next_frame().unwrap() {
        payloads.push(frame.payload().to_vec());
    }
    loop {
        match decoder.finish() {
            Ok(Some(frame)) => payloads.push(frame.payload().to_vec()),
            Ok(None) => return (payloads, Ok(())),
            Err(EofError::Decode(error)) => return (payloads, Err(Cause::Decode(error))),
            Err(error) => return (payloads, Err(Cause::End(error))),
        }
    }
}

/// Decodes a socket's bytes. Returns the socket's own error too, if there was one.
fn received<R: Read>(reader: &mut FrameReader<R, &Any>) -> Result<Outcome, (Vec<Vec<u8>>, io::Error)> {
    let mut payloads = Vec::new();
    loop {
        match reader.read_frame() {
            Ok(Some(frame)) => payloads.push(frame.payload().to_vec()),
            Ok(None) => return Ok((payloads, Ok(()))),
            Err(error) => match cause(&error) {
                Some(cause) => return Ok((payloads, Err(cause))),
                None => return Err((payloads, error)),
            },
        }
    }
}

/// Opens a connection over which the proxy sends `wire` and ends it with `end`.
fn connect(wire: &[u8], end: End) -> TcpStream {
    let (listener, address) = listen();
    let address = proxy::start(address, Plan::cutting(7, 1), Plan::ending(end));
    let stream = TcpStream::connect(address).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    // A reset may come before all is sent.
    let _ = server.write_all(wire);
    stream
}

#[test]
fn fin_at_every_byte_is_clean_or_reports_the_cut() {
    for (name, framing) in &framings() {
        let wire = wire(framing);
        for at in 0..=wire.len() {
            let stream = connect(&wire, End::HalfCloseAt(at));
            let mut reader = FrameReader::new(&stream, framing);
            let found = received(&mut reader).map_err(|(_, error)| error).unwrap();
            assert_eq!(found, outcome(framing, &wire[..at]), "{name}, FIN at {at}");
        }
    }
}

#[test]
fn rst_at_every_byte_is_never_a_clean_end() {
    let mut resets = 0;
    for (name, framing) in &framings() {
        let wire = wire(framing);
        for at in 0..=wire.len() {
            let stream = connect(&wire, End::ResetAt(at));
            let mut reader = FrameReader::new(&stream, framing);
            let (found, error) = received(&mut reader).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{name}, RST at {at}");
            let mut whole = Decoder::new(framing);
            whole.push(&wire[..at]).unwrap();
            let mut expected = Vec::new();
            while let Some(frame) = whole.next_frame().unwrap() {
                expected.push(frame.payload().to_vec());
            }
            // The kernel may drop bytes that have not been read, but returns no others.
            assert!(expected.starts_with(&found), "{name}, RST at {at}");
            resets += 1;
        }
    }
    println!("{resets} resets");
}

#[test]
fn time_out_at_every_byte_loses_nothing() {
    let mut time_outs = 0;
    for (name, framing) in &framings() {
        let wire = wire(framing);
        for at in 0..wire.len() {
            let stream = connect(&wire, End::StallAt(at, Duration::from_millis(30)));
            stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
            let mut reader = FrameReader::new(&stream, framing);
            let mut payloads: Vec<Vec<u8>> = Vec::new();
            while payloads.len() < 3 {
                match reader.read_frame() {
                    Ok(frame) => payloads.push(frame.expect("the server has not closed").payload().to_vec()),
                    Err(error) => {
                        let kind = error.kind();
                        assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{name}: {error}");
                        time_outs += 1;
                    }
                }
            }
            assert_eq!(payloads, [&b"hello"[..], b"", b"you there"], "{name}, stall at {at}");
        }
    }
    assert!(time_outs > 0);
    println!("{time_outs} time-outs");
}

#[test]
fn partial_write_goes_on_with_the_next_call() {
    let (listener, address) = listen();
    let stream = TcpStream::connect(address).unwrap();
    let (server, _) = listener.accept().unwrap();
    small_buffers(&stream);
    small_buffers(&server);
    stream.set_nonblocking(true).unwrap();
    let reading = thread::spawn(move || {
        let mut reader = FrameReader::new(&server, Prefix::u32_be());
        for number in 0..MESSAGES {
            if number % 10 == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(reader.read_frame().unwrap().unwrap().payload(), message(number));
        }
        assert!(reader.read_frame().unwrap().is_none());
    });
    let mut writer = FrameWriter::new(&stream, Prefix::u32_be()).with_limit(10_000);
    let (mut waits, mut partial) = (0, 0);
    let mut try_again = |error: io::Error, unsent: usize| {
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        waits += 1;
        partial += usize::from(unsent > 0);
        thread::sleep(Duration::from_micros(200));
    };
    for number in 0..MESSAGES {
        while let Err(error) = writer.write(message(number)) {
            // Not taken, so it may be offered again.
            try_again(error, writer.unsent());
        }
        assert!(writer.unsent() < 10_000 + 3020);
    }
    while let Err(error) = writer.flush() {
        try_again(error, writer.unsent());
    }
    assert_eq!(writer.unsent(), 0);
    assert!(partial > 0, "buffers are small enough to make a write partial");
    drop(writer);
    stream.shutdown(Shutdown::Write).unwrap();
    reading.join().unwrap();
    println!("{waits} waits, {partial} with part of a frame unsent");
}

#[cfg(unix)]
#[test]
fn unix_sockets_pipes_and_files_are_read_and_written_the_same() {
    fn through<W: Write + Send, R: Read>(write: W, read: R, close: impl FnOnce(W) + Send) {
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut writer = FrameWriter::new(write, Prefix::u16_be());
                (0..MESSAGES).for_each(|number| writer.write(message(number)).unwrap());
                writer.flush().unwrap();
                close(writer.into_parts().0);
            });
            let mut reader = FrameReader::new(read, Prefix::u16_be());
            for number in 0..MESSAGES {
                assert_eq!(reader.read_frame().unwrap().unwrap().payload(), message(number));
            }
            assert!(reader.read_frame().unwrap().is_none());
        });
    }
    let (write, read) = std::os::unix::net::UnixStream::pair().unwrap();
    through(write, read, |stream| stream.shutdown(Shutdown::Write).unwrap());

    let mut cat = std::process::Command::new("cat")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    through(cat.stdin.take().unwrap(), cat.stdout.take().unwrap(), drop);
    cat.wait().unwrap();

    let path = std::env::temp_dir().join(format!("anysplit-{}", std::process::id()));
    let mut writer = FrameWriter::new(std::fs::File::create(&path).unwrap(), Prefix::u16_be());
    (0..MESSAGES).for_each(|number| writer.write(message(number)).unwrap());
    drop(writer);
    let mut reader = FrameReader::new(std::fs::File::open(&path).unwrap(), Prefix::u16_be());
    for number in 0..MESSAGES {
        assert_eq!(reader.read_frame().unwrap().unwrap().payload(), message(number));
    }
    assert!(reader.read_frame().unwrap().is_none());
    std::fs::remove_file(path).unwrap();
}

#[cfg(feature = "tokio")]
mod cancelled {
    use std::future::Future;
    use std::pin::pin;
    use std::task::Poll;

    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// Polls a future that `make` makes once, drops it, and makes the next, until one is ready: each await in it is
    /// dropped wherever it has to wait.
    macro_rules! dropped_until_ready {
        ($drops:ident, $make:expr) => {
            loop {
                let polled = {
                    let mut future = pin!($make);
                    std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
                };
                match polled {
                    Poll::Ready(result) => break result,
                    Poll::Pending => {
                        $drops += 1;
                        // Another branch of a `select!` that is ready first.
                        tokio::time::sleep(Duration::from_micros(50)).await;
                    }
                }
            }
        };
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn future_dropped_at_every_await_loses_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let plan = Plan { pause_every: Some(10_000), ..Plan::cutting(700, 9) };
        let address = proxy::start(listener.local_addr().unwrap(), plan, plan);
        let sending = tokio::spawn(async move {
            let stream = TcpStream::connect(address).await.unwrap();
            socket2::SockRef::from(&stream).set_send_buffer_size(4096).unwrap();
            let mut writer = anysplit::tokio::FrameWriter::new(stream, Prefix::u32_be()).with_limit(5000);
            let mut drops = 0;
            for number in 0..MESSAGES {
                let message = message(number);
                // A dropped write has not taken its message.
                match number % 3 {
                    0 => dropped_until_ready!(drops, writer.write_bytes(message.clone().into())).unwrap(),
                    _ => dropped_until_ready!(drops, writer.write(&message)).unwrap(),
                }
            }
            dropped_until_ready!(drops, writer.flush()).unwrap();
            dropped_until_ready!(drops, writer.shutdown()).unwrap();
            drops
        });
        let (stream, _) = listener.accept().await.unwrap();
        let mut reader = anysplit::tokio::FrameReader::new(stream, Prefix::u32_be());
        let mut drops = 0;
        let mut number = 0;
        while number < MESSAGES {
            match number % 3 {
                0 => {
                    let frame = dropped_until_ready!(drops, reader.read_bytes()).unwrap().unwrap();
                    assert_eq!(frame.payload(), message(number));
                    number += 1;
                }
                1 => loop {
                    // A borrowed frame cannot leave the future's block, so it is looked at in it.
                    let done = {
                        let mut future = pin!(reader.read_frame());
                        match std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
                            Poll::Ready(frame) => {
                                assert_eq!(frame.unwrap().unwrap().payload(), message(number));
                                true
                            }
                            Poll::Pending => false,
                        }
                    };
                    if done {
                        number += 1;
                        break;
                    }
                    drops += 1;
                    tokio::time::sleep(Duration::from_micros(50)).await;
                },
                _ => {
                    let batch = dropped_until_ready!(drops, reader.read_batch()).unwrap().unwrap();
                    for frame in batch.iter() {
                        assert_eq!(frame.payload(), message(number));
                        number += 1;
                    }
                }
            }
        }
        assert!(dropped_until_ready!(drops, reader.read_bytes()).unwrap().is_none());
        let dropped_writes = sending.await.unwrap();
        assert!(drops > 0 && dropped_writes > 0, "{drops} reads and {dropped_writes} writes were dropped");
        println!("{drops} reads and {dropped_writes} writes were dropped");
    }

    #[tokio::test]
    async fn fin_at_every_byte_agrees_with_tokio() {
        for (name, framing) in &framings() {
            let wire = wire(framing);
            for at in 0..=wire.len() {
                let stream = connect(&wire, End::HalfCloseAt(at));
                stream.set_nonblocking(true).unwrap();
                let stream = TcpStream::from_std(stream).unwrap();
                let mut reader = anysplit::tokio::FrameReader::new(stream, framing);
                let mut payloads = Vec::new();
                let end = loop {
                    match reader.read_frame().await {
                        Ok(Some(frame)) => payloads.push(frame.payload().to_vec()),
                        Ok(None) => break Ok(()),
                        Err(error) => break Err(cause(&error).unwrap()),
                    }
                };
                assert_eq!((payloads, end), outcome(framing, &wire[..at]), "{name}, FIN at {at}");
            }
        }
    }
}

/// Returns a message of the load test with the number of its connection and its own number.
fn numbered(connection: u32, number: u32, len: usize) -> Vec<u8> {
    let mut message = [connection.to_be_bytes(), number.to_be_bytes()].concat();
    message.resize(8 + len, connection.to_le_bytes()[0] ^ number.to_le_bytes()[0]);
    message
}

/// The server's side of the load: every message of a connection is the one after the last.
#[derive(Default)]
struct Seen {
    /// For each of the server's connections, its client's number and the messages so far.
    connections: std::collections::HashMap<usize, (u32, u32)>,
    wrong: usize,
}

impl Seen {
    fn message(&mut self, token: usize, message: &[u8]) {
        let Some((&connection, rest)) = message.split_first_chunk() else { return self.wrong += 1 };
        let Some((&number, rest)) = rest.split_first_chunk() else { return self.wrong += 1 };
        let (connection, number) = (u32::from_be_bytes(connection), u32::from_be_bytes(number));
        let (expected, count) = self.connections.entry(token).or_insert((connection, 0));
        let right = *expected == connection && *count == number && message == numbered(connection, number, rest.len());
        *count += 1;
        self.wrong += usize::from(!right);
    }
}

/// The clients' side: all connect, each sends and checks `rounds` bursts of messages, all close.
fn crowd(address: std::net::SocketAddr, connections: u32, rounds: u32, burst: u32, idle: impl FnOnce()) -> usize {
    let streams: Vec<TcpStream> = (0..connections).map(|_| TcpStream::connect(address).unwrap()).collect();
    let mut readers: Vec<_> = streams.iter().map(|stream| FrameReader::new(stream, poll::FRAMING)).collect();
    let mut answered = 0;
    for round in 0..rounds {
        for (connection, stream) in (0..).zip(&streams) {
            let mut writer = FrameWriter::new(stream, poll::FRAMING);
            for number in round * burst..(round + 1) * burst {
                writer.write(numbered(connection, number, usize::try_from(number * 37 % 200).unwrap())).unwrap();
            }
            writer.flush().unwrap();
        }
        for (connection, reader) in (0..).zip(&mut readers) {
            for number in round * burst..(round + 1) * burst {
                let frame = reader.read_frame().unwrap().unwrap();
                let len = usize::try_from(number * 37 % 200).unwrap();
                assert_eq!(frame.payload(), numbered(connection, number, len));
                answered += 1;
            }
            // All bytes read have been taken; an idle reader's memory goes back to its thread.
            assert_eq!(reader.buffered(), 0);
        }
    }
    idle();
    for (reader, stream) in readers.iter_mut().zip(&streams) {
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(reader.read_frame().unwrap().is_none());
    }
    answered
}

#[test]
fn hundreds_of_connections_to_one_thread_lose_no_message() {
    let (connections, rounds, burst) = (300, 3, 10);
    let listener = mio::net::TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let clients = thread::spawn(move || crowd(address, connections, rounds, burst, || {}));
    let mut seen = Seen::default();
    let expected = usize::try_from(connections).unwrap();
    let stats = poll::serve(listener, expected, |token, message| seen.message(token, message)).unwrap();
    let answered = clients.join().unwrap();
    assert_eq!(answered, usize::try_from(connections * rounds * burst).unwrap());
    assert_eq!((stats.messages, stats.failed, seen.wrong), (answered, 0, 0));
    assert_eq!(seen.connections.len(), expected);
    assert!(seen.connections.values().all(|&(_, count)| count == rounds * burst));
}

/// The server of the test below, in a process of its own, so that each side has all descriptors to itself.
#[test]
#[ignore = "the other process of the test with thousands of connections"]
fn server_process() {
    let Ok(connections) = std::env::var("ANYSPLIT_SERVER") else { return };
    let listener = mio::net::TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    println!("\naddress {}", listener.local_addr().unwrap());
    let mut seen = Seen::default();
    let stats =
        poll::serve(listener, connections.parse().unwrap(), |token, message| seen.message(token, message)).unwrap();
    let whole = seen.connections.values().filter(|&&(_, count)| count == 30).count();
    println!("served {} {} {} {} {whole}", stats.connections, stats.messages, stats.failed, seen.wrong);
}

/// Run: cargo test --release --all-features --test sockets -- --ignored thousands --nocapture
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes as many descriptors as there are"]
fn thousands_of_connections_to_one_thread_lose_no_message() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let files: u32 = files.split_whitespace().nth(3).unwrap().parse().unwrap();
    let connections = 10_000.min(files - 50);

    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "server_process", "--nocapture"])
        .env("ANYSPLIT_SERVER", connections.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut line = |start: &str| {
        loop {
            let line = lines.next().unwrap().unwrap();
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    };
    let address = line("address ").parse().unwrap();
    let memory = || -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let before = memory();
    let start = std::time::Instant::now();
    let mut idle = 0;
    let answered = crowd(address, connections, 3, 10, || idle = memory());
    let time = start.elapsed();
    let served: Vec<usize> = line("served ").split(' ').map(|number| number.parse().unwrap()).collect();
    server.wait().unwrap();
    let expected = usize::try_from(connections).unwrap();
    assert_eq!(answered, expected * 30);
    assert_eq!(served, [expected, expected * 30, 0, 0, expected]);
    let each = (idle - before) * 1024 / expected;
    println!(
        "{connections} connections (the descriptor limit is {files}), {answered} messages there and back in {time:.1?}"
    );
    println!("{each} bytes of resident memory for each idle connection, all of the server's included");
    assert!(each < 4096);
}
