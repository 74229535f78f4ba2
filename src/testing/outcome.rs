//! What a stream gives, and what a way to ask for it must do.

use std::boxed::Box;
use std::fmt;
use std::format;
use std::string::String;
use std::vec::Vec;

use super::{Law, Violation};
use crate::{DecodeError, EofError, Frame};

/// One thing that came out of a stream.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// A frame.
    Frame {
        /// Where it begins.
        offset: u64,
        /// Its header.
        header: Vec<u8>,
        /// Its payload.
        payload: Vec<u8>,
        /// Its trailer.
        trailer: Vec<u8>,
    },
    /// A frame over the limit that was skipped.
    Skipped(DecodeError),
}

impl Event {
    /// Stream offset of the first byte after it.
    #[must_use]
    pub fn end(&self) -> u64 {
        match self {
            Self::Frame { offset, header, payload, trailer } => {
                offset.saturating_add([header, payload, trailer].map(|part| part.len() as u64).iter().sum())
            }
            Self::Skipped(error) => match error.kind {
                crate::DecodeErrorKind::Skipped { len } => error.frame.saturating_add(len),
                _ => error.offset,
            },
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame { offset, header, payload, trailer } => write!(
                f,
                "frame at {offset} \"{}\" \"{}\" \"{}\"",
                header.escape_ascii(),
                payload.escape_ascii(),
                trailer.escape_ascii()
            ),
            Self::Skipped(error) => write!(f, "skipped: {error}"),
        }
    }
}

/// The frames of a stream so far.
#[derive(Debug)]
pub struct Seen {
    events: Vec<Event>,
    most: usize,
    complaint: Option<Violation>,
}

impl Seen {
    /// None so far, and `most` at the most: one a byte is all that a stream can hold.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self { events: Vec::new(), most, complaint: None }
    }

    /// All so far.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// A frame came out.
    pub fn frame(&mut self, frame: &Frame<'_>) {
        self.push(Event::Frame {
            offset: frame.offset(),
            header: frame.header().to_vec(),
            payload: frame.payload().to_vec(),
            trailer: frame.trailer().to_vec(),
        });
    }

    /// Something came out.
    pub fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The way in itself has seen that a law is broken. The first complaint stays.
    pub fn complain(&mut self, violation: Violation) {
        self.complaint.get_or_insert(violation);
    }

    /// Whether it makes no sense to go on: there were more than can be, as the decoder gives frames without taking
    /// bytes, or a law was broken.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.events.len() > self.most || self.complaint.is_some()
    }

    /// What is wrong, if anything is.
    ///
    /// # Errors
    ///
    /// [`Violation`] of law 9 where there is no end of frames, or what was complained of.
    pub fn check(&self) -> Result<(), Violation> {
        if let Some(complaint) = &self.complaint {
            return Err(complaint.clone());
        }
        if self.is_stuck() {
            let expected = format!("at most {} frames in as many bytes", self.most);
            return Err(Violation::new(Law::NoPanic, expected, "frames without end"));
        }
        Ok(())
    }

    /// Calls `next` until it has no more: `false`, or an error. An error that says what was skipped is an event.
    ///
    /// # Errors
    ///
    /// What `next` gives.
    pub fn drain<E: MaySkip>(&mut self, mut next: impl FnMut(&mut Self) -> Result<bool, E>) -> Result<(), E> {
        while !self.is_stuck() {
            match next(self) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => match error.skipped() {
                    Some(skipped) => self.push(Event::Skipped(skipped)),
                    None => return Err(error),
                },
            }
        }
        Ok(())
    }
}

/// An error that may only say that a frame was skipped.
pub trait MaySkip {
    /// That error.
    fn skipped(&self) -> Option<DecodeError>;
}

impl MaySkip for DecodeError {
    fn skipped(&self) -> Option<DecodeError> {
        self.is_skipped().then_some(*self)
    }
}

