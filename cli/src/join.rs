//! `decode --join`: messages of several frames.

use anysplit::join::{
    HttpChunks, ImapCommands, Joined, Joiner, MySql, OncRpc, Replies, Rule, SideBands, TlsHandshake, WebSocket, Zmtp,
};
use anysplit::{EofError, Stretch};

use crate::failure::Failure;
use crate::output::Output;
use crate::sink::{FrameView, Place, Sink};

/// Which frames make a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum JoinRule {
    // Packets of 16 MiB and the shorter one after them; with @mysql
    Mysql,
    // Records of several fragments; with @onc-rpc
    OncRpc,
    // What a client sends: masked fragments; with @websocket-unmasked
    WebsocketClient,
    // What a server sends; with @websocket-unmasked
    WebsocketServer,
    // Messages of several parts; with @zmtp
    Zmtp,
    // A body in chunks; with @http-chunked
    HttpChunks,
    // Handshake messages in records; with @tls
    Tls,
    // The data of band 1; with @git
    GitBands,
    // Replies of several lines; with @smtp
    Smtp,
    // Replies of several lines; with @ftp
    Ftp,
    // Commands and responses with their literals; with @imap
    Imap,
}

impl JoinRule {
    fn rule(self) -> &'static dyn Rule {
        const CLIENT: WebSocket = WebSocket::from_clients();
        const SERVER: WebSocket = WebSocket::from_servers();
        const SMTP: Replies = Replies::smtp();
        const FTP: Replies = Replies::ftp();
        match self {
            Self::Mysql => &MySql,
            Self::OncRpc => &OncRpc,
            Self::WebsocketClient => &CLIENT,
            Self::WebsocketServer => &SERVER,
            Self::Zmtp => &Zmtp,
            Self::HttpChunks => &HttpChunks,
            Self::Tls => &TlsHandshake,
            Self::GitBands => &SideBands,
            Self::Smtp => &SMTP,
            Self::Ftp => &FTP,
            Self::Imap => &ImapCommands,
        }
    }
}

/// Joins the frames of messages, and passes the messages to another sink.
pub(crate) struct Joining<'a> {
    joiner: Joiner<&'static dyn Rule>,
    inner: &'a mut dyn Sink,
    /// Messages and control frames so far.
    shown: u64,
    /// The difference between offsets in the input and in the decoder's stream.
    skip: u64,
    /// The frames ended in an error.
    failed: bool,
}

impl<'a> Joining<'a> {
    pub(crate) fn new(rule: JoinRule, max: u64, inner: &'a mut dyn Sink) -> Self {
        let joiner = Joiner::new(rule.rule()).with_max_message_len(max);
        Self { joiner, inner, shown: 0, skip: 0, failed: false }
    }
}

impl Sink for Joining<'_> {
    fn frame(&mut self, view: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let FrameView { place, framing, .. } = *view;
        let Some(frame) = view.frame else { return Ok(()) };
        let skip = view.offset.saturating_sub(frame.offset());
        self.skip = skip;
        loop {
            let joined = self.joiner.next_message(frame).map_err(|error| wrong(error, skip))?;
            self.shown = self.shown.saturating_add(u64::from(joined.is_some()));
            let number = self.shown;
            match joined {
                None => return Ok(()),
                Some(Joined::Control(frame)) => {
                    self.inner.frame(&FrameView::new(&frame, framing, number, skip, place), out)?;
                }
                Some(Joined::Message(message)) => {
                    let view = FrameView {
                        number,
                        place,
                        framing,
                        offset: message.offset().saturating_add(skip),
                        header: message.first_header(),
                        payload: message.payload(),
                        trailer: b"",
                        message: [message.payload(), b""],
                        has_type: false,
                        wire_len: message.payload().len() as u64,
                        is_control: false,
                        is_on_wire: false,
                        is_damaged: false,
                        frame: None,
                    };
                    self.inner.frame(&view, out)?;
                }
            }
        }
    }

    fn bad(&mut self, stretch: &Stretch, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.bad(stretch, place, out)
    }

    fn skipped(&mut self, stretch: &Stretch, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.skipped(stretch, place, out)
    }

    fn gap(&mut self, offset: u64, len: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.gap(offset, len, place, out)
    }

    fn opened(&mut self, client: &str, server: &str, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.opened(client, server, place, out)
    }

    fn closed(&mut self, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.closed(place, out)
    }

    fn failed(&mut self, error: &EofError, frames: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.failed = true;
        self.inner.failed(error, frames, place, out)
    }

    fn idle(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.inner.idle(out)
    }

    fn end(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.inner.end(out)?;
        match self.joiner.finish() {
            Err(error) if !self.failed => Err(wrong(error, self.skip)),
            // An error of the frames is reported first.
            _ => Ok(()),
        }
    }
}

fn wrong(mut error: anysplit::join::JoinError, skip: u64) -> Failure {
    error.offset = error.offset.saturating_add(skip);
    error.message_offset = error.message_offset.saturating_add(skip);
    Failure::Data(error.to_string())
}
