//! Streams of other programs.
