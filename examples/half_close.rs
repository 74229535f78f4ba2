//! Run: cargo run --example half_close
//!
//! A request that lasts until the client shuts its side down, and an answer that lasts until the server closes: the
//! oldest framing of all, as in HTTP/1.0, finger and whois.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use anysplit::UntilClose;
use anysplit::io::{FrameReader, FrameWriter};

fn main() -> io::Result<()> {
    let framing = UntilClose::new().with_max_payload_len(1 << 20);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> io::Result<usize> {
        let (stream, _) = listener.accept()?;
        // The request is complete when a read returns 0 bytes, so the loop must not stop at a short read.
        let mut reader = FrameReader::new(&stream, framing);
        let request = reader.read_bytes()?.ok_or(io::ErrorKind::UnexpectedEof)?.into_payload();
        let mut answer = request.to_vec();
        answer.reverse();
        // This side is still open, although the other has finished.
        let mut writer = FrameWriter::new(&stream, framing);
        writer.write(&answer)?;
        // The close after the answer makes it complete.
        writer.flush()?;
        Ok(request.len())
    });

    let stream = TcpStream::connect(address)?;
    let request: Vec<u8> = (0..200_000).map(|n: u32| n.to_be_bytes()[3]).collect();
    let mut writer = FrameWriter::new(&stream, framing);
    writer.write(&request)?;
    writer.flush()?;
    stream.shutdown(Shutdown::Write)?;
    // Nothing can follow a message that lasts until the end.
    assert!(writer.write(b"more").is_err());

    let mut reader = FrameReader::new(&stream, framing);
    let answer = reader.read_frame()?.ok_or(io::ErrorKind::UnexpectedEof)?;
    assert!(answer.payload().iter().rev().eq(&request));
    let length = answer.payload().len();
    let asked = server.join().expect("the server does not panic")?;
    println!("asked with {asked} bytes until the shutdown, answered with {length} until the close");
    Ok(())
}
