//! `Decoder`: bytes in, messages out.

use std::sync::Arc;

use anysplit::{AnyFraming, Closed, DecodeError, Event, Frame, Recovery};
use pyo3::PyTypeInfo;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::buffer::{bytes, with_bytes};
use crate::objects::list;
use crate::{errors, framing, objects};

/// Turns the bytes of one stream, cut anywhere, back into messages.
///
/// ``recovery`` is what becomes of a frame that is rejected:
///
/// - ``fail``: the error is raised by this call and by every later one;
/// - ``skip-oversize``: a frame over the limit is skipped, other errors stay;
/// - ``skip-frame``: a rejected frame is skipped up to its end, if it has one that can be found;
/// - ``resync``: the next frame is searched for, byte by byte: for links that lose bytes;
/// - ``resync-confirmed``: the same, but the first frame after damage counts only if another follows it.
///
/// There are two ways to use it. :meth:`feed` and :meth:`finish` return all messages at once. :meth:`push`, :meth:`end` and
/// iteration return them one at a time, so that the framing can change between two of them.
///
/// A frame without a message, such as git's flush packet, is only among the events.
///
/// A decoder belongs to one stream, and to one thread at a time. A call while another thread is inside one waits for it,
/// or raises ``RuntimeError``; it damages nothing.
#[pyclass(module = "anysplit", name = "Decoder")]
pub(crate) struct Decoder {
    inner: anysplit::Decoder<Arc<AnyFraming>>,
    recovery: Recovery,
    /// Whether the caller has reported the end of the stream.
    ended: bool,
}

const POLICIES: [(&str, Recovery); 5] = [
    ("fail", Recovery::Fail),
    ("skip-oversize", Recovery::SkipOversize),
    ("skip-frame", Recovery::SkipFrame),
    ("resync", Recovery::Resync),
    ("resync-confirmed", Recovery::ResyncConfirmed),
];

/// Why decoding stops in the middle of a chunk.
enum Stop {
    Closed(Closed),
    Decode(DecodeError),
    Python(PyErr),
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl Stop {
    fn raise(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Closed(error) => errors::closed(py, error),
            Self::Decode(error) => errors::decode(py, error),
            Self::Python(error) => error,
        }
    }
}

/// Appends the message of a frame. A control frame carries none.
fn take<'py>(py: Python<'py>, messages: &mut Vec<Bound<'py, PyBytes>>, frame: &Frame<'_>) -> PyResult<()> {
    if !frame.is_control() {
        messages.push(objects::message(py, &frame.message())?);
    }
    Ok(())
}

#[pymethods]
impl Decoder {
    #[new]
    #[pyo3(signature = (spec, recovery = "fail"))]
    fn new(spec: &Bound<'_, PyAny>, recovery: &str) -> PyResult<Self> {
        let Some((_, recovery)) = POLICIES.iter().find(|(name, _)| *name == recovery) else {
            let names = POLICIES.map(|(name, _)| name).join(", ");
            return Err(PyValueError::new_err(format!("recovery is one of {names}")));
        };
        let inner = anysplit::Decoder::new(framing::from_argument(spec)?).with_recovery(*recovery);
        Ok(Self { inner, recovery: *recovery, ended: false })
    }

