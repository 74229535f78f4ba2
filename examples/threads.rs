//! Run: cargo run --example threads
//!
//! A thread for every connection: the server and the clients of every sockets tutorial, with the framing done right.
//! Each client sends a thousand messages and checks that each comes back.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anysplit::Prefix;
use anysplit::io::{FrameReader, FrameWriter};

const CLIENTS: usize = 4;
const MESSAGES: usize = 1000;

/// Both sides have agreed on five ASCII digits with the length, before every message.
const FRAMING: Prefix<anysplit::number::Ascii> = Prefix::ascii5();

fn serve(stream: &TcpStream) -> io::Result<usize> {
    // A peer that dies silently must not hold the thread for ever.
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = FrameReader::new(stream, FRAMING);
    let mut writer = FrameWriter::new(stream, FRAMING);
    let mut count = 0;
    // All requests that came with one read are answered with one write.
    while let Some(mut frames) = reader.read_frames()? {
        while let Some(frame) = frames.next_frame()? {
            writer.write(frame.payload())?;
            count += 1;
        }
        writer.flush()?;
    }
    Ok(count)
}

fn ask(stream: &TcpStream, name: usize) -> io::Result<()> {
    // The client waits for each answer, so Nagle's algorithm must not delay a small request.
    stream.set_nodelay(true)?;
    let mut reader = FrameReader::new(stream, FRAMING);
    let mut writer = FrameWriter::new(stream, FRAMING);
    for number in 0..MESSAGES {
        let message = format!("message {number} of client {name}");
        writer.send(message.as_bytes())?;
        let answer = reader.read_frame()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        assert_eq!(answer.payload(), message.as_bytes());
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS).map(|name| scope.spawn(move || ask(&TcpStream::connect(address)?, name))).collect();
        let servers: Vec<_> = (0..CLIENTS)
            .map(|_| listener.accept().map(|(stream, _)| scope.spawn(move || serve(&stream))))
            .collect::<io::Result<_>>()?;
        for client in clients {
            client.join().expect("no client panics")?;
        }
        let mut count = 0;
        for server in servers {
            count += server.join().expect("no server panics")?;
        }
        println!("{CLIENTS} clients, {count} messages there and back, a thread for each side of each connection");
        Ok(())
    })
}
