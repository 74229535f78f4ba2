//! What decoded frames look like.

mod count;
mod hex;
mod json;
mod raw;
mod text;

pub(crate) use count::Count;
pub(crate) use hex::Hex;
pub(crate) use json::Json;
pub(crate) use raw::Raw;
pub(crate) use text::Text;