    /// Take the next bytes of the stream, and return the messages that are complete with them.
    ///
    /// If an error follows them, iterating over the list raises it after the last message, and so does every later call.
    ///
    /// Raises :class:`DecodeError` for bytes that are no frame, :class:`ClosedError` after the end.
    fn feed<'py>(&mut self, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = data.py();
        self.check_open(py)?;
        let mut messages = Vec::new();
        let result = with_bytes(data, |chunk| {
            let frames = self.inner.frames_in(chunk).map_err(Stop::Closed)?;
            frames.try_for_each(|frame| take(py, &mut messages, &frame).map_err(Stop::Python))
        })?;
        list(py, messages, result.map_err(|stop| stop.raise(py)))
    }

    /// Like :meth:`feed`, but return frames instead of messages, and also what was skipped.
    fn feed_events<'py>(&mut self, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        self.push(data)?;
        self.drain(data.py(), |decoder, py| decoder.next_event(py))
    }

    /// Take the next bytes of the stream. Iteration returns the messages.
    fn push(&mut self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        self.check_open(data.py())?;
        with_bytes(data, |chunk| self.inner.push(chunk))?.map_err(|closed| errors::closed(data.py(), closed))
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    /// Return the next message, if it is complete. Iteration ends where there is none, and goes on after :meth:`push`.
    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        loop {
            let frame = match self.ended {
                false => self.inner.next_frame().map_err(|error| errors::decode(py, error))?,
                true => self.inner.finish().map_err(|error| errors::eof(py, error))?,
            };
            match frame {
                Some(frame) if frame.is_control() => {}
                Some(frame) => return objects::message(py, &frame.message()).map(Some),
                None => return Ok(None),
            }
        }
    }

    /// Return the next frame, or what was skipped in its place, if it is complete.
    fn next_event<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let event = match self.ended {
            false => self.inner.next_event().map_err(|error| errors::decode(py, error))?,
            true => self.inner.finish_event().map_err(|error| errors::eof(py, error))?,
        };
        event.map(|event| objects::event(py, &event)).transpose()
    }

    /// Mark the end of the stream. Iteration returns the remaining messages, and raises an error if the last frame is cut.
    fn end(&mut self) {
        self.ended = true;
    }

    /// Mark the end of the stream, and return the remaining messages.
    ///
    /// Raises :class:`TruncatedError` if the stream ended inside a frame.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.ended = true;
        self.drain(py, |decoder, py| decoder.__next__(py))
    }

    /// Like :meth:`finish`, but return frames instead of messages, and also what was skipped.
    fn finish_events<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.ended = true;
        self.drain(py, |decoder, py| decoder.next_event(py))
    }

    /// Mark a silence on the line: bytes that come after it do not belong to an unfinished frame.
    ///
    /// For protocols in which silence ends a frame, such as Modbus RTU. Returns the remaining messages.
    fn idle<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.check_open(py)?;
        self.drain(py, |decoder, py| {
            loop {
                match decoder.inner.idle().map_err(|error| errors::decode(py, error))? {
                    Some(frame) if frame.is_control() => {}
                    Some(frame) => return objects::message(py, &frame.message()).map(Some),
                    None => return Ok(None),
                }
            }
        })
    }

    /// Like :meth:`idle`, but return frames instead of messages, and also what was skipped.
    fn idle_events<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.check_open(py)?;
        self.drain(py, |decoder, py| {
            let event: Option<Event<'_>> = decoder.inner.idle_event().map_err(|error| errors::decode(py, error))?;
            event.map(|event| objects::event(py, &event)).transpose()
        })
    }

    /// Go on with another framing from here. Bytes that came early stay, and so does the position.
    fn switch(&mut self, spec: &Bound<'_, PyAny>) -> PyResult<()> {
        let framing = framing::from_argument(spec)?;
        let next = anysplit::Decoder::new(Arc::clone(&framing));
        self.inner = std::mem::replace(&mut self.inner, next).with_framing(framing);
        Ok(())
    }

    /// Go back to the start of a stream, after an error too. What is buffered is lost.
    fn reset(&mut self) {
        self.inner.reset();
        self.ended = false;
    }

    /// What was skipped so far.
    #[getter]
    fn skipped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        objects::skips(py, self.inner.skipped())
    }

    /// How many bytes the next frame is missing at least; 0 if it is complete. Never more than it is missing.
    #[getter]
    fn need(&mut self) -> usize {
        self.inner.need()
    }

    /// The bytes that came and were not returned.
    #[getter]
    fn buffered<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, self.inner.buffered())
    }

    /// The offset in the stream of the first byte that was neither returned nor skipped.
    #[getter]
    fn position(&self) -> u64 {
        self.inner.position()
    }

    /// Whether :meth:`end` or :meth:`finish` was called.
    #[getter]
    fn ended(&self) -> bool {
        self.ended
    }

    /// What becomes of a frame that is rejected.
    #[getter]
    fn recovery(&self) -> &'static str {
        POLICIES.iter().find(|(_, recovery)| *recovery == self.recovery).map_or("fail", |(name, _)| name)
    }

    fn __repr__(&self) -> String {
        let (position, buffered) = (self.inner.position(), self.inner.buffered().len());
        format!("<Decoder of {} at byte {position}, {buffered} buffered>", self.inner.framing())
    }
}

impl Decoder {
    /// Fails after `end`: a decoder takes no bytes after the end, even if messages remain to be read.
    fn check_open(&self, py: Python<'_>) -> PyResult<()> {
        if self.ended {
            let buffered = u64::try_from(self.inner.buffered().len()).unwrap_or(u64::MAX);
            let end = self.inner.position().saturating_add(buffered);
            return Err(errors::closed(py, Closed::Ended(end)));
        }
        Ok(())
    }

    /// Everything that `next` returns, and the error after it.
    fn drain<'py, T: PyTypeInfo>(
        &mut self,
        py: Python<'py>,
        mut next: impl FnMut(&mut Self, Python<'py>) -> PyResult<Option<Bound<'py, T>>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let mut items = Vec::new();
        loop {
            match next(self, py) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return list(py, items, Ok(())),
                Err(error) => return list(py, items, Err(error)),
            }
        }
    }
}
