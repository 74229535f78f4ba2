//! `anysplit connect`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{Screen, check_form, dial, note, receive, shown as address_of};
use crate::failure::Failure;
use crate::formats::Shown;
use crate::lane::Lane;
use crate::output::Output;
use crate::policy::Policy;
use crate::serial;
use crate::sink::{Place, Side};
use crate::spec;
use crate::style::When;
use crate::transcode::Messages;

/// Send messages to a server or a device, and show its frames
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// HOST:PORT, or the path of a serial device
    #[arg(value_name = "PEER")]
    peer: String,
    /// The framing of both directions: see `help spec`
    spec: String,
    /// The framing of what the server sends, if it differs
    #[arg(long, value_name = "SPEC")]
    server_spec: Option<String>,
    #[command(flatten)]
    messages: Messages,
    /// At the end of standard input, wait for the server
    #[arg(long)]
    keep_open: bool,
    /// Set the serial device to N bits a second, 8N1
    #[arg(long, value_name = "N")]
    baud: Option<u32>,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    policy: Policy,
}

const EXAMPLES: &str = "\
Messages are the lines of standard input, as `anysplit encode` reads them.

Examples:
  printf 'PING\\r\\n' | anysplit connect localhost:6379 line,crlf
  anysplit connect localhost:7000 u32be --hex
  anysplit connect /dev/ttyACM0 cobs --baud 115200";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let framing = spec::read_after(&arguments.spec, &[&arguments.peer])?;
    let server = arguments.server_spec.as_deref().map_or_else(|| Ok(framing.clone()), spec::read)?;
    arguments.shown.check()?;
    let messages = arguments.messages.read()?;
    let Peer { reader, writer, sending, names } = open(arguments)?;
    let screen = Screen::new(arguments.shown.sink(color));
    let place = Place { stream: None, from: Some(Side::Server), packet: None };
    let mut lane = Lane::new(server.clone(), arguments.policy.options(&server, color), place);
    if let Some([client, server]) = names {
        screen.show(|sink, out| sink.opened(&client, &server, Place::default(), out))?;
    }
    let (failed, waits) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (sender_failed, sender_waits, keep_open) = (Arc::clone(&failed), Arc::clone(&waits), arguments.keep_open);
    let sender = thread::spawn(move || {
        match messages.send(framing, &mut Output::to(writer), color, sender_waits) {
            Ok(()) => {}
            Err(Failure::Gone) => note(color, "the server closed the connection before all messages were sent"),
            Err(failure) => {
                sender_failed.store(true, Ordering::SeqCst);
                let _ = failure.report(color);
            }
        }
        if !keep_open {
            if let Some(stream) = sending {
                let _ = stream.shutdown(Shutdown::Write);
            }
        }
    });
    receive(reader, &mut lane, &screen, |_| {})?;
    // A server that sends no more may still read. What standard input has goes out; a terminal or an idle pipe may never end.
    let mut silence = Duration::ZERO;
    while !lane.is_bad && !sender.is_finished() && silence < PATIENCE {
        thread::sleep(STEP);
        silence = if waits.load(Ordering::SeqCst) { silence + STEP } else { Duration::ZERO };
    }
    screen.finish(!lane.is_bad && !failed.load(Ordering::SeqCst))
}

/// After the server's last byte, standard input has ended too if nothing comes for this long.
const PATIENCE: Duration = Duration::from_millis(100);

/// How often that is looked at.
const STEP: Duration = Duration::from_millis(5);

/// A connection or a device.
struct Peer {
    reader: Box<dyn Read>,
    writer: Box<dyn Write + Send>,
    /// The connection, to close its sending direction. A device has none.
    sending: Option<TcpStream>,
    /// The addresses of the connection.
    names: Option<[String; 2]>,
}

fn open(arguments: &Arguments) -> Result<Peer, Failure> {
    let peer = &arguments.peer;
    if peer.contains('/') || arguments.baud.is_some() {
        let device = serial::open(Path::new(peer), arguments.baud)?;
        let writer = device.try_clone().map_err(Failure::from)?;
        return Ok(Peer { reader: Box::new(device), writer: Box::new(writer), sending: None, names: None });
    }
    check_form(peer, ", and has no slash, as the path of a serial device does")?;
    let stream = dial(peer)?;
    let clone = || stream.try_clone().map_err(Failure::from);
    let names = [address_of(stream.local_addr()), address_of(stream.peer_addr())];
    let (writer, sending) = (Box::new(clone()?), Some(clone()?));
    Ok(Peer { reader: Box::new(stream), writer, sending, names: Some(names) })
}
