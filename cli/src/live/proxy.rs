//! `anysplit proxy`.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anysplit::{AnyFraming, EofError, Stretch};

use super::{BLOCK, Screen, accept, bind, check_form, dial, end, note, shown as address_of};
use crate::asked;
use crate::failure::Failure;
use crate::formats::Shown;
use crate::input::read;
use crate::lane::Lane;
use crate::output::Output;
use crate::policy::Policy;
use crate::sink::{FrameView, Place, Side, Sink};
use crate::spec;
use crate::style::When;

/// Stand between clients and a server; cut, delay, damage frames
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// [ADDRESS:]PORT to listen on, by default on loopback
    #[arg(value_name = "LISTEN")]
    address: String,
    /// HOST:PORT of the server
    upstream: String,
    /// The framing of both directions: see `help spec`
    spec: String,
    /// The framing of what the server sends, if it differs
    #[arg(long, value_name = "SPEC")]
    server_spec: Option<String>,
    /// Pass frames on in pieces of N bytes
    #[arg(long, value_name = "N")]
    cut: Option<NonZeroUsize>,
    /// Wait before every frame, or piece; 1 with --cut
    #[arg(long, value_name = "MS")]
    delay: Option<u64>,
    /// Change one bit of every Nth frame of a direction
    #[arg(long, value_name = "N")]
    damage: Option<NonZeroU64>,
    /// End after the first connection
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    policy: Policy,
}

const EXAMPLES: &str = "\
After a bad frame the rest of its direction is passed on as it comes.

Examples:
  anysplit proxy 7000 localhost:6379 @redis
  anysplit proxy 7000 localhost:6379 @redis --cut 1
  anysplit proxy 7000 localhost:5432 @postgres --damage 10";

/// What is done to the frames that are passed on.
#[derive(Clone, Copy)]
struct Faults {
    cut: Option<NonZeroUsize>,
    delay: Option<Duration>,
    damage: Option<NonZeroU64>,
}

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let client = spec::read_after(&arguments.spec, &[&arguments.address, &arguments.upstream])?;
    let server = arguments.server_spec.as_deref().map_or_else(|| Ok(client.clone()), spec::read)?;
    arguments.shown.check()?;
    let screen = Screen::new(arguments.shown.sink(color));
    let (cut, damage) = (arguments.cut, arguments.damage);
    // Without a pause the server reads several pieces at once.
    let pause = arguments.delay.or(cut.map(|_| 1)).filter(|pause| *pause > 0);
    let faults = Faults { cut, delay: pause.map(Duration::from_millis), damage };
    let framings = Arc::new([client, server]);
    check_form(&arguments.upstream, "")?;
    let listener = bind(&arguments.address, color)?;
    for number in 1.. {
        let stream = accept(&listener, color);
        let ending = screen.clone();
        let (screen, framings, upstream) = (screen.clone(), Arc::clone(&framings), arguments.upstream.clone());
        let policy = arguments.policy;
        let serve = move || serve(stream, &upstream, number, &framings, policy, faults, &screen, color);
        if arguments.once {
            let good = serve()?;
            return ending.finish(good);
        }
        thread::spawn(move || serve().unwrap_or_else(|failure| end(failure, color)));
    }
    Ok(())
}

/// Passes both directions of one connection on. Returns whether all of it was good.
#[expect(clippy::too_many_arguments, reason = "what a thread takes with it")]
fn serve(
    client: TcpStream,
    upstream: &str,
    number: u64,
    framings: &[AnyFraming; 2],
    policy: Policy,
    faults: Faults,
    screen: &Screen,
    color: When,
) -> Result<bool, Failure> {
    let server = match dial(upstream) {
        Ok(server) => server,
        Err(Failure::Usage(text)) => {
            note(color, &text);
            return Ok(false);
        }
        Err(failure) => return Err(failure),
    };
    let place = Place { stream: Some(number), from: None, packet: None };
    screen
        .show(|sink, out| sink.opened(&address_of(client.peer_addr()), &address_of(server.peer_addr()), place, out))?;
    let relay = |side: Side, http1: Option<asked::Side>| {
        let framing = &framings[side.index()];
        let mut lane = Lane::new(framing.clone(), policy.options(framing, color), Place { from: Some(side), ..place });
        lane.flow.damage = faults.damage.map(NonZeroU64::get);
        lane.flow.http1 = http1;
        let (from, to) = match side {
            Side::Client => (&client, &server),
            Side::Server => (&server, &client),
        };
        Relay { from, to, lane, waiting: Vec::new(), passed: 0, faults }.run(screen)
    };
    let (asks, answers) = asked::sides(framings).map_or((None, None), |[asks, answers]| (Some(asks), Some(answers)));
    let [one, other] = thread::scope(|scope| {
        let other = scope.spawn(|| relay(Side::Server, answers));
        [relay(Side::Client, asks), other.join().unwrap_or(Err(Failure::Reported))]
    });
    screen.show(|sink, out| sink.closed(place, out))?;
    Ok(one? && other?)
}

