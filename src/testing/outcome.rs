//! The outcome of a stream, and the interface of a driver.

use std::boxed::Box;
use std::fmt;
use std::format;
use std::string::String;
use std::vec::Vec;

use super::{Law, Violation};
use crate::decode::Skips;
use crate::{DecodeError, EofError, Event, Frame, Stretch};

/// One event of a stream, with bytes of its own.
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
        /// Its payload, opened if the frame is rewritten.
        payload: Vec<u8>,
        /// Its trailer, as on the wire.
        trailer: Vec<u8>,
        /// Whether it is a control frame.
        control: bool,
        /// Its message, empty for a control frame. `None` if the frame came in pieces: they do not mark the message.
        message: Option<Vec<u8>>,
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

    /// Returns whether it is a frame.
    #[must_use]
    pub fn is_frame(&self) -> bool {
        matches!(self, Self::Frame { .. })
    }

    /// Returns the event as a driver reports it that takes payloads in pieces.
    #[must_use]
    pub fn in_pieces(&self) -> Self {
        let mut event = self.clone();
        if let Self::Frame { message, .. } = &mut event {
            *message = None;
        }
        event
    }
}

impl fmt::Debug for OwnedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame { offset, wire_len, header, payload, trailer, control, .. } => {
                let what = if *control { "control frame" } else { "frame" };
                let [header, payload, trailer] = [header, payload, trailer].map(|bytes| bytes.escape_ascii());
                write!(f, "{what} of {wire_len} bytes at {offset} \"{header}\" \"{payload}\" \"{trailer}\"")
            }
            Self::Skipped(stretch) => write!(f, "skipped: {stretch}"),
        }
    }
}

/// The events of a stream so far.
#[derive(Debug)]
pub struct Collected {
    events: Vec<OwnedEvent>,
    most: usize,
    complaint: Option<Violation>,
}

impl Collected {
    /// No events so far, and `most` at most: a stream has at most one for each byte.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self { events: Vec::new(), most, complaint: None }
    }

    /// Returns all events so far.
    #[must_use]
    pub fn events(&self) -> &[OwnedEvent] {
        &self.events
    }

    /// Appends a frame.
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
        let message = frame.message().to_vec();
        let extent = frame.extent();
        let len = if control { 0 } else { extent.message_header_len() + payload.len() };
        let is_whole = extent.frame_len() == wire_len && message.len() == len && message.ends_with(&payload);
        if !is_whole || payload.len() as u64 > extent.payload_len() || (control && !payload.is_empty()) {
            let expected = format!("a message of {len} bytes in a frame of {extent:?}");
            self.complain(Violation::new(Law::AnySplit, expected, format!("{frame:?} with {}", show(&message))));
        }
        self.push(OwnedEvent::Frame { offset, wire_len, header, payload, trailer, control, message: Some(message) });
    }

    /// Appends a frame or a stretch.
    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Frame(frame) => self.frame(frame),
            Event::Skipped(stretch) => self.push(OwnedEvent::Skipped(*stretch)),
        }
    }

    /// Appends an event.
    pub fn push(&mut self, event: OwnedEvent) {
        self.events.push(event);
    }

    /// Records that the driver itself has seen a broken law. The first complaint stays.
    pub fn complain(&mut self, violation: Violation) {
        self.complaint.get_or_insert(violation);
    }

    /// Returns whether going on is useless: there were more events than possible, because the decoder returns frames
    /// without taking bytes, or a law was broken.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.events.len() > self.most || self.complaint.is_some()
    }

    /// Reports the fault, if there is one.
    ///
    /// # Errors
    ///
    /// [`Violation`] of law 9 if the events do not end, or the recorded complaint.
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
    /// The error of `next`.
    pub fn drain<E>(&mut self, mut next: impl FnMut(&mut Self) -> Result<bool, E>) -> Result<(), E> {
        while !self.is_stuck() && next(self)? {}
        Ok(())
    }
}

/// Takes the bytes of one stream and returns its frames. Implement it for an adapter of your own and
/// pass it to [`outcome`], to check that it returns the same as all others.
pub trait Driver {
    /// Takes the next chunk of the stream, and appends the frames that are complete with it.
    ///
    /// # Errors
    ///
    /// [`Refused`]: the stream contains an error. Only law 8 feeds more after that.
    fn feed(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused>;

    /// Ends the stream and appends the remaining frames.
    ///
    /// # Errors
    ///
    /// [`EofError`] where it ended inside a frame.
    fn end(&mut self, collected: &mut Collected) -> Result<(), EofError>;

    /// Returns how many bytes the next frame is missing at least. Default: unknown.
    fn need(&mut self) -> Option<usize> {
        None
    }

    /// Returns the bytes of heap memory in use, if they can be counted. Default: unknown.
    fn capacity(&mut self) -> Option<usize> {
        None
    }

    /// Returns the count of skipped stretches and bytes so far. Default: unknown.
    fn skipped(&self) -> Option<Skips> {
        None
    }

    /// Returns whether every skipped stretch is among the events, in its place. Default: yes. Otherwise only the count
    /// reports it.
    fn reports_stretches(&self) -> bool {
        true
    }

    /// Returns the offset and the bytes of the rest of the stream.
    fn left(self: Box<Self>) -> (u64, Vec<u8>);
}

/// Why a driver takes no more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The error.
    pub error: DecodeError,
    /// How many bytes of the current chunk it has not taken.
    pub untaken: usize,
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        Self { error, untaken: 0 }
    }
}

/// The complete outcome of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Frames, and skipped stretches where the driver reports them.
    pub events: Vec<OwnedEvent>,
    /// Whether the stretches are among the events.
    pub reports_stretches: bool,
    /// The count of skipped stretches and bytes, if known.
    pub skipped: Option<Skips>,
    /// How it ended. An error before the end of the stream is [`EofError::Decode`].
    pub end: Result<(), EofError>,
    /// Stream offset of the first byte that was not taken.
    pub position: u64,
    /// The bytes that were not taken, up to the end of the stream.
    pub left: Vec<u8>,
}

/// Counts the stretches among these events.
pub fn stretches(events: &[OwnedEvent]) -> Skips {
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

/// Feeds `stream`, cut at `cuts`, and returns the outcome.
///
/// # Errors
///
/// [`Violation`] of law 9 if the frames do not end, of law 2 if bytes are lost or skipped bytes are counted
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
        if skipped != stretches(&events) {
            let expected = format!("a count of {:?}", stretches(&events));
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

/// Headers and trailers are in the stream at the places that the events give, and no two events overlap.
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

/// Bytes in readable form.
pub(super) fn show(bytes: &[u8]) -> String {
    if let [first, _, ..] = bytes {
        if bytes.len() > 32 && bytes.iter().all(|byte| byte == first) {
            return format!("{} times \"{}\"", bytes.len(), first.escape_ascii());
        }
    }
    match bytes.get(..256) {
        Some(start) => format!("\"{}\" and {} bytes more", start.escape_ascii(), bytes.len() - start.len()),
        None => format!("\"{}\"", bytes.escape_ascii()),
    }
}
