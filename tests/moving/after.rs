//! A server and its client: a line names the user, and packets with a length before them follow.

use std::io;
use std::net::SocketAddr;

use anysplit::tokio::Codec;
use anysplit::{Delimited, Prefix};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::Framed;

fn unexpected(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Serves this many clients, one after the other, and returns how many packets they sent.
pub(crate) async fn serve(listener: TcpListener, clients: usize) -> io::Result<usize> {
    let mut count = 0;
    for _ in 0..clients {
        let (socket, _) = listener.accept().await?;
        count += session(socket).await?;
    }
    Ok(count)
}

/// Greets a client, and sends its packets back in reverse until it has no more.
async fn session(socket: TcpStream) -> io::Result<usize> {
    let mut lines = Framed::new(socket, Codec::new(Delimited::line().with_max_payload_len(80)));
    let hello = lines.next().await.ok_or(unexpected("no greeting"))?.map_err(io::Error::other)?;
    let hello = std::str::from_utf8(&hello).map_err(io::Error::other)?;
    let name = hello.strip_prefix("HELLO ").ok_or(unexpected("another greeting"))?;
    lines.send(format!("WELCOME {name}")).await.map_err(io::Error::other)?;

    let packet = Codec::new(Prefix::u16_be().with_max_payload_len(1024));
    let (mut sink, mut stream) = lines.map_codec(|_| packet).split();
    let mut count = 0;
    while let Some(packet) = stream.next().await {
        let mut packet = packet?.to_vec();
        packet.reverse();
        sink.send(Bytes::from(packet)).await?;
        count += 1;
    }
    sink.close().await?;
    Ok(count)
}

/// Sends the packets one after the other, and returns what came back.
pub(crate) async fn run(address: SocketAddr, name: &str, packets: &[&str]) -> io::Result<Vec<Vec<u8>>> {
    let socket = TcpStream::connect(address).await?;
    let mut lines = Framed::new(socket, Codec::new(Delimited::line().with_max_payload_len(80)));
    lines.send(format!("HELLO {name}")).await.map_err(io::Error::other)?;
    let welcome = lines.next().await.ok_or(unexpected("no answer"))?.map_err(io::Error::other)?;
    if *welcome != *format!("WELCOME {name}").as_bytes() {
        return Err(unexpected("another answer"));
    }

    let packet = Codec::new(Prefix::u16_be().with_max_payload_len(1024));
    let (mut sink, mut stream) = lines.map_codec(|_| packet).split();
    let mut answers = Vec::new();
    for packet in packets {
        sink.send(Bytes::copy_from_slice(packet.as_bytes())).await?;
        let answer = stream.next().await.ok_or(unexpected("no answer"))??;
        answers.push(answer.to_vec());
    }
    // There are no more.
    sink.close().await?;
    Ok(answers)
}
