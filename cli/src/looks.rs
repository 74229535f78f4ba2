//! What bytes look like by their first few: formats and protocols that are often met in place of another.

/// A format by its first bytes.
pub(crate) struct Look {
    start: &'static [u8],
    /// With its article.
    pub(crate) name: &'static str,
    /// The framing of such a stream, if there is one here.
    pub(crate) spec: Option<&'static str>,
    pub(crate) advice: Option<&'static str>,
}

const fn look(start: &'static [u8], name: &'static str) -> Look {
    Look { start, name, spec: None, advice: None }
}

const fn framed(start: &'static [u8], name: &'static str, spec: &'static str) -> Look {
    Look { start, name, spec: Some(spec), advice: None }
}

const fn advised(start: &'static [u8], name: &'static str, advice: &'static str) -> Look {
    Look { start, name, spec: None, advice: Some(advice) }
}

const DECOMPRESS: &str = "Decompress them first.";
const CAPTURE: &str = "`anysplit decode` reads captures, unless --plain is given.";

/// The longest start that fits is the one that is meant, so those with a common start stand longest first.
const LOOKS: &[Look] = &[
    framed(b"\x16\x03\x00", "a TLS record", "@tls"),
    framed(b"\x16\x03\x01", "a TLS record", "@tls"),
    framed(b"\x16\x03\x02", "a TLS record", "@tls"),
    framed(b"\x16\x03\x03", "a TLS record", "@tls"),
    framed(b"\x15\x03\x01", "a TLS record", "@tls"),
    framed(b"\x15\x03\x03", "a TLS record", "@tls"),
    framed(b"\x17\x03\x03", "a TLS record", "@tls"),
    framed(b"PRI * HTTP/2.0\r\n", "HTTP/2", "@http2"),
    framed(b"HTTP/1.", "an HTTP response", "@http1"),
    framed(b"GET /", "an HTTP request", "@http1"),
    framed(b"GET http", "an HTTP request", "@http1"),
    framed(b"POST /", "an HTTP request", "@http1"),
    framed(b"PUT /", "an HTTP request", "@http1"),
    framed(b"HEAD /", "an HTTP request", "@http1"),
    framed(b"DELETE /", "an HTTP request", "@http1"),
    framed(b"PATCH /", "an HTTP request", "@http1"),
    framed(b"OPTIONS ", "an HTTP request", "@http1"),
    framed(b"CONNECT ", "an HTTP request", "@http1"),
    framed(b"SSH-2.0-", "SSH", "@ssh"),
    framed(b"SSH-1.99-", "SSH", "@ssh"),
    framed(b"AMQP\x00\x00\x09\x01", "AMQP 0-9-1", "@amqp091"),
    framed(b"AMQP\x00\x01\x00\x00", "AMQP 1.0", "@amqp10"),
    framed(b"RTSP/1.0 ", "RTSP", "@rtsp"),
    framed(b"PROXY TCP", "the header of the PROXY protocol", "@proxy"),
    framed(b"\r\n\r\n\0\r\nQUIT\n", "the header of the PROXY protocol", "@proxy"),
    advised(b"\x1f\x8b\x08", "gzip", DECOMPRESS),
    advised(b"\x28\xb5\x2f\xfd", "Zstandard", DECOMPRESS),
    advised(b"\xfd7zXZ\0", "xz", DECOMPRESS),
    advised(b"BZh", "bzip2", DECOMPRESS),
    advised(b"\x04\x22\x4d\x18", "LZ4", DECOMPRESS),
    advised(b"7z\xbc\xaf\x27\x1c", "7-Zip", DECOMPRESS),
    advised(b"PK\x03\x04", "a zip archive", DECOMPRESS),
    advised(b"\xa1\xb2\xc3\xd4", "a pcap capture", CAPTURE),
    advised(b"\xd4\xc3\xb2\xa1", "a pcap capture", CAPTURE),
    advised(b"\xa1\xb2\x3c\x4d", "a pcap capture", CAPTURE),
    advised(b"\x4d\x3c\xb2\xa1", "a pcap capture", CAPTURE),
    advised(b"\x0a\x0d\x0d\x0a", "a pcapng capture", CAPTURE),
    look(b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    look(b"\xff\xd8\xff", "a JPEG picture"),
    look(b"GIF87a", "a GIF picture"),
    look(b"GIF89a", "a GIF picture"),
    look(b"\x7fELF", "an ELF program"),
    look(b"%PDF-", "a PDF document"),
    look(b"SQLite format 3\0", "an SQLite database"),
    look(b"OggS", "an Ogg file"),
    look(b"fLaC", "a FLAC file"),
    look(b"\x1a\x45\xdf\xa3", "a Matroska video"),
    look(b"\x00\x00\x00\x18ftyp", "an MP4 video"),
    look(b"\x00\x00\x00\x1cftyp", "an MP4 video"),
    look(b"\x00\x00\x00\x20ftyp", "an MP4 video"),
    look(b"<!DOCTYPE html", "an HTML page"),
    look(b"<?xml ", "an XML document"),
];

/// The bytes that [`of`] needs.
pub(crate) const NEEDED: usize = 16;

/// Returns what these bytes begin like.
pub(crate) fn of(bytes: &[u8]) -> Option<&'static Look> {
    LOOKS.iter().find(|look| bytes.starts_with(look.start))
}
