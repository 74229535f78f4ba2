//! Captures of network packets: which conversations there are, and the frames of one of them.

use std::io::{Seek, SeekFrom};

use anysplit::{AnyFraming, Recovery};

use crate::asked;
use crate::failure::{Failure, write_all};
use crate::flow::Options;
use crate::formats::Json;
use crate::input::Opened;
use crate::lane::Lane;
use crate::output::Output;
use crate::sink::{Place, Side, Sink};
use crate::style::{Palette, When, stderr_columns, stdout_columns};

mod conversations;
mod packets;
mod reassembly;
mod segment;

pub(crate) use conversations::{Endpoint, Id};
use conversations::{Known, Sent, Summary, Table, listed};
pub(crate) use packets::{Kind, kind_of};
use packets::{Packet, Visitor, visit};
use reassembly::{Half, Next};
use segment::{Found, Segment, find};

/// What is wanted of a capture.
pub(crate) struct Wanted {
    /// The framing of what the client sends, and of what the server sends.
    pub(crate) framings: [AnyFraming; 2],
    pub(crate) stream: Option<Id>,
    /// Only what this endpoint sent.
    pub(crate) from: Option<Endpoint>,
    pub(crate) options: Options,
    /// How a list of conversations is shown.
    pub(crate) list: List,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Text,
    Json,
    /// The output is for payloads alone.
    None,
}

/// Decodes the conversation that is wanted, or lists those that could be.
pub(crate) fn run(
    kind: Kind,
    opened: Opened,
    wanted: Wanted,
    sink: &mut dyn Sink,
    out: &mut Output,
) -> Result<(), Failure> {
    let name = opened.name.clone();
    let (source, id) = match wanted.stream {
        Some(id) => (opened.into_reader(), id),
        None => {
            let color = wanted.options.color;
            let (first, mut again) = opened.twice(move || {
                note(color, "waiting for the end of the capture, to see its conversations. --stream does not wait");
            })?;
            let mut survey = Survey::default();
            note_cut(visit(kind, first, &name, &mut survey)?, &wanted);
            note_ignored(&survey.table, color);
            let fits = |summary: &&Summary| {
                let Known { client, server, .. } = summary.known;
                wanted.from.is_none_or(|from| from.is(client) || from.is(server))
            };
            let found: Vec<_> = survey.conversations.iter().filter(fits).cloned().collect();
            match &found[..] {
                [] => return Err(nothing(&name, &survey.other, !survey.conversations.is_empty())),
                [one] => {
                    again.seek(SeekFrom::Start(0)).map_err(Failure::from)?;
                    (Box::new(again) as Box<_>, one.known.id)
                }
                several => return list(several, wanted.list, out),
            }
        }
    };
    let mut decoding = Decoding {
        wanted: &wanted,
        id,
        table: Table::default(),
        begun: None,
        halves: Default::default(),
        other: Other::default(),
        sink,
        out,
    };
    let result = visit(kind, source, &name, &mut decoding);
    decoding.out.flush()?;
    let complete = result?;
    if wanted.stream.is_some() {
        note_cut(complete, &wanted);
    }
    decoding.finish(&name)
}

fn note_cut(complete: bool, wanted: &Wanted) {
    if !complete {
        note(wanted.options.color, "the capture ends inside a packet, which was left out");
    }
}

fn note_ignored(table: &Table, color: When) {
    if table.ignored > 0 {
        let packets = table.ignored;
        note(color, &format!("{packets} packets of more conversations than are kept apart were left out"));
    }
}

fn note(color: When, text: &str) {
    let span = Palette::stderr(color).note;
    // If stderr is closed, nobody can be notified.
    let _ = write_all(&format!("{}note:{} {text}\n", span.open, span.close));
}

/// Packets that carry nothing that can be decoded.
#[derive(Default)]
struct Other {
    fragments: u64,
    unknown_links: u64,
    /// The number of the last kind of link that is not known.
    link: i32,
    rest: u64,
}

impl Other {
    /// Returns the packet's segment, or counts the packet.
    fn find<'a>(&mut self, packet: &'a Packet<'_>) -> Option<Segment<'a>> {
        let count = match find(packet) {
            Found::Segment(segment) => return Some(segment),
            Found::Fragment => &mut self.fragments,
            Found::Other => &mut self.rest,
            Found::UnknownLink => {
                self.link = packet.link.0;
                &mut self.unknown_links
            }
        };
        *count = count.saturating_add(1);
        None
    }
}

