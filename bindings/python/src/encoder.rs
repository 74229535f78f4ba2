//! `Encoder`: the messages of one stream, where a frame may depend on the message before.

use std::sync::Arc;

use anysplit::AnyFraming;
use ::bytes::Buf;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffer::{bytes, with_bytes};
use crate::{errors, framing};

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

    fn encode<'py>(&mut self, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let py = message.py();
        with_bytes(message, |message| self.inner.push(message))?.map_err(|error| errors::encode(py, error))?;
        self.take(py)
    }

    /// The frames of good messages before one that is refused are not returned, and not kept: a stream without the refused
    /// message would be another one.
    fn encode_all<'py>(&mut self, py: Python<'py>, messages: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        // What an iterator does is Python code, so the messages are collected first.
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
