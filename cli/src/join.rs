//! `decode --join`: messages of several frames.

use anysplit::join::{
    HttpChunks, ImapCommands, Joined, Joiner, MySql, OncRpc, Replies, Rule, SideBands, TlsHandshake, WebSocket, Zmtp,
};
use anysplit::{EofError, Stretch};

use crate::failure::Failure;
use crate::output::Output;
use crate::stream::{FrameView, Sink};

/// Which frames make a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum JoinRule {
    /// Packets of 16 MiB and the shorter one after them; with @mysql
    Mysql,
    /// Records of several fragments; with @onc-rpc
    OncRpc,
    /// What a client sends: masked fragments; with @websocket-unmasked
    WebsocketClient,
    /// What a server sends; with @websocket-unmasked
    WebsocketServer,
    /// Messages of several parts; with @zmtp
    Zmtp,
    /// A body in chunks; with @http-chunked
    HttpChunks,
    /// Handshake messages in records; with @tls
    Tls,
    /// What comes in band 1; with @git
    GitBands,
    /// Replies of several lines; with @smtp
    Smtp,
    /// Replies of several lines; with @ftp
    Ftp,
    /// Commands and responses with their literals; with @imap
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
pub(crate) struct Joining<S> {
    joiner: Joiner<&'static dyn Rule>,
    /// The offset in the input where the decoder's stream begins.
    skip: u64,
    inner: S,
}

impl<S> Joining<S> {
    pub(crate) fn new(rule: JoinRule, max: u64, skip: u64, inner: S) -> Self {
        Self { joiner: Joiner::new(rule.rule()).with_max_message_len(max), skip, inner }
    }
}

impl<S: Sink> Sink for Joining<S> {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let skip = self.skip;
        let Some(frame) = frame.frame else { return Ok(()) };
        loop {
            match self.joiner.next_message(frame).map_err(|error| wrong(error, skip))? {
                None => return Ok(()),
                Some(Joined::Control(frame)) => {
                    let mut view = FrameView::from(&frame);
                    view.offset = view.offset.saturating_add(skip);
                    self.inner.frame(&view, out)?;
                }
                Some(Joined::Message(message)) => {
                    let view = FrameView {
                        offset: message.offset().saturating_add(skip),
                        header: message.first_header(),
                        payload: message.payload(),
                        trailer: b"",
                        message: [message.payload(), b""],
                        has_type: false,
                        wire_len: message.payload().len() as u64,
                        is_control: false,
                        is_on_wire: false,
                        frame: None,
                    };
                    self.inner.frame(&view, out)?;
                }
            }
        }
    }

    fn bad(&mut self, stretch: &Stretch, out: &mut Output) -> Result<(), Failure> {
        self.inner.bad(stretch, out)
    }

    fn skipped(&mut self, stretch: &Stretch, out: &mut Output) -> Result<(), Failure> {
        self.inner.skipped(stretch, out)
    }

    fn idle(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.inner.idle(out)
    }

    fn end(&mut self, error: Option<&EofError>, out: &mut Output) -> Result<(), Failure> {
        self.inner.end(error, out)?;
        match (error, self.joiner.finish()) {
            (None, Err(error)) => Err(wrong(error, self.skip)),
            // What is wrong with the frames comes first.
            _ => Ok(()),
        }
    }
}

fn wrong(mut error: anysplit::join::JoinError, skip: u64) -> Failure {
    error.offset = error.offset.saturating_add(skip);
    error.message_offset = error.message_offset.saturating_add(skip);
    Failure::Data(error.to_string())
}