/// No conversation can be decoded.
fn nothing(name: &str, other: &Other, has_others: bool) -> Failure {
    Failure::Data(match other {
        _ if has_others => format!("{name} has no conversation of this endpoint"),
        Other { unknown_links: 1.., link, .. } => {
            format!("{name} was captured from a kind of link that is not known here: LINKTYPE {link}")
        }
        Other { fragments: 1.., .. } => format!("{name} has IP fragments only, which are not put together here"),
        _ => format!("{name} has no packet of TCP or UDP"),
    })
}

/// Shows the conversations, so that one can be chosen.
fn list(conversations: &[Summary], shown: List, out: &mut Output) -> Result<(), Failure> {
    let choose = format!("{} conversations: choose one with --stream", conversations.len());
    match shown {
        List::None => {
            return Err(Failure::Usage(format!("{choose}\n\n{}", listed(conversations, stderr_columns()).trim_end())));
        }
        List::Text => {
            out.buffer.extend_from_slice(listed(conversations, stdout_columns()).as_bytes());
            out.flush()?;
            // If stderr is closed, nobody can be notified.
            let _ = write_all(&format!("{choose}\n"));
        }
        List::Json => {
            for Summary { known, sent: [client, server] } in conversations {
                let keys = [
                    ("conversation", known.id.to_string().into()),
                    ("client", known.client.to_string().into()),
                    ("server", known.server.to_string().into()),
                    ("client_bytes", client.bytes.into()),
                    ("client_segments", client.segments.into()),
                    ("server_bytes", server.bytes.into()),
                    ("server_segments", server.segments.into()),
                    ("from_start", known.from_start.into()),
                ];
                Json::line("conversation", &keys, out)?;
            }
            out.flush()?;
        }
    }
    Ok(())
}

/// Counts what each side of each conversation sent.
#[derive(Default)]
struct Survey {
    table: Table,
    conversations: Vec<Summary>,
    /// The positions of the conversations of TCP and of UDP in the list, by number.
    places: [Vec<usize>; 2],
    other: Other,
}

impl Visitor for Survey {
    fn packet(&mut self, packet: &Packet<'_>) -> Result<bool, Failure> {
        let Some(segment) = self.other.find(packet) else { return Ok(true) };
        let Some(known) = self.table.of(&segment) else { return Ok(true) };
        let places = &mut self.places[usize::from(known.id.is_tcp)];
        let number = usize::try_from(known.id.number).unwrap_or(usize::MAX);
        let place = match places.get(number) {
            Some(place) => *place,
            None => {
                places.push(self.conversations.len());
                self.conversations.push(Summary { known, sent: [Sent::default(), Sent::default()] });
                self.conversations.len() - 1
            }
        };
        self.conversations[place].sent[known.side(&segment).index()].count(&segment);
        Ok(true)
    }
}

/// The decoders of one conversation.
struct Decoding<'a> {
    wanted: &'a Wanted,
    id: Id,
    table: Table,
    /// The lanes of the sides that are wanted, once the conversation has begun.
    begun: Option<(Known, [Option<Lane>; 2])>,
    halves: [Half; 2],
    other: Other,
    sink: &'a mut dyn Sink,
    out: &'a mut Output,
}

