//! What can stand where, in words.

pub(super) const FRAMINGS: &str = "a framing: fixed, ascii, hex, bcd, u8, u16be to u64le, varint, varint32, quic, mqtt, ber, escaped, \
                        netstring, pkt-line, line, delim, type, first, field, header, block, chunked, http1, close, anyline, \
                        slip, cobs, escape, doubled, dots, hexline, mavlink, midi, smp, json, json-seq, cbor, msgpack, resp or asn1";
#[cfg(feature = "protocols")]
pub(super) const PROTOCOLS: &str = "the name of a protocol, such as dns, postgres or mqtt";
pub(super) const NUMBERS: &str =
    "a number: ascii, hex, bcd, u8, u16be to u64le, varint, varint32, quic, mqtt, ber or escaped";
pub(super) const BINARY: &str = "a binary number: u8, or u16, u24, u32, u40, u48, u56, u64 with be, le or ne after it";
pub(super) const ORDERS: &str = "a byte order: be, le or ne";
