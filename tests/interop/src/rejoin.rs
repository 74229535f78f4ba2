//! Passes that join the frames of a message, and write the message again in parts of other sizes.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex};

use anysplit::http1::{Body, Message, Messages, Question};
use anysplit::join::{HttpChunks, Joined, Joiner, MySql, MySqlParts, Split, SplitRule, WebSocket, WebSocketParts};
use anysplit::protocols::{Mysql, mysql, websocket_unmasked};
use anysplit::{AnyFraming, Decoder, Framing, HeaderBlock, Limit};

use crate::proxy::{Cutting, Pass, Passes};
use crate::random::Random;
use crate::stage::Fallible;

/// The limit on messages, for a row of 40 MiB.
const MAX: u64 = 64 << 20;

/// Writes the message in parts of random sizes.
fn split(rule: impl SplitRule, message: &[u8], random: &mut Random, out: &mut Vec<u8>) -> Fallible<()> {
    // At most some hundred parts, however long the message is.
    let most = message.len().max(1);
    Split::new(rule, message, random.cut(most).max(most / 300)).encode(out)?;
    Ok(())
}

/// MySQL's packets of 16 MiB, joined and split.
pub(crate) fn mysql_messages() -> Passes {
    Arc::new(|to_server, to_client| {
        [to_server, to_client].map(|to| -> Box<dyn Pass> {
            let joiner = Joiner::new(MySql).with_max_message_len(MAX);
            Box::new(MySqlPass { decoder: Decoder::new(mysql()), joiner, to })
        })
    })
}

struct MySqlPass {
    decoder: Decoder<Mysql>,
    joiner: Joiner<MySql>,
    to: Cutting,
}

impl Pass for MySqlPass {
    fn take(&mut self, chunk: &[u8]) -> Fallible<usize> {
        self.decoder.push(chunk)?;
        let (mut count, mut out) = (0, Vec::new());
        while let Some(frame) = self.decoder.next_frame()? {
            while let Some(Joined::Message(message)) = self.joiner.next_message(&frame)? {
                let &[_, _, _, sequence] = message.first_header() else { return Err("no header".into()) };
                Split::new(MySqlParts::new(sequence), message.payload(), usize::MAX).encode(&mut out)?;
                count += 1;
            }
        }
        self.to.write_all(&out)?;
        Ok(count)
    }

    fn end(&mut self) -> Fallible<usize> {
        self.decoder.finish()?;
        self.joiner.finish()?;
        Ok(0)
    }
}

/// WebSocket messages after the handshake.
pub(crate) fn websocket_messages() -> Passes {
    Arc::new(|to_server, to_client| {
        let sides = [(to_server, WebSocket::from_clients()), (to_client, WebSocket::from_servers())];
        sides.map(|(mut to, rule)| -> Box<dyn Pass> {
            Box::new(WebSocketPass {
                decoder: Decoder::new(HeaderBlock::without_length().into()),
                is_open: false,
                joiner: Joiner::new(rule).with_max_message_len(MAX),
                random: to.random(),
                to,
            })
        })
    })
}

struct WebSocketPass {
    decoder: Decoder<AnyFraming>,
    /// Whether the handshake is over.
    is_open: bool,
    joiner: Joiner<WebSocket>,
    to: Cutting,
    random: Random,
}

impl Pass for WebSocketPass {
    fn take(&mut self, chunk: &[u8]) -> Fallible<usize> {
        self.decoder.push(chunk)?;
        let (mut count, mut out) = (0, Vec::new());
        if !self.is_open {
            let Some(header) = self.decoder.next_frame()? else { return Ok(0) };
            out.extend_from_slice(header.header());
            self.is_open = true;
            self.decoder.set_framing(websocket_unmasked().with_max_payload_len(MAX).into());
        }
        let masks = *self.joiner.rule() == WebSocket::from_clients();
        let mut keys = self.random.next();
        let mut key = || std::array::from_fn(|_| u8::try_from(keys.below(256)).unwrap_or_default());
        while let Some(frame) = self.decoder.next_frame()? {
            while let Some(joined) = self.joiner.next_message(&frame)? {
                count += 1;
                let message = match joined {
                    Joined::Control(frame) => {
                        websocket_unmasked().encode(&frame.message().to_vec(), &mut out)?;
                        continue;
                    }
                    Joined::Message(message) => message,
                };
                let first = message.first_header().first().copied().unwrap_or_default();
                let parts = if first & 15 == 1 { WebSocketParts::text() } else { WebSocketParts::binary() };
                // Compressed by the sender.
                let parts = if first & 0x40 != 0 { parts.compressed() } else { parts };
                if masks {
                    split(parts.masked(&mut key), message.payload(), &mut self.random, &mut out)?;
                } else {
                    split(parts, message.payload(), &mut self.random, &mut out)?;
                }
            }
        }
        self.to.write_all(&out)?;
        Ok(count)
    }

    fn end(&mut self) -> Fallible<usize> {
        self.decoder.finish()?;
        self.joiner.finish()?;
        Ok(0)
    }
}

/// HTTP/1 requests and their answers.
pub(crate) fn http_messages() -> Passes {
    Arc::new(|mut to_server, mut to_client| {
        let questions = Arc::new(Mutex::new(VecDeque::new()));
        let requests = HttpPass {
            messages: Messages::requests().with_max_body_len(MAX),
            is_client: true,
            questions: Arc::clone(&questions),
            random: to_server.random(),
            to: to_server,
        };
        let answers = HttpPass {
            messages: Messages::answers().with_max_body_len(MAX),
            is_client: false,
            questions,
            random: to_client.random(),
            to: to_client,
        };
        [Box::new(requests), Box::new(answers)]
    })
}

struct HttpPass {
    messages: Messages,
    is_client: bool,
    /// What the client has asked, and the other direction does not expect yet.
    questions: Arc<Mutex<VecDeque<Question>>>,
    to: Cutting,
    random: Random,
}

impl HttpPass {
    fn pass(&mut self, at_end: bool) -> Fallible<usize> {
        let (mut count, mut out) = (0, Vec::new());
        loop {
            if !self.is_client {
                while let Some(question) = self.questions.lock().map_err(|_| "a thread failed")?.pop_front() {
                    self.messages.expect(question)?;
                }
            }
            let next = if at_end { self.messages.finish()? } else { self.messages.next_message()? };
            let Some(message) = next else { break };
            if self.is_client {
                let is_head = message.header().starts_with(b"HEAD ");
                // Before the request is passed on, so before it can be answered.
                let question = if is_head { Question::Head } else { Question::Other };
                self.questions.lock().map_err(|_| "a thread failed")?.push_back(question);
            }
            write_http(&message, &mut self.random, &mut out)?;
            count += 1;
        }
        self.to.write_all(&out)?;
        Ok(count)
    }
}

/// Writes a message again, a body in chunks with chunks of other sizes.
fn write_http(message: &Message<'_>, random: &mut Random, out: &mut Vec<u8>) -> Fallible<()> {
    out.extend_from_slice(message.header());
    if message.end() != Body::Chunked {
        out.extend_from_slice(message.body());
        return Ok(());
    }
    split(HttpChunks, message.body(), random, out)?;
    // The trailer fields stand before the empty line.
    out.truncate(out.len() - 2);
    out.extend_from_slice(message.trailers());
    out.extend_from_slice(b"\r\n");
    Ok(())
}

impl Pass for HttpPass {
    fn take(&mut self, chunk: &[u8]) -> Fallible<usize> {
        self.messages.push(chunk)?;
        self.pass(false)
    }

    fn end(&mut self) -> Fallible<usize> {
        self.pass(true)
    }
}
