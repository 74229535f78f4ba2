//! `Encoder`: the messages of one stream, where a frame may depend on the message before.

use std::sync::Arc;

use ::bytes::Buf;
use anysplit::AnyFraming;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffer::{bytes, with_bytes};
use crate::{errors, framing};

/// The frames of one stream, for framings whose frames depend on the message before, such as ``line then u16be``.
#[pyclass(module = "anysplit", name = "Encoder")]
pub(crate) struct Encoder {
    inner: anysplit::Encoder<Arc<AnyFraming>>,
}

#[pymethods]
impl Encoder {
    #[new]
    fn new(spec: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: anysplit::Encoder::new(framing::from_argument(spec)?) })
    }

    /// Return the frame of the next message.
    ///
    /// Raises :class:`EncodeError` for a message that this framing cannot carry. The next one may then be another message.
    fn encode<'py>(&mut self, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let py = message.py();
        with_bytes(message, |message| self.inner.push(message))?.map_err(|error| errors::encode(py, error))?;
        self.take(py)
    }

    /// Return the frames of these messages, one after the other.
    ///
    /// Raises :class:`EncodeError` for the first that this framing cannot carry. The frames before it are not returned, and
    /// the stream is not to be continued.
    fn encode_all<'py>(&mut self, py: Python<'py>, messages: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        // Iterating may run Python code, so the messages are collected first.
        let messages = messages.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        for message in &messages {
            with_bytes(message, |message| self.inner.push(message))?.map_err(|error| {
                let queued = self.inner.remaining();
                self.inner.advance(queued);
                errors::encode(py, error)
            })?;
        }
        self.take(py)
    }
}

impl Encoder {
    fn take<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let queued = self.inner.remaining();
        if self.inner.chunk().len() == queued {
            let wire = bytes(py, self.inner.chunk())?;
            self.inner.advance(queued);
            return Ok(wire);
        }
        bytes(py, &self.inner.copy_to_bytes(queued))
    }
}
