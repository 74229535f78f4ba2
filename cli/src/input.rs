//! The stream that is read, and how far it has been read.

use std::fs::File;
use std::io::{self, Cursor, IsTerminal, Read, Seek, SeekFrom};
use std::mem;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::escape::tame;
use crate::explain::bytes_of;
use crate::failure::Failure;

/// Bytes requested at once.
const BLOCK: usize = 128 * 1024;

/// Bytes of earlier blocks that are kept, to be shown with a fault.
const RECENT: usize = 64;

/// How often the end of a growing file is looked at.
const POLL: Duration = Duration::from_millis(50);

/// If copying an input takes longer than this, the user sees a message.
const SILENCE: Duration = Duration::from_secs(2);

/// The progress bar is shown only after this long.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where the stream comes from.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Source {
    /// What is read; standard input if it is not given or `-`
    pub(crate) file: Option<PathBuf>,
    /// Decode N bytes at a time. The result is the same
    #[arg(long, value_name = "N", default_value_t = NonZeroUsize::new(BLOCK).unwrap_or(NonZeroUsize::MIN),
          hide_default_value = true)]
    pub(crate) read_size: NonZeroUsize,
}

/// Reads a number of bytes, such as 24 or 4k, with the units of a SPEC.
pub(crate) fn byte_count(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 10),
        Some((at, 'M')) => (&text[..at], 20),
        Some((at, 'G')) => (&text[..at], 30),
        Some((at, 'T')) => (&text[..at], 40),
        _ => (text, 0),
    };
    let number = digits.parse::<u64>().ok().filter(|_| digits.starts_with(|c: char| c.is_ascii_digit()));
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "a number of bytes, such as 24 or 4k".to_owned())
}

/// An open input. Peeking at it loses no byte.
pub(crate) struct Opened {
    reader: Box<dyn Read + Send>,
    pub(crate) name: String,
    /// The file, if it can be read once more.
    file: Option<File>,
    len: Option<u64>,
}

impl Opened {
    pub(crate) fn new(source: &Source) -> Result<Self, Failure> {
        match source.file.as_deref().filter(|path| *path != Path::new("-")) {
            None => {
                Ok(Self { reader: Box::new(io::stdin()), name: "standard input".to_owned(), file: None, len: None })
            }
            Some(path) => {
                let name = name_of(path);
                let cannot = |error| Failure::Usage(format!("cannot open {name}: {error}"));
                let file = File::open(path).map_err(cannot)?;
                let len = file.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
                let again = len.and_then(|_| file.try_clone().ok());
                Ok(Self { reader: Box::new(file), name, file: again, len })
            }
        }
    }

    /// A device or a file that grows, which has no end.
    pub(crate) fn endless(reader: Box<dyn Read + Send>, path: &Path) -> Self {
        Self { reader, name: name_of(path), file: None, len: None }
    }

    /// Reads the first bytes until `judge` has seen enough of them. They stay part of the input.
    pub(crate) fn peek<T>(&mut self, judge: impl Fn(&[u8]) -> Option<T>) -> Result<Option<T>, Failure> {
        let mut start = Vec::new();
        let judged = loop {
            if let Some(judged) = judge(&start) {
                break Some(judged);
            }
            let before = start.len();
            start.resize(before.saturating_add(BLOCK), 0);
            let count = read(&mut *self.reader, start.get_mut(before..).unwrap_or_default());
            let count = count.map_err(|error| cannot_read(&self.name, &error))?;
            start.truncate(before.saturating_add(count));
            if count == 0 {
                break None;
            }
        };
        let rest = mem::replace(&mut self.reader, Box::new(io::empty()));
        self.reader = Box::new(Cursor::new(start).chain(rest));
        Ok(judged)
    }

    /// The bytes of the input, and the file to read them once more: a copy, if the input cannot be read twice. If the copy
    /// takes long, `waiting` can say so.
    pub(crate) fn twice(
        self,
        waiting: impl FnOnce() + Send + 'static,
    ) -> Result<(Box<dyn Read + Send>, File), Failure> {
        let Self { mut reader, name, file, .. } = self;
        if let Some(file) = file {
            return Ok((reader, file));
        }
        let copied = tempfile::tempfile().and_then(|mut copy| {
            let complete = Arc::new(AtomicBool::new(false));
            let seen = Arc::clone(&complete);
            thread::spawn(move || {
                thread::sleep(SILENCE);
                if !seen.load(Ordering::SeqCst) {
                    waiting();
                }
            });
            io::copy(&mut reader, &mut copy)?;
            complete.store(true, Ordering::SeqCst);
            copy.seek(SeekFrom::Start(0))?;
            Ok((copy.try_clone()?, copy))
        });
        let (first, second) = copied.map_err(|error| cannot_read(&name, &error))?;
        Ok((Box::new(first), second))
    }

    pub(crate) fn into_reader(self) -> Box<dyn Read + Send> {
        self.reader
    }
}

/// A path as a message shows it.
pub(crate) fn name_of(path: &Path) -> String {
    tame(&path.display().to_string())
}

