//! Connections: what their threads have in common.

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::escape::tame;
use crate::failure::{Failure, write_all};
use crate::input::read;
use crate::lane::Lane;
use crate::output::Output;
use crate::sink::Sink;
use crate::style::{Palette, When};

mod clients;
pub(crate) mod connect;
pub(crate) mod listen;
pub(crate) mod proxy;

/// Bytes that are read at once.
const BLOCK: usize = 64 * 1024;

/// The output of all connections, one chunk at a time.
#[derive(Clone)]
struct Screen(Arc<Mutex<Shared>>);

struct Shared {
    sink: Box<dyn Sink + Send>,
    out: Output,
}

impl Screen {
    fn new(sink: Box<dyn Sink + Send>) -> Self {
        Self(Arc::new(Mutex::new(Shared { sink, out: Output::new() })))
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `act` show something, and writes it.
    fn show(&self, act: impl FnOnce(&mut dyn Sink, &mut Output) -> Result<(), Failure>) -> Result<(), Failure> {
        let Shared { sink, out } = &mut *self.lock();
        act(&mut **sink, out)?;
        sink.idle(out)?;
        Ok(out.flush()?)
    }

    /// All connections have ended, and all of them were good, or not.
    fn finish(&self, good: bool) -> Result<(), Failure> {
        self.show(|sink, out| sink.end(out))?;
        if good { Ok(()) } else { Err(Failure::Reported) }
    }
}

/// Shows the frames that a peer sends, until it closes or a frame is bad. `each` gets the bytes as they come.
fn receive(mut peer: impl Read, lane: &mut Lane, screen: &Screen, mut each: impl FnMut(&[u8])) -> Result<(), Failure> {
    let mut space = vec![0; BLOCK];
    while lane.is_decoding() {
        // A connection that was reset is at its end too.
        let count = read(&mut peer, &mut space).unwrap_or_default();
        let bytes = space.get(..count).unwrap_or_default();
        screen.show(|sink, out| match bytes {
            [] => lane.finish(sink, out),
            bytes => lane.feed(bytes, sink, out),
        })?;
        if bytes.is_empty() {
            break;
        }
        each(bytes);
    }
    Ok(())
}

/// Ends the program for what happened in a thread.
fn end(failure: Failure, color: When) -> ! {
    process::exit(failure.report(color).into())
}

fn note(color: When, text: &str) {
    let span = Palette::stderr(color).note;
    // If stderr is closed, nobody can be notified.
    let _ = write_all(&format!("{}note:{} {text}\n", span.open, span.close));
}

/// Listens on `[ADDRESS:]PORT`, on loopback if there is no address, and says so.
fn bind(address: &str, color: When) -> Result<TcpListener, Failure> {
    let bound = match address.strip_prefix(':').unwrap_or(address).parse::<u16>() {
        Ok(port) => TcpListener::bind(("127.0.0.1", port)),
        Err(_) if check_form(address, "").is_err() => {
            let why = "is not [ADDRESS:]PORT, such as 7000 or 0.0.0.0:7000";
            return Err(Failure::Usage(format!("{} {why}", tame(address))));
        }
        Err(_) => TcpListener::bind(address),
    };
    let cannot = |error| Failure::Usage(format!("cannot listen on {}: {error}", tame(address)));
    let listener = bound.map_err(cannot)?;
    let local = listener.local_addr().map_err(cannot)?;
    note(color, &format!("listening on {local}"));
    Ok(listener)
}

/// Waits for the next connection.
fn accept(listener: &TcpListener, color: When) -> TcpStream {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) => {
                // A peer that has gone already, or too many connections: the next one may be well.
                note(color, &format!("cannot accept a connection: {error}"));
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// Checks that `address` has the form HOST:PORT.
fn check_form(address: &str, or: &str) -> Result<(), Failure> {
    match address.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(()),
        _ => Err(Failure::Usage(format!("{} is not HOST:PORT, such as localhost:6379{or}", tame(address)))),
    }
}

fn dial(address: &str) -> Result<TcpStream, Failure> {
    let connected = address.to_socket_addrs().and_then(|mut addresses| {
        let mut last = io::Error::other("the name has no address");
        for address in &mut addresses {
            match TcpStream::connect(address) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    });
    let stream = connected.map_err(|error| Failure::Usage(format!("cannot connect to {}: {error}", tame(address))))?;
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// The address of a peer, for the screen.
fn shown(address: io::Result<std::net::SocketAddr>) -> String {
    address.map_or_else(|_| "?".to_owned(), |address| address.to_string())
}
