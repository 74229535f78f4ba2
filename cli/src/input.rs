//! The stream that is read, and how far it has been read.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;

/// Bytes requested at once.
const BLOCK: usize = 128 * 1024;

/// Bytes of earlier blocks that are kept, to be shown with a fault.
const RECENT: usize = 64;

/// The progress bar is shown only after this long.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where the stream comes from.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Source {
    /// What is read; standard input if it is not given or `-`
    pub(crate) file: Option<PathBuf>,
    /// Hand what is read to the decoder N bytes at a time. The result is the same for every N
    #[arg(long, value_name = "N", default_value_t = NonZeroUsize::new(BLOCK).unwrap_or(NonZeroUsize::MIN),
          hide_default_value = true)]
    pub(crate) read_size: NonZeroUsize,
}

/// A stream that is read in blocks.
pub(crate) struct Input {
    source: Box<dyn Read>,
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
        let path = source.file.as_deref().filter(|path| *path != Path::new("-"));
        let (reader, name, len): (Box<dyn Read>, _, _) = match path {
            None => (Box::new(io::stdin().lock()), "standard input".to_owned(), None),
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(|error| Failure::Usage(format!("cannot open {name}: {error}")))?;
                let len = file.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
                (Box::new(file), name, len)
            }
        };
        // A bar among the lines of output would be of no use.
        let watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        let progress = len.filter(|_| watched).map(Progress::new);
        let read_size = source.read_size;
        Ok(Self { source: reader, name, bytes: Vec::new(), before: 0, start: 0, read_size, skip: 0, progress })
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
        let count = loop {
            match self.source.read(self.bytes.get_mut(self.before..).unwrap_or_default()) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::Usage(format!("cannot read {}: {error}", self.name))),
            }
        };
        self.bytes.truncate(self.before.saturating_add(count));
        if self.skip > 0 {
            let end = self.start.saturating_add(self.bytes.len() as u64);
            if count == 0 {
                let why = format!("stream ended at byte {end}, {} bytes before the end of what is skipped", self.skip);
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
