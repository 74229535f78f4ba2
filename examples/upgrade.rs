//! Run: cargo run --example upgrade
//!
//! A protocol that changes in mid-stream: lines, and after a certain line `u32` lengths. Not one byte is lost, even
//! if the line and the bytes after it arrive in one read.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anysplit::io::FrameReader;
use anysplit::{Delimited, Framing, Prefix};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let client = thread::spawn(move || -> io::Result<()> {
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address)?;
            // Everything in one write: the lines, and frames right after them.
            let mut wire = b"HELLO\r\nUPGRADE u32\r\n".to_vec();
            for message in [&b"first"[..], b"second"] {
                Prefix::u32_be().encode(message, &mut wire)?;
            }
            stream.write_all(&wire)?;
        }
        Ok(())
    });

    // One way: read ahead, and change the framing. The bytes that were read ahead stay.
    let (stream, _) = listener.accept()?;
    let mut lines = FrameReader::new(stream, Delimited::line());
    while let Some(line) = lines.read_frame()? {
        println!("line  {:?}", String::from_utf8_lossy(line.payload()));
        if line.payload().starts_with(b"UPGRADE") {
            break;
        }
    }
    println!("      {} bytes had come with it", lines.buffered());
    let mut frames = lines.with_framing(Prefix::u32_be());
    while let Some(frame) = frames.read_frame()? {
        println!("frame {:?} at byte {}", String::from_utf8_lossy(frame.payload()), frame.offset());
    }

    // The other way: never take a byte beyond the line, and pass on the bare socket, as STARTTLS requires.
    let (mut stream, _) = listener.accept()?;
    let mut lines = FrameReader::new(&mut stream, Delimited::line()).exact();
    while let Some(line) = lines.read_frame()? {
        if line.payload().starts_with(b"UPGRADE") {
            break;
        }
    }
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest)?;
    assert_eq!(rest, b"\0\0\0\x05first\0\0\0\x06second");
    println!("exact: all {} bytes after the line were still in the socket", rest.len());
    client.join().expect("the client does not panic")
}
