//! `anysplit listen`.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::clients::{Clients, Gate, Greeting, PATIENCE};
use super::{Screen, accept, bind, end, receive, shown as address_of};
use crate::failure::Failure;
use crate::formats::Shown;
use crate::input::{Input, Opened};
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
    /// Send all messages to each client when it connects
    #[arg(long, conflicts_with = "echo")]
    each: bool,
    /// End after the first connection
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    policy: Policy,
}

const EXAMPLES: &str = "\
Each line of standard input is a message to all clients that are connected. If there is none, it waits for the next one. \
Port 0 is any free port.

Examples:
  anysplit listen 7000 u32be
  anysplit listen 0.0.0.0:7000 line,crlf --format json
  echo READY | anysplit listen 7000 line --each";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let framing = spec::read_after(&arguments.spec, &[&arguments.address])?;
    let server = arguments.server_spec.as_deref().map_or_else(|| Ok(framing.clone()), spec::read)?;
    arguments.shown.check()?;
    let mut messages = Some(arguments.messages.read()?).filter(|_| !arguments.echo);
    let screen = Screen::new(arguments.shown.sink(color));
    let listener = bind(&arguments.address, color)?;
    let clients = Clients::default();
    let mut greeting = None;
    if let Some(messages) = messages.take_if(|_| arguments.each) {
        let greeting = greeting.insert(Greeting::new()?);
        messages.send(server.clone(), &mut Output::to(greeting.clone()), color, Arc::default())?;
    }
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
            match &greeting {
                Some(greeting) => greeting.send(writer, arguments.once),
                None => clients.add(number, writer),
            }
        }
        if let Some(messages) = messages.take() {
            let (clients, server, once) = (clients.clone(), server.clone(), arguments.once);
            // With `--once` nobody connects later.
            let gate = Gate { clients: clients.clone(), is_used: false, reports_end: !once, color };
            let input = Opened::endless(Box::new(gate), Path::new("standard input"));
            thread::spawn(move || {
                let input = Input::new(input, NonZeroUsize::MAX);
                match messages.transcode(input, server, &mut Output::to(clients.clone()), color) {
                    Ok(()) if once => clients.end(),
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
        clients.remove(number);
    }
    let _ = stream.shutdown(Shutdown::Both);
    screen.show(|sink, out| sink.closed(Place { from: None, ..place }, out))?;
    Ok(!lane.is_bad)
}
