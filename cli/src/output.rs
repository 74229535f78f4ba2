//! Standard output, written in large pieces.

use std::io::{self, StdoutLock, Write};

/// From this many bytes on, the buffer is written.
const FULL: usize = 128 * 1024;

/// Standard output after a buffer that the formats append to directly.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) buffer: Vec<u8>,
    stdout: StdoutLock<'static>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::with_capacity(FULL), stdout: io::stdout().lock() }
    }

    /// Call this after each frame.
    pub(crate) fn relieve(&mut self) -> io::Result<()> {
        if self.buffer.len() >= FULL { self.flush() } else { Ok(()) }
    }

    /// Writes `bytes` after the buffer. Long input is not copied.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() < FULL / 8 {
            self.buffer.extend_from_slice(bytes);
            return self.relieve();
        }
        self.flush()?;
        self.stdout.write_all(bytes)
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stdout.write_all(&self.buffer)?;
        self.buffer.clear();
        // After one large frame the buffer does not keep that size.
        self.buffer.shrink_to(2 * FULL);
        self.stdout.flush()
    }
}
