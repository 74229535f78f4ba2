//! How an input of the fuzzer is read.
//!
//! ```text
//!  n (1 byte)   configuration (n bytes)   m (1 byte)   cuts (m bytes)   the stream, all that is left
//! ```
//!
//! The stream is the plain end of the input, so that changing a byte of the one changes a byte of the other.

/// One input, taken apart.
pub struct Input<'a> {
    /// What the framing is made of.
    pub config: &'a [u8],
    /// How the stream is cut: see [`Input::chunks`].
    pub cuts: &'a [u8],
    /// The bytes on the wire, or the messages.
    pub stream: &'a [u8],
}

impl<'a> Input<'a> {
    /// Takes an input apart. Every one has a meaning, if not always an interesting one.
    pub fn new(data: &'a [u8]) -> Self {
        let (config, rest) = counted(data);
        let (cuts, stream) = counted(rest);
        Self { config, cuts, stream }
    }

    /// Where the stream is cut into these chunks.
    pub fn cut_at(&self) -> Vec<usize> {
        let mut at = 0;
        let ends = self.chunks().into_iter().map(|chunk| {
            at += chunk.len();
            at
        });
        let mut ends: Vec<_> = ends.collect();
        ends.pop();
        ends
    }

    /// The stream in chunks as long as `cuts` says, over and over again: 0 to 24 bytes, or, above 250, very many.
    pub fn chunks(&self) -> Vec<&'a [u8]> {
        chunks(self.stream, self.cuts)
    }
}

/// `stream` in chunks: see [`Input::chunks`].
pub fn chunks<'a>(stream: &'a [u8], cuts: &[u8]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut chunks = Vec::new();
    if cuts.iter().any(|&cut| len(cut) > 0) {
        for &cut in cuts.iter().cycle() {
            let (chunk, after) = rest.split_at(len(cut).min(rest.len()));
            chunks.push(chunk);
            rest = after;
            if rest.is_empty() {
                return chunks;
            }
        }
    }
    chunks.push(rest);
    chunks
}

fn len(cut: u8) -> usize {
    match cut {
        251.. => 1 << (cut - 245),
        _ => usize::from(cut % 25),
    }
}

fn counted(data: &[u8]) -> (&[u8], &[u8]) {
    match data.split_first() {
        Some((&count, rest)) => rest.split_at(usize::from(count).min(rest.len())),
        None => (&[], &[]),
    }
}