impl MaySkip for EofError {
    fn skipped(&self) -> Option<DecodeError> {
        match self {
            Self::Decode(error) => error.skipped(),
            Self::Truncated { .. } => None,
        }
    }
}

/// A way to bring the bytes of one stream in and its frames out. Implement it for an adapter of your own and hand it to
/// [`outcome`], to see that it gives what all the others give.
pub trait Way {
    /// Takes the next chunk of the stream, and appends what is whole with it.
    ///
    /// # Errors
    ///
    /// [`Refused`]: the stream is no stream of frames. Nothing more will be fed.
    fn feed(&mut self, chunk: &[u8], seen: &mut Seen) -> Result<(), Refused>;

    /// The stream has ended.
    ///
    /// # Errors
    ///
    /// [`EofError`] where it ended inside a frame.
    fn end(&mut self, seen: &mut Seen) -> Result<(), EofError>;

    /// How many bytes the next frame lacks at least.
    fn need(&mut self) -> Option<usize>;

    /// Bytes of heap memory in use, where that can be told.
    fn capacity(&mut self) -> Option<usize>;

    /// Offset and bytes of what is left.
    fn left(self: Box<Self>) -> (u64, Vec<u8>);
}

/// Why a way in takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The error.
    pub error: DecodeError,
    /// How many bytes of the chunk at hand it has not taken.
    pub untaken: usize,
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        Self { error, untaken: 0 }
    }
}

/// All that a stream gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Frames, and skipped frames.
    pub events: Vec<Event>,
    /// How it ended. An error before the end of the stream is [`EofError::Decode`].
    pub end: Result<(), EofError>,
    /// Stream offset of the first byte that is left.
    pub position: u64,
    /// What is left, from there to the end of the stream.
    pub left: Vec<u8>,
}

/// The chunks of a stream that is cut at these indices. The same index twice makes an empty chunk.
pub fn chunks<'s>(stream: &'s [u8], cuts: &[usize]) -> Vec<&'s [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(stream.len())).collect();
    cuts.push(stream.len());
    cuts.sort_unstable();
    let mut start = 0;
    let chunk = |end: usize| {
        let chunk = stream.get(start..end).unwrap_or_default();
        start = end;
        chunk
    };
    cuts.into_iter().map(chunk).collect()
}

/// Feeds `stream`, cut at `cuts`, and says what came of it.
///
/// # Errors
///
/// [`Violation`] of law 9 where there is no end of frames, of law 2 where bytes are lost.
pub fn outcome(mut way: Box<dyn Way + '_>, stream: &[u8], cuts: &[usize]) -> Result<Outcome, Violation> {
    let mut seen = Seen::at_most(stream.len());
    let mut fed = 0;
    let mut end = Ok(());
    for chunk in chunks(stream, cuts) {
        let result = way.feed(chunk, &mut seen);
        seen.check()?;
        fed += chunk.len();
        if let Err(Refused { error, untaken }) = result {
            fed -= untaken;
            end = Err(EofError::Decode(error));
            break;
        }
    }
    if end.is_ok() {
        end = way.end(&mut seen);
        seen.check()?;
    }
    let (position, mut left) = way.left();
    let after = usize::try_from(position).ok().and_then(|position| stream.get(position..fed));
    if after != Some(&left[..]) {
        let expected = after.map_or(String::from("an offset within the stream"), show);
        return Err(Violation::new(Law::AnySplit, expected, format!("{} left at {position}", show(&left))));
    }
    left.extend_from_slice(stream.get(fed..).unwrap_or_default());
    Ok(Outcome { events: seen.events, end, position, left })
}

/// Bytes for people.
pub(super) fn show(bytes: &[u8]) -> String {
    match bytes.get(..256) {
        Some(start) => format!("\"{}\" and {} bytes more", start.escape_ascii(), bytes.len() - start.len()),
        None => format!("\"{}\"", bytes.escape_ascii()),
    }
}
