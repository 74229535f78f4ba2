//! `Framing`: a text form, parsed.

use std::sync::Arc;

use anysplit::{AnyFraming, Framing as _, Limit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::buffer::{bytes, with_bytes};
use crate::errors;

/// A framing: where a message ends on the wire, and how one is written.
///
/// ``spec`` is its text form, such as ``u32be,max=1M``, or another framing. It never changes, and may be shared.
///
/// Raises :class:`SpecError` for a text that describes none.
#[pyclass(frozen, module = "anysplit", name = "Framing")]
pub(crate) struct Framing {
    inner: Arc<AnyFraming>,
}

/// Reads a text form, or takes a framing that was read before.
pub(crate) fn from_argument(argument: &Bound<'_, PyAny>) -> PyResult<Arc<AnyFraming>> {
    if let Ok(framing) = argument.cast::<Framing>() {
        return Ok(Arc::clone(&framing.get().inner));
    }
    let text = argument.cast::<PyString>()?.to_str()?;
    let framing: Result<AnyFraming, _> = text.parse();
    framing.map(Arc::new).map_err(|error| errors::spec(argument.py(), text, error))
}

#[pymethods]
impl Framing {
    #[new]
    fn new(spec: &Bound<'_, PyAny>) -> PyResult<Self> {
        from_argument(spec).map(|inner| Self { inner })
    }

    /// Return the frame of one message, as the first of a stream.
    ///
    /// Raises :class:`EncodeError` for a message that this framing cannot carry.
    fn encode<'py>(&self, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let mut wire = Vec::new();
        let result = with_bytes(message, |message| self.inner.encode(message, &mut wire))?;
        result.map_err(|error| errors::encode(message.py(), error))?;
        bytes(message.py(), &wire)
    }

    /// The greatest payload, in bytes, in both directions.
    #[getter]
    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }

    /// Return the same framing with another limit.
    fn with_max_payload_len(&self, max: u64) -> Self {
        Self { inner: Arc::new(AnyFraming::clone(&self.inner).with_max_payload_len(max)) }
    }

    fn __str__(&self) -> String {
        self.inner.to_string()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let text = PyString::new(slf.py(), &slf.get().__str__()).repr()?;
        Ok(format!("Framing({text})"))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner == other.inner
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.__str__().hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> (Py<PyAny>, (String,)) {
        (slf.get_type().into_any().unbind(), (slf.get().__str__(),))
    }
}
