//! The module `anysplit._anysplit`: the crate `anysplit` for Python. The package around it is in `python/anysplit`.
//!
//! All that is decided is decided in the crate. Here, Python's buffers become slices, and frames and errors become objects.

#![allow(missing_docs, reason = "Python reads the stub file, _anysplit.pyi")]

mod buffer;
mod decoder;
mod encoder;
mod errors;
mod framing;
mod objects;

use pyo3::prelude::*;

#[pymodule(gil_used = true)]
mod _anysplit {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::decoder::Decoder;
    #[pymodule_export]
    use super::encoder::Encoder;
    #[pymodule_export]
    use super::framing::Framing;

    /// Return the name, the title and the specification of every protocol that ``@name`` stands for.
    #[pyfunction]
    fn protocols() -> Vec<(&'static str, &'static str, &'static str)> {
        let all = anysplit::protocols::ALL.iter();
        all.map(|protocol| (protocol.name, protocol.title, protocol.specification)).collect()
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
