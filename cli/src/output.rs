//! Standard output or another writer, written in large pieces.

use std::io::{self, IsTerminal, Write};
use std::process;
use std::sync::{Mutex, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use crate::escape;
use crate::failure::{Failure, INTERRUPTED};

/// From this many bytes on, the buffer is written.
const FULL: usize = 128 * 1024;

/// Held while complete lines are being written to standard output.
static WRITING: Mutex<()> = Mutex::new(());

/// How long an interrupt waits for the reader of the output.
const PATIENCE: Duration = Duration::from_millis(500);

/// What an interrupt still prints.
static LAST: Mutex<String> = Mutex::new(String::new());

/// From now on an interrupt prints `text` on standard output before it ends the program.
pub(crate) fn print_at_interrupt(text: String) {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = text;
}

/// Lets an interrupt end the program between two lines of output, and not inside one.
pub(crate) fn end_lines_on_interrupt() {
    // If the handler cannot be set, an interrupt ends the program at once.
    let _ = ctrlc::set_handler(|| {
        let step = PATIENCE / 50;
        for _ in 0..50 {
            match WRITING.try_lock() {
                Err(TryLockError::WouldBlock) => thread::sleep(step),
                // The lock is held until the program has ended.
                Ok(_) | Err(TryLockError::Poisoned(_)) => {
                    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
                    // If the output is closed, nobody wants it.
                    let _ = io::stdout().write_all(last.as_bytes()).and_then(|()| io::stdout().flush());
                    process::exit(INTERRUPTED.into())
                }
            }
        }
        process::exit(INTERRUPTED.into())
    });
}

/// A writer after a buffer that the formats append to directly.
pub(crate) struct Output {
    pub(crate) buffer: Vec<u8>,
    to: Box<dyn Write + Send>,
    /// Whether the bytes go to a terminal, which would act on some of them.
    is_terminal: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self { buffer: Vec::with_capacity(FULL), to: Box::new(Lines(io::stdout())), is_terminal }
    }

    /// Writes to a connection.
    pub(crate) fn to(to: impl Write + Send + 'static) -> Self {
        Self { buffer: Vec::new(), to: Box::new(to), is_terminal: false }
    }

    /// Call this after each frame.
    pub(crate) fn relieve(&mut self) -> io::Result<()> {
        if self.buffer.len() >= FULL { self.flush() } else { Ok(()) }
    }

    /// Writes `bytes` of the stream after the buffer. Long input is not copied. A terminal gets escapes instead of bytes that
    /// it would act on.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_terminal {
            escape::show_lines(bytes, &mut self.buffer);
            return self.relieve();
        }
        if bytes.len() < FULL / 8 {
            self.buffer.extend_from_slice(bytes);
            return self.relieve();
        }
        self.flush()?;
        self.to.write_all(bytes)
    }

    /// Writes text of the program's own, in which only the colours act on a terminal.
    fn write_text(&mut self, text: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(text);
        self.flush()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        // After one large frame the buffer does not keep that size.
        self.buffer.shrink_to(2 * FULL);
        self.to.flush()
    }
}

/// Prints text of the program's own, in which only the colours act on a terminal.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    Ok(Output::new().write_text(text.as_ref())?)
}

/// Standard output, in pieces that an interrupt does not cut.
struct Lines(io::Stdout);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.write_all(bytes)?;
        self.0.flush()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
