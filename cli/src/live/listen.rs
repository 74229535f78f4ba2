//! `anysplit listen`.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Screen, accept, bind, end, receive, shown as address_of};
use crate::failure::Failure;
use crate::formats::Shown;
use crate::lane::Lane;
use crate::output::Output;
use crate::policy::Policy;
use crate::sink::{Place, Side};
use crate::spec;
use crate::style::When;
use crate::transcode::Messages;

/// Accept connections, and show the frames that clients send
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// [ADDRESS:]PORT to listen on, by default on loopback
    #[arg(value_name = "LISTEN")]
    address: String,
    /// The framing of both directions: see `help spec`
    spec: String,
    /// The framing of what is sent to clients, if it differs
    #[arg(long, value_name = "SPEC")]
    server_spec: Option<String>,
    #[command(flatten)]
    messages: Messages,
    /// Send every frame back to its client, and nothing else
    #[arg(long, conflicts_with_all = ["messages", "hex", "server_spec"])]
    echo: bool,
    /// End after the first connection
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    policy: Policy,
}

const EXAMPLES: &str = "\
From the first connection on, each line of standard input is a message to all clients. Port 0 is any free port.

Examples:
  anysplit listen 7000 u32be
  anysplit listen 0.0.0.0:7000 line,crlf --format json
  yes OK | head -n 3 | anysplit listen 7000 line --once";

/// A client that takes nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// All clients at present.
#[derive(Clone, Default)]
struct Clients(Arc<Mutex<Vec<(u64, TcpStream)>>>);

impl Clients {
    fn change(&self, act: impl FnOnce(&mut Vec<(u64, TcpStream)>)) {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Write for Clients {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A client that takes no more bytes is dropped; its reader reports the end.
        self.change(|clients| clients.retain_mut(|(_, client)| client.write_all(bytes).is_ok()));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let framing = spec::read_after(&arguments.spec, &[&arguments.address])?;
    let server = arguments.server_spec.as_deref().map_or_else(|| Ok(framing.clone()), spec::read)?;
    arguments.shown.check()?;
    let mut messages = Some(arguments.messages.read()?).filter(|_| !arguments.echo);
    let screen = Screen::new(arguments.shown.sink(color));
    let listener = bind(&arguments.address, color)?;
    let clients = Clients::default();
    for number in 1.. {
        let stream = accept(&listener, color);
        let place = Place { stream: Some(number), from: Some(Side::Client), packet: None };
        let lane = Lane::new(framing.clone(), arguments.policy.options(&framing, color), place);
        screen.show(|sink, out| {
            let (client, server) = (address_of(stream.peer_addr()), address_of(stream.local_addr()));
            sink.opened(&client, &server, Place { from: None, ..place }, out)
        })?;
        if let Ok(writer) = stream.try_clone() {
            let _ = writer.set_write_timeout(Some(PATIENCE));
            clients.change(|clients| clients.push((number, writer)));
        }
        if let Some(messages) = messages.take() {
            let (clients, server, once) = (clients.clone(), server.clone(), arguments.once);
            thread::spawn(move || {
                match messages.send(server, &mut Output::to(clients.clone()), color, Arc::default()) {
                    Ok(()) if once => {
                        clients.change(|clients| {
                            clients.iter().for_each(|(_, client)| drop(client.shutdown(Shutdown::Write)))
                        });
                    }
                    Ok(()) => {}
                    Err(failure) => end(failure, color),
                }
            });
        }
        let ending = screen.clone();
        let (screen, clients, echo) = (screen.clone(), clients.clone(), arguments.echo);
        let serve = move || serve(stream, lane, place, &screen, &clients, echo);
        if arguments.once {
            let good = serve()?;
            return ending.finish(good);
        }
        thread::spawn(move || serve().unwrap_or_else(|failure| end(failure, color)));
    }
    Ok(())
}

/// Shows what one client sends. Returns whether all of it was good.
fn serve(
    stream: TcpStream,
    mut lane: Lane,
    place: Place,
    screen: &Screen,
    clients: &Clients,
    echo: bool,
) -> Result<bool, Failure> {
    let mut back = stream.try_clone().ok().filter(|_| echo);
    receive(&stream, &mut lane, screen, |bytes| {
        if back.as_mut().is_some_and(|back| back.write_all(bytes).is_err()) {
            back = None;
        }
    })?;
    if let Some(number) = place.stream {
        clients.change(|clients| clients.retain(|(other, _)| *other != number));
    }
    let _ = stream.shutdown(Shutdown::Both);
    screen.show(|sink, out| sink.closed(Place { from: None, ..place }, out))?;
    Ok(!lane.is_bad)
}
