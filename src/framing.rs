//! The crate's framings, one file each.

pub(crate) mod after;
#[cfg(feature = "alloc")]
pub mod any;
pub(crate) mod blocks;
pub(crate) mod by_first_byte;
pub(crate) mod by_type;
pub(crate) mod checked;
pub(crate) mod chunked;
pub mod delimited;
pub(crate) mod dotted;
pub(crate) mod doubled;
pub(crate) mod either;
pub(crate) mod enclosed;
pub(crate) mod escaped_frame;
pub(crate) mod fixed;
pub(crate) mod forbid;
pub(crate) mod header_block;
pub(crate) mod http1;
pub(crate) mod length_field;
pub(crate) mod limit;
pub(crate) mod line_then_block;
pub(crate) mod masked;
pub(crate) mod mavlink;
pub(crate) mod midi;
pub(crate) mod nested;
pub(crate) mod prefix;
pub(crate) mod require;
pub(crate) mod smp_serial;
pub(crate) mod stuffed;
#[cfg(all(test, feature = "alloc"))]
pub(crate) mod testing;
pub(crate) mod text;
pub(crate) mod then;
pub(crate) mod universal_line;
pub(crate) mod until_close;
pub mod values;