impl Decoding<'_> {
    fn begin(&mut self, known: Known) -> Result<(), Failure> {
        let mut lanes = Side::BOTH.map(|side| {
            let wanted = self.wanted.from.is_none_or(|from| from.is(known.endpoint(side)));
            let place = Place { stream: None, from: Some(side), packet: None };
            wanted.then(|| Lane::new(self.wanted.framings[side.index()].clone(), self.wanted.options, place))
        });
        if let ([Some(client), Some(server)], Some([asks, answers])) = (&mut lanes, asked::sides(&self.wanted.framings))
        {
            (client.flow.http1, server.flow.http1) = (Some(asks), Some(answers));
        }
        self.begun = Some((known, lanes));
        self.sink.opened(&known.client.to_string(), &known.server.to_string(), Place::default(), self.out)?;
        if !known.from_start {
            self.out.flush()?;
            note(self.wanted.options.color, "the capture joins this connection in the middle, perhaps inside a frame");
        }
        Ok(())
    }

    /// The conversation is at its end.
    fn finish(mut self, name: &str) -> Result<(), Failure> {
        let Some((known, _)) = self.begun else {
            return Err(Failure::Data(format!("{name} has no conversation {}", self.id)));
        };
        for side in Side::BOTH {
            let half = std::mem::take(&mut self.halves[side.index()]);
            self.pass(side, half, |half, pass| half.finish(pass))?;
        }
        let Some((_, lanes)) = &mut self.begun else { return Ok(()) };
        let mut is_bad = false;
        for lane in lanes.iter_mut().flatten() {
            if known.id.is_tcp {
                lane.finish(self.sink, self.out)?;
            }
            is_bad |= lane.is_bad;
        }
        self.sink.end(self.out)?;
        self.out.flush()?;
        for side in Side::BOTH {
            let counts = self.halves[side.index()].counts;
            let parts = [
                (counts.again, "retransmitted"),
                (counts.late, "out of order"),
                (counts.stray, "outside the stream"),
                (counts.gaps, "after a gap"),
            ];
            let parts: Vec<_> = parts.iter().filter(|(count, _)| *count > 0).collect();
            if !parts.is_empty() {
                let parts: Vec<_> = parts.iter().map(|(count, what)| format!("{count} {what}")).collect();
                note(self.wanted.options.color, &format!("segments from the {}: {}", side.name(), parts.join(", ")));
            }
        }
        if self.other.fragments > 0 {
            note(self.wanted.options.color, &format!("{} IP fragments were left out", self.other.fragments));
        }
        if self.wanted.stream.is_some() {
            note_ignored(&self.table, self.wanted.options.color);
        }
        if is_bad { Err(Failure::Reported) } else { Ok(()) }
    }

    /// Lets `act` pass bytes and gaps of this side's `half` to its lane.
    fn pass(
        &mut self,
        side: Side,
        mut half: Half,
        act: impl FnOnce(&mut Half, &mut dyn FnMut(Next<'_>) -> Result<(), Failure>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some((_, lanes)) = &mut self.begun else { return Ok(()) };
        let searches = !matches!(self.wanted.options.recovery, Recovery::Fail | Recovery::SkipOversize);
        let (sink, out) = (&mut *self.sink, &mut *self.out);
        let mut lane = lanes[side.index()].as_mut();
        let result = act(&mut half, &mut |next| match (&mut lane, next) {
            (None, _) => Ok(()),
            (Some(lane), Next::Bytes(bytes)) => lane.feed(bytes, sink, out),
            (Some(lane), Next::Gap(len)) => lane.miss(len, searches, sink, out),
        });
        self.halves[side.index()] = half;
        result
    }
}

impl Visitor for Decoding<'_> {
    fn packet(&mut self, packet: &Packet<'_>) -> Result<bool, Failure> {
        let Some(segment) = self.other.find(packet) else { return Ok(true) };
        let Some(known) = self.table.of(&segment).filter(|known| known.id == self.id) else { return Ok(true) };
        if self.begun.is_none() {
            self.begin(known)?;
        }
        if let Some((_, lanes)) = &mut self.begun {
            for lane in lanes.iter_mut().flatten() {
                lane.flow.place.packet = Some((packet.number, packet.time));
            }
        }
        let side = known.side(&segment);
        let Some(tcp) = segment.tcp else {
            if let Some((_, lanes)) = &mut self.begun {
                if let Some(lane) = &mut lanes[side.index()] {
                    lane.feed(segment.payload, self.sink, self.out)?;
                    lane.finish_datagram(self.sink, self.out)?;
                }
            }
            return Ok(true);
        };
        // Whoever acknowledges bytes had them before it sent its own.
        if let Some(sequence) = tcp.acknowledged {
            let half = std::mem::take(&mut self.halves[side.other().index()]);
            self.pass(side.other(), half, |half, pass| half.acknowledged(sequence, pass))?;
        }
        let half = std::mem::take(&mut self.halves[side.index()]);
        self.pass(side, half, |half, pass| {
            if tcp.syn {
                half.open(tcp.sequence);
            }
            match tcp.rst {
                // The payload of a reset is a diagnosis, not part of the stream.
                true => Ok(()),
                false => half.take(tcp.sequence.wrapping_add(tcp.syn.into()), segment.payload, pass),
            }
        })?;
        Ok(true)
    }

    fn idle(&mut self) -> Result<(), Failure> {
        self.sink.idle(self.out)?;
        Ok(self.out.flush()?)
    }
}
