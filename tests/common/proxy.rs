//! A proxy on loopback that treats the bytes as badly as a network can, at places that a test chooses.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// The treatment of the bytes in one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Chunks that are passed on have 1 to this many bytes.
    pub(crate) most: usize,
    /// Bytes are collected up to the chunk's length before they are passed on, so that separate writes arrive together.
    pub(crate) join: bool,
    /// A pause after every n bytes.
    pub(crate) pause_every: Option<usize>,
    pub(crate) end: End,
    pub(crate) seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Ends as the sender does.
    Passed,
    /// FIN after n bytes.
    HalfCloseAt(usize),
    /// RST after n bytes, to both sides.
    ResetAt(usize),
    /// Nothing for a while after n bytes, and then the rest.
    StallAt(usize, Duration),
}

impl Plan {
    pub(crate) const fn cutting(most: usize, seed: u64) -> Self {
        Self { most, join: false, pause_every: None, end: End::Passed, seed }
    }

    pub(crate) const fn ending(end: End) -> Self {
        Self { most: 7, join: false, pause_every: None, end, seed: 1 }
    }
}

/// Small kernel buffers, so that writes are partial and windows close. Not so small that TCP waits for its timers,
/// which happens if a window is less than two of loopback's segments.
pub(crate) fn small_buffers(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(8 * 1024).unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    stream.set_nodelay(true).unwrap();
}

/// Listens, and treats every connection as the plans demand. Ends with the process.
pub(crate) fn start(upstream: SocketAddr, to_server: Plan, to_client: Plan) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (Ok(client), Ok(server)) = (client, TcpStream::connect(upstream)) else { return };
            for stream in [&client, &server] {
                small_buffers(stream);
            }
            let pair = Arc::new(Pair { client, server, aborted: AtomicBool::new(false) });
            let other = Arc::clone(&pair);
            thread::spawn(move || pump(&pair, &pair.client, &pair.server, to_server));
            thread::spawn(move || pump(&other, &other.server, &other.client, to_client));
        }
    });
    address
}

struct Pair {
    client: TcpStream,
    server: TcpStream,
    aborted: AtomicBool,
}

impl Pair {
    /// Sends RST to both sides, when the threads of both directions have dropped the sockets.
    fn abort(&self) {
        self.aborted.store(true, Ordering::SeqCst);
        for stream in [&self.client, &self.server] {
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
            // Wakes the other direction's thread, and sends nothing.
            let _ = stream.shutdown(Shutdown::Read);
        }
    }

    fn is_aborted(&self) -> bool {
        self.aborted.load(Ordering::SeqCst)
    }
}

fn pump(pair: &Pair, from: &TcpStream, mut to: &TcpStream, plan: Plan) {
    let mut random = plan.seed.max(1);
    let mut passed = 0;
    loop {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut len = 1 + usize::try_from(random >> 33).unwrap() % plan.most;
        if let End::HalfCloseAt(at) | End::ResetAt(at) | End::StallAt(at, _) = plan.end {
            if passed == at {
                match plan.end {
                    End::HalfCloseAt(_) => {
                        let _ = to.shutdown(Shutdown::Write);
                        return;
                    }
                    End::ResetAt(_) => {
                        pair.abort();
                        return;
                    }
                    End::StallAt(_, pause) => thread::sleep(pause),
                    End::Passed => {}
                }
            }
            if passed < at {
                len = len.min(at - passed);
            }
        }
        let mut chunk = vec![0; len];
        let count = match if plan.join { read_full(from, &mut chunk) } else { read_some(from, &mut chunk) } {
            _ if pair.is_aborted() => return,
            Ok(0) => {
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            Ok(count) => count,
            Err(_) => {
                pair.abort();
                return;
            }
        };
        if to.write_all(&chunk[..count]).is_err() {
            pair.abort();
            return;
        }
        let before = passed;
        passed += count;
        if plan.pause_every.is_some_and(|every| before / every != passed / every) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn read_some(mut from: &TcpStream, chunk: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match from.read(chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

fn read_full(from: &TcpStream, chunk: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match read_some(from, &mut chunk[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}
