//! How a server is spoken to: its greeting, good requests, and what counts as one answer.

use std::net::TcpStream;
use std::process::Command;

use anysplit::AnyFraming;
use anysplit::protocols;

use crate::line::{Line, Seen};
use crate::proxy::Passes;
use crate::stage::{Fallible, Stage};

/// Messages that together get exactly one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Bytes before the messages, in another framing.
    pub(crate) before: Vec<u8>,
    pub(crate) messages: Vec<Vec<u8>>,
    /// The index of the message that hostile bytes go into.
    pub(crate) at: usize,
    /// Bytes after the messages, in another framing.
    pub(crate) after: Vec<u8>,
}

impl Unit {
    /// One message.
    pub(crate) fn one(message: impl Into<Vec<u8>>) -> Self {
        Self::several([message.into()], 0)
    }

    /// Several messages. Hostile bytes go into that of index `at`.
    pub(crate) fn several<M: Into<Vec<u8>>>(messages: impl IntoIterator<Item = M>, at: usize) -> Self {
        let messages = messages.into_iter().map(Into::into).collect();
        Self { before: Vec::new(), messages, at, after: Vec::new() }
    }

    /// Puts bytes of another framing around the messages.
    pub(crate) fn inside(mut self, before: &[u8], after: &[u8]) -> Self {
        (self.before, self.after) = (before.to_vec(), after.to_vec());
        self
    }
}

/// Makes a unit whose text is this. `x` makes a good one.
pub(crate) type Template = Box<dyn Fn(&[u8]) -> Unit>;

pub(crate) fn template(make: impl Fn(&[u8]) -> Unit + 'static) -> Template {
    Box::new(make)
}

/// What a received frame means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// It belongs to an answer that goes on, or to none.
    Part,
    /// It completes an answer.
    Answer,
    /// It completes the answer to the probe.
    Probe,
}

/// Judges the frames of one connection in their order.
pub(crate) type Reader = Box<dyn FnMut(&Seen) -> Note>;

/// One way of speaking to a server.
pub(crate) trait Dialect {
    /// Names the encoder whose messages are sent.
    fn name(&self) -> &'static str;

    /// Returns the framing of requests.
    fn framing(&self) -> Fallible<AnyFraming> {
        named(self.name())
    }

    /// Returns the framing of answers.
    fn answers(&self) -> Fallible<AnyFraming> {
        self.framing()
    }

    /// Connects. Returns where requests go and where answers come from.
    fn connect(&self, port: u16) -> Fallible<(TcpStream, TcpStream)> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        Ok((stream.try_clone()?, stream))
    }

    /// Exchanges what must come before the first request.
    fn open(&self, line: &mut Line) -> Fallible<()> {
        let _ = line;
        Ok(())
    }

    fn templates(&self) -> Vec<Template>;

    /// Returns commands without their line end, which hostile messages hide. Each would be answered.
    fn forged(&self) -> Vec<Vec<u8>>;

    /// Returns the first index of a message at which hostile bytes are put in.
    fn insert_from(&self) -> usize {
        0
    }

    /// Returns the lengths of texts that are sent: around the limits that servers are known for.
    fn lengths(&self) -> &'static [usize] {
        &[513, 1100, 2100, 4200, 9000]
    }

    /// Returns hostile messages that are particular to the server.
    fn particular(&self) -> Vec<Unit> {
        Vec::new()
    }

    /// Whether the client waits for the server's consent after this message.
    fn waits(&self, message: &[u8]) -> bool {
        let _ = message;
        false
    }

    /// Whether this frame is that consent.
    fn consents(&self, seen: &Seen) -> bool {
        let _ = seen;
        false
    }

    /// Returns why the server gives these answers to one unit, where no framing can know it. The protocol's documentation
    /// must say so.
    fn exception(&self, unit: &Unit, answers: &[Vec<u8>]) -> Option<&'static str> {
        let _ = (unit, answers);
        None
    }

    /// Returns a request whose answer shows that the server has answered everything before it.
    fn probe(&self) -> Unit;

    fn reader(&self) -> Reader;
}

/// Returns the framing of a protocol by its name.
pub(crate) fn named(name: &str) -> Fallible<AnyFraming> {
    Ok(protocols::by_name(name).ok_or_else(|| format!("the crate has no protocol {name}"))?.framing())
}

/// A stock client, which is run directly and through the proxy.
pub(crate) struct Client {
    pub(crate) command: Command,
    pub(crate) input: Vec<u8>,
    /// Whether to compare this line of what it prints: times differ from run to run.
    pub(crate) compares: fn(&str) -> bool,
}

impl Client {
    pub(crate) fn new(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        Self { command, input: Vec::new(), compares: |_| true }
    }

    pub(crate) fn with_input(mut self, input: &[u8]) -> Self {
        self.input = input.to_vec();
        self
    }

    pub(crate) fn comparing(mut self, compares: fn(&str) -> bool) -> Self {
        self.compares = compares;
        self
    }
}

/// Makes the clients that connect to a port.
type MakeClients = Box<dyn Fn(&mut Stage, u16) -> Fallible<Vec<Client>>>;

/// The stock clients of one server, and the protocol of the proxy between the two.
pub(crate) struct Clients {
    /// What the proxy decodes and encodes.
    pub(crate) protocol: &'static str,
    /// How it does that, if not frame by frame of the protocol of this name.
    pub(crate) passes: Option<Passes>,
    /// Whether the proxy cuts what it writes to the server too.
    pub(crate) cuts: bool,
    /// The port that the proxy connects to.
    pub(crate) port: u16,
    pub(crate) make: MakeClients,
}

/// A server that has started.
pub(crate) struct Running {
    pub(crate) version: String,
    pub(crate) dialects: Vec<(u16, Box<dyn Dialect>)>,
    pub(crate) clients: Vec<Clients>,
}

impl Running {
    pub(crate) fn new(version: String) -> Self {
        Self { version, dialects: Vec::new(), clients: Vec::new() }
    }

    pub(crate) fn speaking(mut self, port: u16, dialect: impl Dialect + 'static) -> Self {
        self.dialects.push((port, Box::new(dialect)));
        self
    }

    /// The proxy of the last clients passes on what they and the server send in this way.
    pub(crate) fn through(mut self, passes: Passes) -> Self {
        if let Some(clients) = self.clients.last_mut() {
            clients.passes = Some(passes);
        }
        self
    }

    /// The proxy of the last clients writes complete frames to the server.
    pub(crate) fn without_cuts(mut self) -> Self {
        if let Some(clients) = self.clients.last_mut() {
            clients.cuts = false;
        }
        self
    }

    pub(crate) fn with_clients(
        mut self,
        protocol: &'static str,
        port: u16,
        make: impl Fn(&mut Stage, u16) -> Fallible<Vec<Client>> + 'static,
    ) -> Self {
        self.clients.push(Clients { protocol, passes: None, cuts: true, port, make: Box::new(make) });
        self
    }
}
