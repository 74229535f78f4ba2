//! A proxy that decodes and encodes every frame again, at random cuts, in both directions.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anysplit::io::FrameWriter;
use anysplit::{AnyFraming, Decoder, Frame, Framing};

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

/// A proxy that listens on loopback. It ends with the program.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    pub(crate) passed: Arc<Passed>,
}

impl Proxy {
    /// Starts between clients and the server at `upstream`, with framings of what each of them sends. Without `cuts`, only what is decoded and what goes to the
    /// client is cut.
    pub(crate) fn start(framings: &(AnyFraming, AnyFraming), upstream: u16, cuts: bool, seed: u64) -> Fallible<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let passed = Arc::new(Passed::default());
        let ((of_client, of_server), shared) = (framings.clone(), Arc::clone(&passed));
        thread::spawn(move || {
            let mut seed = seed;
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)) else { continue };
                for (from, to, direction, framing, cuts) in
                    [(&client, &server, "client", &of_client, cuts), (&server, &client, "server", &of_server, true)]
                {
                    let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { continue };
                    let (framing, shared, random) = (framing.clone(), Arc::clone(&shared), Random::new(seed));
                    seed += 1;
                    shared.open.fetch_add(1, Ordering::SeqCst);
                    thread::spawn(move || {
                        if let Err(error) =
                            pass(&from, Cutting { to: &to, cuts, random: random.clone() }, &framing, random, &shared)
                        {
                            if let Ok(mut errors) = shared.errors.lock() {
                                errors.push(format!("from the {direction}: {error}"));
                            }
                            let _ = from.shutdown(Shutdown::Both);
                        }
                        let _ = to.shutdown(Shutdown::Write);
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
fn pass(
    mut from: &TcpStream,
    to: Cutting<'_>,
    framing: &AnyFraming,
    mut random: Random,
    passed: &Passed,
) -> Fallible<()> {
    to.to.set_nodelay(true)?;
    let mut decoder = Decoder::new(framing);
    let mut writer = FrameWriter::new(to, framing);
    let mut block = vec![0; 64 * 1024];
    // A connection that is reset ends this direction, as its regular end does.
    while let Ok(count @ 1..) = from.read(&mut block) {
        let mut rest = &block[..count];
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(random.cut(rest.len()));
            rest = after;
            decoder.push(chunk)?;
            while let Some(frame) = decoder.next_frame()? {
                passed.frames.fetch_add(1, Ordering::Relaxed);
                write_again(&frame, &mut writer)?;
            }
            if writer.flush().is_err() {
                return Ok(());
            }
        }
    }
    if let Some(frame) = decoder.finish()? {
        passed.frames.fetch_add(1, Ordering::Relaxed);
        write_again(&frame, &mut writer)?;
    }
    let _ = writer.flush();
    Ok(())
}

/// Encodes the frame's message. A control frame carries none, and passes unchanged.
fn write_again<W: Write, F: Framing>(frame: &Frame<'_>, writer: &mut FrameWriter<W, F>) -> Fallible<()> {
    let written = match frame.wire() {
        Some(wire) if frame.is_control() => writer.write_raw(wire),
        _ => writer.write(frame.message().to_vec()),
    };
    match written {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Err(format!("{error}: {frame:?}").into()),
        // The next flush finds the connection closed.
        _ => Ok(()),
    }
}

/// Writes a few bytes at a time.
struct Cutting<'a> {
    to: &'a TcpStream,
    cuts: bool,
    random: Random,
}

impl Write for Cutting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let len = if self.cuts { self.random.cut(bytes.len()) } else { bytes.len() };
        self.to.write(&bytes[..len])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