/// One direction.
struct Relay<'a> {
    from: &'a TcpStream,
    to: &'a TcpStream,
    lane: Lane,
    /// Bytes that have come and were not passed on: an unfinished frame.
    waiting: Vec<u8>,
    /// Bytes before these.
    passed: u64,
    faults: Faults,
}

impl Relay<'_> {
    fn run(mut self, screen: &Screen) -> Result<bool, Failure> {
        let mut space = vec![0; BLOCK];
        loop {
            let count = read(&mut &*self.from, &mut space).unwrap_or_default();
            let bytes = space.get(..count).unwrap_or_default();
            self.waiting.extend_from_slice(bytes);
            let mut frames = Vec::new();
            screen.show(|sink, out| {
                let sink = &mut Boundaries { sink, frames: &mut frames };
                match bytes {
                    [] => self.lane.finish(sink, out),
                    bytes => self.lane.feed(bytes, sink, out),
                }
            })?;
            let decoded = match self.lane.is_decoding() && !bytes.is_empty() {
                true => self.lane.flow.position(),
                false => u64::MAX,
            };
            if self.pass_on(&frames, decoded).is_err() || bytes.is_empty() {
                break;
            }
        }
        // The other direction goes on until its own end.
        let _ = self.to.shutdown(Shutdown::Write);
        let _ = self.from.shutdown(Shutdown::Read);
        Ok(!self.lane.is_bad)
    }

    /// Passes on these frames, and the bytes around them that come before the offset `decoded`.
    fn pass_on(&mut self, frames: &[Boundary], decoded: u64) -> io::Result<()> {
        for frame in frames {
            self.write(frame.offset, false, false)?;
            self.write(frame.offset.saturating_add(frame.len), true, frame.is_damaged)?;
        }
        self.write(decoded, false, false)
    }

    /// Passes on the bytes before the offset `end`.
    fn write(&mut self, end: u64, is_frame: bool, is_damaged: bool) -> io::Result<()> {
        let len = usize::try_from(end.saturating_sub(self.passed)).unwrap_or(usize::MAX).min(self.waiting.len());
        let mut bytes: Vec<u8> = self.waiting.drain(..len).collect();
        self.waiting.shrink_to(2 * BLOCK);
        self.passed = self.passed.saturating_add(len as u64);
        if is_damaged {
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte ^= 1;
            }
        }
        let Faults { cut, delay, .. } = self.faults;
        for piece in bytes.chunks(cut.map_or(usize::MAX, NonZeroUsize::get)) {
            if let Some(delay) = delay.filter(|_| is_frame) {
                thread::sleep(delay);
            }
            let mut to = self.to;
            to.write_all(piece)?;
        }
        Ok(())
    }
}

/// Where a frame lies in its stream.
struct Boundary {
    offset: u64,
    len: u64,
    is_damaged: bool,
}

/// Takes note of the frames that another sink shows.
struct Boundaries<'a> {
    sink: &'a mut dyn Sink,
    frames: &'a mut Vec<Boundary>,
}

impl Sink for Boundaries<'_> {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let FrameView { offset, wire_len: len, is_damaged, .. } = *frame;
        self.frames.push(Boundary { offset, len, is_damaged });
        self.sink.frame(frame, out)
    }

    fn bad(&mut self, stretch: &Stretch, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.sink.bad(stretch, place, out)
    }

    fn skipped(&mut self, stretch: &Stretch, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.sink.skipped(stretch, place, out)
    }

    fn failed(&mut self, error: &EofError, frames: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.sink.failed(error, frames, place, out)
    }
}
