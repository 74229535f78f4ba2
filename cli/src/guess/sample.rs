//! The first bytes of a stream, and what can be counted in them.

/// The first bytes of one direction of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample<'a> {
    bytes: &'a [u8],
    complete: bool,
}

impl<'a> Sample<'a> {
    /// `complete`: the stream ends with these bytes.
    pub(crate) fn new(bytes: &'a [u8], complete: bool) -> Self {
        Self { bytes, complete }
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }
}

/// Counts of the byte values in a sample.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    counts: [u32; 256],
    total: u32,
}

impl Histogram {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut counts = [0_u32; 256];
        for &byte in bytes {
            let count = &mut counts[usize::from(byte)];
            *count = count.saturating_add(1);
        }
        Self { counts, total: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
    }

    pub(super) fn count(&self, byte: u8) -> u32 {
        self.counts[usize::from(byte)]
    }

    /// How likely a byte has this value, if nothing is known of its place. Never 0.
    pub(super) fn share(&self, byte: u8) -> f64 {
        (f64::from(self.count(byte)) + 0.5) / (f64::from(self.total) + 128.0)
    }

    /// The share of bytes that text is made of: printable ASCII, line ends, tabs, and bytes of UTF-8 beyond ASCII.
    pub(super) fn share_of_text(&self, bytes: &[u8]) -> f64 {
        if bytes.is_empty() {
            return 0.0;
        }
        let plain: u32 = (b' '..=b'~').chain(*b"\r\n\t").map(|byte| self.count(byte)).sum();
        let beyond: usize =
            bytes.utf8_chunks().map(|chunk| chunk.valid().bytes().filter(|byte| *byte >= 128).count()).sum();
        (f64::from(plain) + f64::from(u32::try_from(beyond).unwrap_or(u32::MAX))) / f64::from(self.total)
    }
}

/// Numbers without a pattern, the same in every run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `bound`, or 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from((self.0 >> 16) % bound).unwrap_or_default()
    }
}
