//! The clients of `anysplit listen`, and what is sent to them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{BLOCK, note};
use crate::failure::Failure;
use crate::style::When;

/// A client that takes nothing for this long is given up.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// All clients at present.
#[derive(Clone, Default)]
pub(super) struct Clients(Arc<(Mutex<Present>, Condvar)>);

type Present = Vec<(u64, TcpStream)>;

impl Clients {
    fn lock(&self) -> MutexGuard<'_, Present> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, number: u64, client: TcpStream) {
        self.lock().push((number, client));
        self.0.1.notify_all();
    }

    pub(super) fn remove(&self, number: u64) {
        self.lock().retain(|(other, _)| *other != number);
    }

    /// No more will be sent.
    pub(super) fn end(&self) {
        self.lock().iter().for_each(|(_, client)| drop(client.shutdown(Shutdown::Write)));
    }

    /// Waits for a client, if there is none.
    fn wait(&self) {
        drop(self.0.1.wait_while(self.lock(), |present| present.is_empty()));
    }
}

impl Write for Clients {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // These are complete messages, so that a client that is new does not begin inside one. A client that takes no more
        // bytes is dropped; its reader reports the end.
        self.lock().retain_mut(|(_, client)| client.write_all(bytes).is_ok());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard input. Nothing is passed on while there is no client.
pub(super) struct Gate {
    pub(super) clients: Clients,
    /// Whether something was read.
    pub(super) is_used: bool,
    /// Whether its end is reported to the user.
    pub(super) reports_end: bool,
    pub(super) color: When,
}

impl Read for Gate {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = io::stdin().read(space)?;
        if count > 0 {
            self.is_used = true;
            self.clients.wait();
        } else if self.is_used && self.reports_end {
            note(self.color, "all of standard input has been sent; clients that connect later get it with --each");
        }
        Ok(count)
    }
}

/// What each client gets when it connects, in a temporary file.
#[derive(Clone)]
pub(super) struct Greeting(Arc<Mutex<File>>);

impl Greeting {
    pub(super) fn new() -> Result<Self, Failure> {
        let cannot = |error| Failure::Usage(format!("cannot write a temporary file: {error}"));
        Ok(Self(Arc::new(Mutex::new(tempfile::tempfile().map_err(cannot)?))))
    }

    fn lock(&self) -> MutexGuard<'_, File> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_at(&self, offset: u64, space: &mut [u8]) -> io::Result<usize> {
        let mut file = self.lock();
        file.seek(SeekFrom::Start(offset))?;
        file.read(space)
    }

    /// Sends it to this client. `ends` says whether the client then sees the end of the stream.
    pub(super) fn send(&self, mut client: TcpStream, ends: bool) {
        let greeting = self.clone();
        thread::spawn(move || {
            let (mut offset, mut space) = (0, vec![0; BLOCK]);
            loop {
                let bytes = greeting.read_at(offset, &mut space).unwrap_or_default();
                // The reader of a client that takes no more bytes reports the end.
                if bytes == 0 || client.write_all(space.get(..bytes).unwrap_or_default()).is_err() {
                    break;
                }
                offset += bytes as u64;
            }
            if ends {
                let _ = client.shutdown(Shutdown::Write);
            }
        });
    }
}

impl Write for Greeting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
