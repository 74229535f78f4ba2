//! Run: cargo run --example proxy
//!
//! A proxy that forwards frames far larger than its memory, in pieces: it reframes `u32` lengths as a 64-bit length and
//! counts the bytes, and holds one block of 64 KiB at a time.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anysplit::io::FrameReader;
use anysplit::{Piece, Prefix};

/// Three frames of 100 MiB: more than the proxy may use.
const LEN: u32 = 100 << 20;
const FRAMES: u32 = 3;

/// Every byte of the payload depends on its place.
fn pattern(at: u64) -> u8 {
    (at ^ (at >> 8) ^ (at >> 16)).to_le_bytes()[0]
}

fn send(mut stream: TcpStream) -> io::Result<()> {
    let block: Vec<u8> = (0..1 << 16).map(pattern).collect();
    for _ in 0..FRAMES {
        stream.write_all(&LEN.to_be_bytes())?;
        for _ in 0..LEN >> 16 {
            stream.write_all(&block)?;
        }
    }
    Ok(())
}

fn forward(from: TcpStream, mut to: TcpStream) -> io::Result<usize> {
    // The limit is the proxy's policy for one frame, not for its memory.
    let mut reader = FrameReader::new(from, Prefix::u32_be().with_max_payload_len(u64::from(u32::MAX)));
    let mut most = 0;
    loop {
        match reader.read_piece()? {
            Some(Piece::Start { len, .. }) => {
                let len = len.ok_or(io::ErrorKind::InvalidData)?;
                to.write_all(&len.to_be_bytes())?;
            }
            Some(Piece::Data(data)) => to.write_all(data)?,
            Some(Piece::End { .. }) => {}
            Some(Piece::Skipped(stretch)) => return Err(stretch.reason.into()),
            None => return Ok(most),
        }
        most = most.max(reader.capacity());
    }
}

fn receive(stream: TcpStream) -> io::Result<(u32, u64)> {
    let mut reader = FrameReader::new(stream, Prefix::u64_be().with_max_payload_len(u64::MAX));
    let (mut frames, mut bytes, mut at) = (0, 0, 0);
    while let Some(piece) = reader.read_piece()? {
        match piece {
            Piece::Start { .. } => at = 0,
            Piece::Data(data) => {
                // The first and the last byte of every piece are in the right place.
                assert_eq!(data[0], pattern(at & 0xffff));
                at += data.len() as u64;
                assert_eq!(data[data.len() - 1], pattern((at - 1) & 0xffff));
            }
            Piece::End { .. } => {
                frames += 1;
                bytes += at;
            }
            Piece::Skipped(stretch) => return Err(stretch.reason.into()),
        }
    }
    Ok((frames, bytes))
}

fn main() -> io::Result<()> {
    let (near, far) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
    let (near_address, far_address) = (near.local_addr()?, far.local_addr()?);
    let sender = thread::spawn(move || send(TcpStream::connect(near_address)?));
    let receiver = thread::spawn(move || receive(far.accept()?.0));
    let most = forward(near.accept()?.0, TcpStream::connect(far_address)?)?;
    sender.join().expect("the sender does not panic")?;
    let (frames, bytes) = receiver.join().expect("the receiver does not panic")?;
    assert_eq!((frames, bytes), (FRAMES, u64::from(FRAMES) * u64::from(LEN)));
    assert!(most < 1 << 20);
    println!("{frames} frames and {bytes} bytes of payload went through a reader that held {most} bytes at most");
    Ok(())
}
