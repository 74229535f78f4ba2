//! The streams that are looked at: files, or both sides of a conversation in a capture.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::Path;

use anysplit::{AnyFraming, Fixed, Recovery};

use super::{Arguments, Format};
use crate::capture::{self, Id, Kind, List, Wanted};
use crate::escape;
use crate::failure::Failure;
use crate::flow::Options;
use crate::input::{Opened, Source};
use crate::output::Output;
use crate::sink::{FrameView, Place, Side, Sink};
use crate::spec::quoted;
use crate::style::{Span, When};

/// The beginning of a stream.
pub(super) struct Beginning {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) complete: bool,
}

/// Where the streams come from.
pub(super) enum Origin {
    /// Each from its own file, without the first bytes.
    Files {
        names: Vec<String>,
        skip: u64,
    },
    Capture {
        name: String,
        stream: Option<Id>,
    },
}

const STDIN: &str = "standard input";

impl Origin {
    /// The commands that decode the streams in these framings.
    pub(super) fn commands(&self, specs: &[String]) -> Vec<String> {
        let file = |name: &str| if name == STDIN { "-".to_owned() } else { quoted(name) };
        match self {
            Self::Files { names, skip } => {
                let skip = if *skip > 0 { format!("--skip {skip} ") } else { String::new() };
                let both = names.iter().zip(specs);
                both.map(|(name, spec)| format!("anysplit decode {skip}{} {}", quoted(spec), file(name))).collect()
            }
            Self::Capture { name, stream } => {
                let Some(spec) = specs.first() else { return Vec::new() };
                let mut command = format!("anysplit decode {} {}", quoted(spec), file(name));
                if let Some(other) = specs.get(1).filter(|other| *other != spec) {
                    command += &format!(" --server-spec {}", quoted(other));
                }
                if let Some(id) = stream {
                    command += &format!(" --stream {id}");
                }
                vec![command]
            }
        }
    }
}

/// The streams that the user means, or `None` if the user has to choose a conversation first.
pub(super) fn streams(arguments: &Arguments, color: When) -> Result<Option<(Vec<Beginning>, Origin)>, Failure> {
    let Arguments { file, other, skip, stream, .. } = arguments;
    if other.is_none() && *skip == 0 {
        let source = Source { file: file.clone(), read_size: NonZeroUsize::MAX };
        let mut opened = Opened::new(&source)?;
        if let Some(kind) = opened.peek(capture::kind_of)?.flatten() {
            return conversation(kind, opened, arguments, color);
        }
        if stream.is_none() {
            let path = file.as_deref().filter(|path| *path != Path::new("-"));
            let name = path.map_or_else(|| STDIN.to_owned(), printed);
            let streams = vec![beginning(name.clone(), opened.into_reader(), arguments)?];
            return Ok(Some((streams, Origin::Files { names: vec![name], skip: 0 })));
        }
    }
    if stream.is_some() {
        return Err(Failure::Usage("--stream is for captures, and the input is not one".to_owned()));
    }
    let files = [Some(file.as_deref()), other.as_deref().map(Some)];
    let streams: Vec<_> = files.into_iter().flatten().map(|path| open(path, arguments)).collect::<Result<_, _>>()?;
    let names = streams.iter().map(|stream| stream.name.clone()).collect();
    Ok(Some((streams, Origin::Files { names, skip: *skip })))
}

fn open(path: Option<&Path>, arguments: &Arguments) -> Result<Beginning, Failure> {
    let path = path.filter(|path| *path != Path::new("-"));
    let name = path.map_or_else(|| STDIN.to_owned(), printed);
    let reader: Box<dyn Read> = match path {
        None => Box::new(io::stdin().lock()),
        Some(path) => {
            Box::new(File::open(path).map_err(|error| Failure::Usage(format!("cannot open {name}: {error}")))?)
        }
    };
    beginning(name, reader, arguments)
}

fn beginning(name: String, mut reader: impl Read, arguments: &Arguments) -> Result<Beginning, Failure> {
    let failed = |error: io::Error| Failure::Usage(format!("cannot read {name}: {error}"));
    io::copy(&mut reader.by_ref().take(arguments.skip), &mut io::sink()).map_err(failed)?;
    let mut bytes = Vec::new();
    reader.take(arguments.bytes as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    let complete = bytes.len() <= arguments.bytes;
    bytes.truncate(arguments.bytes);
    Ok(Beginning { name, bytes, complete })
}

fn printed(path: &Path) -> String {
    let mut shown = Vec::new();
    escape::show(path.as_os_str().as_encoded_bytes(), &Span::default(), &mut shown);
    String::from_utf8_lossy(&shown).into_owned()
}

/// What both sides of a conversation sent.
fn conversation(
    kind: Kind,
    opened: Opened,
    arguments: &Arguments,
    color: When,
) -> Result<Option<(Vec<Beginning>, Origin)>, Failure> {
    let name = opened.name.clone();
    let byte = Fixed::new(1).map(AnyFraming::Fixed).map_err(|error| Failure::Usage(error.to_string()))?;
    let recovery = Recovery::Fail;
    let wanted = Wanted {
        framings: [byte.clone(), byte],
        stream: arguments.stream,
        from: None,
        options: Options { recovery, skip: 0, pieces: false, ignore_skipped: false, color, spec: "the SPEC" },
        list: match arguments.format {
            Format::Text => List::Text,
            Format::Json => List::Json,
        },
    };
    let mut sides = Sides { most: arguments.bytes, ..Sides::default() };
    match capture::run(kind, opened, wanted, &mut sides, &mut Output::new()) {
        // Both sides have enough bytes, or some are missing.
        Ok(()) | Err(Failure::Gone) => {}
        Err(failure) => return Err(failure),
    }
    let Some(names) = sides.names else { return Ok(None) };
    let both = names.into_iter().zip(sides.bytes).filter(|(_, bytes)| !bytes.is_empty());
    let streams = both.map(|(name, mut bytes)| {
        let complete = !sides.has_gap && bytes.len() <= arguments.bytes;
        bytes.truncate(arguments.bytes);
        Beginning { name, bytes, complete }
    });
    let name = if name == STDIN { name } else { arguments.file.as_deref().map_or(name, printed) };
    Ok(Some((streams.collect(), Origin::Capture { name, stream: arguments.stream })))
}

/// Collects what both sides sent, a byte a frame.
#[derive(Default)]
struct Sides {
    /// One byte more is kept of each side.
    most: usize,
    names: Option<[String; 2]>,
    bytes: [Vec<u8>; 2],
    /// Bytes are missing after these.
    has_gap: bool,
}

impl Sink for Sides {
    fn frame(&mut self, frame: &FrameView<'_>, _: &mut Output) -> Result<(), Failure> {
        let side = frame.place.from.unwrap_or(Side::Client);
        let bytes = &mut self.bytes[side.index()];
        if bytes.len() <= self.most {
            bytes.extend_from_slice(frame.payload);
        }
        // The rest of the capture is not read.
        if self.bytes.iter().all(|bytes| bytes.len() > self.most) { Err(Failure::Gone) } else { Ok(()) }
    }

    fn gap(&mut self, _: u64, _: u64, _: Place, _: &mut Output) -> Result<(), Failure> {
        self.has_gap = true;
        Err(Failure::Gone)
    }

    fn opened(&mut self, client: &str, server: &str, _: Place, _: &mut Output) -> Result<(), Failure> {
        self.names = Some([format!("the client {client}"), format!("the server {server}")]);
        Ok(())
    }
}