pub(crate) fn cannot_read(name: &str, error: &io::Error) -> Failure {
    Failure::Usage(format!("cannot read {name}: {error}"))
}

/// Reads once, whatever signals come.
pub(crate) fn read(source: &mut (impl Read + ?Sized), space: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(space) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// A file that others write on: its end is only the end so far.
pub(crate) struct Growing {
    file: File,
    position: u64,
}

impl Growing {
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let cannot = |error| Failure::Usage(format!("cannot open {}: {error}", name_of(path)));
        Ok(Self { file: File::open(path).map_err(cannot)?, position: 0 })
    }
}

impl Read for Growing {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.file.read(space)?;
            if count > 0 || space.is_empty() {
                self.position = self.position.saturating_add(count as u64);
                return Ok(count);
            }
            let data = self.file.metadata()?;
            if data.is_file() && data.len() < self.position {
                return Err(io::Error::other("it has become shorter"));
            }
            thread::sleep(POLL);
        }
    }
}

/// Standard input. Another thread can see whether a read is waiting for it.
struct Watched {
    waits: Arc<AtomicBool>,
}

impl Read for Watched {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.waits.store(true, Ordering::SeqCst);
        let result = io::stdin().read(space);
        self.waits.store(false, Ordering::SeqCst);
        result
    }
}

/// A stream that is read in blocks.
pub(crate) struct Input {
    source: Box<dyn Read + Send>,
    name: String,
    /// The end of the previous blocks, and the block.
    bytes: Vec<u8>,
    /// Bytes in `bytes` before the block.
    before: usize,
    /// The offset in the stream where `bytes` begins.
    start: u64,
    read_size: NonZeroUsize,
    /// This many bytes are still to be skipped.
    skip: u64,
    progress: Option<Progress>,
}

impl Input {
    pub(crate) fn open(source: &Source) -> Result<Self, Failure> {
        Ok(Self::new(Opened::new(source)?, source.read_size))
    }

    /// Standard input, without a progress bar. `waits` is true while it is being read.
    pub(crate) fn stdin(waits: Arc<AtomicBool>) -> Self {
        let name = "standard input".to_owned();
        let opened = Opened { reader: Box::new(Watched { waits }), name, file: None, len: None };
        Self::new(opened, NonZeroUsize::MAX)
    }

    pub(crate) fn new(opened: Opened, read_size: NonZeroUsize) -> Self {
        let Opened { reader: source, name, len, .. } = opened;
        // A bar among the lines of output would be of no use.
        let watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        let progress = len.filter(|_| watched).map(Progress::new);
        Self { source, name, bytes: Vec::new(), before: 0, start: 0, read_size, skip: 0, progress }
    }

    /// Skips the first `len` bytes. Offsets still count them.
    pub(crate) fn skipping(mut self, len: u64) -> Self {
        self.skip = len;
        self
    }

    /// Reads the next block. Returns `false` at the end of the stream.
    pub(crate) fn advance(&mut self) -> Result<bool, Failure> {
        let gone = self.bytes.len().saturating_sub(RECENT);
        self.bytes.drain(..gone);
        self.start = self.start.saturating_add(gone as u64);
        self.before = self.bytes.len();
        self.bytes.resize(self.before.saturating_add(BLOCK), 0);
        let count = read(&mut *self.source, self.bytes.get_mut(self.before..).unwrap_or_default());
        let count = count.map_err(|error| cannot_read(&self.name, &error))?;
        self.bytes.truncate(self.before.saturating_add(count));
        if self.skip > 0 {
            let end = self.start.saturating_add(self.bytes.len() as u64);
            if count == 0 {
                let missing = bytes_of(self.skip);
                let why = format!("stream ended at byte {end}, {missing} before the end of what is skipped");
                return Err(Failure::Data(why));
            }
            let passed = usize::try_from(self.skip).unwrap_or(usize::MAX).min(count);
            self.before = self.before.saturating_add(passed);
            self.skip -= passed as u64;
        }
        if let Some(progress) = &mut self.progress {
            progress.advance(count);
        }
        Ok(count > 0)
    }

    /// Returns the block in pieces of the requested size.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.get(self.before..).unwrap_or_default().chunks(self.read_size.get())
    }

    /// Returns the byte at this offset of the stream, if it is still kept.
    pub(crate) fn byte(&self, offset: u64) -> Option<u8> {
        let index = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.bytes.get(index).copied()
    }
}

/// A bar on stderr.
struct Progress {
    len: u64,
    passed: u64,
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    fn new(len: u64) -> Self {
        Self { len, passed: 0, since: Instant::now(), bar: None }
    }

    fn advance(&mut self, count: usize) {
        self.passed = self.passed.saturating_add(count as u64);
        if self.bar.is_none() && self.passed < self.len && self.since.elapsed() > PATIENCE {
            let bar = ProgressBar::new(self.len).with_elapsed(self.since.elapsed());
            let template = "{wide_bar} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.passed);
            if count == 0 {
                bar.finish_and_clear();
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
