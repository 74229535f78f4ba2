//! What comes out of a stream, and what a driver of a decoder must do.

use std::boxed::Box;
use std::fmt;
use std::format;
use std::string::String;
use std::vec::Vec;

use super::{Law, Violation};
use crate::{DecodeError, EofError, Event, Frame, Skips, Stretch};

/// One thing that came out of a stream, with bytes of its own.
#[derive(Clone, PartialEq, Eq)]
pub enum OwnedEvent {
    /// A frame.
    Frame {
        /// Where it begins.
        offset: u64,
        /// Its length on the wire.
        wire_len: u64,
        /// Its header, as on the wire.
        header: Vec<u8>,
        /// Its payload, opened where the frame is rewritten.
        payload: Vec<u8>,
        /// Its trailer, as on the wire.
        trailer: Vec<u8>,
        /// Whether it is a control frame.
        control: bool,
    },
    /// A rejected frame was skipped.
    Skipped(Stretch),
}

impl OwnedEvent {
    /// Returns the stream offset of its first byte.
    #[must_use]
    pub fn offset(&self) -> u64 {
        match self {
            Self::Frame { offset, .. } => *offset,
            Self::Skipped(stretch) => stretch.offset,
        }
    }

    /// Returns its length on the wire.
    #[must_use]
    pub fn wire_len(&self) -> u64 {
        match self {
            Self::Frame { wire_len, .. } => *wire_len,
            Self::Skipped(stretch) => stretch.len,
        }
    }

    /// Returns the stream offset of the first byte after it.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset().saturating_add(self.wire_len())
    }

    /// Whether it is a frame.
    #[must_use]
    pub fn is_frame(&self) -> bool {
        matches!(self, Self::Frame { .. })
    }
}

impl fmt::Debug for OwnedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame { offset, wire_len, header, payload, trailer, control } => {
                let what = if *control { "control frame" } else { "frame" };
                let [header, payload, trailer] = [header, payload, trailer].map(|bytes| bytes.escape_ascii());
                write!(f, "{what} of {wire_len} bytes at {offset} \"{header}\" \"{payload}\" \"{trailer}\"")
            }
            Self::Skipped(stretch) => write!(f, "skipped: {stretch}"),
        }
    }
}

/// What has come out of a stream so far.
#[derive(Debug)]
pub struct Collected {
    events: Vec<OwnedEvent>,
    most: usize,
    complaint: Option<Violation>,
}

impl Collected {
    /// Nothing so far, and `most` events at the most: a stream holds no more than one for each byte.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self { events: Vec::new(), most, complaint: None }
    }

    /// Returns all so far.
    #[must_use]
    pub fn events(&self) -> &[OwnedEvent] {
        &self.events
    }

    /// Takes a frame that came out.
    pub fn frame(&mut self, frame: &Frame<'_>) {
        let (header, payload, trailer) = (frame.header().to_vec(), frame.payload().to_vec(), frame.trailer().to_vec());
        if let Some(wire) = frame.wire() {
            if wire != [&header[..], &payload, &trailer].concat() || wire.len() != frame.wire_len() {
                let expected = format!("header, payload and trailer in {} bytes of wire", frame.wire_len());
                self.complain(Violation::new(Law::AnySplit, expected, format!("{frame:?} in {}", show(wire))));
            }
        }
        let (offset, control) = (frame.offset(), frame.is_control());
        let wire_len = frame.wire_len() as u64;
        self.push(OwnedEvent::Frame { offset, wire_len, header, payload, trailer, control });
    }

    /// Takes a frame or a stretch that came out.
    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Frame(frame) => self.frame(frame),
            Event::Skipped(stretch) => self.push(OwnedEvent::Skipped(*stretch)),
        }
    }

    /// Takes what came out.
    pub fn push(&mut self, event: OwnedEvent) {
        self.events.push(event);
    }

    /// Notes that the driver itself has seen a broken law. The first complaint stays.
    pub fn complain(&mut self, violation: Violation) {
        self.complaint.get_or_insert(violation);
    }

    /// Whether it makes no sense to go on: there were more events than there can be, as the decoder returns frames without
    /// taking bytes, or a law was broken.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.events.len() > self.most || self.complaint.is_some()
    }

    /// Reports what is wrong, if anything is.
    ///
    /// # Errors
    ///
    /// [`Violation`] of law 9 where there is no end of events, or what was complained of.
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

    /// Calls `next` until it returns `false` or an error.
    ///
    /// # Errors
    ///
    /// What `next` returns.
    pub fn drain<E>(&mut self, mut next: impl FnMut(&mut Self) -> Result<bool, E>) -> Result<(), E> {
        while !self.is_stuck() && next(self)? {}
        Ok(())
    }
}

