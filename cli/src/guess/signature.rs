//! Files that are no streams of frames, by their first bytes.

/// What a file begins with, where, and what it is.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF87a", "a GIF picture"),
    (0, b"GIF89a", "a GIF picture"),
    (8, b"WEBPVP8", "a WebP picture"),
    (8, b"AVI LIST", "an AVI video"),
    (8, b"WAVEfmt ", "a WAVE sound"),
    (4, b"ftypisom", "an MP4 video"),
    (4, b"ftypmp4", "an MP4 video"),
    (4, b"ftypqt", "a QuickTime video"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
    (0, b"FLV\x01", "a Flash video"),
    (0, b"\0\0\x01\xba", "an MPEG program stream"),
    (0, b"OggS", "an Ogg stream"),
    (0, b"ID3\x03", "an MP3 sound"),
    (0, b"ID3\x04", "an MP3 sound"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"BZh", "bzip2"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"\x7fELF", "an ELF program"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"\xa1\xb2\xc3\xd4", "a pcap capture"),
    (0, b"\xd4\xc3\xb2\xa1", "a pcap capture"),
    (0, b"\xa1\xb2\x3c\x4d", "a pcap capture"),
    (0, b"\x4d\x3c\xb2\xa1", "a pcap capture"),
    (0, b"\x0a\x0d\x0d\x0a", "a pcapng capture"),
];

/// What these bytes look like, if they are a known kind of file.
pub(crate) fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    let begins = |at: usize, signature: &[u8]| bytes.get(at..).is_some_and(|bytes| bytes.starts_with(signature));
    SIGNATURES.iter().find(|(at, signature, _)| begins(*at, signature)).map(|(.., name)| *name)
}
