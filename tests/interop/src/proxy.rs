//! A proxy that decodes and encodes all that passes, at random cuts, in both directions.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anysplit::io::FrameWriter;
use anysplit::{AnyFraming, Decoder, Frame};

use crate::random::Random;
use crate::stage::Fallible;

/// What passed so far.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    pub(crate) frames: AtomicUsize,
    /// Directions that have not ended.
    open: AtomicUsize,
    pub(crate) errors: Mutex<Vec<String>>,
}

/// Passes on what one side sends.
pub(crate) trait Pass: Send {
    /// Takes the next bytes, writes what is complete with them, and returns how many frames or messages that were.
    fn take(&mut self, chunk: &[u8]) -> Fallible<usize>;

    /// The side has sent its last byte.
    fn end(&mut self) -> Fallible<usize>;
}

/// Makes the two passes of a connection: from the client to the server, and back.
pub(crate) type Passes = Arc<dyn Fn(Cutting, Cutting) -> [Box<dyn Pass>; 2] + Send + Sync>;

/// Passes that decode and encode each frame, of these framings of the client and the server.
pub(crate) fn frames(of_client: AnyFraming, of_server: AnyFraming) -> Passes {
    Arc::new(move |to_server, to_client| {
        [(&of_client, to_server), (&of_server, to_client)].map(|(framing, to)| -> Box<dyn Pass> {
            Box::new(Frames { decoder: Decoder::new(framing.clone()), writer: FrameWriter::new(to, framing.clone()) })
        })
    })
}

/// A proxy that listens on loopback. It ends with the program.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    pub(crate) passed: Arc<Passed>,
}

impl Proxy {
    /// Starts between clients and the server at `upstream`. Without `cuts`, only what is decoded and what goes to the client
    /// is cut.
    pub(crate) fn start(passes: &Passes, upstream: u16, cuts: bool, seed: u64) -> Fallible<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let passed = Arc::new(Passed::default());
        let (passes, shared) = (Arc::clone(passes), Arc::clone(&passed));
        thread::spawn(move || {
            let mut random = Random::new(seed);
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)) else { continue };
                let to = |to: &TcpStream, cuts, random| Cutting::new(to, cuts, random);
                let (Ok(to_server), Ok(to_client)) =
                    (to(&server, cuts, random.next()), to(&client, true, random.next()))
                else {
                    continue;
                };
                let passes = passes(to_server.clone(), to_client.clone());
                let sides = [(client, to_server, "client"), (server, to_client, "server")];
                for ((from, to, side), mut pass) in sides.into_iter().zip(passes) {
                    let (shared, random) = (Arc::clone(&shared), random.next());
                    shared.open.fetch_add(1, Ordering::SeqCst);
                    thread::spawn(move || {
                        if let Err(error) = pump(&from, &to, &mut *pass, random, &shared) {
                            if let Ok(mut errors) = shared.errors.lock() {
                                errors.push(format!("from the {side}: {error}"));
                            }
                            let _ = from.shutdown(Shutdown::Both);
                        }
                        let _ = to.stream.shutdown(Shutdown::Write);
                        shared.open.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            }
        });
        Ok(Self { port, passed })
    }

    /// Waits a while for the connections to end: a client may end before its last bytes have passed.
    pub(crate) fn wait(&self) {
        for _ in 0..100 {
            thread::sleep(Duration::from_millis(10));
            if self.passed.open.load(Ordering::SeqCst) == 0 {
                return;
            }
        }
    }
}

/// Passes one direction on until it ends.
fn pump(mut from: &TcpStream, to: &Cutting, pass: &mut dyn Pass, mut random: Random, passed: &Passed) -> Fallible<()> {
    let mut block = vec![0; 64 * 1024];
    // A connection that is reset ends this direction, as its regular end does.
    while let Ok(count @ 1..) = from.read(&mut block) {
        let mut rest = &block[..count];
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(random.cut(rest.len()));
            rest = after;
            passed.frames.fetch_add(pass.take(chunk)?, Ordering::Relaxed);
            if to.is_closed() {
                return Ok(());
            }
        }
    }
    passed.frames.fetch_add(pass.end()?, Ordering::Relaxed);
    Ok(())
}

/// Decodes each frame and encodes it again.
struct Frames {
    decoder: Decoder<AnyFraming>,
    writer: FrameWriter<Cutting, AnyFraming>,
}

impl Pass for Frames {
    fn take(&mut self, chunk: &[u8]) -> Fallible<usize> {
        self.decoder.push(chunk)?;
        let mut count = 0;
        while let Some(frame) = self.decoder.next_frame()? {
            write_again(&frame, &mut self.writer)?;
            count += 1;
        }
        self.writer.flush()?;
        Ok(count)
    }

    fn end(&mut self) -> Fallible<usize> {
        let mut count = 0;
        if let Some(frame) = self.decoder.finish()? {
            write_again(&frame, &mut self.writer)?;
            count += 1;
        }
        self.writer.flush()?;
        Ok(count)
    }
}

/// Encodes the frame's message. A control frame carries none, and passes unchanged.
fn write_again(frame: &Frame<'_>, writer: &mut FrameWriter<Cutting, AnyFraming>) -> Fallible<()> {
    let written = match frame.wire() {
        Some(wire) if frame.is_control() => writer.write_raw(wire),
        _ => writer.write(frame.message().to_vec()),
    };
    match written {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Err(format!("{error}: {frame:?}").into()),
        written => Ok(written?),
    }
}

/// Writes a few bytes at a time. What is written to a closed connection is lost: a peer may close before it has read all.
#[derive(Clone)]
pub(crate) struct Cutting {
    stream: Arc<TcpStream>,
    is_closed: Arc<AtomicBool>,
    cuts: bool,
    random: Random,
}

impl Cutting {
    fn new(to: &TcpStream, cuts: bool, random: Random) -> io::Result<Self> {
        to.set_nodelay(true)?;
        Ok(Self { stream: Arc::new(to.try_clone()?), is_closed: Arc::default(), cuts, random })
    }

    fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    /// Returns a generator for other things to be chosen at random.
    pub(crate) fn random(&mut self) -> Random {
        self.random.next()
    }
}

impl Write for Cutting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() || self.is_closed() {
            return Ok(bytes.len());
        }
        let len = if self.cuts { self.random.cut(bytes.len()) } else { bytes.len() };
        (&*self.stream).write(&bytes[..len]).or_else(|error| {
            if error.kind() == ErrorKind::Interrupted {
                return Err(error);
            }
            self.is_closed.store(true, Ordering::SeqCst);
            Ok(bytes.len())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