/// Something that takes the bytes of one stream in and gives its frames out. Implement it for an adapter of your own and
/// give it to [`outcome`], to see that it gives what all the others give.
pub trait Driver {
    /// Takes the next chunk of the stream, and appends what is complete with it.
    ///
    /// # Errors
    ///
    /// [`Refused`]: the stream is no stream of frames. Only law 8 feeds more after that.
    fn feed(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused>;

    /// The stream has ended: appends what is left.
    ///
    /// # Errors
    ///
    /// [`EofError`] where it ended inside a frame.
    fn end(&mut self, collected: &mut Collected) -> Result<(), EofError>;

    /// Returns how many bytes the next frame is missing at least. Provided: unknown.
    fn need(&mut self) -> Option<usize> {
        None
    }

    /// Returns the bytes of heap memory in use, where that can be told. Provided: unknown.
    fn capacity(&mut self) -> Option<usize> {
        None
    }

    /// Returns the count of what was skipped so far. Provided: unknown.
    fn skipped(&self) -> Option<Skips> {
        None
    }

    /// Whether every skipped stretch is among the events, in its place. Provided: yes. Where it is not, the count alone
    /// tells of it.
    fn reports_stretches(&self) -> bool {
        true
    }

    /// Returns offset and bytes of what is left.
    fn left(self: Box<Self>) -> (u64, Vec<u8>);
}

/// Why a driver takes no more bytes.
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

/// All that came out of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Frames, and skipped stretches where the driver reports them.
    pub events: Vec<OwnedEvent>,
    /// Whether the stretches are among the events.
    pub reports_stretches: bool,
    /// The count of what was skipped, where it can be told.
    pub skipped: Option<Skips>,
    /// How it ended. An error before the end of the stream is [`EofError::Decode`].
    pub end: Result<(), EofError>,
    /// Stream offset of the first byte that is left.
    pub position: u64,
    /// What is left, from there to the end of the stream.
    pub left: Vec<u8>,
}

/// Counts the stretches among these events.
pub(super) fn count(events: &[OwnedEvent]) -> Skips {
    let mut skips = Skips::default();
    for event in events {
        if let OwnedEvent::Skipped(stretch) = event {
            skips.stretches += 1;
            skips.bytes += stretch.len;
            skips.last_reason = Some(stretch.reason);
        }
    }
    skips
}

/// Returns the chunks of a stream that is cut at these indices. The same index twice makes an empty chunk.
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
/// [`Violation`] of law 9 where there is no end of frames, of law 2 where bytes are lost or what was skipped is counted
/// wrongly.
pub fn outcome(mut driver: Box<dyn Driver + '_>, stream: &[u8], cuts: &[usize]) -> Result<Outcome, Violation> {
    let mut collected = Collected::at_most(stream.len());
    let mut fed = 0;
    let mut end = Ok(());
    for chunk in chunks(stream, cuts) {
        let result = driver.feed(chunk, &mut collected);
        collected.check()?;
        fed += chunk.len();
        if let Err(Refused { error, untaken }) = result {
            fed -= untaken;
            end = Err(EofError::Decode(error));
            break;
        }
    }
    if end.is_ok() {
        end = driver.end(&mut collected);
        collected.check()?;
    }
    let (skipped, reports_stretches) = (driver.skipped(), driver.reports_stretches());
    let events = collected.events;
    on_the_wire(stream, &events)?;
    if let (Some(skipped), true) = (skipped, reports_stretches) {
        if skipped != count(&events) {
            let expected = format!("a count of {:?}", count(&events));
            return Err(Violation::new(Law::AnySplit, expected, format!("{skipped:?}")));
        }
    }
    let (position, mut left) = driver.left();
    let after = usize::try_from(position).ok().and_then(|position| stream.get(position..fed));
    if after != Some(&left[..]) {
        let expected = after.map_or(String::from("an offset within the stream"), show);
        return Err(Violation::new(Law::AnySplit, expected, format!("{} left at {position}", show(&left))));
    }
    left.extend_from_slice(stream.get(fed..).unwrap_or_default());
    Ok(Outcome { events, reports_stretches, skipped, end, position, left })
}

/// Headers and trailers stand in the stream where the events say, and no two events overlap.
fn on_the_wire(stream: &[u8], events: &[OwnedEvent]) -> Result<(), Violation> {
    let mut from = 0;
    for event in events {
        let place = usize::try_from(event.offset()).ok().zip(usize::try_from(event.end()).ok());
        let wire = place.and_then(|(start, end)| stream.get(start..end)).filter(|_| event.offset() >= from);
        let right = match (event, wire) {
            (OwnedEvent::Frame { header, trailer, .. }, Some(wire)) => {
                wire.len() >= header.len() + trailer.len() && wire.starts_with(header) && wire.ends_with(trailer)
            }
            (OwnedEvent::Skipped(_), Some(_)) => true,
            (_, None) => false,
        };
        if !right {
            let expected = format!("bytes of the stream from {from} on, in order");
            return Err(Violation::new(Law::AnySplit, expected, format!("{event:?}")));
        }
        from = event.end();
    }
    Ok(())
}

/// Bytes for people.
pub(super) fn show(bytes: &[u8]) -> String {
    match bytes.get(..256) {
        Some(start) => format!("\"{}\" and {} bytes more", start.escape_ascii(), bytes.len() - start.len()),
        None => format!("\"{}\"", bytes.escape_ascii()),
    }
}
