//! Run: cargo run --example poll
//!
//! One thread, thousands of connections: a non-blocking echo server over `mio`, with partial reads, partial writes and
//! back-pressure. A client that sends and does not read is stopped by TCP itself, and the server's memory stays bounded.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread;

use anysplit::Prefix;
use anysplit::io::{FrameReader, FrameWriter};
use anysplit::number::Binary;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

pub(crate) const FRAMING: Prefix<Binary> = Prefix::u32_be();

/// A connection with this many unsent bytes is not read.
pub(crate) const HIGH_WATER: usize = 64 * 1024;

const LISTENER: Token = Token(usize::MAX);

/// A socket that is read and written in turn.
struct Shared(Rc<TcpStream>);

impl Read for Shared {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(room)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }
    fn write_vectored(&mut self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        (&*self.0).write_vectored(slices)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Connection {
    reader: FrameReader<Shared, Prefix<Binary>>,
    writer: FrameWriter<Shared, Prefix<Binary>>,
}

/// Statistics of the server.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stats {
    pub(crate) connections: usize,
    pub(crate) messages: usize,
    pub(crate) partial_writes: usize,
    pub(crate) most_unsent: usize,
    /// Connections that ended in an error.
    pub(crate) failed: usize,
}

/// `WouldBlock` is not an error here: it means to wait.
fn paused<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}

impl Connection {
    /// Continues until the socket can be neither read nor written, and returns whether the connection is over.
    fn go_on(&mut self, stats: &mut Stats, mut seen: impl FnMut(&[u8])) -> io::Result<bool> {
        loop {
            // Back-pressure: unread bytes stay in the socket, and its window closes.
            while self.writer.unsent() < HIGH_WATER {
                // The socket is read only when no complete frame is left of the read before.
                match paused(self.reader.read_frame())? {
                    Some(Some(frame)) => {
                        stats.messages += 1;
                        seen(frame.payload());
                        self.writer.write(frame.payload())?;
                    }
                    // The client has finished, and still has to receive the unsent bytes.
                    Some(None) => return Ok(paused(self.writer.flush())?.is_some()),
                    None => {
                        stats.partial_writes += usize::from(paused(self.writer.flush())?.is_none());
                        return Ok(false);
                    }
                }
            }
            stats.most_unsent = stats.most_unsent.max(self.writer.unsent());
            if paused(self.writer.flush())?.is_none() {
                stats.partial_writes += 1;
                return Ok(false);
            }
        }
    }
}

/// Serves until `expected` connections have come and gone. `seen` is given every message of every connection.
pub(crate) fn serve(
    mut listener: TcpListener,
    expected: usize,
    mut seen: impl FnMut(usize, &[u8]),
) -> io::Result<Stats> {
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut connections = HashMap::new();
    let mut events = Events::with_capacity(1024);
    let mut stats = Stats::default();
    while stats.connections < expected || !connections.is_empty() {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Some((mut stream, _)) = paused(listener.accept())? {
                    let token = stats.connections;
                    stats.connections += 1;
                    stream.set_nodelay(true)?;
                    // Registered once for both: an event comes when something changes, so each event tries everything.
                    poll.registry().register(&mut stream, Token(token), Interest::READABLE | Interest::WRITABLE)?;
                    let stream = Rc::new(stream);
                    let reader = FrameReader::new(Shared(Rc::clone(&stream)), FRAMING);
                    let writer = FrameWriter::new(Shared(stream), FRAMING);
                    connections.insert(token, Connection { reader, writer });
                }
                continue;
            }
            let Token(token) = event.token();
            let Some(connection) = connections.get_mut(&token) else { continue };
            match connection.go_on(&mut stats, |message| seen(token, message)) {
                Ok(false) => {}
                Ok(true) => {
                    connections.remove(&token);
                }
                // A reset, a cut frame or invalid bytes affect that connection alone.
                Err(_) => {
                    stats.failed += 1;
                    connections.remove(&token);
                }
            }
        }
    }
    Ok(stats)
}

/// The number of connections that the process may have, with both ends of each in it.
fn connections_allowed() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let files = line.and_then(|line| line.split_whitespace().nth(3)?.parse::<usize>().ok()).unwrap_or(256);
    (files.saturating_sub(50) / 2).min(2000)
}

/// Many connections that send little.
fn crowd(address: SocketAddr, count: usize) -> io::Result<()> {
    let streams: Vec<_> = (0..count).map(|_| std::net::TcpStream::connect(address)).collect::<io::Result<_>>()?;
    for round in 0..3 {
        for (name, stream) in streams.iter().enumerate() {
            FrameWriter::new(stream, FRAMING).send(format!("round {round} of {name}").as_bytes())?;
        }
        for (name, stream) in streams.iter().enumerate() {
            let mut reader = FrameReader::new(stream, FRAMING).exact();
            let answer = reader.read_frame()?.ok_or(ErrorKind::UnexpectedEof)?;
            assert_eq!(answer.payload(), format!("round {round} of {name}").as_bytes());
        }
    }
    Ok(())
}

/// One that sends far more than it reads for a while.
fn greedy(address: SocketAddr, messages: u32) -> io::Result<()> {
    let stream = std::net::TcpStream::connect(address)?;
    thread::scope(|scope| {
        let sender = scope.spawn(|| -> io::Result<()> {
            let mut writer = FrameWriter::new(&stream, FRAMING);
            for number in 0..messages {
                writer.write_with(|out| {
                    out.extend_from_slice(&number.to_be_bytes());
                    out.resize(out.len() + 10_000, b'x');
                })?;
            }
            writer.flush()?;
            stream.shutdown(std::net::Shutdown::Write)
        });
        thread::sleep(std::time::Duration::from_millis(200));
        let mut reader = FrameReader::new(&stream, FRAMING);
        for number in 0..messages {
            let answer = reader.read_frame()?.ok_or(ErrorKind::UnexpectedEof)?;
            assert_eq!(answer.payload().get(..4), Some(&number.to_be_bytes()[..]));
        }
        assert!(reader.read_frame()?.is_none());
        sender.join().expect("the sender does not panic")
    })
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = listener.local_addr()?;
    let count = connections_allowed();
    let clients = thread::spawn(move || {
        crowd(address, count)?;
        greedy(address, 3000)
    });
    let stats = serve(listener, count + 1, |_, _| {})?;
    clients.join().expect("no client panics")?;
    println!("{} connections and {} messages in one thread", stats.connections, stats.messages);
    println!("{} writes had to wait, {} bytes were unsent at most", stats.partial_writes, stats.most_unsent);
    assert_eq!((stats.messages, stats.failed), (3 * count + 3000, 0));
    assert!(stats.most_unsent <= HIGH_WATER + 10_008);
    Ok(())
}
