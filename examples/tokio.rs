//! Run: cargo run --features tokio --example tokio
//!
//! A chat over tokio: the server's tasks wait for a client's line and for the others' lines at once, with `select!`. That
//! drops the future of the other one, in the middle of its work, and nothing is lost.
//!
//! The clients use `tokio_util`'s `Framed` over the same framing.

use std::io;

use anysplit::Delimited;
use anysplit::tokio::{Codec, FrameReader, FrameWriter};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_util::codec::Framed;

const CLIENTS: usize = 8;
const LINES: usize = 200;

async fn serve(mut stream: TcpStream, room: broadcast::Sender<Bytes>) -> io::Result<usize> {
    stream.set_nodelay(true)?;
    let mut others = room.subscribe();
    let (read_half, write_half) = stream.split();
    let mut reader = FrameReader::new(read_half, Delimited::line());
    let mut writer = FrameWriter::new(write_half, Delimited::line());
    let mut said = 0;
    // Reports that it listens, so that no line is missed.
    writer.send(b"welcome").await?;
    loop {
        tokio::select! {
            line = reader.read_bytes() => match line? {
                Some(line) => {
                    said += 1;
                    // Nobody listening is no error.
                    let _ = room.send(line.into_payload());
                }
                None => break,
            },
            Ok(line) = others.recv() => {
                // Waits while the client does not read: the client speaks after it has listened.
                writer.write_bytes(line).await?;
                if others.is_empty() {
                    writer.flush().await?;
                }
            }
        }
    }
    writer.shutdown().await?;
    Ok(said)
}

async fn client(stream: TcpStream, name: usize, all_in: &tokio::sync::Barrier) -> io::Result<usize> {
    let mut lines = Framed::new(stream, Codec::new(Delimited::line()));
    let welcome = lines.next().await.ok_or(io::ErrorKind::UnexpectedEof)??;
    assert_eq!(welcome.payload(), &b"welcome"[..]);
    all_in.wait().await;
    let (mut sink, mut stream) = lines.split::<Bytes>();
    let speak = async {
        for number in 0..LINES {
            sink.send(Bytes::from(format!("{name}: line {number}"))).await?;
        }
        Ok::<_, io::Error>(sink)
    };
    let listen = async {
        let mut next = [0; CLIENTS];
        for _ in 0..CLIENTS * LINES {
            let line = stream.next().await.ok_or(io::ErrorKind::UnexpectedEof)??.payload();
            let line = String::from_utf8_lossy(&line).into_owned();
            // Each speaker's lines are in order and complete.
            let (speaker, number) = line.split_once(": line ").ok_or(io::ErrorKind::InvalidData)?;
            let speaker: usize = speaker.parse().map_err(io::Error::other)?;
            assert_eq!(number, next[speaker].to_string());
            next[speaker] += 1;
        }
        Ok::<_, io::Error>(next.iter().sum())
    };
    let (sink, heard) = tokio::join!(speak, listen);
    sink?.close().await?;
    heard
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (room, _) = broadcast::channel(CLIENTS * LINES);
    let servers = tokio::spawn(async move {
        let mut tasks = Vec::new();
        for _ in 0..CLIENTS {
            tasks.push(tokio::spawn(serve(listener.accept().await?.0, room.clone())));
        }
        let mut said = 0;
        for task in tasks {
            said += task.await??;
        }
        Ok::<_, io::Error>(said)
    });
    let all_in = std::sync::Arc::new(tokio::sync::Barrier::new(CLIENTS));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|name| {
            let all_in = all_in.clone();
            tokio::spawn(async move { client(TcpStream::connect(address).await?, name, &all_in).await })
        })
        .collect();
    let mut heard = 0;
    for client in clients {
        heard += client.await??;
    }
    let said = servers.await??;
    assert_eq!(heard, said * CLIENTS);
    println!("{CLIENTS} clients said {said} lines and heard {heard}, every one of them in order");
    Ok(())
}
